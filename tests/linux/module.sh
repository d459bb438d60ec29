#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Build a module for the Debian kernel in DIR/root:
#
#	tests/linux/module.sh SUITE DIR CROSS_COMPILE INCLUDE SOURCE.c
#
# leaves DIR/SOURCE.ko. Headers come from Debian, kbuild's host programs as well; those
# may want a newer C library than this system's, so they run with their own release's.
set -eu

[ $# = 5 ] || { echo "usage: tests/linux/module.sh SUITE DIR CROSS_COMPILE INCLUDE SOURCE.c" >&2; exit 1; }
suite=$1 cross=$3 include=$(cd "$4" && pwd) source=$5
dir=$(cd "$2" && pwd)
tools=$(cd "$(dirname "$0")/../../tools" && pwd)
release=$(sed -n 's/^linux-image-\([^[:space:]]*\)-riscv64[[:space:]].*/\1/p' "$dir/root/packages")
name=$(basename "$source" .c)

"$tools/get-deb.sh" "$suite" riscv64 "$dir/headers" "linux-headers-$release-riscv64" "linux-headers-$release-common"
"$tools/get-deb.sh" -d "$suite" "$(dpkg --print-architecture)" "$dir/kbuild" "linux-kbuild-$release"

kbuild=$dir/kbuild/usr/lib/linux-kbuild-$release
modpost=$kbuild/scripts/mod/modpost
loader=$(ls "$dir"/kbuild/usr/lib64/ld-linux*.so.* "$dir"/kbuild/usr/lib/ld-linux*.so.* 2>/dev/null | head -n 1)
lib=$(dirname "$dir"/kbuild/usr/lib/*-linux-gnu/libc.so.6)
# Debian has one for each byte order and word size, and a program in front that chooses.
printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$loader" "$lib" "$modpost.real-lsb-64" >"$modpost.part"
chmod +x "$modpost.part"
mv "$modpost.part" "$modpost"
mkdir -p "$dir/headers/usr/lib" "$dir/module"
ln -sfn "$kbuild" "$dir/headers/usr/lib/$(basename "$kbuild")"
cp "$source" "$dir/module/"
printf 'obj-m := %s.o\nccflags-y := -I%s\n' "$name" "$include" >"$dir/module/Makefile"
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$dir/headers/usr/src/linux-headers-$release-common" \
	O="$dir/headers/usr/src/linux-headers-$release-riscv64" M="$dir/module" \
	ARCH=riscv CROSS_COMPILE="$cross" CC="${cross}gcc" CONFIG_DEBUG_INFO_BTF_MODULES= modules
cp "$dir/module/$name.ko" "$dir/"
