#!/usr/bin/env python3
# vm: timeout 400
"""The plug pulled while an application plays over RDMA: what is said, the exit status, and that nothing is left over. One
dc-render serves all of it, so that each test also shows that a new link works after the failure before."""
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(ROOT, "tools", "demo"), os.path.join(ROOT, "tests", "integration")]
import rdma  # noqa: E402
from failures import Failure, children_of, expect, is_alive, wait_exit, wait_gone  # noqa: E402
from stack import Stack  # noqa: E402

BUILD = os.environ["DC_VM_BUILD"]
WAIT_S = 60
OF_LINK = ("dc-worker", "dc-render-link")


class Playing:
    """An instance in full play over RDMA."""

    def __init__(self, stack, name):
        self.stack, self.name, self.start_at = stack, name, os.path.getsize(stack.log_path)
        self.instance = stack.spawn("dc-instance", stack.instance_command(["es2gears_wayland"], name, ["--no-client"]))
        stack.wait_for(lambda: "has ring" in self.log(), "an application that draws", self.instance, WAIT_S)
        expect("admitted at rdma:" in self.log(), "the link is not over RDMA")
        time.sleep(1)  # frames flow
        self.pids = children_of(self.instance.pid)
        expect(self.pids, "no application runs")

    def log(self):
        with open(self.stack.log_path, errors="replace") as f:
            f.seek(self.start_at)
            return f.read()

    def of_render(self, names=OF_LINK):
        found = []
        for pid in children_of(self.stack.render.pid):
            try:
                with open(f"/proc/{pid}/comm") as f:
                    found += [pid] if f.read().startswith(names) and is_alive(pid) else []
            except OSError:
                continue  # just gone
        return found

    def one_of_render(self, name):
        found = self.of_render((name,))
        expect(len(found) == 1, f"expected one {name}, found {found}")
        return found[0]

    def expect_end(self, text):
        """dc-instance says why, and ends with its application; so do the worker and the link's process."""
        status = wait_exit(self.instance, "dc-instance", WAIT_S)
        expect(status is not None and status > 0, f"dc-instance's status is {status}")
        expect(text in self.log(), f"no message with {text!r}")
        wait_gone(self.pids, "the application", WAIT_S)
        deadline = time.monotonic() + WAIT_S
        while self.of_render():
            expect(time.monotonic() < deadline, "worker or link process is still there")
            time.sleep(0.2)


def worker_killed(stack):
    p = Playing(stack, "first")
    os.kill(p.one_of_render("dc-worker"), signal.SIGKILL)
    p.expect_end("link")


def instance_killed(stack):
    p = Playing(stack, "third")
    gone = [*p.pids, *p.of_render()]
    p.instance.kill()
    p.instance.wait()
    wait_gone(gone, "application, worker or link process", WAIT_S)


def wrong_capability(stack):
    """One of another instance's: refused before anything of RDMA is offered."""
    command = stack.instance_command(["es2gears_wayland"], "fourth", ["--no-client"])
    command[command.index("--capability") + 1] = stack.capability("somebody", "demo")
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=WAIT_S)
    print(result.stderr)
    expect(result.returncode == 77, f"status {result.returncode}")
    expect("refused" in result.stderr, "does not say that it was refused")


def device_removed(stack):
    p = Playing(stack, "fifth")
    rdma.delete()
    p.expect_end("RDMA device was removed")
    rdma.add()


def server_killed(stack):
    p = Playing(stack, "sixth")
    gone = [*p.pids, *p.of_render()]
    stack.render.kill()
    status = wait_exit(p.instance, "dc-instance", WAIT_S)
    expect(status is not None and status > 0, f"dc-instance's status is {status}")
    wait_gone(gone, "application, worker or link process", WAIT_S)


def main():
    rdma.start()
    stack = Stack(BUILD, link="rdma", host=rdma.ADDRESS)
    try:
        stack.start_render()
        for test in (device_removed, wrong_capability, worker_killed, instance_killed, server_killed):
            name = test.__name__
            try:
                test(stack)
                print(f"ok {name}", flush=True)
            except (Failure, OSError, ValueError, RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"failed {name}: {error}", flush=True)
            except Exception as error:  # of Stack: its text has lines
                print(f"{error}\nfailed {name}: {str(error).splitlines()[0]}", flush=True)
    finally:
        with open(stack.log_path, errors="replace") as f:
            print(f.read())
        stack.stop()


if __name__ == "__main__":
    sys.exit(main())
