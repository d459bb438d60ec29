#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# QEMU of another Debian release, beside the one that is installed:
#
#	tools/get-qemu.sh SUITE DEST
#
# DEST/qemu-system-riscv64 then starts it with that release's own libraries;
# nothing is installed. Give it to make: `make test-qemu QEMU=DEST/qemu-system-riscv64`.
set -eu

[ $# = 2 ] || { echo "usage: tools/get-qemu.sh SUITE DEST" >&2; exit 1; }
suite=$1
mkdir -p "$2"
dest=$(cd "$2" && pwd)
"$(dirname "$0")/get-deb.sh" -d "$suite" "$(dpkg --print-architecture)" "$dest/root" qemu-system-riscv
loader=
for f in "$dest"/root/usr/lib64/ld-linux*.so.* "$dest"/root/usr/lib/ld-linux*.so.*; do
	[ ! -e "$f" ] || loader=$f
done
lib=$(cd "$(dirname "$dest"/root/usr/lib/*-linux-gnu/libc.so.6)" && pwd)
[ -n "$loader" ] || { echo "get-qemu: no program loader in $dest/root" >&2; exit 1; }
cat >"$dest/qemu-system-riscv64.part" <<END
#!/bin/sh
QEMU_MODULE_DIR='$lib/qemu' exec '$loader' --library-path '$lib' '$dest/root/usr/bin/qemu-system-riscv64' "\$@" -L '$dest/root/usr/share/qemu'
END
chmod +x "$dest/qemu-system-riscv64.part"
"$dest/qemu-system-riscv64.part" --version >&2
mv "$dest/qemu-system-riscv64.part" "$dest/qemu-system-riscv64"
