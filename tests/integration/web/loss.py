#!/usr/bin/env python3
"""dc-client over a line that loses 5 % of all packets: parity brings most of them back, no broken picture reaches the decoder's
end, and what is lost all the same costs no key frame storm.

usage: loss.py BUILD_DIR
"""
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack, free_port  # noqa: E402

INSTANCE, RELAYED = "127.0.0.1", "127.0.0.2"  # whoever comes to the second address comes through the relays


def main():
    stack = Stack(sys.argv[1])
    errors_path = os.path.join(stack.instance_dir, "client.log")
    try:
        stack.start_render()
        port = free_port()
        stack.start_instance(["es2gears_wayland"], extra=["--size", "640x360", "--web", f"{INSTANCE}:{port}"])
        stack.spawn("dc-relay", [stack.program("tools", "dc-relay"), "--listen", f"{RELAYED}:{port}",
                                 "--to", f"{INSTANCE}:{port}"])
        stack.spawn("dc-udp-relay", [stack.program("tools", "udp-relay", "dc-udp-relay"), "--listen", f"{RELAYED}:{port}",
                                     "--to", f"{INSTANCE}:{port}", "--loss", "0.05", "--delay-ms", "5"])
        time.sleep(0.3)
        report = os.path.join(stack.instance_dir, "report.json")
        with open(errors_path, "w") as errors:
            client = stack.spawn("dc-client", [
                stack.program("client", "dc-client"), "--headless", "--seconds", "7", "--warmup", "2", "--report", report,
                stack.web_url.replace(INSTANCE, RELAYED)], stderr=errors)
            status = client.wait(60)
        with open(errors_path, errors="replace") as f:
            log = f.read()
        with open(report) as f:
            result = json.load(f)
    finally:
        stack.stop()
    recovery, shown = result["recovery"], result["frames_displayed"]
    print(f"status {status}, {shown} frames in 5 s, {recovery}")
    wrong = []
    if status != 0 or shown < 60:
        wrong.append(f"status {status}, {shown} frames")
    if not recovery["parity_packets"] or recovery["packets_recovered"] < 5:
        wrong.append("parity brought nothing back")
    if "out of range" in log or "error while decoding" in log:
        wrong.append(f"the decoder met bytes that nobody has sent:\n{log[-2000:]}")
    if recovery["frames_refused"] > shown / 2:
        wrong.append("most frames referred to something lost")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
