#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# See to it that what a make goal needs is installed:
#
#	tools/setup.sh NEED...		(needs: see need_* below)
#
# Each thing is looked for itself (a command, a header), not its package, so a
# tool that came some other way is as good. What is missing is installed by
# package name when that is possible (Debian's apt, as root or through sudo);
# otherwise the one line to run is printed and the exit status is 1. With nothing
# missing this takes some milliseconds, so it runs before every build.
set -eu

: "${CROSS_COMPILE:=riscv64-linux-gnu-}" "${HOSTCC:=gcc}" "${BPF_CLANG:=clang}" "${QEMU:=qemu-system-riscv64}"
min_qemu=7.2
min_python=3.11

missing=
packages=

lacks()
{
	missing="$missing $1"
	case " $packages " in *" $2 "*) ;; *) packages="$packages $2" ;; esac
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

command_from()
{
	have "$1" || lacks "$1" "$2"
}

header_from()
{
	have "$HOSTCC" && echo "#include <$1>" | "$HOSTCC" -E -x c - >/dev/null 2>&1 || lacks "$1" "$2"
}

need_host()
{
	command_from "$HOSTCC" gcc
	header_from stdlib.h libc6-dev
}

need_test_host()
{
	need_host
	header_from cmocka.h libcmocka-dev
	command_from python3 python3
}

need_build()
{
	need_host
	command_from "${CROSS_COMPILE}gcc" gcc-riscv64-linux-gnu
	command_from "${CROSS_COMPILE}ld" binutils-riscv64-linux-gnu
	command_from "$BPF_CLANG" clang
	command_from llvm-objcopy llvm
	command_from ld.lld lld
	header_from bpf/bpf_helpers.h libbpf-dev
	command_from pahole pahole
	[ -x /usr/sbin/bpftool ] || command_from bpftool bpftool
	command_from python3 python3
	command_from cpio cpio
	command_from dtc device-tree-compiler
}

# Debian 13 has a package of its own for RISC-V, Debian 12 one for all rarer machines.
need_qemu()
{
	if ! have "$QEMU" && have apt-cache && apt-cache show qemu-system-riscv >/dev/null 2>&1; then
		lacks "$QEMU" qemu-system-riscv
	else
		command_from "$QEMU" qemu-system-misc
	fi
	command_from python3 python3
}

# U-Boot for S-mode, a link of one of the boot chains that are tested
need_chains()
{
	[ -r /usr/lib/u-boot/qemu-riscv64_smode/uboot.elf ] || lacks u-boot-qemu u-boot-qemu
}

need_images()
{
	command_from mkimage u-boot-tools
	command_from xz xz-utils
	command_from python3 python3
}

# A program for Linux itself, linked statically
need_linux()
{
	have "${CROSS_COMPILE}gcc" && echo '#include <stdio.h>' | "${CROSS_COMPILE}gcc" -E -x c - >/dev/null 2>&1 ||
		lacks "${CROSS_COMPILE}gcc's stdio.h" libc6-dev-riscv64-cross
}

need_gdb()
{
	command_from gdb-multiarch gdb-multiarch
}

# libFuzzer comes with the run-time library of the clang there is.
need_fuzz()
{
	: "${FUZZ_CC:=clang}"
	command_from "$FUZZ_CC" clang
	have "$FUZZ_CC" || return 0
	case $("$FUZZ_CC" --version) in *clang*) ;; *) return 0 ;; esac
	dir=$("$FUZZ_CC" -print-resource-dir)
	[ -n "$(find "$dir/" -name 'libclang_rt.fuzzer*.a' 2>/dev/null)" ] || {
		major=$(basename "$dir")
		lacks libFuzzer "libclang-rt-${major%%.*}-dev"
	}
}

need_lint()
{
	command_from clang-tidy clang-tidy
	command_from cppcheck cppcheck
}

need_fmt()
{
	command_from clang-format clang-format
}

need_bench()
{
	command_from valgrind valgrind
}

look()
{
	missing= packages=
	for need in "$@"; do
		"need_$need"
	done
}

# apt-get, as root one way or another; not root and no sudo: fail.
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		DEBIAN_FRONTEND=noninteractive "$@"
	elif have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
		sudo DEBIAN_FRONTEND=noninteractive "$@"
	else
		return 1
	fi
}

apt_install()
{
	# shellcheck disable=SC2086  # a list of names
	as_root apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		install $packages </dev/null >"$log" 2>&1
}

refuse()
{
	echo "mbpf: missing:$missing" >&2
	printf '%s\n' "$@" >&2
	exit 1
}

# Install what is missing, with the package index there is or else with a new one.
install_missing() # NEED...
{
	have apt-get || refuse "This system has no apt-get: install them by hand; on Debian the packages are$packages."
	line="apt-get update && apt-get install -y --no-install-recommends$packages"
	as_root true || refuse "Not root, and sudo is not available. Run this once as root:" "  $line"
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	echo "mbpf: missing:$missing" >&2
	echo "mbpf: installing$packages" >&2
	apt_install && return
	as_root apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null >"$log" 2>&1 || :
	look "$@" # a package may go by another name in the new index
	apt_install && return
	tail -n 20 "$log" >&2
	refuse "apt could not install them. The line to run by hand:" "  $line"
}

# $1 >= $2, as versions
at_least()
{
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

check_versions()
{
	case " $* " in *" qemu "*)
		v=$("$QEMU" --version | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
		if [ -z "$v" ] || ! at_least "$v" $min_qemu; then
			echo "mbpf: $QEMU is version ${v:-unknown}; at least $min_qemu is needed (QEMU=/path/to/another names one)." >&2
			exit 1
		fi
	esac
	if have python3 && ! python3 -c "import sys; sys.exit(sys.version_info < (${min_python%.*}, ${min_python#*.}))"; then
		echo "mbpf: $(python3 --version) is too old; at least $min_python is needed." >&2
		exit 1
	fi
}

# What is there now may need something more: libFuzzer goes by the version of the clang there is.
look "$@"
before=
while [ -n "$missing" ]; do
	[ "$missing" != "$before" ] || refuse "They are still missing after installing$packages."
	before=$missing
	install_missing "$@"
	look "$@"
done
check_versions "$@"
