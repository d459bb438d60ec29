#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A board's device tree that says where the initrd lies, for loaders that cannot say it themselves:
#
#	tools/mkdtb.sh OUT TREE INITRD_ADDRESS INITRD
#
# TREE is source (.dts) or compiled (.dtb).
set -eu

out=$1 tree=$2 start=$(($3)) initrd=$4
end=$((start + $(stat -c %s "$initrd")))
case $tree in
*.dts) form=dts ;;
*) form=dtb ;;
esac
cells()
{
	printf '<0x%x 0x%x>' $(($1 >> 32)) $(($1 & 0xffffffff))
}
{
	dtc -q -I $form -O dts "$tree"
	echo "/ { chosen { linux,initrd-start = $(cells $start); linux,initrd-end = $(cells $end); }; };"
} | dtc -q -I dts -O dtb -o "$out" -
