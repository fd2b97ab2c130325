"""A network namespace of its own for dc-render, reached over a veth pair (root only)."""
import os
import subprocess


class NetworkNamespace:
    """Created by start(), removed by stop(). `host` is our address, `peer` the one inside."""

    def __init__(self):
        number = os.getpid() % 16000
        self.name = f"dc-render-{os.getpid()}"
        self.outer, self.inner = f"dcr{os.getpid() % 100000}a", f"dcr{os.getpid() % 100000}b"
        base = f"10.213.{number // 64}.{number % 64 * 4}".rsplit(".", 1)
        self.host, self.peer = (f"{base[0]}.{int(base[1]) + n}" for n in (1, 2))

    def start(self):
        for command in (
            ["ip", "netns", "add", self.name],
            ["ip", "link", "add", self.outer, "type", "veth", "peer", "name", self.inner, "netns", self.name],
            ["ip", "addr", "add", f"{self.host}/30", "dev", self.outer],
            ["ip", "link", "set", self.outer, "up"],
            ["ip", "-n", self.name, "addr", "add", f"{self.peer}/30", "dev", self.inner],
            ["ip", "-n", self.name, "link", "set", self.inner, "up"],
            ["ip", "-n", self.name, "link", "set", "lo", "up"],
        ):
            subprocess.run(command, check=True, capture_output=True, text=True)

    def wrap(self, command, hide):
        """`command` in namespaces of its own; the directories in `hide` are empty there."""
        mounts = "".join(f"mount -t tmpfs tmpfs '{d}'; " for d in ["/dev/shm", *hide])
        return ["ip", "netns", "exec", self.name, "unshare", "--mount", "--pid", "--ipc", "--fork", "--mount-proc",
                "--kill-child", "sh", "-ec", mounts + 'exec "$@"', "sh", *command]

    def stop(self):
        subprocess.run(["ip", "link", "del", self.outer], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)
