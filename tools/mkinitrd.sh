#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Pack the plain files of some directories into a root file system (newc cpio):
#
#	tools/mkinitrd.sh OUT DIR...
#
# A file of a later directory replaces one of the same name. The same contents
# give the same bytes.
set -eu

out=${1:?usage: tools/mkinitrd.sh OUT DIR...}
shift
work=$out.tmp.$$
trap 'rm -rf "$work" "$out.new"' EXIT
mkdir -p "$work"
for dir in "$@"; do
	[ -d "$dir" ] || { echo "mkinitrd: $dir is not a directory" >&2; exit 1; }
	find -L "$dir" -maxdepth 1 -type f ! -name '.*' -exec cp -L -- {} "$work/" \;
done
find "$work" -type f -exec chmod 755 {} + -exec touch -d @0 {} +
(cd "$work" && find . -type f | sed 's|^\./||' | LC_ALL=C sort |
	cpio --quiet --reproducible -o -H newc -R 0:0) >"$out.new"
mv "$out.new" "$out"
