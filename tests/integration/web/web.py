#!/usr/bin/env python3
"""Clients that nobody here wrote play a program through the stack: headless Chromium with the player's page, and aiortc;
dc-client plays it the same way. Picture, sound and input are checked at their end. Skipped, with the reason, where they
are not installed or do not start.

usage: web.py BUILD_DIR chromium|chromium-tcp|aiortc|dc-client
"""
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))
sys.path.insert(0, os.path.join(ROOT, "tests", "lib"))

from devtools import Chromium, DevToolsError  # noqa: E402
from stack import Stack  # noqa: E402

SKIP = 77
GAME = ["/usr/bin/love", os.path.join(HERE, "love")]
COLOURS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]  # of the quadrants, in the order of main.lua
TOLERANCE = 40  # 4:2:0, limited range, a fast preset's quantiser; aiortc converts in BT.601

# The pixel in the middle of each quadrant of what the video element shows now.
QUADRANTS = """(() => {
  const video = document.getElementById("video"), canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0);
  return [0, 1, 2, 3].map(i => [...context.getImageData(canvas.width * (1 + i % 2 * 2) / 4,
                                                        canvas.height * (1 + (i >> 1) * 2) / 4, 1, 1).data].slice(0, 3));
})()"""
INBOUND = """(async () => {
  const found = {};
  (await droidcloud.connection.getStats()).forEach(report => {
    if (report.type === "inbound-rtp") found[report.kind] = report;
    if (report.type === "transport") found.pair = report.selectedCandidatePairId;
    if (report.type === "remote-candidate") found[report.id] = report.protocol;
    if (report.type === "candidate-pair") found[report.id] = report.remoteCandidateId;
  });
  found.protocol = found[found[found.pair]];
  return found;
})()"""
# UDP is blocked, as far as this page is concerned.
WITHOUT_UDP = """(() => {
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
    return set.call(this, { type: answer.type, sdp: answer.sdp.replace(/a=candidate:\\S+ 1 udp .*\\r\\n/g, "") });
  };
})()"""


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


def token_of(url):
    return url.split("token=")[1]


def expect_quadrants(pixels, pressed):
    for i, pixel in enumerate(pixels):
        wanted = COLOURS[(i + pressed) % 4]
        expect(all(abs(a - b) <= TOLERANCE for a, b in zip(pixel, wanted)), f"quadrant {i}: {pixel}, wanted {wanted}")


def wait_for_quadrants(page, pressed, seconds, what):
    end = time.monotonic() + seconds
    while True:
        try:
            expect_quadrants(page.run(QUADRANTS), pressed)
            return
        except (Failure, DevToolsError) as failure:
            if time.monotonic() > end:
                raise Failure(f"{what}: {failure}\n{page.console}") from None
            time.sleep(0.05)


def open_player(browser, url, script=None):
    page = browser.open("about:blank")
    if script:
        page.call("Page.addScriptToEvaluateOnNewDocument", source=script)
    page.call("Page.navigate", url=url)
    return page


def press(page, pressed):
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, code="Space", key=" ", windowsVirtualKeyCode=32)
    wait_for_quadrants(page, pressed, 5, "a key press reaches the application")


def place(page, x, y):
    """Where this pixel of the application's picture is on the page."""
    box = page.run("""(() => { const v = document.getElementById("video").getBoundingClientRect();
                               return [v.left, v.top, v.width, v.height]; })()""")
    scale = min(box[2] / 640, box[3] / 360)
    return dict(x=box[0] + (box[2] - 640 * scale) / 2 + x * scale, y=box[1] + (box[3] - 360 * scale) / 2 + y * scale)


def click(page, x, y, pressed):
    at = place(page, x, y)
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        page.call("Input.dispatchMouseEvent", type=kind, button="none" if kind == "mouseMoved" else "left", clickCount=1, **at)
    wait_for_quadrants(page, pressed, 5, "a click reaches the application")


def turn_wheel(page, pressed):
    page.call("Input.dispatchMouseEvent", type="mouseWheel", deltaX=0, deltaY=120, **place(page, 300, 100))
    wait_for_quadrants(page, pressed, 5, "the wheel reaches the application")


