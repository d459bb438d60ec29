#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the machine for `make run` and `make gdb`.

With a terminal and no command: QEMU takes the terminal. With a command (in the
environment: MBPF_CMD, free of any quoting): its output is shown as it comes and
the exit status says how it went. With neither, standard input is typed on the
console, and when it has ended and the guest is quiet, the guest is stopped.
"""

import argparse
import os
import select
import signal
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable-next=wrong-import-position
from guest import Failure, Guest, PANIC, add_machine_options, hang_limit, machine_argv  # noqa: E402

QUIET_SECONDS = 10


def say(text):
    print(text, file=sys.stderr, flush=True)


def show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def run_terminal(argv):
    say("Ctrl-A X leaves QEMU.")
    os.execvp(argv[0], argv + ["-nographic"])


def run_command(argv, limit):
    with Guest(argv, echo=show) as guest:
        guest.finish(limit)


def run_input(argv, limit, gap):
    """Type standard input; end when it has ended and nothing more comes."""
    say(f"No terminal and no CMD: typing standard input, then stopping after {QUIET_SECONDS} s without output.")
    say("(make run CMD='...' runs commands and powers off.)")
    with Guest(argv, echo=show) as guest:
        more = True
        end = 0.0
        while True:
            if more and select.select([sys.stdin.buffer], [], [], 0)[0]:
                data = os.read(sys.stdin.fileno(), 4096)
                more = bool(data)
                guest.send(data, gap)
                guest.last_output = time.monotonic()
                end = guest.last_output + limit
            quiet = time.monotonic() - guest.last_output
            if not guest.read(0.2):
                return guest.finish(limit)
            if PANIC.search(guest.text, max(0, len(guest.text) - 70000)):
                guest.check_panic()
            if quiet > (limit if more else QUIET_SECONDS):
                return say(f"\nStopped: nothing happened for {quiet:.0f} seconds.")
            if not more and time.monotonic() > end:
                raise Failure(f"hang: still printing {limit:g} seconds after the end of input")


def run_gdb(argv, opts):
    """QEMU stopped at reset with a gdb port, gdb in the foreground."""
    console = os.path.join(os.path.dirname(opts.gdbinit), "gdb-console")
    argv += ["-S", "-gdb", f"tcp:127.0.0.1:{opts.gdb_port}", "-display", "none", "-monitor", "none"]
    argv += ["-chardev", f"socket,id=con,path={console}.sock,server=on,wait=off,logfile={console}.log"]
    argv += ["-serial", "chardev:con"]
    pid = os.spawnvp(os.P_NOWAIT, argv[0], argv)
    say(f"QEMU waits at reset for gdb on port {opts.gdb_port}. Its console, in another terminal:")
    say(f"         tail -f {console}.log                          to read")
    say(f"         socat -,raw,echo=0 UNIX-CONNECT:{console}.sock   to type as well")
    say("In gdb:  c                     run")
    say("         b sbi_trap_handler    stop in the firmware,  b sys_openat: in the kernel (then c)")
    say("         info threads          the harts;  bt, info registers, x/i $pc as usual")
    say("         q                     leave; QEMU ends with it")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is gdb's
    try:
        return os.spawnvp(os.P_WAIT, opts.gdb, [opts.gdb, "-q", "-x", opts.gdbinit] + opts.gdb_args)
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    add_machine_options(parser)
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--hang", type=float, help="seconds a command may take")
    parser.add_argument("--gdb", help="start stopped and run this gdb")
    parser.add_argument("--gdbinit", help="commands for gdb")
    parser.add_argument("--gdb-port", type=int, default=1234)
    parser.add_argument("gdb_args", nargs="*", help="more arguments for gdb")
    opts = parser.parse_args()
    cmd = os.environ.get("MBPF_CMD", "").strip()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if "\n" in cmd:
            raise Failure("CMD must be one line")
        argv = machine_argv(opts, opts.smp, cmd)
        limit = hang_limit(opts.smp, opts.hang)
        if opts.gdb:
            sys.exit(run_gdb(argv, opts))
        if cmd:
            run_command(argv, limit)
        elif sys.stdin and sys.stdin.isatty() and sys.stdout.isatty():
            run_terminal(argv)
        else:
            run_input(argv, limit, opts.type_gap)
    except Failure as e:
        sys.stdout.flush()
        say(f"\nrun: {e}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
