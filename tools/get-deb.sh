#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Unpack packages of another Debian release or architecture:
#
#	tools/get-deb.sh [-d] SUITE ARCH DEST PACKAGE...
#
# With -d also all that the packages depend on, so that their programs run with
# DEST's own loader and libraries (tools/get-qemu.sh).
#
# DEST then holds the files of each PACKAGE and DEST/packages their versions. A
# package without files of its own (linux-image-riscv64) stands for the first
# package it depends on. The Debian archive is the one that this machine's apt uses, the signature must
# be good, and nothing of the system's apt is changed.
set -eu

depends=
[ "${1-}" != -d ] || { depends=yes; shift; }
[ $# -ge 4 ] || { echo "usage: tools/get-deb.sh [-d] SUITE ARCH DEST PACKAGE..." >&2; exit 1; }
suite=$1 arch=$2 dest=$3
shift 3
[ -e "$dest/packages" ] && exit 0
command -v apt-get >/dev/null || { echo "get-deb: this system has no apt-get" >&2; exit 1; }
mkdir -p "$dest.part"
dest_part=$(cd "$dest.part" && pwd)
work=$dest_part.apt
trap 'rm -rf "$work" "$dest_part"' EXIT
trap 'exit 1' INT TERM HUP
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/get"
: >"$work/status"
printf '%s\n' '#clear APT::Update::Pre-Invoke;' '#clear APT::Update::Post-Invoke;' \
	'#clear APT::Update::Post-Invoke-Success;' >"$work/apt.conf"

private()
{
	command=$1
	shift
	"$command" -c "$work/apt.conf" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$work/lists" \
		-o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o APT::Architecture="$arch" \
		-o APT::Architectures="$arch" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
		-o Acquire::Retries=2 -o Debug::NoLocking=1 "$@"
}

key=
for f in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
	[ ! -r "$f" ] || key=$f
done
uri=$(apt-get update --print-uris 2>/dev/null | sed -n "s|^'\\(.*\\)/dists/[^/]*/main/binary-.*|\\1|p" | head -n 1)
[ -n "$uri" ] || { echo "get-deb: no Debian archive in apt's configuration" >&2; exit 1; }
echo "deb ${key:+[signed-by=$key] }$uri $suite main" >"$work/sources.list"
echo "get-deb: asking $uri $suite for $*" >&2
private apt-get -qq -o APT::Update::Error-Mode=any update >&2

unpack()
{
	for deb in "$@"; do
		dpkg-deb -x "$deb" "$dest_part"
		dpkg-deb -W "$deb" >>"$dest_part/packages"
		rm "$deb"
	done
}

if [ -n "$depends" ]; then
	# nothing is installed in this apt's world, so all of it is fetched
	mkdir -p "$dest_part/usr/bin" "$dest_part/usr/lib" "$dest_part/usr/lib64" "$dest_part/usr/sbin"
	ln -s usr/bin usr/lib usr/lib64 usr/sbin "$dest_part/"
	private apt-get -qq -y --no-install-recommends --download-only install "$@" >&2
	unpack "$work"/cache/archives/*.deb
	set --
fi
for package in "$@"; do
	case $package in
	linux-image-*) package=$(private apt-cache depends "$package" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)/\1/p' | head -n 1) ;;
	esac
	(cd "$work/get" && private apt-get -qq download "$package") >&2
	unpack "$work"/get/*.deb
done
rm -rf "$dest"
mv "$dest_part" "$dest"
