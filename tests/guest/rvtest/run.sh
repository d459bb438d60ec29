#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/guest/rvtest/run.sh <qemu command>: run the payload. Fails if its last
# line is not "N passed, 0 failed" with N > 0, whatever QEMU thinks of it.
set -u
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
timeout 300 "$@" </dev/null 2>&1 | tr -d '\r' | tee "$out"
tail -n 1 "$out" | grep -q '^[1-9][0-9]* passed, 0 failed$' && exit 0
tail -n 1 "$out" | grep -q '^[0-9]* passed, [0-9]* failed$' || echo "the payload ended without a result (crash or hang)"
echo "again: $*"
tail -n 1 "$out" | grep '^[0-9]* passed, [0-9]* failed$' # the last line is the count
exit 1
