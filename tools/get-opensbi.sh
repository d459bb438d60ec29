#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Obtain OpenSBI's upstream source, unmodified:
#
#	tools/get-opensbi.sh VERSION DEST
#
# DEST then holds OpenSBI's own Makefile at its top. The tarball is the upstream
# one of Debian's source package "opensbi", asked of the Debian archive that this
# machine's apt already uses; OPENSBI_TARBALL=file takes a local copy instead
# (several files may be named, one a version).
# Either way its SHA-256 must be the one pinned here. Nothing of the system's apt
# is changed: source list, indexes and caches live beside DEST and are removed.
# A second call with the same arguments costs nothing.
set -eu

version=${1:?usage: tools/get-opensbi.sh VERSION DEST}
dest=${2:?usage: tools/get-opensbi.sh VERSION DEST}

# Suites that are known to carry the version, the likeliest first.
case $version in
1.6)
	sha256=d11702103f177a2914e94eec57ce5ed820296d874f6b6525c4482e55d71a3667
	suites="trixie stable"
	;;
1.8.1)
	sha256=fb1ae61a85e966322101acb1c982f84d9eaafc4de7dd474a7d7546d9bb321c6f
	suites="sid testing"
	;;
*)
	echo "get-opensbi: no checksum is known for OpenSBI $version (known: 1.6, 1.8.1)." >&2
	echo "For another one use its source tree: make OPENSBI=/path/to/opensbi ..." >&2
	exit 1
	;;
esac

mkdir -p "$(dirname "$dest")"
top=$(cd "$(dirname "$dest")" && pwd)
dest=$top/$(basename "$dest")
tarball=$top/opensbi_$version.orig.tar.gz
work=$top/get-$version.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

say()
{
	echo "get-opensbi: $*" >&2
}

give_up()
{
	say "$1"
	cat >&2 <<-END
	OpenSBI $version could not be obtained through apt. Either of these replaces the download:
	  make OPENSBI=/path/to/opensbi ...        any checkout of its source
	  make OPENSBI_TARBALL=file.tar.gz ...     a copy of opensbi_$version.orig.tar.gz (or several files, quoted)
	                                           (sha256 $sha256)
	END
	exit 1
}

hash_ok()
{
	echo "$sha256  $1" | sha256sum --check --status 2>/dev/null
}

# apt-get with a state of its own. Proxies and the like still come from the
# system's configuration; its hooks, which may touch the system, do not run.
private_apt()
{
	apt-get -c "$work/apt.conf" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
		-o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Get::List-Cleanup=0 \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Check-Valid-Until=false \
		-o Acquire::Retries=2 -o Debug::NoLocking=1 "$@"
}

# The archives in apt's configuration, whichever format it is written in (and whether
# or not their indexes were ever fetched): first the one this release comes from.
archives()
{
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null) || :
	apt-get update --print-uris 2>/dev/null |
		sed -n "s|^'\\(.*\\)/dists/\\(.*\\)/main/binary-.*|\\2 \\1|p" |
		awk -v codename="$codename" '{ print ($1 == codename ? 0 : $1 ~ /-/ ? 2 : 1), $2 }' | sort -s -k1,1 |
		awk '!seen[$2]++ { print $2 }'
}

# The keyring that apt's configuration names for the archive $1, or else Debian's own;
# none leaves it to the keys that apt trusts anyway.
keyring()
{
	files=$(grep -lsF "$1" /etc/apt/sources.list /etc/apt/sources.list.d/*) || :
	# shellcheck disable=SC2086  # a list of names
	key=$(grep -ihso 'signed-by *[:=] */[^] ]*' $files /dev/null | head -n 1 | sed 's/^[^/]*//') || :
	for f in "$key" /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		if [ -n "$f" ] && [ -r "$f" ]; then
			echo "$f"
			return
		fi
	done
}

# Revisions of the wanted upstream version in the suite, newest first. The one
# that was packaged when this was written may be gone; the tarball is the same.
revisions()
{
	private_apt indextargets --format '$(FILENAME)' 'Created-By: Sources' | while read -r index; do
		/usr/lib/apt/apt-helper cat-file "$index"
	done | awk -v want="$version" '
		/^Package: / { package = $2 }
		/^Version: / && package == "opensbi" && index($2, want "-") == 1 { print $2 }' | sort -rVu
}

update()
{
	echo "deb-src $1 $uri $suite main" >"$work/sources.list"
	private_apt -qq -o APT::Update::Error-Mode=any update >"$work/log" 2>&1
}

download_from()
{
	uri=$1 suite=$2 options=$3
	rm -rf "$work"
	mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/get"
	printf '%s\n' '#clear APT::Update::Pre-Invoke;' '#clear APT::Update::Post-Invoke;' \
		'#clear APT::Update::Post-Invoke-Success;' >"$work/apt.conf"
	say "asking $uri $suite for opensbi $version"
	if ! update "${options:+[$options]}"; then
		grep -qE 'NO_PUBKEY|EXPKEYSIG|KEYEXPIRED|not signed' "$work/log" && update '[trusted=yes]' ||
			{ sed 's/^/  /' "$work/log" >&2; return 1; }
		say "(no key here for the signature of $suite: the pinned checksum alone decides)"
	fi
	for revision in $(revisions); do
		say "opensbi $revision"
		(cd "$work/get" && private_apt -qq source --tar-only --download-only "opensbi=$revision") \
			>"$work/log" 2>&1 || sed 's/^/  /' "$work/log" >&2
		for f in "$work/get/opensbi_$version.orig.tar."*; do
			if hash_ok "$f"; then
				mv "$f" "$tarball"
				return 0
			fi
		done
	done
	say "$suite has no source of opensbi $version with the pinned checksum"
	return 1
}

download()
{
	command -v apt-get >/dev/null || give_up "this system has no apt-get."
	list=$(archives)
	for suite in $suites; do
		for uri in $list; do
			key=$(keyring "$uri")
			download_from "$uri" "$suite" "${key:+signed-by=$key}" && return
		done
	done
	give_up "no Debian archive in apt's configuration gave it."
}

# The one of the files in OPENSBI_TARBALL that is this version's.
pick_local()
{
	for tarball in $OPENSBI_TARBALL; do
		[ -r "$tarball" ] || give_up "OPENSBI_TARBALL=$tarball cannot be read."
		hash_ok "$tarball" && return
	done
	give_up "OPENSBI_TARBALL=$OPENSBI_TARBALL is not OpenSBI $version's tarball (its checksum differs)."
}

if [ -n "${OPENSBI_TARBALL:-}" ]; then
	pick_local
elif [ -e "$dest/.sha256" ] && [ "$(cat "$dest/.sha256")" = "$sha256" ]; then
	exit 0
elif ! hash_ok "$tarball"; then
	download
fi

# Unpack beside DEST and rename, so that a DEST that exists is complete.
rm -rf "$work"
mkdir "$work"
tar -xf "$tarball" -C "$work" --strip-components=1
[ -e "$work/Makefile" ] || give_up "$tarball holds no OpenSBI source tree."
echo "$sha256" >"$work/.sha256"
rm -rf "$dest"
mv "$work" "$dest"
