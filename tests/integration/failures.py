#!/usr/bin/env python3
"""Pulls the plug in every place and looks at what is said, the exit status, and what is left behind.

usage: failures.py BUILD_DIR CASE
"""
import glob
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

GEARS = ["es2gears_wayland"]


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


def children_of(pid):
    """All living descendants."""
    found, queue = [], [pid]
    while queue:
        parent = queue.pop()
        for path in glob.glob(f"/proc/{parent}/task/*/children"):
            try:
                with open(path) as f:
                    queue += [int(child) for child in f.read().split()]
            except OSError:
                continue
        found.append(parent)
    return found[1:]


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_gone(pids, what, seconds=10):
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        expect(time.monotonic() < deadline, f"{what}: still alive after {seconds} s: "
                                            f"{[pid for pid in pids if is_alive(pid)]}")
        time.sleep(0.05)


def wait_exit(process, what, seconds=15):
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Failure(f"{what} did not end within {seconds} s") from None


class Case:
    """A running stack whose instance keeps its runtime directory where leftovers are seen."""

    def __init__(self, build):
        self.stack = Stack(build)
        self.runtime = os.path.join(self.stack.dir, "runtime")
        os.mkdir(self.runtime, 0o700)

    def instance(self, app, name="one", extra=()):
        return self.stack.start_instance(app, name=name, extra=extra, env={"XDG_RUNTIME_DIR": self.runtime})

    def client(self, url, *arguments):
        return self.stack.start_client(url, ["--headless", *arguments])

    def log(self):
        with open(self.stack.log_path, errors="replace") as f:
            return f.read()

    def nothing_left(self, pids):
        wait_gone(pids, "orphans")
        left = [path for path in glob.glob(self.runtime + "/**", recursive=True) if path.rstrip("/") != self.runtime]
        expect(not left, f"left behind in the runtime directory: {left}")


def app_exits(case):
    """The application's own exit status becomes dc-instance's, and the client says so."""
    case.stack.start_render()
    instance, url = case.instance(["sh", "-c", "timeout 3 es2gears_wayland; exit 7"])
    pids = children_of(instance.pid)
    client = case.client(url, "--seconds", "30")
    expect(wait_exit(instance, "dc-instance") == 7, f"dc-instance's status is {instance.returncode}, expected 7")
    expect(wait_exit(client, "dc-client") != 0, "dc-client's status is 0 though the session ended early")
    case.nothing_left(pids)


def app_crashes(case):
    case.stack.start_render()
    instance, url = case.instance(GEARS)
    client = case.client(url, "--seconds", "30")
    time.sleep(2)
    pids = children_of(instance.pid)
    app = [pid for pid in pids if open(f"/proc/{pid}/comm").read().strip().startswith("es2gears")]
    expect(app, "es2gears is not among dc-instance's children")
    os.kill(app[0], signal.SIGSEGV)
    status = wait_exit(instance, "dc-instance")
    expect(status == 128 + signal.SIGSEGV, f"dc-instance's status is {status}, expected 139")
    wait_exit(client, "dc-client")
    case.nothing_left(pids)


def app_missing(case):
    case.stack.start_render()
    command = case.stack.instance_command(["/nonexistent/game"], name="one")
    result = subprocess.run(command, capture_output=True, text=True, timeout=20,
                            env={**os.environ, "XDG_RUNTIME_DIR": case.runtime})
    expect(result.returncode == 127, f"status {result.returncode}, expected 127")
    expect("/nonexistent/game" in result.stderr, f"the message does not name the program: {result.stderr!r}")
    case.nothing_left([])


def client_vanishes(case):
    """SIGKILL in the middle of a frame; the game plays on and a new client is admitted with a new token."""
    case.stack.start_render()
    token_file = os.path.join(case.stack.dir, "token")
    instance, url = case.instance(GEARS, extra=["--token-file", token_file])
    first = case.client(url, "--seconds", "30")
    time.sleep(2)
    first.kill()
    first.wait()
    time.sleep(1)
    expect(instance.poll() is None, "dc-instance ended with its client")
    with open(token_file) as f:
        fresh = f.read().strip()
    expect(fresh != url, "no new token after the client vanished")
    second = case.client(fresh, "--seconds", "3")
    expect(wait_exit(second, "the second client", 20) == 0, f"the second client's status is {second.returncode}")


