#!/usr/bin/env python3
"""A program that shows a picture and waits wakes nobody: not itself, not dc-instance, not dc-render and its workers.

usage: idle.py BUILD_DIR local|tcp
A GTK window with a GL area is shown; once it rests, the kernel's counts of context switches of every thread must stand still
for five seconds. With a client there is its ping, once a second.
"""
import glob
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

APP = ["gtk3-demo", "--run=glarea"]
SECONDS = 5
LOAD_TIMEOUT_S = 60
# A stray one is allowed to the five seconds of all threads together; each ping and its answer of the client's.
WAKES, WAKES_WITH_CLIENT = 2, 4 * SECONDS


def tree(pid):
    yield pid
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(path) as f:
                children = f.read().split()
        except OSError:
            continue
        for child in children:
            yield from tree(int(child))


def switches(roots):
    """{(pid, thread, name): count} of all threads of all descendants."""
    counts = {}
    for pid in (p for root in roots for p in tree(root)):
        for path in glob.glob(f"/proc/{pid}/task/*/status"):
            try:
                with open(path) as f:
                    status = dict(line.split(":", 1) for line in f.read().splitlines() if ":" in line)
            except OSError:
                continue
            # Involuntary ones too: whoever computes does not rest.
            counts[pid, path.split("/")[4], status["Name"].strip()] = (int(status["voluntary_ctxt_switches"]) +
                                                                       int(status["nonvoluntary_ctxt_switches"]))
    return counts


def wakes(roots, seconds):
    before = switches(roots)
    time.sleep(seconds)
    return {key: n - before.get(key, 0) for key, n in switches(roots).items() if n != before.get(key, 0)}


def measure(build, link, with_client):
    """Yields what is wrong."""
    stack, bound = Stack(build, link=link), WAKES_WITH_CLIENT if with_client else WAKES
    try:
        stack.start_render()
        env = {**os.environ, "XDG_RUNTIME_DIR": stack.instance_dir}
        extra = [] if with_client else ["--no-client"]
        instance = stack.spawn("dc-instance", stack.instance_command(APP, name="idle", extra=extra), env=env,
                               stdout=subprocess.PIPE if with_client else stack.log, text=True)
        if with_client:
            url = stack.read_url(instance, 20)
            stack.start_client(url, ["--headless", "--seconds", str(LOAD_TIMEOUT_S + 30)])
        roots = [instance.pid, stack.render.pid]
        stack.wait_for(lambda: "has ring" in stack.log_tail(1000), "the application's ring", instance, LOAD_TIMEOUT_S)
        end = time.monotonic() + LOAD_TIMEOUT_S
        # dc-render puts uploads into its store three seconds after the last one, once.
        while sum(wakes(roots, 4).values()) > bound and time.monotonic() < end:
            pass
        found = wakes(roots, SECONDS)
        names = {name for _, _, name in switches(roots)}
    finally:
        stack.stop()
    print(f"{link}, {'with' if with_client else 'without'} a client: {sum(found.values())} wakes in {SECONDS} s {found}")
    if not {"dc-instance", "gtk3-demo"} <= names or len(names) < 4:
        yield f"not everything runs that should rest: {sorted(names)}"
    if sum(found.values()) > bound:
        yield f"{sum(found.values())} wakes in {SECONDS} s: {found}"


def main():
    build, link = sys.argv[1:3]
    problems = [p for with_client in (False, True) for p in measure(build, link, with_client)]
    print("\n".join(problems or ["nobody was woken"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
