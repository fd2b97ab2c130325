#!/usr/bin/env python3
"""dc-client over WebRTC, all of it through a relay that goes away in the middle of a game and comes back with another address
towards the instance. The game goes on; picture and input come back; how long that takes is printed.

  path      the datagrams' way alone, for half a second: the session goes on without a new offer
  session   HTTP as well, for longer than the client waits: it comes back with its resume secret

usage: resume.py BUILD_DIR path|session
"""
import csv
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
for folder in ("tools/demo", "tests/lib"):
    sys.path.insert(0, os.path.join(ROOT, folder))

from stack import Stack  # noqa: E402
from tcp_proxy import Proxy  # noqa: E402

SKIP = 77
NEAR = "127.0.0.2"  # where the client believes the instance to be
GAME = ["/usr/bin/love", os.path.join(HERE, "love")]
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
PRESSES = 2  # one before, one after


def start_relay(stack, port):
    return stack.spawn("dc-udp-relay", [stack.program("tools", "udp-relay", "dc-udp-relay"), "--listen", f"{NEAR}:{port}",
                                        "--to", f"127.0.0.1:{port}"])


def stop_relay(relay):
    relay.send_signal(signal.SIGTERM)
    relay.wait(5)


def pixels_of(picture):
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", picture, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         capture_output=True, check=True).stdout
    return [tuple(raw[3 * place:3 * place + 3]) for place in ((90 + i // 2 * 180) * 640 + 160 + i % 2 * 320 for i in range(4))]


def longest_gap_ms(path):
    with open(path) as f:
        return max(float(row["frame_time_ms"] or 0) for row in csv.DictReader(f))


def wait_for_text(path, text, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(path, errors="replace") as f:
            if text in f.read():
                return
        time.sleep(0.02)
    raise AssertionError(f"the client never said '{text}'")


def play(stack, case):
    instance, _ = stack.start_instance(GAME, extra=["--size", "640x360", "--web", "127.0.0.1:0"])
    port = int(stack.web_url.split("127.0.0.1:")[1].split("/")[0])
    relay, proxy = start_relay(stack, port), Proxy(port, NEAR, port)
    paths = {kind: os.path.join(stack.build, "meson-logs", f"web-resume-{case}.{kind}")
             for kind in ("script", "png", "json", "csv", "err")}
    with open(paths["script"], "w") as script:
        script.write("0.5 tap Space 0.1\n7 tap Space 0.1\n")
    with open(paths["err"], "w") as err:
        client = subprocess.Popen([stack.program("client", "dc-client"), "--headless", "--seconds", "8", "--warmup", "0",
                                   "--script", paths["script"], "--screenshot", paths["png"], "--report", paths["json"],
                                   "--csv", paths["csv"], stack.web_url.replace("127.0.0.1", NEAR)],
                                  stdout=subprocess.DEVNULL, stderr=err, env={**os.environ, "DC_LOG": "info"})
    wait_for_text(paths["err"], "connected by webrtc/udp", 20)
    time.sleep(2)
    stop_relay(relay)
    if case == "session":
        proxy.close()
        wait_for_text(paths["err"], "connection lost", 5)
        time.sleep(0.3)
        proxy.open()
    else:
        time.sleep(0.5)
    start_relay(stack, port)
    status = client.wait(40)
    with open(paths["err"]) as f:
        text = f.read()
    assert status == 0, f"the client's status is {status}:\n{text}"
    with open(paths["json"]) as f:
        report = json.load(f)
    assert report["reconnects"] == (1 if case == "session" else 0), text
    assert instance.poll() is None, "the instance ended"
    for i, pixel in enumerate(pixels_of(paths["png"])):
        wanted = COLOURS[(i + PRESSES) % 4]
        assert all(abs(a - b) <= 40 for a, b in zip(pixel, wanted)), f"quadrant {i}: {pixel}, wanted {wanted}\n{text}"
    gap_ms = longest_gap_ms(paths["csv"])
    print(f"{case}: no picture for {gap_ms:.0f} ms" + (f", no sign of life for {report['longest_outage_ms']:.0f} ms"
                                                       if case == "session" else ", of which 500 ms without a way"))
    assert gap_ms < 5500, f"no picture for {gap_ms:.0f} ms"


def main():
    if not os.path.exists(GAME[0]):
        print(f"skipped: {GAME[0]} is not installed")
        return SKIP
    stack = Stack(sys.argv[1], log=os.path.join(sys.argv[1], "meson-logs", f"web-resume-{sys.argv[2]}.log"))
    try:
        stack.start_render()
        play(stack, sys.argv[2])
    except AssertionError as failure:
        print(f"{failure}\n{stack.log_tail()}", file=sys.stderr)
        return 1
    finally:
        stack.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
