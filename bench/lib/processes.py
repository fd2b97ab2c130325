"""Processes of one measured system: started together, counted together, ended together."""
import ctypes
import os
import signal
import subprocess
import time

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")


def become_subreaper():
    """What daemonises below us stays below us, so that its processor time is counted and it can be ended."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root):
    children = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append((int(entry), fields))
    found, waiting = [], [root]
    while waiting:
        for pid, fields in children.get(waiting.pop(), []):
            found.append((pid, fields))
            waiting.append(pid)
    return found


def cpu_seconds():
    """Of everything below this process, with what ended there already."""
    return sum(sum(int(f) for f in fields[11:15]) for _, fields in descendants(os.getpid())) / TICKS


class Group:
    """Processes with one log. stop() ends them, newest first, and what they left behind."""

    def __init__(self, directory):
        self.directory = directory
        self.log_path = os.path.join(directory, "log")
        self.log = open(self.log_path, "ab")
        self.processes = []

    def spawn(self, command, env=None):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                   env={**os.environ, **(env or {})}, start_new_session=True)
        self.processes.append(process)
        return process

    def log_tail(self, lines=25):
        with open(self.log_path, errors="replace") as f:
            return " | ".join(line.strip() for line in f.readlines()[-lines:])

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for pid, _ in descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                pass
        time.sleep(0.2)
        for pid, _ in descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        self.log.close()
