#!/usr/bin/env python3
"""Runs the guest tests (tests/vm/guest) on a real kernel in an emulated machine.

vm.py --build-dir DIR [--keep DIR] [TEST...]
Closes with "N passed, N failed, N skipped". What the tests wrote is kept in DIR/vm/out.
"""
import argparse
import glob
import os
import shutil
import sys
import time

import kernel
from machine import QEMU, Machine

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_TIMEOUT_S = 300
TIMEOUT_S = 1500  # of all tests together; each has its own within


def say(text):
    print(text, file=sys.stderr, flush=True)


class Results:
    """What the machine says, counted and shown."""

    def __init__(self):
        self.counts = {"ok": 0, "failed": 0, "skipped": 0}
        self.done = False
        self.current = None

    def take(self, line):
        if not line.startswith("vm: "):
            say("    | " + line)
            return
        word, _, text = line[4:].partition(" ")
        if word in self.counts:
            self.counts[word] += 1
            say(f"  {'FAILED' if word == 'failed' else word} vm {text}")
        elif word == "up":
            say(f"  the machine is up, {text} s by its own clock")
        elif word == "start":
            self.current = text
        elif word == "end":
            say("  vm {}: {} s".format(*text.split()))
            self.current = None
        self.done |= word == "done"

    def fail(self, text):
        self.counts["failed"] += 1
        say(f"  FAILED vm {text}")


def find_tests(names):
    found = sorted(glob.glob(os.path.join(HERE, "guest", "*")))
    tests = {os.path.splitext(os.path.basename(path))[0]: path for path in found if os.access(path, os.X_OK)
             and os.path.isfile(path)}
    missing = [name for name in names if name not in tests]
    if missing:
        raise SystemExit(f"no such guest test: {' '.join(missing)} (there are: {' '.join(tests)})")
    return [tests[name] for name in names or tests]


def run(build, names=()):
    """(passed, failed, skipped)."""
    tests = find_tests(names)
    directory = os.path.join(os.path.abspath(build), "vm")
    out = os.path.join(directory, "out")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    if not shutil.which(QEMU):
        say(f"  skipped vm: {QEMU} is not installed (package qemu-system-x86)")
        return 0, 0, len(tests)
    try:
        stock = kernel.get(directory)
    except kernel.NoKernel as error:
        say(f"  skipped vm: no kernel to boot: {error}")
        return 0, 0, len(tests)
    results, started = Results(), time.monotonic()
    say(f"Booting Linux {stock.version} in qemu (emulated, no KVM)")
    machine = Machine(stock, os.path.join(build, "tests", "vm", "vm-init"), out,
                      keep=[os.path.dirname(os.path.dirname(HERE)), os.path.abspath(build)])
    reason = machine.run(["/usr/bin/python3", os.path.join(HERE, "runner.py"), "--kernel", stock.root,
                          "--build", os.path.abspath(build), "--out", "/run/out", *tests],
                         BOOT_TIMEOUT_S + TIMEOUT_S, results.take)
    if reason or not results.done:
        where = f"in {results.current}" if results.current else "outside the tests"
        results.fail(f"machine: {reason or 'it ended early'}, {where}; its console ends:\n{machine.console_tail()}")
    say(f"  {time.monotonic() - started:.0f} s; logs in {os.path.relpath(out)}")
    return results.counts["ok"], results.counts["failed"], results.counts["skipped"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", default="build")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    options = parser.parse_args()
    passed, failed, skipped = run(options.build_dir, options.tests)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
