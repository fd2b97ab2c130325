"""Runs glmark2-es2-wayland, one scene at a time."""
import os
import platform
import re
import signal
import subprocess

RESULT = re.compile(r"^\[(?P<scene>[\w-]+)\] (?P<options>.*): FPS: (?P<fps>\d+) FrameTime: (?P<ms>[\d.]+) ms", re.M)


class FailedRun(Exception):
    """A scene that gave no figure; the text says why."""


def describe_machine():
    model = ""
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release()}


def end_group(process):
    """Asks first: dc-instance has an application and a socket to clean up after."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Glmark2:
    """Off-screen, each frame ends with glFinish (--frame-end=finish), so that frames are counted when they are drawn.
    On-screen, it ends as glmark2 means it to: with a swap."""

    def __init__(self, size, seconds, on_screen=False):
        self.size, self.seconds, self.on_screen = size, seconds, on_screen

    def command(self, scene):
        frame = [] if self.on_screen else ["--off-screen", "--frame-end=finish"]
        return ["glmark2-es2-wayland", *frame, "-s", self.size, "-b", f"{scene}:duration={self.seconds}"]

    def run(self, scene, way, timeout_s):
        process = subprocess.Popen(way.wrap(self.command(scene)), env=way.environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                   start_new_session=True)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise FailedRun(f"no result after {timeout_s:.0f} s") from None
        finally:
            end_group(process)
        found = list(RESULT.finditer(out))
        if process.returncode or not found:
            lines = [t for t in (out + err).splitlines() if t.strip("= \t")]
            raise FailedRun(f"status {process.returncode}: {lines[-1].strip() if lines else 'no output'}")
        return found

    def run_scene(self, scene, way):
        """Frames per second, from the frame time: the printed rate has no decimals."""
        found = self.run(scene, way, 60 + 4 * self.seconds)[0]
        frame_ms = float(found["ms"])
        if frame_ms <= 0:
            raise FailedRun("a frame time of 0")
        return 1000 / frame_ms

    def list_scenes(self, way):
        """glmark2's own default list, as arguments of -b. It prints the list only by running it: very shortly."""
        scenes = []
        for found in self.run("", way, 180):
            options = "" if found["options"] == "<default>" else found["options"]
            options = ":".join(o for o in options.split(":") if o and not o.startswith("duration="))
            scenes.append(f"{found['scene']}:{options}" if options else found["scene"])
        return scenes
