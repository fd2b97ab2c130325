"""The ways a GLES program can run here. Each has start(), stop(), environment() and wrap(command); ours also has steady(),
what dc-instance reported of the later half of the last run."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(SOURCE, "tools", "demo"))
from glmark2 import FailedRun  # noqa: E402
from stack import Stack, StackError  # noqa: E402

MESA_VENDOR = "/usr/share/glvnd/egl_vendor.d/50_mesa.json"
VIRGL_SOCKET = "/tmp/.virgl_test"  # compiled into Mesa's virpipe driver

WAYS = ["native", "local", "tcp", "virgl"]


def clean_environment():
    """Ours, without what would send the program to another display or driver."""
    drop = ("DISPLAY", "WAYLAND_DISPLAY", "EGL_PLATFORM", "GALLIUM_DRIVER", "LIBGL_ALWAYS_SOFTWARE",
            "__EGL_VENDOR_LIBRARY_FILENAMES", "__EGL_VENDOR_LIBRARY_DIRS")
    return {k: v for k, v in os.environ.items() if k not in drop}


def end(process):
    if process and process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(condition, what, process, timeout_s=15):
    deadline = time.monotonic() + timeout_s
    while not condition():
        if process.poll() is not None:
            raise RuntimeError(f"{what} ended with status {process.returncode}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} did not come up within {timeout_s} s")
        time.sleep(0.02)


class Weston:
    """A headless Wayland compositor that draws nothing: Mesa's programs need one, even off-screen."""

    def __init__(self, size):
        self.size = size
        self.process, self.dir = None, None

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="dc-bench-")
        width, height = self.size.split("x")
        self.process = subprocess.Popen(
            ["weston", "--backend=headless-backend.so", "--shell=kiosk-shell.so", "--socket=wayland-bench", "--no-config",
             "--idle-time=0", f"--width={width}", f"--height={height}", f"--log={self.dir}/weston.log"],
            env={**clean_environment(), "XDG_RUNTIME_DIR": self.dir}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(f"{self.dir}/wayland-bench"), "weston", self.process)

    def environment(self):
        return {**clean_environment(), "XDG_RUNTIME_DIR": self.dir, "WAYLAND_DISPLAY": "wayland-bench",
                "__EGL_VENDOR_LIBRARY_FILENAMES": MESA_VENDOR}

    def stop(self):
        end(self.process)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)


class Native:
    """Mesa in the program's own process."""

    def __init__(self, options):
        self.weston = Weston(options.size)

    def start(self):
        self.weston.start()

    def environment(self):
        return self.weston.environment()

    def wrap(self, command):
        return command

    def stop(self):
        self.weston.stop()


class Virgl(Native):
    """Mesa's virpipe driver; virgl_test_server renders with the same Mesa, on surfaceless EGL."""

    def __init__(self, options):
        super().__init__(options)
        self.server = None

    def start(self):
        super().start()
        if os.path.exists(VIRGL_SOCKET):
            with socket.socket(socket.AF_UNIX) as s:
                if s.connect_ex(VIRGL_SOCKET) == 0:
                    raise RuntimeError(f"another virgl_test_server has {VIRGL_SOCKET}")
            os.unlink(VIRGL_SOCKET)  # of one that was killed
        self.server = subprocess.Popen(
            ["virgl_test_server", "--use-egl-surfaceless", "--use-gles"],
            env={**clean_environment(), "EGL_PLATFORM": "surfaceless", "__EGL_VENDOR_LIBRARY_FILENAMES": MESA_VENDOR},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(lambda: os.path.exists(VIRGL_SOCKET), "virgl_test_server", self.server)

    def environment(self):
        return {**super().environment(), "GALLIUM_DRIVER": "virpipe", "LIBGL_ALWAYS_SOFTWARE": "1"}

    def stop(self):
        if self.server:
            if self.server.poll() is None:
                os.killpg(self.server.pid, signal.SIGTERM)  # it forks for each client
                end(self.server)
            if os.path.exists(VIRGL_SOCKET):
                os.unlink(VIRGL_SOCKET)
        super().stop()


class Ours:
    """dc-render for the whole benchmark, a dc-instance for each run."""

    def __init__(self, options, link):
        self.options, self.link = options, link
        self.stack, self.dir, self.count = None, None, 0

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="dc-bench-")
        os.chmod(self.dir, 0o700)
        self.stack = Stack(self.options.build_dir, self.link)
        try:
            self.stack.start_render()
        except StackError as error:
            raise RuntimeError(str(error)) from None

    def environment(self):
        return {**clean_environment(), "XDG_RUNTIME_DIR": self.dir}

    def wrap(self, command):
        self.count += 1
        try:
            return self.stack.instance_command(command, name=f"bench-{self.count}",
                                               extra=["--no-client", "--size", self.options.size,
                                                      "--report", self.report_path()])
        except StackError as error:
            raise FailedRun(str(error)) from None

    def report_path(self):
        return os.path.join(self.dir, f"report-{self.count}.json")

    def steady(self):
        try:
            with open(self.report_path()) as f:
                return json.load(f)["steady"]
        except (OSError, ValueError) as error:
            raise FailedRun(f"dc-instance's report: {error}") from None

    def stop(self):
        if self.stack:
            self.stack.stop()
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)


def make_way(name, options):
    return {"native": lambda: Native(options), "virgl": lambda: Virgl(options),
            "local": lambda: Ours(options, "local"), "tcp": lambda: Ours(options, "tcp")}[name]()