def client_twice(case):
    """The token admits once: a second client is refused with the reason, the first plays on."""
    case.stack.start_render()
    _, url = case.instance(GEARS)
    first = case.client(url, "--seconds", "6")
    time.sleep(2)
    second = subprocess.run([case.stack.program("client", "dc-client"), "--headless", "--seconds", "3", url],
                            capture_output=True, text=True, timeout=20)
    expect(second.returncode != 0, "the second client was admitted")
    expect("used" in second.stderr or "playing" in second.stderr, f"no reason given: {second.stderr!r}")
    expect(wait_exit(first, "the first client") == 0, "the first client was disturbed")


def client_without_token(case):
    case.stack.start_render()
    _, url = case.instance(GEARS)
    for wrong in (url.split("?")[0], url.split("?")[0] + "?token=" + "00" * 16):
        result = subprocess.run([case.stack.program("client", "dc-client"), "--headless", "--seconds", "3", wrong],
                                capture_output=True, text=True, timeout=20)
        expect(result.returncode != 0, f"admitted with {wrong}")
        expect("token" in result.stderr, f"no reason given: {result.stderr!r}")


def render_absent(case):
    case.stack.start_render()
    command = case.stack.instance_command(GEARS, name="one")
    case.stack.render.terminate()
    wait_exit(case.stack.render, "dc-render")
    expect(not os.path.exists(case.stack.address[5:]), "dc-render left its socket behind")
    result = subprocess.run(command, capture_output=True, text=True, timeout=20,
                            env={**os.environ, "XDG_RUNTIME_DIR": case.runtime})
    expect(result.returncode not in (0, 1), f"status {result.returncode}")
    expect("render" in result.stderr, f"the message does not name the render server: {result.stderr!r}")
    case.nothing_left([])


def render_dies(case):
    """SIGKILL of the worker: clear message, non-zero status, application and sockets gone, dc-render serves on."""
    case.stack.start_render()
    instance, url = case.instance(GEARS)
    client = case.client(url, "--seconds", "30")
    time.sleep(2)
    pids = children_of(instance.pid)
    workers = [pid for pid in children_of(case.stack.render.pid)
               if open(f"/proc/{pid}/comm").read().startswith("dc-worker")]
    expect(len(workers) == 1, f"expected one worker, found {workers}")
    os.kill(workers[0], signal.SIGKILL)
    expect(wait_exit(instance, "dc-instance") not in (0, None), "dc-instance's status is 0 without its worker")
    expect(wait_exit(client, "dc-client") != 0, "dc-client's status is 0 without its instance")
    expect("render" in case.log() or "link" in case.log(), "no message about the render server")
    case.nothing_left(pids)
    second, url = case.instance(GEARS, name="two")
    client = case.client(url, "--seconds", "3")
    expect(wait_exit(client, "dc-client of the second instance", 20) == 0, "dc-render does not serve on")
    expect(second.poll() is None, "the second instance ended")


def instance_killed(case):
    """SIGKILL of the supervisor leaves no application and no worker."""
    case.stack.start_render()
    instance, url = case.instance(GEARS)
    client = case.client(url, "--seconds", "30", "--reconnect", "2")  # in vain
    time.sleep(2)
    pids = children_of(instance.pid) + children_of(case.stack.render.pid)
    zygote = [pid for pid in pids if is_alive(pid) and open(f"/proc/{pid}/comm").read().startswith("dc-render-zygot")]
    instance.kill()
    instance.wait()
    expect(wait_exit(client, "dc-client") != 0, "dc-client's status is 0 though its instance died")
    wait_gone([pid for pid in pids if pid not in zygote], "application or worker")


def render_stops(case):
    """SIGTERM of dc-render ends everything cleanly."""
    case.stack.start_render()
    instance, url = case.instance(GEARS)
    client = case.client(url, "--seconds", "30")
    time.sleep(2)
    pids = children_of(instance.pid) + children_of(case.stack.render.pid)
    case.stack.render.terminate()
    expect(wait_exit(case.stack.render, "dc-render") == 0, f"dc-render's status is {case.stack.render.returncode}")
    expect(wait_exit(instance, "dc-instance") != 0, "dc-instance's status is 0 without its render server")
    wait_exit(client, "dc-client")
    case.nothing_left(pids)
    expect(not os.path.exists(case.stack.address[5:]), "dc-render left its socket behind")


CASES = [app_exits, app_crashes, app_missing, client_vanishes, client_twice, client_without_token, render_absent,
         render_dies, render_stops, instance_killed]


def main():
    build, name = sys.argv[1:3]
    case = Case(build)
    try:
        {f.__name__: f for f in CASES}[name](case)
    except Failure as failure:
        print(f"{name}: {failure}\n---- log\n{case.stack.log_tail(40)}")
        return 1
    finally:
        case.stack.stop()
    print(f"{name}: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
