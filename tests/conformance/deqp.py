"""Runs dEQP cases of a VK-GL-CTS build, on native Mesa or through the stack, and keeps what each came to.

A results file has a line per case: name, outcome, dEQP's message, between tabs. It is only appended to, so that a run that
was stopped goes on where it was. A case during which the program ended or stood still is written down as Crash or Hang,
and the rest goes on in a new process.
"""
import os
import re
import select
import signal
import subprocess
import tempfile
import time

PROGRAMS = {"gles2": "gles2/deqp-gles2-sl", "gles3": "gles3/deqp-gles3-sl", "gles31": "gles31/deqp-gles31-sl",
            "egl": "egl/deqp-egl"}
LISTS = "external/openglcts/data/gl_cts/data/mustpass/{}/aosp_mustpass/main/{}-main.txt"
NATIVE = "/usr/share/glvnd/egl_vendor.d/50_mesa.json"
HANG_S = 120
STARTED = re.compile(r"Test case '(.*)'\.\.")
ENDED = re.compile(r"  (Pass|Fail|NotSupported|QualityWarning|CompatibilityWarning|InternalError|ResourceError|Waiver"
                   r"|Crash|Timeout|DeviceLost)\s*(\(.*)?$")


def source_dir(build):
    """Where the build was configured from: the mustpass lists are there."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as cache:
        for line in cache:
            if line.startswith("CMAKE_HOME_DIRECTORY:"):
                return line.split("=", 1)[1].strip()
    raise ValueError(f"{build}/CMakeCache.txt names no source directory")


def mustpass(build, module):
    path = os.path.join(source_dir(build), LISTS.format("egl" if module == "egl" else "gles", module))
    with open(path, encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def load(path):
    results = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, outcome, message = (line.rstrip("\n").split("\t") + ["", ""])[:3]
                results[name] = (outcome, message)
    return results


class Runner:
    """One way ("native" or "ours") to run a module's cases."""

    def __init__(self, way, module, cts, build, results, gl_errors):
        self.way, self.module, self.results, self.gl_errors = way, module, results, gl_errors
        self.program = os.path.abspath(os.path.join(cts, "modules", PROGRAMS[module]))
        self.instance = os.path.abspath(os.path.join(build, "instance", "supervisor", "dc-instance"))
        self.scratch = tempfile.TemporaryDirectory(prefix="dc-conformance-")
        self.weston = None
        dropped = ("DISPLAY", "WAYLAND_DISPLAY", "EGL_PLATFORM", "__EGL_VENDOR_LIBRARY_FILENAMES")
        self.env = {name: value for name, value in os.environ.items() if name not in dropped}
        self.env.update(XDG_RUNTIME_DIR=self.scratch.name, EGL_LOG_LEVEL="fatal", MESA_DEBUG="silent")
        if way == "native":
            self.prepare_native()

    def prepare_native(self):
        self.env["__EGL_VENDOR_LIBRARY_FILENAMES"] = NATIVE
        if self.module != "egl":
            self.env["EGL_PLATFORM"] = "surfaceless"
            return
        self.weston = subprocess.Popen(
            ["weston", "--backend=headless-backend.so", "--socket=native", "--no-config", "--idle-time=0",
             f"--log={self.scratch.name}/weston.log"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not os.path.exists(os.path.join(self.scratch.name, "native")):
            if time.monotonic() > deadline:
                raise RuntimeError("weston did not start")
            time.sleep(0.1)
        self.env["WAYLAND_DISPLAY"] = "native"

    def close(self):
        if self.weston:
            self.weston.terminate()
            self.weston.wait()
        self.scratch.cleanup()

    def command(self, cases_path):
        command = [self.program, f"--deqp-caselist-file={cases_path}", f"--deqp-log-filename={self.scratch.name}/log.qpa",
                   "--deqp-log-images=disable", "--deqp-log-shader-sources=disable", "--deqp-log-flush=disable",
                   "--deqp-visibility=hidden"]
        if self.module != "egl":
            command += ["--deqp-surface-type=pbuffer", "--deqp-surface-width=256", "--deqp-surface-height=256",
                        "--deqp-gl-config-name=rgba8888d24s8ms0"]
        if self.way == "native":
            return command
        return [self.instance, "--name", f"conformance-{os.getpid()}", "--size", "1280x720", "--no-client",
                "--gl-errors", self.gl_errors, "--", *command]

    def run(self, cases, chunk, until):
        """until: when to stop starting processes (time.monotonic), or None."""
        done = load(self.results)
        queue = [case for case in cases if case not in done]
        while queue and (until is None or time.monotonic() < until):
            got = self.run_some(queue[:chunk])
            queue = [case for case in queue if case not in got]
            print(f"{self.module} {self.way}: {len(cases) - len(queue)} of {len(cases)}", flush=True)

    def run_some(self, cases):
        """One process. Returns the cases that have an outcome now, at least one."""
        cases_path = os.path.join(self.scratch.name, "cases")
        with open(cases_path, "w", encoding="utf-8") as out:
            out.write("\n".join(cases) + "\n")
        with open(self.results + ".log", "ab") as log:
            process = subprocess.Popen(self.command(cases_path), cwd=os.path.dirname(self.program), env=self.env,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                       start_new_session=True)
        got = {}
        with open(self.results, "a", encoding="utf-8") as out:
            def keep(case, outcome, message=""):
                got[case] = outcome
                out.write(f"{case}\t{outcome}\t{message[:160]}\n")
            current, hung = self.follow(process, keep)
            status = process.wait()
            if current:
                keep(current, "Hang" if hung else "Crash", f"(status {status})")
            elif not got:
                keep(cases[0], "NoStart", f"(status {status})")
        return got

    @staticmethod
    def follow(process, keep):
        """Reads what dEQP prints. Returns the case that it was in at its end, and whether it stood still."""
        current, buffered, last = None, b"", time.monotonic()
        while True:
            if not select.select([process.stdout], [], [], 1)[0]:
                if time.monotonic() - last < HANG_S:
                    continue
                os.killpg(process.pid, signal.SIGKILL)
                return current, True
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return current, False
            last = time.monotonic()
            *lines, buffered = (buffered + data).split(b"\n")
            for line in (line.decode(errors="replace") for line in lines):
                started, ended = STARTED.match(line), ENDED.match(line)
                if started:
                    current = started.group(1)
                elif ended and current:
                    keep(current, ended.group(1), ended.group(2) or "")
                    current = None
