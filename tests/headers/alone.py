#!/usr/bin/env python3
"""Every public header compiles alone: usage alone.py SOURCE_DIR BUILD_DIR CC..."""
import os
import subprocess
import sys

source, build, cc = sys.argv[1], sys.argv[2], sys.argv[3:]
folders = ["common", "protocol", "encoder", "render-backend", "vhal", "instance", "client"]
includes, headers = [], []
for folder in folders:
    for root, directories, files in os.walk(os.path.join(source, folder)):
        if "include" in directories:
            includes.append(os.path.join(root, "include"))
        if f"{os.sep}include{os.sep}" in root + os.sep:
            headers += [os.path.join(root, f) for f in files if f.endswith(".h")]
generated = [os.path.join(build, d) for d in ("protocol/messages", "protocol/gles", "protocol/wayland")]
flags = [f"-I{d}" for d in includes + generated]
failed = 0
for header in sorted(headers):
    result = subprocess.run([*cc, "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror",
                             "-fsyntax-only", *flags, "-x", "c", "-"],
                            input=f'#include "{header}"\nint dc_unit_is_not_empty;\n', text=True, capture_output=True)
    if result.returncode:
        failed += 1
        print(f"{os.path.relpath(header, source)} does not compile alone:\n{result.stderr}")
print(f"{len(headers) - failed} of {len(headers)} public headers compile alone")
sys.exit(1 if failed or not headers else 0)
