#!/usr/bin/env python3
"""Runs gl-cases on native Mesa and through the stack and compares what they print, byte for byte.

run.py --gl-cases PATH --build DIR [--gl-errors exact|auto] [--link local|tcp|rdma] [--host ADDRESS] [--break state|frames] [CASE ...]

--break state: where a case calls gl_break(), the worker is killed and another one gets the state, nothing but the state.
--break frames: in every case the worker is killed before the second look at pixels; the unfinished frame is drawn again.
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


def break_command(name):
    """Ends the worker of an instance, and returns when it is gone."""
    return (f"pid=$(pgrep -f '^dc-worker:{name}$') && kill -9 $pid && "
            "while kill -0 $pid 2>/dev/null; do sleep 0.01; done; true")


def run_stack(options, cases):
    instance = os.path.join(options.build, "instance", "supervisor", "dc-instance")
    app = [os.path.abspath(options.gl_cases), *cases]
    extra = ["--no-client", "--gl-errors", options.gl_errors]
    env = {}
    if options.break_where:
        name = f"differential-{os.getpid()}" if options.link == "local" else "differential"
        env["GL_CASES_BREAK"] = break_command(name)
        env["DC_SETTLE_JOURNAL" if options.break_where == "state" else "GL_CASES_BREAK_AT"] = "2"
        extra += ["--recover", "1000"]
    if options.link == "local":
        return run([instance, "--name", f"differential-{os.getpid()}", "--runtime", "none", *extra, "--", *app], env)
    from stack import Stack
    stack = Stack(options.build, link=options.link, host=options.host)
    try:
        stack.start_render()
        return run(stack.instance_command(app, "differential", ["--runtime", "none", *extra]), env)
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
    parser.add_argument("--link", default="local", choices=["local", "tcp", "rdma"])
    parser.add_argument("--host", default="127.0.0.1", help="where dc-render listens (rdma: its device's address)")
    parser.add_argument("--break", dest="break_where", choices=["state", "frames"])
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    if options.cases == ["recover"]:
        listed = subprocess.run([options.gl_cases, "--list"], capture_output=True, text=True).stdout
        options.cases = [line[3:] for line in listed.splitlines() if line.startswith("== recover-")]
    if options.cases == ["sample"]: # all of them take minutes
        listed = subprocess.run([options.gl_cases, "--list"], capture_output=True, text=True).stdout
        # Those of GLES 1.1 have no context where workers are replaced.
        options.cases = [line[3:] for line in listed.splitlines()
                         if line.startswith("== ") and not line.startswith("== gles1-")][::12]
    if not os.path.exists(NATIVE):
        print("native Mesa is not installed")
        return 77
    native, _ = run([options.gl_cases, *options.cases], {"__EGL_VENDOR_LIBRARY_FILENAMES": NATIVE})
    if not native or any(line.startswith("-- ") for lines in native.values() for line in lines):
        print("a case does not run natively")
        return 1
    ours, log = run_stack(options, options.cases)
    failed = compare(native, ours)
    if options.break_where:
        replaced = log.count("has what this process needs")
        print(f"{replaced} workers were replaced")
        failed += replaced < len(native) // 2
    if options.link == "rdma" and "admitted at rdma:" not in log:
        print("FAILED the link did not use RDMA")
        failed += 1
    if failed:
        print(log)
    print(f"{len(native) - failed} same, {failed} different")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
