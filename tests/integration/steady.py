#!/usr/bin/env python3
"""Once a program has loaded, the link adds no wait to its frames, whatever carries the link.

usage: steady.py BUILD_DIR local|tcp [NAME …]
NAME is a program from the list below, a glmark2 scene (buffer:update-method=map), or `all`: every scene of glmark2's default
list, and every program. Scenes run twice, on screen with swaps and off-screen with glFinish. dc-instance's report of the
later half of each run must name frames, and no round trip. A machine that is slow or busy may still be loading in the
middle of a short run: what is wrong then counts if it is wrong in a long one too.
"""
import json
import os
import re
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tools", "demo"), os.path.join(ROOT, "bench", "lib")]

from demo import game_environment  # noqa: E402
from glmark2 import RESULT  # noqa: E402
from stack import Stack, StackError  # noqa: E402

QML = os.path.join(HERE, "apps", "turning.qml")
# name → command, seconds, environment. Debian's Qt 5 draws with desktop GL on amd64 unless libqt5gui5-gles is installed.
PROGRAMS = {
    "testgles2": (["/usr/libexec/installed-tests/SDL2/testgles2"], 4, {}),
    "es2gears": (["es2gears_wayland"], 4, {}),
    "mrrescue": (["/usr/games/mrrescue"], 10, None),
    "gtk4": (["gtk4-demo", "--run=fishbowl"], 10, {}),
    "gtk3": (["gtk3-demo", "--run=pixbufs"], 6, {}),
    "qt-quick": (["/usr/lib/qt5/bin/qmlscene", QML], 8, {"QT_QPA_PLATFORM": "wayland"}),
}
SCENES = ["buffer:columns=200:interleave=false:update-dispersion=0.9:update-fraction=0.5:update-method=map",
          "build:use-vbo=false"]
WITHOUT_GL = ["gtk3"]  # shared memory: no frames on its ring
DEFAULT = SCENES + ["testgles2", "mrrescue"]
# Bytes on the link per frame, at most; over TCP as packed: raw ones are counted when dc-render acknowledges them, in lumps.
FRAME_BYTES = {"build:use-vbo=false": 5000}


class Program:
    def __init__(self, stack, name, command, env, lengths, ends):
        """command: a function of a length in seconds. ends: it ends by itself, and is not ended then."""
        self.stack, self.name, self.command, self.env, self.lengths, self.ends = stack, name, command, env, lengths, ends

    def problems(self, number):
        for i, seconds in enumerate(self.lengths):
            found = list(check(self, self.run(f"{number}-{i}", seconds)))
            if not found:
                break
        return found

    def run(self, number, seconds):
        """What dc-instance says about the later half."""
        report = os.path.join(self.stack.instance_dir, f"steady-{number}.json")
        command = self.stack.instance_command(self.command(seconds), name=f"steady-{number}",
                                              extra=["--no-client", "--size", "640x360", "--report", report])
        env = {**os.environ, "XDG_RUNTIME_DIR": self.stack.instance_dir, **self.env}
        process = self.stack.spawn(self.name, command, env=env, stdout=self.stack.log)
        try:
            process.wait(90 if self.ends else seconds)
        except subprocess.TimeoutExpired:
            if self.ends:
                raise StackError("it did not end") from None
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        else:
            if not self.ends or process.returncode:
                raise StackError(f"it ended early, with status {process.returncode}\n{self.stack.log_tail()}")
        with open(report) as f:
            return json.load(f)["steady"]


def glmark2(scene, seconds, on_screen):
    frame = [] if on_screen else ["--off-screen", "--frame-end=finish"]
    return ["glmark2-es2-wayland", *frame, "-s", "320x180", "-b", f"{scene}:duration={seconds}"]


def default_scenes(stack):
    """glmark2 tells its list only by running it."""
    command = stack.instance_command(glmark2("", 0.02, False), name="list", extra=["--no-client"])
    env = {**os.environ, "XDG_RUNTIME_DIR": stack.instance_dir}
    out = subprocess.run(command, capture_output=True, text=True, timeout=180, env=env).stdout
    for found in RESULT.finditer(out):
        options = [o for o in found["options"].replace("<default>", "").split(":") if o and "duration=" not in o]
        yield ":".join([found["scene"], *options])


def programs(stack, names):
    for name in names:
        if name in PROGRAMS:
            command, seconds, env = PROGRAMS[name]
            env = game_environment(stack.instance_dir) if env is None else env
            yield Program(stack, name, lambda _, command=command: command, env, [seconds, 2 * seconds], False)
        else:
            for on_screen in (True, False):
                label = f"{name} ({'on' if on_screen else 'off'} screen)"
                yield Program(stack, label, lambda seconds, name=name, on_screen=on_screen:
                              glmark2(name, seconds, on_screen), {}, [1.5, 12], True)


def check(program, steady):
    """Yields what is wrong. Off-screen there are no swaps; each frame is the one glFinish it ends with."""
    off_screen = "(off screen)" in program.name
    frames = steady["app_waits"] if off_screen else steady["frames"]
    if frames < 5 and program.name not in WITHOUT_GL:
        yield f"only {frames} frames in {steady['seconds']} s"
        return
    print(f"{program.name}: {frames} frames, {steady['round_trips']} round trips, "
          f"{0 if off_screen else steady['app_waits']} waits of its own; bytes per frame "
          f"{steady['command_bytes'] / max(frames, 1):.0f} raw, {steady['wire_bytes'] / max(frames, 1):.0f} wire", flush=True)
    if steady["round_trips"]:
        yield f"{steady['round_trips']} round trips in {frames} frames"
    bound = FRAME_BYTES.get(re.sub(r" \(.*", "", program.name))
    if bound and steady["wire_bytes"] > bound * frames:
        yield f"{steady['wire_bytes'] / frames:.0f} bytes per frame, expected at most {bound}"


def main():
    build, link = sys.argv[1:3]
    stack = Stack(build, link=link)
    failed = []
    try:
        stack.start_render()
        names = sys.argv[3:] or DEFAULT
        if names == ["all"]:
            names = [*default_scenes(stack), *PROGRAMS]
        for number, program in enumerate(programs(stack, names)):
            try:
                failed += [f"{program.name}: {p}" for p in program.problems(number)]
            except (StackError, subprocess.TimeoutExpired, OSError) as error:
                failed.append(f"{program.name}: {error}")
            if failed and failed[-1].startswith(program.name):
                print(failed[-1], flush=True)
    finally:
        stack.stop()
    print("\n".join(["FAILED:", *failed] if failed else ["no round trips"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
