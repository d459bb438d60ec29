#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A FIT image that U-Boot's SPL loads:
#
#	tools/mkfit.sh OUT FW LOAD COMPRESSION [UBOOT UBOOT_LOAD DTB]
#
# FW is fw_dynamic.bin, run at LOAD, stored with COMPRESSION (none, gzip, lzma). With
# UBOOT (u-boot-nodtb.bin) and DTB the image is a whole u-boot.itb, else it is
# the firmware alone, as layouts with a slot for it want it.
set -eu

out=$1 fw=$2 load=$3 compression=$4 uboot=${5-} uboot_load=${6-} dtb=${7-}
command -v mkimage >/dev/null || { echo "mkfit: mkimage is missing (Debian: u-boot-tools)" >&2; exit 1; }
for f in "$fw" ${uboot:+"$uboot"} ${dtb:+"$dtb"}; do
	[ -s "$f" ] || { echo "mkfit: $f is not there" >&2; exit 1; }
done
if [ -n "$uboot" ] && [ -z "$dtb" ]; then
	echo "mkfit: a FIT with U-Boot needs the board's device tree as well (UBOOT_DTB=)" >&2
	exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $compression in
none) cp "$fw" "$work/fw" ;;
gzip) gzip -9n <"$fw" >"$work/fw" ;;
lzma) xz --format=lzma -9e <"$fw" >"$work/fw" ;;
*) echo "mkfit: no such compression: $compression" >&2; exit 1 ;;
esac

{
	cat <<-END
	/dts-v1/;
	/ {
		description = "mbpf: OpenSBI with eBPF";
		#address-cells = <2>;
		images {
			opensbi {
				description = "OpenSBI fw_dynamic with mbpf";
				data = /incbin/("$work/fw");
				type = "firmware";
				os = "opensbi";
				arch = "riscv";
				compression = "$compression";
				load = <$(printf '0x%x 0x%x' $((load >> 32)) $((load & 0xffffffff)))>;
				entry = <$(printf '0x%x 0x%x' $((load >> 32)) $((load & 0xffffffff)))>;
				hash-1 { algo = "sha256"; };
			};
	END
	if [ -n "$uboot" ]; then
		cat <<-END
			uboot {
				description = "U-Boot";
				data = /incbin/("$(realpath "$uboot")");
				type = "standalone";
				os = "u-boot";
				arch = "riscv";
				compression = "none";
				load = <$(printf '0x%x 0x%x' $((uboot_load >> 32)) $((uboot_load & 0xffffffff)))>;
				hash-1 { algo = "sha256"; };
			};
			fdt-1 {
				description = "device tree";
				data = /incbin/("$(realpath "$dtb")");
				type = "flat_dt";
				compression = "none";
				hash-1 { algo = "sha256"; };
			};
		END
	fi
	printf '\t};\n\tconfigurations {\n\t\tdefault = "conf-1";\n\t\tconf-1 {\n'
	printf '\t\t\tdescription = "mbpf";\n\t\t\tfirmware = "opensbi";\n'
	[ -z "$uboot" ] || printf '\t\t\tloadables = "uboot";\n\t\t\tfdt = "fdt-1";\n'
	printf '\t\t};\n\t};\n};\n'
} >"$work/image.its"
mkimage -f "$work/image.its" "$out" >"$work/log" 2>&1 || { cat "$work/log" >&2; rm -f "$out"; exit 1; }