def touch(page, x, y, pressed):
    page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[place(page, x, y)])
    page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    wait_for_quadrants(page, pressed, 5, "a finger reaches the application")


def check_overlay(page):
    page.call("Input.dispatchKeyEvent", type="keyDown", code="KeyS", key="S", modifiers=1 | 2 | 8, windowsVirtualKeyCode=83)
    text = page.wait("!document.getElementById('stats').hidden && document.getElementById('stats').textContent", 5,
                     "Ctrl+Alt+Shift+S shows statistics")
    expect("640x360" in text and "kb/s" in text, f"the statistics say: {text}")


def check_media(page, protocol):
    first = page.run(INBOUND)
    time.sleep(1.5)
    last = page.run(INBOUND)
    frames = last["video"]["framesDecoded"] - first["video"]["framesDecoded"]
    energy = last["audio"]["totalAudioEnergy"] - first["audio"]["totalAudioEnergy"]
    held = last["video"]["jitterBufferDelay"] / last["video"]["jitterBufferEmittedCount"] * 1000
    print(f"{last['protocol']}: {frames / 1.5:.0f} frames/s, {last['video']['packetsLost']} packets lost, held back for "
          f"{held:.1f} ms, audio level {last['audio']['audioLevel']:.2f}, energy {energy:.2f}")
    expect(last["protocol"] == protocol, f"the session runs over {last['protocol']}")
    expect(frames > 15, f"only {frames} frames in 1.5 s")
    expect(energy > 0.01, f"the sound has no energy: {energy}")
    return last


def play_in_browser(stack, browser, instance, script, protocol):
    page = open_player(browser, stack.web_url, script)
    wait_for_quadrants(page, 0, 20, "the picture comes")
    check_media(page, protocol)
    press(page, 1)
    click(page, 500, 300, 2)
    turn_wheel(page, 3)
    touch(page, 100, 60, 4)
    check_overlay(page)
    shot = os.path.join(stack.build, "meson-logs", f"web-{protocol}.png")
    page.screenshot(shot)
    print(f"screenshot: {shot}")
    return page


def case_chromium(stack, browser, instance):
    page = play_in_browser(stack, browser, instance, None, "udp")
    # The page is loaded again: its secret takes the game over, which has gone on.
    page.call("Page.reload")
    time.sleep(0.5)
    wait_for_quadrants(page, 4, 15, "the picture comes back after a reload")
    press(page, 5)
    # The token is used up, and another one was never issued: the page says which is the matter.
    unknown = stack.web_url.replace(token_of(stack.web_url), "0" * 32)
    for url, text in ((stack.web_url, "was used already"), (unknown, "not one of this")):
        other = open_player(browser, url)
        shown = other.wait("document.querySelector('#ask:not([hidden])') && document.getElementById('title').textContent",
                           10, "a refusal is shown")
        expect(text in shown, f"the page says \"{shown}\"")
        other.close()
    # The instance hangs, and the page notices; it goes on, and the page comes back; it says goodbye.
    instance.send_signal(signal.SIGSTOP)
    page.wait("document.getElementById('title').textContent === 'The connection was lost.'", 10, "a loss is shown")
    instance.send_signal(signal.SIGCONT)
    wait_for_quadrants(page, 5, 15, "the picture comes back after a loss")
    instance.terminate()
    title = page.wait("!document.getElementById('message').hidden && document.getElementById('title').textContent", 10,
                      "the end is shown")
    expect(title == "The session has ended.", f"the page says \"{title}\"")


def case_chromium_tcp(stack, browser, instance):
    play_in_browser(stack, browser, instance, WITHOUT_UDP, "tcp")


def case_aiortc(stack, instance):
    picture = os.path.join(stack.build, "meson-logs", "web-aiortc.png")
    client = subprocess.run(["/usr/bin/python3", os.path.join(HERE, "aiortc_client.py"), stack.web_url, picture],
                            capture_output=True, text=True, timeout=60)
    if client.returncode == SKIP:
        print(client.stdout.strip())
        return SKIP
    expect(client.returncode == 0, f"the client's status is {client.returncode}:\n{client.stderr[-2000:]}")
    result = json.loads(client.stdout)
    print(f"{result['frames']} frames, sound {result['rms']:.3f} of full scale, key press seen after "
          f"{result['key_ms']:.0f} ms; picture: {picture}")
    expect_quadrants(result["before"], 0)
    expect_quadrants(result["after"], 1)
    expect(result["frames"] >= 30, f"only {result['frames']} frames")
    expect(0.15 < result["rms"] < 0.3, f"sound at {result['rms']} of full scale, wanted 0.21")
    expect(result["welcome"], "no Welcome came on the control channel")
    return 0


