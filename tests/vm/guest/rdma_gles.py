#!/usr/bin/env python3
# vm: timeout 700
"""Real programs over RDMA: the differential test against native Mesa, glmark2's own validation, and TCP where there is no
device."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(ROOT, "tools", "demo")]
import rdma  # noqa: E402
from stack import Stack  # noqa: E402

BUILD = os.environ["DC_VM_BUILD"]
SCENES = ["build:use-vbo=false", "build:use-vbo=true", "texture", "buffer"]
# Every case takes minutes on emulated processors; these move commands, bulk and answers of all sizes.
CASES = ["frames", "texture-large", "vertex-large-client-array", "buffer-maps", "program-reflection", "share-threads"]


def differential():
    directory = os.path.join(ROOT, "tests", "differential")
    result = subprocess.run([sys.executable, os.path.join(directory, "run.py"), "--gl-cases",
                             os.path.join(BUILD, "tests", "differential", "gl-cases"), "--build", BUILD, "--link", "rdma",
                             "--host", rdma.ADDRESS, *CASES], capture_output=True, text=True)
    print(result.stdout, result.stderr)
    last = (result.stdout.strip().splitlines() or ["nothing"])[-1]
    print(f"ok differential {last}" if result.returncode == 0 else f"failed differential: {last}", flush=True)


def run_over(host, app):
    """(status, output, log) of an application without a client."""
    stack = Stack(BUILD, link="rdma", host=host)
    try:
        stack.start_render()
        result = subprocess.run(stack.instance_command(app, "vm", ["--no-client"]), capture_output=True, text=True,
                                errors="replace", timeout=240)
        return result.returncode, result.stdout, result.stderr
    finally:
        stack.stop()


def glmark2():
    benchmarks = [a for scene in SCENES for a in ("-b", f"{scene}:duration=0.5")]
    status, output, log = run_over(rdma.ADDRESS, ["glmark2-es2-wayland", "--validate", "--off-screen", "-s", "320x180",
                                                  *benchmarks])
    print(output, log)
    verdicts = re.findall(r"Validation: (\w+)", output)
    good = status == 0 and "admitted at rdma:" in log and "Failure" not in verdicts and verdicts.count("Success") >= 3
    print(f"{'ok' if good else 'failed'} glmark2{'' if good else ':'} status {status}, {verdicts}", flush=True)


def without_device():
    """An address that no device has: one message, and the application runs over TCP."""
    status, output, log = run_over("127.0.0.1", ["glmark2-es2-wayland", "--off-screen", "-s", "64x64", "-b",
                                                 "build:duration=0.2"])
    print(output, log)
    messages = log.count("RDMA is not used, commands travel over TCP")
    good = status == 0 and messages == 1 and "admitted at tcp:" in log
    print(f"{'ok' if good else 'failed'} without_device{'' if good else ':'} status {status}, {messages} messages", flush=True)


def main():
    rdma.start()
    for test in (differential, glmark2, without_device):
        test()


if __name__ == "__main__":
    sys.exit(main())
