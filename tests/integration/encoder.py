#!/usr/bin/env python3
"""The video encoder that a worker uses, inside its sandbox.

usage: encoder.py BUILD_DIR avcodec|absent
avcodec: libavcodec's path, with its libx264 in the place of a GPU's encoder: loaded before the worker locks itself in, opened
after. absent: a GPU's encoder is asked for where there is none; the log says so, and libx264 plays.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

NAMES = {"avcodec": "avcodec-x264", "absent": "nvenc"}
LINES = {"avcodec": "video encoder: avcodec-x264",
         "absent": "video encoder nvenc does not work here: there is no GPU; libx264 on the CPU instead"}


def main():
    build, case = sys.argv[1:]
    stack = Stack(build)
    try:
        stack.start_render(extra=["--gpu", "surfaceless", "--encoder", NAMES[case]])
        report = os.path.join(stack.instance_dir, "report.json")
        _, url = stack.start_instance(["es2gears_wayland"], extra=["--size", "640x360"])
        client = stack.start_client(url, ["--headless", "--seconds", "3", "--report", report])
        status = client.wait(40)
        with open(stack.log_path, errors="replace") as f:
            log = f.read()
        with open(report) as f:
            shown = json.load(f)["frames_displayed"]
    finally:
        stack.stop()
    print(f"{case}: status {status}, {shown} frames")
    wrong = []
    if status != 0:
        wrong.append(f"dc-client's status is {status}")
    if LINES[case] not in log:
        wrong.append(f"the log does not say {LINES[case]!r}:\n{log}")
    if "has failed" in log:
        wrong.append(f"the encoder failed:\n{log}")
    if shown < 60:
        wrong.append(f"only {shown} frames in 3 s")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
