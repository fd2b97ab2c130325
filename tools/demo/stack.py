"""Starts and stops the stack's processes: dc-render, dc-instance, dc-client. Used by the demo, the benchmarks and the
integration tests, so that all three run what users run."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from netns import NetworkNamespace


class StackError(Exception):
    """Something did not start or ended early; the text says what a person should know."""


def free_port(host="127.0.0.1"):
    with socket.socket() as s:
        s.bind((host, 0))
        return s.getsockname()[1]


class NoNamespaces(StackError):
    """This machine does not let us make network namespaces."""


class Stack:
    """One dc-render and any number of instances and clients; everything ends with stop().

    link: "local" (Unix socket), "tcp" (mutual TLS) or "rdma" (the same, and commands over RDMA on the device that has the
    address `host`; without one it stays with TCP and says so). isolate (tcp, root): dc-render runs in network, mount, PID and IPC
    namespaces of its own over a veth pair. relay_delay_ms (tcp): a relay adds this much each way.
    """

    def __init__(self, build_dir, link="local", isolate=False, relay_delay_ms=0, log=None, verbose=False,
                 host="127.0.0.1"):
        self.build = os.path.abspath(build_dir)
        self.source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.link, self.isolate, self.relay_delay_ms, self.host = link, isolate, relay_delay_ms, host
        self.dir = tempfile.mkdtemp(prefix="droidcloud-")
        self.render_dir = os.path.join(self.dir, "render")
        self.instance_dir = os.path.join(self.dir, "instance")
        os.chmod(self.dir, 0o755)  # dc-render's workers run as another user
        os.mkdir(self.render_dir)
        os.mkdir(self.instance_dir, 0o700)
        self.log_path = log or os.path.join(self.dir, "log")
        self.log = None if verbose else open(self.log_path, "ab")
        self.processes = []  # (name, Popen), in starting order
        self.namespace = None
        self.render = None
        self.web_url = None  # of the instance that was started last, with --web

    def program(self, *parts):
        path = os.path.join(self.build, *parts)
        if not os.path.exists(path):
            raise StackError(f"{path} is missing; run ./run build")
        return path

    def spawn(self, name, command, **kwargs):
        kwargs.setdefault("stderr", self.log)
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **kwargs)
        self.processes.append((name, process))
        return process

    # ---- dc-render ----

    def start_render(self, extra=()):
        dc_render = self.program("render-backend", "command-server", "dc-render")
        self.key_file = os.path.join(self.render_dir, "key")
        command = [dc_render, "--key-file", self.key_file, *extra]
        if self.link == "local":
            path = os.path.join(self.render_dir, "socket")
            self.address = f"unix:{path}"
            self.render = self.spawn("dc-render", [*command, "--listen", self.address], stdout=self.log)
            self.wait_for(lambda: os.path.exists(path), "dc-render's socket", self.render)
            return
        host = self.host
        if self.isolate:
            if os.geteuid() != 0:
                raise StackError("--isolate needs root (network namespaces)")
            self.namespace = NetworkNamespace()
            try:
                self.namespace.start()
            except subprocess.CalledProcessError as error:
                raise NoNamespaces(f"{' '.join(error.cmd)}: {error.stderr.strip()}") from None
            host = self.namespace.peer
        port = free_port()
        self.make_certificates(host)
        command += ["--listen", f"{self.link}:{host}:{port}", "--tls-ca", f"{self.render_dir}/ca.pem",
                    "--tls-cert", f"{self.render_dir}/server.pem", "--tls-key", f"{self.render_dir}/server.key"]
        if self.namespace:
            command = self.namespace.wrap(command, hide=[self.instance_dir])
        self.render = self.spawn("dc-render", command, stdout=self.log)
        self.wait_for(lambda: self.can_connect(host, port), "dc-render's port", self.render)
        if self.relay_delay_ms:
            relay_port = free_port()
            relay = self.spawn("dc-relay", [self.program("tools", "dc-relay"), "--listen", f"127.0.0.1:{relay_port}",
                                            "--to", f"{host}:{port}", "--delay-ms", str(self.relay_delay_ms)],
                               stdout=self.log)
            self.wait_for(lambda: self.can_connect("127.0.0.1", relay_port), "the relay's port", relay)
            host, port = "127.0.0.1", relay_port
        self.address = f"{self.link}:{host}:{port}"

    def make_certificates(self, host):
        certs = os.path.join(self.source, "tools", "dc-certs")
        hosts = sorted({host, "127.0.0.1", "localhost"})
        self.run_tool([certs, "ca", "--dir", self.render_dir])
        self.run_tool([certs, "server", "--dir", self.render_dir, *[a for h in hosts for a in ("--host", h)]])

    def run_tool(self, command):
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise StackError(f"{os.path.basename(command[0])} failed: {result.stderr.strip()}")
        return result.stdout

    # ---- dc-instance ----

    def capability_command(self, name, tenant="demo"):
        return [self.program("render-backend", "command-server", "dc-render"), "capability", "--key-file", self.key_file,
                "--instance", name, "--tenant", tenant, "--ttl", "600"]

    def capability(self, name, tenant):
        return self.run_tool(self.capability_command(name, tenant)).strip()

    def instance_command(self, app, name="demo", extra=(), tenant="demo"):
        """Arguments of dc-instance, with a fresh capability (and certificate)."""
        command = [self.program("instance", "supervisor", "dc-instance"), "--name", name, "--link", self.address,
                   "--capability", self.capability(name, tenant), *extra]
        if self.link != "local":
            certs = os.path.join(self.source, "tools", "dc-certs")
            self.run_tool([certs, "instance", "--dir", self.render_dir, "--name", name])
            for suffix in ("pem", "key"):
                shutil.move(f"{self.render_dir}/{name}.{suffix}", f"{self.instance_dir}/{name}.{suffix}")
            shutil.copy(f"{self.render_dir}/ca.pem", f"{self.instance_dir}/ca.pem")
            command += ["--tls-ca", f"{self.instance_dir}/ca.pem", "--tls-cert", f"{self.instance_dir}/{name}.pem",
                        "--tls-key", f"{self.instance_dir}/{name}.key"]
        return command + ["--", *app]

    def start_instance(self, app, name="demo", extra=(), env=None, timeout_s=20):
        """Returns (process, url) once it accepts a client."""
        process = self.spawn(f"dc-instance {name}", self.instance_command(app, name, extra), stdout=subprocess.PIPE,
                             env={**os.environ, **(env or {})}, text=True)
        url = self.read_url(process, timeout_s)
        return process, url

    def read_url(self, process, timeout_s):
        output = process.stdout.fileno()
        os.set_blocking(output, False)
        text, deadline = b"", time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:  # not process.stdout.read(): text streams raise on what is not there yet
                text += os.read(output, 4096)
            except BlockingIOError:
                pass
            for line in text.decode(errors="replace").splitlines():
                if line.startswith("web "):
                    self.web_url = line.split()[1]
                if line.startswith("connect "):
                    return line.split()[1]
            if process.poll() is not None:
                raise StackError(f"dc-instance ended with status {process.returncode}\n{self.log_tail()}")
            time.sleep(0.01)
        raise StackError(f"dc-instance said no 'connect' line within {timeout_s} s\n{self.log_tail()}")

    # ---- dc-client ----

    def start_client(self, url, arguments, env=None):
        return self.spawn("dc-client", [self.program("client", "dc-client"), *arguments, url],
                          env={**os.environ, **(env or {})}, stderr=None)

    # ---- the rest ----

    @staticmethod
    def can_connect(host, port):
        try:
            socket.create_connection((host, port), 0.5).close()
            return True
        except OSError:
            return False

    def wait_for(self, condition, what, process, timeout_s=20):
        deadline = time.monotonic() + timeout_s
        while not condition():
            if process.poll() is not None:
                raise StackError(f"{what}: the process ended with status {process.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StackError(f"{what} did not appear within {timeout_s} s\n{self.log_tail()}")
            time.sleep(0.02)

    def log_tail(self, lines=15):
        try:
            with open(self.log_path, errors="replace") as f:
                return "".join(f.readlines()[-lines:])
        except OSError:
            return ""

    def stop(self):
        """Ends everything, newest first, and removes the directory."""
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
        if self.namespace:
            self.namespace.stop()
        if self.log:
            self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
