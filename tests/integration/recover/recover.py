#!/usr/bin/env python3
"""Kills the worker of a program at frames' ends, and compares every frame, also those after, with an undisturbed run.

usage: recover.py BUILD_DIR PROBE glmark2|love|glmark2-tcp
A probe in the program (probe.c) hashes what each frame has drawn and runs the command that kills. What another worker cannot
be told must be named in the log.
"""
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

# Each lasts 8 or 9 frames of the probe's clock. Not "ideas", whose last frame depends on more than that, and not "desktop",
# whose background is drawn once, while loading: that is lost.
SCENES = ["build:use-vbo=false", "texture", "pulsar", "shading:shading=phong", "effect2d:kernel=1,1,1;1,1,1;1,1,1;",
          "buffer:update-method=map", "buffer:update-method=subdata", "jellyfish", "shadow"]
GLMARK2 = dict(app=["glmark2-es2-wayland", "--swap-mode=immediate"], clock="glmark2-es2-wayland",
               frames=2000)
LOVE = dict(app=["/usr/bin/love", os.path.join(HERE, "love")], clock=None, frames=120, lost=["drawn by the GPU"])


def make_spec(case):
    if case.startswith("love"):
        return dict(LOVE, breaks=[30, 31, 75])
    scenes = SCENES if case == "glmark2" else SCENES[:3]
    arguments = [argument for scene in scenes for argument in ("-b", f"{scene}:duration=0.1")]
    return dict(GLMARK2, app=GLMARK2["app"] + arguments, lost=["drawn by the GPU"] if "shadow" in scenes else [], breaks=list(range(5, 8 * len(scenes), 8)))


def run(stack, name, probe, spec, breaks, directory):
    out = os.path.join(directory, name)
    kill = (f"pid=$(pgrep -f '^dc-worker:{name}$') && kill -9 $pid && while kill -0 $pid 2>/dev/null; do sleep 0.01; done; true")
    env = {"LD_PRELOAD": probe, "PROBE_OUT": out, "PROBE_BREAK": kill, "PROBE_FRAMES": str(spec["frames"]),
           "PROBE_BREAK_AT": ",".join(map(str, breaks)), "XDG_DATA_HOME": directory, "DC_LOG": "info,frontend:debug"}
    if spec["clock"]:
        env["PROBE_CLOCK"] = spec["clock"]
    app = ["env", *[f"{key}={value}" for key, value in env.items()], *spec["app"]]
    command = stack.instance_command(app, name, ["--runtime", "none", "--no-client", "--size", "640x360", "--recover", "1000",
                                                "--capability-command", shlex.join(stack.capability_command(name))])
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=100, stdin=subprocess.DEVNULL)
    if result.returncode or not os.path.exists(out):
        sys.exit(f"{name}: status {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-6000:]}")
    with open(out) as f:
        return f.read().splitlines(), result.stderr


def main():
    build, probe, case = sys.argv[1:]
    spec = make_spec(case)
    if not shutil.which(spec["app"][0]):
        print(f"{spec['app'][0]} is not installed")
        return 77
    directory = tempfile.mkdtemp(prefix="dc-recover-")
    stack = Stack(build, link="tcp" if case.endswith("tcp") else "local")
    try:
        stack.start_render()
        calm, _ = run(stack, "calm", probe, spec, [], directory)
        broken, log = run(stack, "broken", probe, spec, spec["breaks"], directory)
    finally:
        stack.stop()
        shutil.rmtree(directory, ignore_errors=True)
    wrong = [f"{a} became {b}" for a, b in zip(calm, broken) if a != b]
    if len(calm) != len(broken):
        wrong.append(f"{len(calm)} frames became {len(broken)}")
    replaced, expected = log.count("has what this process needs"), sum(at < len(calm) for at in spec["breaks"])
    if replaced < expected:
        wrong.append(f"{expected} workers were killed, {replaced} replaced")
    if len(set(calm)) < 20:
        wrong.append("nothing moves")
    wrong += [f"the log names nothing that was {why}" for why in spec["lost"] if why not in log]
    print(f"{len(calm)} frames, {replaced} workers replaced, {len(wrong)} things wrong")
    if wrong:
        print("\n".join(wrong[:40]), "\n" + log[-8000:])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
