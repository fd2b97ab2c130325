#!/usr/bin/env python3
"""glmark2-es2-wayland --validate: every default scene compares pixels of its own choice. usage: validate.py BUILD_DIR"""
import os
import re
import subprocess
import sys

SCENES_WITH_A_CHECK = 27  # of the default scenes; the others answer "Unknown" on every driver

command = [os.path.join(sys.argv[1], "instance", "supervisor", "dc-instance"), "--no-client", "--",
           "glmark2-es2-wayland", "--validate", "--off-screen"]
result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=280)
verdicts = re.findall(r"^(\[.*): Validation: (\w+)", result.stdout, re.M)
for scene, verdict in verdicts:
    if verdict == "Failure":
        print(f"{scene}: {verdict}")
passed = sum(verdict == "Success" for _, verdict in verdicts)
print(f"{passed} scenes validated, {len(verdicts)} ran, status {result.returncode}")
if result.returncode or passed < SCENES_WITH_A_CHECK or any(verdict == "Failure" for _, verdict in verdicts):
    print(result.stderr[-3000:])
    sys.exit(1)
