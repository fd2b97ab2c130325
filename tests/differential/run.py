#!/usr/bin/env python3
"""Runs gl-cases on native Mesa and through the stack and compares what they print, byte for byte.

run.py --gl-cases PATH --build DIR [--gl-errors exact|auto] [--link local|tcp] [CASE ...]
"""
import argparse
import difflib
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools", "demo"))

NATIVE = "/usr/share/glvnd/egl_vendor.d/50_mesa.json"
TIMEOUT_S = 240


def sections(output):
    """What each case printed."""
    found, lines = {}, []
    for line in output.decode(errors="replace").splitlines():
        if line.startswith("== "):
            lines = found.setdefault(line[3:], [])
        else:
            lines.append(line)
    return found


def run(command, env=None):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT_S,
                            stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
    return sections(result.stdout), result.stderr.decode(errors="replace")


def run_stack(options, cases):
    instance = os.path.join(options.build, "instance", "supervisor", "dc-instance")
    app = [os.path.abspath(options.gl_cases), *cases]
    extra = ["--no-client", "--gl-errors", options.gl_errors]
    if options.link == "local":
        return run([instance, "--name", f"differential-{os.getpid()}", "--runtime", "none", *extra, "--", *app])
    from stack import Stack
    stack = Stack(options.build, link=options.link)
    try:
        stack.start_render()
        return run(stack.instance_command(app, "differential", ["--runtime", "none", *extra]))
    finally:
        stack.stop()


def compare(native, ours):
    failed = 0
    for name, expected in native.items():
        got = ours.get(name)
        if got == expected:
            print(f"ok {name} ({len(expected)} lines)")
            continue
        failed += 1
        print(f"FAILED {name}")
        for line in difflib.unified_diff(expected, got or ["(did not run)"], "native", "droidcloud", lineterm="", n=1):
            print("    " + line)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gl-cases", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--gl-errors", default="exact")
    parser.add_argument("--link", default="local", choices=["local", "tcp"])
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    if not os.path.exists(NATIVE):
        print("native Mesa is not installed")
        return 77
    native, _ = run([options.gl_cases, *options.cases], {"__EGL_VENDOR_LIBRARY_FILENAMES": NATIVE})
    if not native or any(line.startswith("-- ") for lines in native.values() for line in lines):
        print("a case does not run natively")
        return 1
    ours, log = run_stack(options, options.cases)
    failed = compare(native, ours)
    if failed:
        print(log)
    print(f"{len(native) - failed} same, {failed} different")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
