#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tests of the test runners: what must fail, does, and for the stated reason.

Needs neither QEMU nor RISC-V tools: fake_guest.py plays the machine. Speaks TAP,
so that tools/run-host-tests.py runs it like the cmocka programs.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "tools")
FAKE = os.path.join(HERE, "fake_guest.py")
MACHINE = ["--qemu", FAKE, "--bios", "/dev/null", "--kernel", "/dev/null", "--initrd", "/dev/null"]


def run(argv, **kw):
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=60, check=False, **kw
    )
    return done.returncode, done.stdout


def run_suite(body, *more):
    """Run run.py on one case made of body; return (status, output)."""
    with tempfile.TemporaryDirectory() as tmp:
        suite = os.path.join(tmp, "suite.toml")
        with open(suite, "w", encoding="utf-8") as f:
            f.write(body)
        argv = [os.path.join(HERE, "run.py"), *MACHINE, "--logs", tmp, "--again", "make test-qemu", *more, suite]
        return run(argv)


def case(body, name="t"):
    return f'[[case]]\nname = "{name}"\ndescription = "what it shows"\n{body}\n'


def expect_suite(body, status, *texts):
    got, out = run_suite(body)
    assert got == status, f"status {got}, not {status}:\n{out}"
    for text in texts:
        assert text in out, f"no {text!r} in:\n{out}"
    tally = "1 passed, 0 failed" if status == 0 else "0 passed, 1 failed"
    assert out.splitlines()[-1] == tally, out


def test_suite_passes():
    expect_suite(case('cmd = "say one; say two"\nexpect = ["^one$", "^two$"]'), 0, "ok    t (smp=1)")


def test_suite_missing_text_fails():
    expect_suite(case('cmd = "say one"\nexpect = ["two"]'), 1, "expected 'two'", "again: make test-qemu CASE=t SMP=1")


def test_suite_wrong_order_fails():
    expect_suite(case('cmd = "say two; say one"\nexpect = ["one", "two"]'), 1, "too early")


def test_suite_forbidden_text_fails():
    expect_suite(case('cmd = "say one; say bad"\nexpect = ["one"]\nforbid = ["bad"]'), 1, "forbidden 'bad'")


def test_suite_status_fails():
    expect_suite(case('cmd = "say one; status 3"\nexpect = ["one"]'), 1, "status 3")


def test_suite_expected_failure_passes():
    expect_suite(case('cmd = "say one; status 3"\nexpect = ["one"]\nfails = "status 3"'), 0)


def test_suite_expected_failure_that_succeeds_fails():
    expect_suite(case('cmd = "say one"\nexpect = ["one"]\nfails = "status"'), 1, "as if all were well")


def test_suite_other_failure_than_expected_fails():
    expect_suite(case('cmd = "say one; panic"\nexpect = ["one"]\nfails = "status"'), 1, "panic: kernel panic")


def test_suite_panic_fails():
    expect_suite(case('cmd = "say one; panic"\nexpect = ["one"]'), 1, "panic: kernel panic: for", "| backtrace line")


def test_suite_firmware_trap_fails():
    expect_suite(case('cmd = "say one; trap"\nexpect = ["one"]'), 1, "panic: sbi_trap_error")


def test_suite_hang_fails():
    expect_suite(case('cmd = "say one; hang"\nexpect = ["one"]\nhang = 1'), 1, "hang: the guest did not power off within 1")


def test_suite_flood_fails():
    expect_suite(case('cmd = "flood"\nexpect = ["x"]\nhang = 300'), 1, "MiB of output")


def test_suite_invalid_bytes_are_text():
    expect_suite(case('cmd = "bytes; say one"\nexpect = ["one"]'), 0)


def test_suite_firmware_cases_only():
    body = case('cmd = "say one"\nexpect = ["one"]\nfirmware = true', "below") + case('cmd = "say two"\nexpect = ["no"]', "above")
    status, out = run_suite(body, "--firmware")
    assert status == 0 and "ok    below" in out and "above" not in out, out
    status, out = run_suite(case('cmd = "say two"\nexpect = ["two"]'), "--firmware")
    assert status == 1 and out.splitlines()[-1] == "0 passed, 0 failed", out


def test_suite_harts_asked_for():
    for limits, asked, harts in (("", 3, 3), ("least = 2", 1, 2), ("most = 1", 4, 1), ("least = 2", 4, 4)):
        body = case(f'cmd = "say one"\nexpect = ["one"]\nsmp = [8]\n{limits}')
        status, out = run_suite(body, "--smp", str(asked))
        assert status == 0 and f"ok    t (smp={harts})" in out, out
    status, out = run_suite(case('cmd = "say one"\nexpect = ["one"]\nsmp = [1, 4, 8]'), "--max-smp", "4")
    assert status == 0 and out.count("ok    t (smp=4)") == 1 and "(smp=8)" not in out, out