def pixels_of(picture):
    """The middle of each quadrant of a 640x360 PNG."""
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", picture, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         capture_output=True, check=True).stdout
    places = [(90 + i // 2 * 180) * 640 + 160 + i % 2 * 320 for i in range(4)]
    return [tuple(raw[3 * place:3 * place + 3]) for place in places]


def run_client(stack, url):
    """The exit status, what it printed and its report."""
    paths = [os.path.join(stack.build, "meson-logs", f"web-dc-client.{kind}") for kind in ("script", "png", "json")]
    with open(paths[0], "w") as script:
        script.write("1 tap Space 0.1\n")
    client = subprocess.run([stack.program("client", "dc-client"), "--headless", "--seconds", "3", "--warmup", "0.5",
                             "--script", paths[0], "--screenshot", paths[1], "--report", paths[2], url],
                            capture_output=True, text=True, timeout=40, env={**os.environ, "DC_LOG": "info"})
    if client.returncode:
        return client, None, None
    with open(paths[2]) as report:
        return client, json.load(report), paths[1]


def case_dc_client(stack):
    client, report, picture = run_client(stack, stack.web_url)
    expect(client.returncode == 0, f"the client's status is {client.returncode}:\n{client.stderr[-2000:]}")
    expect("connected by webrtc/udp" in client.stderr, client.stderr)
    inputs = report["input_to_present_ms"]
    print(f"{report['frames_displayed']} frames, {report['fps_mean']:.1f} frames/s, input to present {inputs['p50']:.1f} ms, "
          f"sound {report['audio']['rms_dbfs']:.1f} dB; picture: {picture}")
    expect_quadrants(pixels_of(picture), 1)
    expect(report["frames_displayed"] > 30, f"only {report['frames_displayed']} frames")
    expect(-20 < report["audio"]["rms_dbfs"] < -5, f"sound at {report['audio']['rms_dbfs']} dB")
    # Used up, and one that was never issued; and a certificate of somebody else.
    unknown = stack.web_url.replace(token_of(stack.web_url), "0" * 32)
    fingerprint = stack.web_url.split("fp=")[1].split("&")[0]
    other = stack.web_url.replace(fingerprint, "0" * len(fingerprint))
    for url, status, text in ((stack.web_url, 5, "was used already"), (unknown, 5, "not one of this"), (other, 4, "certificate")):
        client, _, _ = run_client(stack, url)
        expect(client.returncode == status and text in client.stderr, f"{client.returncode}: {client.stderr}")
    return 0


def main():
    build_dir, case = sys.argv[1:3]
    uses_browser = case.startswith("chromium")
    for program in (GAME[0], "/usr/bin/chromium" if uses_browser else "/usr/bin/python3"):
        if not os.path.exists(program):
            print(f"skipped: {program} is not installed")
            return SKIP
    browser = None
    if uses_browser:
        try:
            browser = Chromium()
        except DevToolsError as error:
            print(f"skipped: {error}")
            return SKIP
    stack = Stack(build_dir, log=os.path.join(build_dir, "meson-logs", f"web-{case}.log"))
    try:
        stack.start_render()
        where = "http://127.0.0.1:0" if case == "aiortc" else "127.0.0.1:0"
        instance, _ = stack.start_instance(GAME, extra=["--size", "640x360", "--web", where])
        if case == "aiortc":
            return case_aiortc(stack, instance)
        if case == "dc-client":
            return case_dc_client(stack)
        {"chromium": case_chromium, "chromium-tcp": case_chromium_tcp}[case](stack, browser, instance)
        return 0
    except (Failure, DevToolsError) as failure:
        print(f"{case}: {failure}\n{stack.log_tail()}", file=sys.stderr)
        return 1
    finally:
        stack.stop()
        if browser:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
