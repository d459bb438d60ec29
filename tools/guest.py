# SPDX-License-Identifier: BSD-2-Clause
"""One guest under QEMU: start it, watch its console, judge how it ended.

Shared by tools/run-qemu.py (make run) and tests/qemu/run.py (make test-qemu).
The judgement is the same for both: a panic text, a QEMU exit status other than
0, or no end within the limit is a Failure whose text says why. A guest never
outlives the object that started it.
"""

import hashlib
import os
import re
import select
import shlex
import signal
import socket
import subprocess
import tempfile
import threading
import time

# What no healthy run ever prints: firmware (OpenSBI) and kernel giving up.
PANIC = re.compile(
    r"^.*(?:\bsbi_trap_error\b|\bsbi_panic\b|sbi_ecall_handler: Invalid error|"
    r"\b[Kk]ernel panic\b|^panic:|^\[?PANIC\]?\b).*$",
    re.MULTILINE,
)
# The kernel's last line where the machine has no power-off; QEMU goes on then.
HALTED = re.compile(r"^no power-off on this machine, halted with status (\d+)$", re.MULTILINE)
OUTPUT_LIMIT = 16 << 20  # characters; more than this is a loop that prints
BACKTRACE_SECONDS = 3  # what follows a panic text is worth waiting for
HANG_SECONDS = 120  # a busy machine may be that slow


class Failure(Exception):
    """The run failed; str() is the reason in one line."""


def add_machine_options(parser):
    """The options by which make describes the machine to boot."""
    parser.add_argument("--qemu", default="qemu-system-riscv64")
    parser.add_argument("--machine", default="virt")
    parser.add_argument("--ram", default="256M")
    parser.add_argument("--more-harts", type=int, default=0, help="harts of the machine that run no kernel")
    parser.add_argument("--type-gap", type=float, default=0, help="seconds between two keys, for consoles without a queue")
    parser.add_argument("--htif", help="address of such a console's registers: a key is typed when the one before was taken")
    parser.add_argument("--max-smp", type=int, default=0, help="harts that can run a kernel (0: as many as one likes)")
    parser.add_argument("--announce", help="ISA extension that the machine has but its device tree does not name")
    parser.add_argument("--tree-file", help="device tree source of a machine for which QEMU makes none")
    parser.add_argument("--bios-by-name", action="store_true", help="a machine that takes -bios for something else")
    parser.add_argument("--tree", help="device tree source that is added to the machine's, inside its root node")
    parser.add_argument("--bios", required=True, help="firmware (fw_dynamic.bin)")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--initrd", required=True)
    parser.add_argument("--qemu-args", default="", help="more arguments for QEMU")


def machine_argv(opts, smp, cmd=None, initrd=None, more=()):
    """QEMU's command line. cmd is what the guest's shell runs before it powers off."""
    for path in (opts.bios, opts.kernel, initrd or opts.initrd):
        if not os.path.exists(path):
            raise Failure(f"{path} does not exist")
    if opts.max_smp and smp > opts.max_smp:
        raise Failure(f"this machine has {opts.max_smp} harts for a kernel, not {smp}")
    argv = [opts.qemu, "-M", opts.machine, "-m", opts.ram, "-smp", str(smp + opts.more_harts)]
    argv += by_name(opts.bios) if opts.bios_by_name else ["-bios", opts.bios]
    argv += ["-kernel", opts.kernel, "-initrd", initrd or opts.initrd]
    if cmd:
        argv += ["-append", "cmd=" + cmd]
    argv += shlex.split(opts.qemu_args) + list(more)
    if opts.announce or opts.tree or opts.tree_file:
        source = machines_tree(opts, argv, smp + opts.more_harts)
        argv += ["-dtb", compiled_tree(source, os.path.dirname(opts.bios))]
    return argv


def by_name(bios):
    """Arguments for a machine that loads OpenSBI only by the name of the one that comes with QEMU."""
    folder = bios + ".named"
    link = os.path.join(folder, "opensbi-riscv64-generic-fw_dynamic.bin")
    os.makedirs(folder, exist_ok=True)
    if not os.path.islink(link):
        try:
            os.symlink(os.path.abspath(bios), link)
        except FileExistsError:
            pass  # another guest was faster
    return ["-L", folder]