def test_suite_not_on_a_machine():
    body = case('cmd = "say two"\nexpect = ["no"]\nnot_on = { board = "v*", qemu = ["9."], why = "it is what it is" }')
    body += case('cmd = "say one"\nexpect = ["one"]', "other")
    status, out = run_suite(body)
    assert status == 1 and "1 passed, 1 failed" in out, out  # another version
    body = body.replace('"9."', '""')
    status, out = run_suite(body)
    assert status == 0 and "1 passed, 0 failed" in out and "not run on this machine: t: it is what it is" in out, out
    status, out = run_suite(body, "--board", "spike")
    assert status == 1, out
    status, out = run_suite(body.replace("it is what it is", ""))
    assert status == 1 and "why" in out, out
    body = case('cmd = "say one"\nexpect = ["two"]\nnot_on = { isolation = "none", why = "none" }') + case('cmd = "say one"\nexpect = ["one"]', "o")
    assert run_suite(body)[0] == 1 and run_suite(body, "--isolation", "none")[0] == 0
    status, out = run_suite(case('cmd = "say one"\nexpect = ["one"]\nnot_on = { why = "always" }'))
    assert status == 1 and "why" in out, out


def test_suite_typing():
    steps = 'type = [{expect = "\\\\$ ", send = "hello\\n"}, {expect = "got hello", send = "bye\\n"}]'
    expect_suite(case(steps), 0)


def test_suite_typing_without_answer_fails():
    expect_suite(case('type = [{send = "hello\\n", expect = "got goodbye"}]\nhang = 1'), 1, "no 'got goodbye' within")


def test_suite_asks_until_the_answer_is_right():
    expect_suite(case('type = [{ask = "count\\n", expect = "counted 3", send = "bye\\n"}]'), 0)


def test_suite_asks_not_for_ever():
    expect_suite(case('type = [{ask = "count\\n", expect = "counted 9"}]\nhang = 3'), 1, "no 'counted 9' within")


def test_suite_ask_without_answer_is_refused():
    expect_suite(case('type = [{ask = "count\\n"}]'), 1, "ask needs the answer")


def test_suite_missing_qemu_fails():
    body = case('cmd = "say one"\nexpect = ["one"]')
    status, out = run_suite(body, "--qemu", "/nonexistent/qemu")
    assert status == 1 and "cannot be started" in out, out


def test_suite_missing_kernel_fails():
    status, out = run_suite(case('cmd = "say one"\nexpect = ["one"]'), "--kernel", "/nonexistent/kernel")
    assert status == 1 and "/nonexistent/kernel does not exist" in out, out


def test_suite_without_expectation_is_refused():
    expect_suite(case('cmd = "say one"'), 1, "cannot fail")


def test_suite_unknown_key_is_refused():
    expect_suite(case('cmd = "say one"\nexpects = ["one"]'), 1, "unknown key 'expects'")


def test_suite_unknown_case_is_refused():
    status, out = run_suite(case('cmd = "say one"\nexpect = ["one"]'), "--case", "other")
    assert status == 1 and "no case is called 'other'" in out, out


def test_suite_all_cases_run():
    bad = case('cmd = "status 1"\nexpect = ["x"]', "a")
    good = case('cmd = "say one"\nexpect = ["one"]\nsmp = [1, 4]', "b")
    status, out = run_suite(bad + good)
    assert status == 1 and out.splitlines()[-1] == "2 passed, 1 failed", out


def run_cmd(cmd, *more, **kw):
    env = dict(os.environ, MBPF_CMD=cmd)
    return run([os.path.join(TOOLS, "run-qemu.py"), *MACHINE, *more], env=env, **kw)


def test_run_shows_output():
    status, out = run_cmd("say it's; say $HOME \"x\"")
    assert status == 0 and "it's" in out and '$HOME "x"' in out, out


def test_run_fails_with_the_command():
    status, out = run_cmd("say one; status 1")
    assert status == 1 and "status 1" in out, out


def test_run_fails_on_panic():
    status, out = run_cmd("panic")
    assert status == 1 and "run: panic:" in out and "backtrace line" in out, out


def test_run_fails_on_hang():
    status, out = run_cmd("say one; hang", "--hang", "1")
    assert status == 1 and "run: hang:" in out and "one" in out, out


def test_run_types_standard_input():
    status, out = run_cmd("", input="hello\nbye\n")
    assert status == 0 and "got hello" in out, out


def tap(lines, status=0):
    """run-host-tests.py over a program that prints these lines; one with ! in front is run."""
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "test_fake")
        with open(path, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + "".join(line[1:] + "\n" if line[0] == "!" else f"echo '{line}'\n" for line in lines) + f"exit {status}\n")
        os.chmod(path, 0o755)
        got, out = run([os.path.join(TOOLS, "run-host-tests.py"), path])
        return got, out.splitlines()[-1]


def test_host_counts():
    assert tap(["1..2", "ok 1 - a", "ok 2 - b"]) == (0, "2 passed, 0 failed")
    assert tap(["1..2", "ok 1 - a", "not ok 2 - b"], 1) == (1, "1 passed, 1 failed")


