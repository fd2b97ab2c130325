#!/usr/bin/env python3
"""Inside the test machine: runs the guest tests one after the other and says how each went.

runner.py --kernel ROOT --build DIR --out DIR FILE...
A guest test is an executable file in tests/vm/guest. It is started with DC_VM_BUILD (the build
directory) and DC_VM_OUT (a directory of its own that outlives the machine) and prints, one a line,
    ok NAME [TEXT]        failed NAME: REASON        skipped NAME: REASON
Everything else that it prints goes to its log. A comment "# vm: timeout 300" in it sets its time limit in seconds.
"""
import argparse
import os
import re
import signal
import subprocess
import sys
import time

DEFAULT_TIMEOUT_S = 120
RESULT = re.compile(r"(ok|failed|skipped) \S")


def say(text):
    print("vm: " + text, flush=True)


def timeout_of(path):
    with open(path, errors="replace") as f:
        found = re.search(r"^# vm: timeout (\d+)", f.read(), re.M)
    return int(found.group(1)) if found else DEFAULT_TIMEOUT_S


def run_one(path, options):
    name = os.path.splitext(os.path.basename(path))[0]
    out = os.path.join(options.out, name)
    os.makedirs(out, exist_ok=True)
    env = {**os.environ, "DC_VM_BUILD": options.build, "DC_VM_OUT": out}
    timeout_s, started, results = timeout_of(path), time.monotonic(), 0
    say(f"start {name}")
    process = subprocess.Popen([path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, start_new_session=True)

    def give_up(*_):
        os.killpg(process.pid, signal.SIGKILL)
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(timeout_s)
    with open(os.path.join(out, "log"), "wb") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()
            text = line.decode(errors="replace").rstrip()
            if RESULT.match(text):
                results += 1
                say(f"{text.split()[0]} {name}/{text.split(' ', 1)[1]}")
    status = process.wait()
    signal.alarm(0)
    seconds = time.monotonic() - started
    if seconds >= timeout_s:
        say(f"failed {name}: still running after {timeout_s} s")
    elif status:
        say(f"failed {name}: status {status}, see its log")
    elif not results:
        say(f"failed {name}: it reported nothing")
    say(f"end {name} {seconds:.1f}")


def provide_modules(kernel):
    """modprobe, for tests and for the kernel itself, takes modules from the unpacked package."""
    os.makedirs("/run/bin", exist_ok=True)
    with open("/run/bin/modprobe", "w") as f:
        f.write(f'#!/bin/sh\nexec /usr/sbin/modprobe -d "{kernel}" "$@"\n')
    os.chmod("/run/bin/modprobe", 0o755)
    os.environ["PATH"] = "/run/bin:" + os.environ["PATH"]
    with open("/proc/sys/kernel/modprobe", "w") as f:
        f.write("/run/bin/modprobe")


def main():
    parser = argparse.ArgumentParser()
    for name in ("--kernel", "--build", "--out"):
        parser.add_argument(name, required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    os.makedirs("/run/user/0", mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = "/run/user/0"
    provide_modules(options.kernel)
    subprocess.run(["ip", "link", "set", "lo", "up"])
    say(f"up {time.monotonic():.1f}")
    for path in options.files:
        run_one(path, options)
    say("done")


if __name__ == "__main__":
    sys.exit(main())
