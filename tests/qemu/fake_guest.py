#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Stands in for QEMU in selftest.py: a console that obeys its -append argument.

cmd=say TEXT prints TEXT; status N exits with N; panic, trap and hang do what
they say; flood prints without end; without a command it is a prompt that
answers each line with "got LINE" until "bye", and each "count" with how many there were.
"""

import sys
import time


def say(text):
    print(text, end="\r\n", flush=True)


def obey(command):
    word, _, rest = command.strip().partition(" ")
    if word == "say":
        say(rest)
    elif word == "status":
        sys.exit(int(rest))
    elif word == "panic":
        say("kernel panic: for the runner's own test")
        say("backtrace line")
        time.sleep(60)
    elif word == "trap":
        say("sbi_trap_error: hart0: trap0: illegal instruction handler failed (error -2)")
        time.sleep(60)
    elif word == "hang":
        time.sleep(60)
    elif word == "flood":
        while True:
            say("x" * 1000)
    elif word == "bytes":
        sys.stdout.buffer.write(b"\xff\xfe\xe2\x82")
        sys.stdout.buffer.flush()


def prompt():
    print("$ ", end="", flush=True)
    counted = 0
    for line in sys.stdin:
        if line.strip() == "bye":
            return
        if line.strip() == "count":
            counted += 1
            say(f"counted {counted}")
        say("got " + line.strip())
        print("$ ", end="", flush=True)


def main():
    args = sys.argv[1:]
    append = args[args.index("-append") + 1] if "-append" in args else ""
    if not append:
        return prompt()
    for command in append.removeprefix("cmd=").split(";"):
        obey(command)


if __name__ == "__main__":
    main()
