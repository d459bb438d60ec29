#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# A FIT image that U-Boot's SPL loads:
#
#	tools/mkfit.sh OUT FW LOAD COMPRESSION [UBOOT UBOOT_LOAD DTB]
#
# FW is fw_dynamic.bin, run at LOAD, stored with COMPRESSION (none, gzip, lzma). With
# UBOOT (u-boot-nodtb.bin) and DTB the image is a whole u-boot.itb; with UBOOT a
# u-boot.itb that works on the board (U-Boot's own build, a distribution's) it is
# that one with the firmware changed. Without, it is the firmware alone, as layouts
# with a slot for it want it.
set -eu

out=$1 fw=$2 load=$3 compression=$4 uboot=${5-} uboot_load=${6-} dtb=${7-}
command -v mkimage >/dev/null || { echo "mkfit: mkimage is missing (Debian: u-boot-tools)" >&2; exit 1; }
for f in "$fw" ${uboot:+"$uboot"} ${dtb:+"$dtb"}; do
	[ -s "$f" ] || { echo "mkfit: $f is not there" >&2; exit 1; }
done
fit=
if [ -n "$uboot" ] && [ "$(od -An -tx1 -N4 "$uboot" | tr -d ' ')" = d00dfeed ]; then
	fit=yes
elif [ -n "$uboot" ] && [ -z "$dtb" ]; then
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

cells()
{
	printf '0x%x 0x%x' $(($1 >> 32)) $(($1 & 0xffffffff))
}

opensbi_node()
{
	cat <<-END
			opensbi {
				description = "OpenSBI fw_dynamic with mbpf";
				data = /incbin/("$work/fw");
				type = "firmware";
				os = "opensbi";
				arch = "riscv";
				compression = "$compression";
				load = <$(cells "$load")>;
				entry = <$(cells "$load")>;
				hash-1 { algo = "sha256"; };
			};
	END
}

# The given FIT with its node "opensbi" replaced; one with data outside of its tree is not understood.
changed_fit()
{
	dtc -q -I dtb -O dts "$uboot" >"$work/given.dts"
	if ! grep -q '^		opensbi {' "$work/given.dts" || grep -q 'data-\(offset\|position\) =' "$work/given.dts"; then
		echo "mkfit: $uboot has no image \"opensbi\", or keeps its data outside of the tree" >&2
		return 1
	fi
	opensbi_node >"$work/node"
	awk -v node="$work/node" '
		/^\t\topensbi \{/ { while ((getline line < node) > 0) print line; depth = 1; next }
		depth { depth += gsub(/\{/, "{") - gsub(/\};/, "};"); next }
		{ print }' "$work/given.dts"
}

new_fit()
{
	printf '/dts-v1/;\n/ {\n\tdescription = "mbpf: OpenSBI with eBPF";\n\t#address-cells = <2>;\n\timages {\n'
	opensbi_node
	if [ -n "$uboot" ]; then
		cat <<-END
			uboot {
				description = "U-Boot";
				data = /incbin/("$(realpath "$uboot")");
				type = "standalone";
				os = "u-boot";
				arch = "riscv";
				compression = "none";
				load = <$(cells "$uboot_load")>;
				hash-1 { algo = "sha256"; };
			};
			fdt-1 {
				description = "$(basename "$dtb" .dtb)";
				data = /incbin/("$(realpath "$dtb")");
				type = "flat_dt";
				compression = "none";
				hash-1 { algo = "sha256"; };
			};
		END
	fi
	# SPL takes the configuration that is called as its own device tree, or the default
	printf '\t};\n\tconfigurations {\n\t\tdefault = "conf-1";\n\t\tconf-1 {\n'
	printf '\t\t\tdescription = "%s";\n\t\t\tfirmware = "opensbi";\n' "$(basename "${dtb:-mbpf}" .dtb)"
	[ -z "$uboot" ] || printf '\t\t\tloadables = "uboot";\n\t\t\tfdt = "fdt-1";\n'
	printf '\t\t};\n\t};\n};\n'
}

if [ -n "$fit" ]; then changed_fit; else new_fit; fi >"$work/image.its"
# With U-Boot, data outside of the tree (-E): SPL then loads each image to its place, while it takes
# a tree with data in it as a whole into a heap that may be smaller (1 MiB on FU540 and FU740).
mkimage ${uboot:+-E} -f "$work/image.its" "$out" >"$work/log" 2>&1 || { cat "$work/log" >&2; rm -f "$out"; exit 1; }