def test_host_crash_fails():
    assert tap(["1..2", "ok 1 - a", "!kill -SEGV $$"]) == (1, "1 passed, 2 failed")
    assert tap(["1..2", "ok 1 - a", "ok 2 - b"], 1) == (1, "2 passed, 1 failed")


def test_host_skip_and_silence_fail():
    assert tap(["1..1", "ok 1 # SKIP a"]) == (1, "0 passed, 1 failed")
    assert tap([]) == (1, "0 passed, 1 failed")


def test_host_missing_program_fails():
    status, out = run([os.path.join(TOOLS, "run-host-tests.py"), "/nonexistent/test_x"])
    assert status == 1 and "not built" in out, out


def test_tally_sums():
    ok, bad = "echo 2 passed, 0 failed", "sh -c 'echo 1 passed, 3 failed; exit 1'"
    tally = os.path.join(TOOLS, "tally.py")
    assert run([tally, ok, "true"])[1].splitlines()[-1] == "3 passed, 0 failed"
    assert run([tally, "one: " + ok])[1].splitlines()[-1] == "1 passed, 0 failed"
    assert run([tally, "one: " + bad])[1].splitlines()[-1] == "0 passed, 1 failed"
    status, out = run([tally, bad, ok, "false"])
    assert status == 1 and out.splitlines()[-1] == "3 passed, 4 failed", out
    status, out = run([tally, "--at-once", bad, ok, "false"])
    assert status == 1 and out.splitlines()[-1] == "3 passed, 4 failed", out
    status, out = run([tally, "sh -c 'echo 2 passed, 0 failed; exit 1'"])
    assert status == 1 and out.splitlines()[-1] == "2 passed, 1 failed", out


def picture(tool, text):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "log")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return run([os.path.join(TOOLS, tool), path])


def test_flamegraph_adds_up():
    status, out = picture("flamegraph", "OpenSBI v1.6\nsh;a;b 3\r\nsh;a 1\nls;<a> 4\n")
    assert status == 0, out
    for text in ("all (8 samples, 100.0 %)", "a (4 samples, 50.0 %)", "b (3 samples, 37.5 %)", "&lt;a&gt; (4 samples"):
        assert text in out, f"no {text!r} in:\n{out}"


def test_flamegraph_without_stacks_fails():
    status, out = picture("flamegraph", "nothing of the kind\n")
    assert status == 1 and "no line" in out, out


def test_histogram_draws_each():
    text = (
        "hello\r\nread\n                nsecs : count    distribution\n"
        "      4096 -> 8191      : 30       |****************************************|\r\n"
        "      8192 -> 16383     : 0        |                                        |\n"
        "     16384 -> 32767     : 12       |****************                        |\n"
        "54 calls\n                usecs : count    distribution\n"
        "         0 -> 1         : 7        |****************************************|\n"
    )
    status, out = picture("histogram", text)
    assert status == 0, out
    for part in ("read: 42 values", "4.1us to 8.2us: 30", "16us to 33us: 12", "7 values", "0us to 2us: 7"):
        assert part in out, f"no {part!r} in:\n{out}"
    heights = [float(h) for h in re.findall(r'<g><title>.*?height="([\d.]+)"', out)]
    assert len(heights) == 4 and heights[1] == 0 and abs(heights[2] / heights[0] - 12 / 30) < 0.01, heights


def test_histogram_without_any_fails():
    status, out = picture("histogram", "     1 -> 2 : 3 |***|\n")
    assert status == 1 and "nothing of the form" in out, out


def tutorial(page):
    """Make a suite of one page; (status, output, the suite)."""
    with tempfile.TemporaryDirectory() as tmp:
        with open(os.path.join(tmp, "1-page.md"), "w", encoding="utf-8") as f:
            f.write(page)
        out = os.path.join(tmp, "out")
        status, text = run([os.path.join(HERE, "tutorial.py"), tmp, out])
        suite = ""
        if status == 0:
            with open(os.path.join(out, "tutorial.toml"), encoding="utf-8") as f:
                suite = f.read()
        return status, text, suite


def test_tutorial_page_becomes_case():
    status, text, suite = tutorial("# P\n```console\nmbpf$ say x\nx 12 0xff|\n...\nend...\n```\n")
    assert status == 0, text
    for part in ('name = "tutorial-1-page"', 'send = "say x\\n"', "^x[ \\\\t]+-?\\\\d+[ \\\\t]+0x[0-9a-f]+\\\\|[ \\\\t]*$", "^end.*[ \\\\t]*$"):
        assert part in suite, f"no {part!r} in:\n{suite}"


def test_tutorial_bad_pages_fail():
    for page, reason in (
        ("# nothing to test\n", "no console block"),
        ("```console\noutput first\n```\n", "before any command"),
        ("```bash\nls\n```\n", "a block of kind 'bash'"),
    ):
        status, text, _ = tutorial(page)
        assert status == 1 and reason in text, text


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    for i, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {i} - {name}", flush=True)
        except Exception as e:  # pylint: disable=broad-exception-caught
            failed += 1
            print(f"not ok {i} - {name}")
            print("\n".join(f"# {line}" for line in f"{type(e).__name__}: {e}".splitlines()), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
