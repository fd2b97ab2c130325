#!/usr/bin/env python3
"""info.py BUILD_ROOT: eglinfo and es2_info run in an instance and find us."""
import os
import shutil
import subprocess
import sys
import tempfile

build = sys.argv[1]


def run(program, directory, status=0):
    command = [os.path.join(build, "instance/supervisor/dc-instance"), "--name", "info", "--no-client", "--"] + program
    done = subprocess.run(command, env=dict(os.environ, XDG_RUNTIME_DIR=directory), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=100)
    if done.returncode != status:
        sys.exit(f"{program}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def expect(text, *parts):
    for part in parts:
        if part not in text:
            sys.exit(f"{part!r} is missing in\n{text}")


with tempfile.TemporaryDirectory(prefix="dc-info-") as directory:
    info = run(["eglinfo"], directory, status=1)  # it wants an X display as well
    expect(info, "Wayland platform:\nEGL API version: 1.5\nEGL vendor string: droidcloud",
           "Surfaceless platform:\nEGL API version: 1.5\nEGL vendor string: droidcloud",
           "EGL client APIs: OpenGL_ES\n", "EGL_KHR_surfaceless_context")
    if not shutil.which("xvfb-run"):
        print("es2_info needs an X display, and xvfb-run is not installed")
        sys.exit(77)
    info = run(["xvfb-run", "-a", "es2_info"], directory)
    expect(info, "EGL_VENDOR: droidcloud", "EGL_VERSION: 1.5", "GL_VERSION: OpenGL ES 3.")
