#!/usr/bin/env python3
"""compare.py BUILD_ROOT PROGRAM: runs PROGRAM on native Mesa and in an instance; its output must be the same."""
import difflib
import os
import subprocess
import sys
import tempfile

build, program = sys.argv[1:3]


def run(command, env):
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=150)
    return done.returncode, done.stdout, done.stderr


with tempfile.TemporaryDirectory(prefix="dc-egl-") as directory:
    env = dict(os.environ, XDG_RUNTIME_DIR=directory)
    env.pop("WAYLAND_DISPLAY", None)
    instance = [os.path.join(build, "instance/supervisor/dc-instance"), "--name", "egl-cases", "--no-client", "--"]
    native = run([program], env)
    ours = run(instance + [program], env)

difference = list(difflib.unified_diff(native[1].splitlines(), ours[1].splitlines(), "native", "droidcloud", lineterm=""))
for line in difference[:100]:
    print(line)
if native[0] or ours[0]:
    print(f"exit status: native {native[0]}, droidcloud {ours[0]}")
    print(native[2][-2000:], ours[2][-2000:])
if not native[1].strip():
    print("native Mesa printed nothing")
sys.exit(bool(difference or native[0] or ours[0] or not native[1].strip()))
