#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Print `make help`: the targets with a ## text in the makefiles given, then the
# variables and some examples.
set -eu

echo "Targets:"
sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)$/\1\t\2/p' "$@" | sort -u | awk -F '\t' '{ printf "  %-19s%s\n", $1, $2 }'
cat <<'END'

Variables:
  BOARD=virt            a folder of boards/
  SMP=1                 harts
  CMD='a; b'            commands for the shell at boot; then power off (run)
  EXTRA=dir             add every file of dir to the root file system
  OPENSBI_VERSION=1.6   or 1.8.1: upstream OpenSBI, fetched through apt
  OPENSBI=dir           any other checkout of OpenSBI instead
  OPENSBI_TARBALL=file  a local copy of OpenSBI's tarball instead of the download
  HANG=120              seconds after which a run with CMD is given up
  CASE=name,na*         only these QEMU tests (test-qemu)
  QEMU_ARGS='...'       more arguments for QEMU
  BUILD=build           where everything generated goes
  V=1                   show the commands

Examples:
  make run                                boot to a shell; Ctrl-A X leaves QEMU
  make run SMP=4 CMD='ls; opencount'       four harts; ends by itself
  make test                               everything, on both OpenSBI versions
  make test-qemu CASE=boot SMP=2          one QEMU test
  make test-host-arena                    one host test program
  make gdb                                firmware and kernel under gdb
END