def dtc(*args, **kwargs):
    return subprocess.run(["dtc", "-q", *args], check=True, capture_output=True, text=True, **kwargs).stdout


def machines_tree(opts, argv, harts):
    """The machine's device tree as source, with what opts adds to it."""
    if opts.tree_file:
        with open(opts.tree_file, encoding="utf-8") as f:
            source = f.read()
        for n in re.findall(r"\bcpu@(\d+)", source):
            if int(n) >= harts:
                source += f'/ {{ cpus {{ cpu@{n} {{ status = "disabled"; }}; }}; }};\n'
    else:
        with tempfile.TemporaryDirectory() as tmp:
            dump = os.path.join(tmp, "dtb")
            done = subprocess.run(
                argv + ["-display", "none", "-machine", "dumpdtb=" + dump],
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode:
                raise Failure("QEMU gives no device tree: " + done.stdout.strip())
            source = dtc("-I", "dtb", dump)
    if opts.announce:
        source, count = re.subn(r'(riscv,isa = "[^"]*)"', rf'\1_{opts.announce}"', source)
        if not count:
            raise Failure("the machine's device tree has no riscv,isa")
    return source + "/ { " + (opts.tree or "") + " };\n"


def compiled_tree(source, folder):
    """The file of a device tree, named by its content."""
    path = os.path.join(folder, hashlib.sha256(source.encode()).hexdigest()[:16] + ".dtb")
    part = f"{path}.{os.getpid()}-{threading.get_ident()}"
    try:
        dtc("-O", "dtb", "-o", part, input=source)
        os.replace(part, path)
    except (OSError, subprocess.CalledProcessError) as e:
        raise Failure(f"device tree: {e} {getattr(e, 'stderr', '')}") from e
    return path


def hang_limit(smp, seconds=None):
    """Seconds a run may take: more when the guest has more harts than the host."""
    return (seconds or HANG_SECONDS) * max(1, -(-smp // (os.cpu_count() or 1)))


class Guest:
    """A running QEMU whose serial console is a pair of pipes."""

    def __init__(self, argv, echo=None, monitor=None, htif=None):
        """monitor: path of a socket to make for memory(), below the 100 bytes that sockets take. htif: see the option."""
        argv = argv + ["-display", "none", "-serial", "stdio"]
        argv += ["-monitor", f"unix:{monitor},server=on,wait=off" if monitor else "none"]
        try:
            self.proc = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as e:
            raise Failure(f"{argv[0]} cannot be started: {e.strerror}") from e
        self.monitor = monitor
        self.htif = htif if monitor else None
        self.echo = echo  # called with every piece of output
        self.text = ""  # all output so far, without carriage returns
        self.seen = 0  # expect() looks behind this position
        self.tail = b""  # an incomplete UTF-8 sequence
        self.last_output = self.started = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    def stop(self):
        """End QEMU if it still runs; safe to call twice."""
        if self.proc.poll() is None:
            try:
                os.killpg(self.proc.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.proc.wait()
        for pipe in (self.proc.stdin, self.proc.stdout):
            try:
                pipe.close()
            except OSError:
                pass

    def read(self, timeout):
        """Take what the console printed within timeout; False at its end."""
        ready, _, _ = select.select([self.proc.stdout], [], [], max(0, timeout))
        if not ready:
            return True
        data = os.read(self.proc.stdout.fileno(), 65536)
        if not data:
            return False
        if self.echo:
            self.echo(data)
        self.last_output = time.monotonic()
        self.text += self.decode(data).replace("\r", "")
        if len(self.text) > OUTPUT_LIMIT:
            raise Failure(f"more than {OUTPUT_LIMIT >> 20} MiB of output")
        return True

    def decode(self, data):
        """Bytes to text across read boundaries; what is not UTF-8 becomes U+FFFD."""
        data = self.tail + data
        for cut in range(len(data), max(len(data) - 4, -1), -1):
            try:
                text = data[:cut].decode()
            except UnicodeDecodeError:
                continue
            self.tail = data[cut:]
            return text
        self.tail = b""
        return data.decode(errors="replace")

    def check_panic(self):
        """Raise Failure, with the backtrace read, once a panic text is there."""
        m = PANIC.search(self.text)
        if not m:
            return
        end = time.monotonic() + BACKTRACE_SECONDS
        while time.monotonic() < min(end, self.last_output + 1) and self.read(0.2):
            pass
        raise Failure("panic: " + m.group(0).strip())

    def sees(self, regex, seconds):
        """Wait until regex matches in output not matched before; False if it does not within seconds."""
        pattern = re.compile(regex, re.MULTILINE)
        end = time.monotonic() + seconds
        while True:
            m = pattern.search(self.text, self.seen)
            if m:
                self.seen = m.end()
                return True
            self.check_panic()
            if time.monotonic() > end:
                return False
            if not self.read(min(1, end - time.monotonic())):
                raise Failure(f"the guest ended before {regex!r}")

    def expect(self, regex, seconds):
        """The same, but that it does not match is a Failure."""
        if not self.sees(regex, seconds):
            raise Failure(f"no {regex!r} within {seconds:g} seconds")

    def ask(self, command):
        """What QEMU's monitor answers to a command."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            try:
                s.connect(self.monitor)
                for text in ("", command + "\n"):
                    s.sendall(text.encode())
                    answer = b""
                    while not answer.rstrip().endswith(b"(qemu)"):
                        data = s.recv(4096)
                        if not data:
                            raise Failure("QEMU's monitor ended")
                        answer += data
            except OSError as e:
                raise Failure(f"QEMU's monitor: {e}") from e
        return answer.decode(errors="replace").replace("\r", "")

    def memory(self, address, size):
        """The guest's physical memory as it is now."""
        out = self.monitor + ".mem"
        self.ask(f'pmemsave {address:#x} {size:#x} "{out}"')
        try:
            with open(out, "rb") as f:
                data = f.read()
            os.unlink(out)
        except OSError as e:
            raise Failure(f"QEMU's monitor: {e}") from e
        if len(data) != size:
            raise Failure(f"QEMU's monitor gave {len(data)} of {size} bytes at {address:#x}")
        return data

    def mappings(self):
        """(virtual address, flags such as "rwx-gad") of each stretch in the page table of the first hart."""
        return [(int(va, 16), flags) for va, flags in re.findall(r"^([0-9a-f]{16}) [0-9a-f]{16} [0-9a-f]{16} (\S+)$", self.ask("info mem"), re.MULTILINE)]

    def wait_for_room(self):
        """HTIF's mailbox from the host holds one key; wait until the firmware has its console there and has taken it."""
        end = time.monotonic() + HANG_SECONDS
        while "mbpf version" not in self.text or re.search(r": 0x0100[0-9a-f]{12}", self.ask(f"xp /1gx {self.htif}")):
            if not self.read(0.02):
                raise Failure("the guest ended before it was typed to")
            if time.monotonic() > end:
                raise Failure("the guest does not read its console")

    def send(self, data, gap=0):
        """Type on the console, with a pause of gap seconds before each key."""
        data = data if isinstance(data, bytes) else data.encode()
        step = 1 if gap else max(1, len(data))
        try:
            for i in range(0, len(data), step):
                time.sleep(gap)
                if self.htif:
                    self.wait_for_room()
                self.proc.stdin.write(data[i : i + step])
                self.proc.stdin.flush()
        except BrokenPipeError as e:
            raise Failure("the guest ended before it was typed to") from e

    def finish(self, seconds):
        """Read to the end; Failure unless the guest powered off by itself, content."""
        end = self.started + seconds
        scanned = 0
        while True:
            if PANIC.search(self.text, max(0, scanned - 200)):
                self.check_panic()
            halted = HALTED.search(self.text, max(0, scanned - 200))
            if halted:
                self.stop()
                return self.check_status(int(halted.group(1)))
            scanned = len(self.text)
            if time.monotonic() > end:
                raise Failure(f"hang: the guest did not power off within {seconds:g} seconds")
            if not self.read(min(1, end - time.monotonic())):
                break
        self.check_panic()
        try:
            status = self.proc.wait(5)
        except subprocess.TimeoutExpired as e:
            raise Failure("hang: QEMU closed the console but did not end") from e
        return self.check_status(status)

    @staticmethod
    def check_status(status):
        if status:
            raise Failure(f"the machine ended with status {status}: a command failed or the machine did not come up")
