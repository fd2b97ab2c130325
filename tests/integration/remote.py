#!/usr/bin/env python3
"""The TCP link with dc-render in network, mount, PID and IPC namespaces of its own, reached over a veth pair.

usage: remote.py BUILD_DIR RELAY_DELAY_MS
An animated program plays; the report must say that the link is TCP, that frames arrived, and that the stack added no wait
in steady play. Exit 77 (skipped) without root.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import NoNamespaces, Stack  # noqa: E402


def namespaces(pid):
    return {kind: os.readlink(f"/proc/{pid}/ns/{kind}") for kind in ("net", "mnt", "pid", "ipc")}


def worker_pids():
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/comm") as f:
                if f.read().startswith("dc-worker:far"):
                    yield int(entry)
        except OSError:
            continue


def main():
    build, delay_ms = sys.argv[1], int(sys.argv[2])
    if os.geteuid() != 0:
        print("namespaces need root")
        return 77
    stack = Stack(build, link="tcp", isolate=True, relay_delay_ms=delay_ms)
    report_path = os.path.join(stack.dir, "report.json")
    try:
        stack.start_render()
        instance, url = stack.start_instance(["es2gears_wayland"], name="far")
        client = stack.start_client(url, ["--headless", "--seconds", "8", "--report", report_path])
        client_status = None
        ours, theirs = namespaces(instance.pid), [namespaces(pid) for pid in worker_pids()]
        client_status = client.wait(60)
        with open(report_path) as f:
            report = json.load(f)
        log = stack.log_tail(40)
    except NoNamespaces as error:
        print(error)
        return 77
    finally:
        stack.stop()
    problems = []
    if client_status:
        problems.append(f"dc-client ended with status {client_status}")
    if len(theirs) != 1:
        problems.append(f"expected one worker of this instance, found {len(theirs)}")
    problems += [f"the worker shares the {kind} namespace" for other in theirs for kind in ours if ours[kind] == other[kind]]
    if report["link"]["kind"] != "tcp":
        problems.append(f"the link is {report['link']['kind']}")
    if report["link"]["round_trips_per_frame"] != 0:
        problems.append(f"{report['link']['round_trips_per_frame']} round trips per frame")
    if report["frames_displayed"] < 60:
        problems.append(f"only {report['frames_displayed']} frames displayed")
    print(f"relay {delay_ms} ms: {report['fps_mean']:.1f} FPS, {report['link']}")
    for problem in problems:
        print(problem)
    if problems:
        print("---- log\n" + log)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
