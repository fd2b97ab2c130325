#!/usr/bin/env python3
"""Runs real, unmodified programs through the whole stack and looks at what the client shows.

usage: apps.py BUILD_DIR APP [--keep DIR]
Each program is started as a user would, a headless client plays for some seconds, and its screenshot and report are
checked: a picture with content, moving where the program moves, at a frame rate, with sound where it has sound.
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [os.path.join(ROOT, "tools", "demo"), os.path.join(ROOT, "tests", "lib")]

import png  # noqa: E402
from demo import game_environment  # noqa: E402
from stack import Stack, StackError  # noqa: E402

SDL_TESTS = "/usr/libexec/installed-tests/SDL2"

# name → command, seconds, and what must be seen. `colours`: at least so many distinct ones; `background`: at most this
# share of the picture is one colour; `shows`: pixels near such colours, so many of each;
# `round_trips`: at most so many per frame that it draws with GL; `turns`: edge-on at times, so one picture of several must
# do; `fps`: at least so many new frames a second (0: a still picture will do, even one from before the client measures).
APPS = {
    "es2gears": dict(app=["es2gears_wayland"], seconds=5, colours=20, background=0.97, fps=20),
    "weston-simple-egl": dict(app=["weston-simple-egl"], seconds=5, colours=20, background=0.98, fps=20,
                              turns=True),
    "weston-terminal": dict(app=["weston-terminal", "--shell=/bin/sh"], seconds=5, colours=3, background=0.999, fps=0),
    "testgles2": dict(app=[f"{SDL_TESTS}/testgles2"], seconds=5, colours=20, background=0.97, fps=20),
    "gtk3-demo": dict(app=["gtk3-demo"], seconds=7, colours=20, background=0.95, fps=0),
    "gtk4-demo": dict(app=["gtk4-demo", "--run=fishbowl"], seconds=12, colours=20, background=0.98, fps=5, round_trips=0),
    # Debian's Qt 5 draws with desktop GL on amd64 unless libqt5gui5-gles is installed.
    "qt-quick": dict(app=["/usr/lib/qt5/bin/qmlscene", os.path.join(HERE, "turning.qml")], seconds=8, colours=50,
                     background=0.95, fps=10, round_trips=0, env={"QT_QPA_PLATFORM": "wayland"},
                     shows=[((0x20, 0x30, 0x40), 100000), ((0xff, 0xa0, 0x00), 1000), ((0xe0, 0x20, 0x38), 1000)]),
    # The desktop's pattern, the red and the blue gear: the latter are pictures of other processes.
    "nested": dict(app=["sh", os.path.join(HERE, "nested.sh")], seconds=15, colours=50, background=0.9, fps=1, round_trips=0,
                   shows=[((134, 126, 121), 10000), ((190, 24, 0), 2000), ((45, 45, 220), 500)]),
    "glmark2": dict(app=["glmark2-es2-wayland", "--benchmark", "texture:duration=20"], seconds=5, colours=50,
                    background=0.95, fps=20),
    "mrrescue": dict(app=["/usr/games/mrrescue"], seconds=12, colours=20, background=0.9, fps=30, sound=True,
                     script=os.path.join(ROOT, "tools", "demo", "mrrescue.script")),
}


def play(build, name, keep):
    spec = APPS[name]
    stack = Stack(build)
    files = {k: os.path.join(keep, f"{name}.{e}") for k, e in (("screenshot", "png"), ("report", "json"), ("record", "mp4"))}
    try:
        stack.start_render()
        env = game_environment(stack.instance_dir) if name == "mrrescue" else spec.get("env", {})
        _, url = stack.start_instance(spec["app"], name=name, env=env)
        arguments = ["--headless", "--seconds", str(spec["seconds"])]
        for option, path in files.items():
            arguments += [f"--{option}", path]
        if "script" in spec:
            arguments += ["--script", spec["script"]]
        status = stack.start_client(url, arguments).wait(spec["seconds"] + 30)
        if status:
            raise StackError(f"dc-client ended with status {status}\n{stack.log_tail()}")
        return files
    finally:
        stack.stop()


def pictures(name, files):
    """The screenshot; of a thing that turns also two pictures a second of the recording."""
    yield png.read(files["screenshot"])
    if not APPS[name].get("turns"):
        return
    pattern = files["screenshot"].replace(".png", "-%02d.png")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", files["record"], "-vf", "fps=2", pattern], check=True)
    for path in sorted(glob.glob(pattern.replace("%02d", "[0-9][0-9]"))):
        yield png.read(path)


def check_round_trips(spec, per_frame):
    """`per_frame` is None where the program swapped no buffers while the client measured."""
    if "round_trips" not in spec:
        return
    if per_frame is None:
        yield "it drew no frame with GL in the measured time, so its round trips are unknown"
    elif per_frame > spec["round_trips"]:
        yield f"{per_frame} round trips per frame, expected at most {spec['round_trips']}"


def check(name, files):
    """Yields what is wrong."""
    spec = APPS[name]
    picture = min(pictures(name, files), key=lambda p: p.background_share())
    with open(files["report"]) as f:
        report = json.load(f)
    if (picture.width, picture.height) != (1280, 720):
        yield f"picture is {picture.width}x{picture.height}, not 1280x720"
    colours, background = len(picture.colours()), picture.background_share()
    if colours < spec["colours"]:
        yield f"only {colours} colours, expected {spec['colours']}"
    if background > spec["background"]:
        yield f"{background:.3f} of the picture is one colour, expected at most {spec['background']}"
    for colour, least in spec.get("shows", []):
        found = picture.count_near(colour, 30)
        if found < least:
            yield f"{found} pixels near {colour}, expected {least}"
    yield from check_round_trips(spec, report["link"]["round_trips_per_frame"])
    if report["fps_mean"] < spec["fps"]:
        yield f"{report['fps_mean']:.1f} frames a second, expected {spec['fps']}"
    if spec.get("sound") and not report["audio"]["rms_dbfs"] > -60:
        yield f"no sound: {report['audio']}"
    if spec.get("script") and report["input_to_present_ms"]["n"] < 10:
        yield f"only {report['input_to_present_ms']['n']} input events came back in frames"
    if os.path.getsize(files["record"]) < 1000:
        yield "the recording is empty"
    print(f"{name}: {report['fps_mean']:.1f} FPS, {colours} colours, background {background:.3f}, "
          f"round trips per frame {report['link']['round_trips_per_frame']}")


def main():
    build, name = sys.argv[1:3]
    keep = sys.argv[4] if len(sys.argv) > 4 else tempfile.mkdtemp(prefix="dc-apps-")
    os.makedirs(keep, exist_ok=True)
    try:
        problems = list(check(name, play(build, name, keep)))
    except StackError as error:
        problems = [str(error)]
    finally:
        if len(sys.argv) <= 4:
            shutil.rmtree(keep, ignore_errors=True)
    for problem in problems:
        print(f"{name}: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
