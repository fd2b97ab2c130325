#!/usr/bin/env python3
"""Compiled shaders, and what compiles and links gave, are kept for later workers of the same tenant, and for nobody else.

usage: programs.py BUILD_DIR local|tcp
glmark2 runs in three instances: two of one tenant, one after the other, and one of another. The first must leave compiled
programs, the second must find all that it needs among them and not wait for compiles and links, the other tenant must
begin with nothing.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

SCENE = ["glmark2-es2-wayland", "--off-screen", "-s", "64x64", "-b", "shading:shading=phong:duration=0.2"]


def kept_bytes(cache, tenant):
    return sum(os.path.getsize(f) for f in glob.glob(f"{cache}/{tenant}/**/foz_cache.foz", recursive=True))


def play(stack, name, tenant):
    """How often the application waited for the worker on the stack's account."""
    command = stack.instance_command(SCENE, name=name, tenant=tenant, extra=["--no-client"])
    result = subprocess.run(command, capture_output=True, text=True, timeout=60,
                            env={**os.environ, "XDG_RUNTIME_DIR": stack.instance_dir, "DC_LOG": "info,frontend:trace"})
    if result.returncode or not re.search(r"FPS: \d+", result.stdout):
        sys.exit(f"glmark2 as {name}: status {result.returncode}: {result.stderr[-500:]}")
    if "something else than what was known" in result.stderr:
        sys.exit(f"{name}: what was known was wrong")
    return result.stderr.count(", a round trip")


def main():
    stack = Stack(sys.argv[1], link=sys.argv[2])
    cache = os.path.join(stack.render_dir, "programs")
    try:
        stack.start_render(extra=["--cache-dir", cache])
        waits_first = play(stack, "one", "arcade")
        first = kept_bytes(cache, "arcade")
        waits_second = play(stack, "two", "arcade")
        second, other_before = kept_bytes(cache, "arcade"), kept_bytes(cache, "museum")
        waits_other = play(stack, "three", "museum")
        other = kept_bytes(cache, "museum")
    finally:
        stack.stop()
    print(f"arcade {first} then {second} bytes, museum {other_before} then {other}; "
          f"round trips {waits_first}, {waits_second}, and {waits_other}")
    problems = []
    if first < 1000:
        problems.append("the first instance left no compiled programs")
    if second != first:
        problems.append("the second instance of the tenant compiled again")
    if other_before != 0 or other < 1000:
        problems.append("the other tenant did not compile its own")
    # Over TCP what is known may still be on its way when the application asks for the first time.
    if waits_second > waits_first - (2 if stack.link == "tcp" else 3):
        problems.append("the second instance waited for its compiles and its link")
    # And on a busy machine one answer may be there before the application asks for it. Who knew waits once at most.
    if waits_other < waits_first - (1 if stack.link == "tcp" else 0):
        problems.append("the other tenant knew results that are not its own")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
