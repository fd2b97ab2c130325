#!/usr/bin/env python3
"""dc-client against fake-instance: client.py BUILD_DIR CASE."""
import csv
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from tcp_proxy import Proxy  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
FAKE = os.path.join(BUILD, "tests/integration/client/fake-instance")
CLIENT = os.path.join(BUILD, "client/dc-client")
SKIP = 77


class Instance:
    """fake-instance with its commands and what it prints."""

    def __init__(self, width=640, height=360):
        self.process = subprocess.Popen([FAKE, str(width), str(height)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.lines = []
        self.port = int(self.wait_for(r"port (\d+)")[1])

    def wait_for(self, pattern, seconds=10):
        """The first line, old or new, that matches."""
        for line in self.lines:
            if re.fullmatch(pattern, line):
                return re.fullmatch(pattern, line)
        deadline = time.monotonic() + seconds
        os.set_blocking(self.process.stdout.fileno(), False)
        while time.monotonic() < deadline:
            line = self.process.stdout.readline().strip()
            if not line:
                time.sleep(0.01)
                continue
            self.lines.append(line)
            match = re.fullmatch(pattern, line)
            if match:
                return match
        raise AssertionError(f"the instance never printed '{pattern}', but {self.lines}")

    def command(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def token(self, ttl_ms=0):
        self.lines = [line for line in self.lines if not line.startswith("token ")]
        self.command(f"token {ttl_ms}")
        return self.wait_for(r"token ([0-9a-f]{32})")[1]

    def url(self, token=None):
        token = self.token() if token is None else token
        return f"dc://127.0.0.1:{self.port}/" + (f"?token={token}" if token else "")

    def is_alive(self):
        return self.process.poll() is None

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the instance did not end")
        return self.process.returncode, self.process.stderr.read()


def start_client(url, *options, **kwargs):
    return subprocess.Popen([CLIENT, "--headless", *options, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **kwargs)


def run_client(url, *options, seconds=40, **kwargs):
    client = start_client(url, *options, **kwargs)
    out, err = client.communicate(timeout=seconds)
    return client.returncode, out, err


def expect(code, wanted, err, text=""):
    assert code == wanted and text in err, f"exit {code}, wanted {wanted} and '{text}'; stderr:\n{err}"


def rgb(path, width, height):
    out = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                         stdout=subprocess.PIPE, check=True).stdout
    assert len(out) == width * height * 3, f"{path}: {len(out)} bytes"
    return lambda x, y: tuple(out[(y * width + x) * 3:(y * width + x) * 3 + 3])


BARS = [(255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]


def check_bars(pixel, width, height, left=0, top=0):
    for i, want in enumerate(BARS):
        got = pixel(left + i * width // 8 + width // 16, top + height // 4)
        assert all(abs(a - b) <= 3 for a, b in zip(got, want)), f"bar {i}: {got}, wanted {want}"


def check_report(path):
    with open(path) as f:
        report = json.load(f)
    assert report["instance"] == "fake" and report["app"] == "fake" and report["renderer"] == "test pattern"
    assert report["frames_displayed"] > 20 and 5 < report["fps_mean"] <= 61, report
    assert 0 < report["fps_1pct_low"] <= 61
    assert set(report["stages_ms"]) == {"swap", "queue", "render", "convert", "encode", "send", "network", "decode", "present"}
    for name, stage in report["stages_ms"].items():
        assert stage["p50"] is not None and -0.5 <= stage["p50"] <= stage["p95"], (name, stage)
    assert abs(report["stages_ms"]["swap"]["p50"] - 1) < 0.01 and abs(report["stages_ms"]["queue"]["p50"] - 1) < 0.01
    assert report["input_to_present_ms"]["n"] >= 10 and report["input_to_present_ms"]["p50"] > 0
    assert report["audio"]["packets"] > 50 and abs(report["audio"]["rms_dbfs"] + 20) < 1.5, report["audio"]
    assert report["link"] == {"kind": "local", "bytes_per_frame": 1000.0, "bytes_per_frame_raw": 1000.0,
                              "bytes_per_frame_wire": 250.0, "round_trips_per_frame": 0.0,
                              "app_waits_per_frame": report["link"]["app_waits_per_frame"]}
    assert abs(report["link"]["app_waits_per_frame"] - 0.5) < 0.1
    assert set(report["cpu_percent"]) == {"app", "instance", "worker", "client"}
    assert all(v is not None and v > 0 for v in report["cpu_percent"].values())
    assert report["bitrate_kbps"] > 10 and set(report["jank"]) == {"jank", "big_jank", "stutter"}
    return report


def case_report(folder):
    """Everything at once: script, recording, screenshot, report, CSV."""
    instance = Instance()
    script = os.path.join(folder, "script")
    with open(script, "w") as f:
        f.write("0.3 repeat 30 0.083 tap Right 0.04\n0.5 move 100 50\n0.6 click left\n")
    path = {name: os.path.join(folder, name) for name in ("a.mp4", "a.png", "a.json", "a.csv")}
    code, out, err = run_client(instance.url(), "--seconds", "4", "--record", path["a.mp4"], "--screenshot", path["a.png"],
                                "--report", path["a.json"], "--csv", path["a.csv"], "--script", script)
    expect(code, 0, err)
    assert "FPS" in out
    report = check_report(path["a.json"])
    assert report["screenshot"] == path["a.png"] and report["video"] == path["a.mp4"]
    check_bars(rgb(path["a.png"], 640, 360), 640, 360)
    probe = json.loads(subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", path["a.mp4"]],
                                      stdout=subprocess.PIPE, check=True).stdout)
    video, audio = probe["streams"]
    assert video["codec_name"] == "h264" and video["color_space"] == "bt709" and video["color_range"] == "tv"
    assert int(video["nb_read_frames"]) > 60 and 3 < float(video["duration"]) < 6, video
    assert audio["codec_name"] == "opus" and int(audio["nb_read_frames"]) > 200
    with open(path["a.csv"]) as f:
        rows = list(csv.DictReader(f))
    assert len(rows) >= report["frames_displayed"]
    ids = [int(row["frame_id"]) for row in rows]
    assert ids == sorted(ids) and rows[0]["keyframe"] == "1"
    assert sum(1 for row in rows if row["input_to_present_ms"]) >= 10
    instance.wait_for("connected 60000")
    instance.wait_for(r"input key \d+ 106 1")
    instance.wait_for(r"input motion \d+ 100 50")
    instance.wait_for(r"input button \d+ 272 0")
    instance.wait_for("gone")
    assert instance.stop()[0] == 0


def case_tokens(folder):
    instance = Instance()
    code, _, err = run_client(instance.url(""))
    expect(code, 5, err, "no token")
    code, _, err = run_client(instance.url("00" * 16))
    expect(code, 5, err, "not one of this instance")
    token = instance.token(1)
    time.sleep(0.05)
    code, _, err = run_client(instance.url(token))
    expect(code, 5, err, "expired")
    token = instance.token()
    code, _, err = run_client(instance.url(token), "--seconds", "0.5")
    expect(code, 0, err)
    code, _, err = run_client(instance.url(token))
    expect(code, 5, err, "used already")
    code, _, err = run_client(instance.url(), "--seconds", "0.5")
    expect(code, 0, err)
    assert instance.stop()[0] == 0


def case_second_client(folder):
    instance = Instance()
    first = start_client(instance.url(), "--seconds", "3")
    instance.wait_for("connected 60000")
    code, _, err = run_client(instance.url())
    expect(code, 5, err, "playing already")
    out, err = first.communicate(timeout=30)
    expect(first.returncode, 0, err)
    assert "gone" not in instance.lines or instance.lines.index("gone") > 0
    assert instance.stop()[0] == 0


def case_client_vanishes(folder):
    """Killed while frames flow: the instance lets go of the keys, plays on, and takes the next client."""
    instance = Instance()
    script = os.path.join(folder, "script")
    with open(script, "w") as f:
        f.write("0.1 key Left press\n")
    client = start_client(instance.url(), "--script", script)
    instance.wait_for(r"input key \d+ 105 1")
    client.kill()
    client.wait()
    instance.wait_for("input focus 0 0")
    instance.wait_for("gone")
    code, _, err = run_client(instance.url(), "--seconds", "0.5")
    expect(code, 0, err)
    code, err = instance.stop()
    assert code == 0 and "client gone" in err, err


def case_instance_ends(folder):
    """What the client says when the other side goes away."""
    # Where nobody listens any more, the client gives up after the time that it was given.
    for command, wanted, text in (("bye 3", 7, "ended with status 3"), ("bye 0", 0, "ended with status 0"),
                                  ("goodbye", 0, "being stopped"), ("die", 6, "not connected again within 1 s")):
        instance = Instance()
        client = start_client(instance.url(), "--reconnect", "1", "--record", os.path.join(folder, "a.mp4"))
        instance.wait_for("connected 60000")
        time.sleep(0.5)
        instance.command(command)
        out, err = client.communicate(timeout=20)
        expect(client.returncode, wanted, err, text)
        subprocess.run(["ffprobe", "-v", "error", os.path.join(folder, "a.mp4")], check=True)  # closed properly
        instance.process.stdin.close()
        instance.process.wait(5)


def case_reconnect(folder):
    """The way to the instance breaks and comes back: the same game, picture and input, and the secret is good again."""
    instance = Instance()
    proxy = Proxy(instance.port)
    script, report = os.path.join(folder, "script"), os.path.join(folder, "a.json")
    with open(script, "w") as f:
        f.write("0.2 key A press\n4.5 key B press\n")
    url = instance.url().replace(str(instance.port), str(proxy.port))
    client = start_client(url, "--seconds", "6", "--warmup", "0", "--script", script, "--report", report)
    instance.wait_for(r"input key \d+ 30 1")
    for _ in range(2):
        instance.lines.clear()
        proxy.close()
        time.sleep(0.4)
        proxy.open()
        instance.wait_for("connected 60000")
        instance.wait_for("keyframe")
        time.sleep(0.3)
    instance.wait_for(r"input key \d+ 48 1")
    out, err = client.communicate(timeout=20)
    expect(client.returncode, 0, err, "connected again after")
    with open(report) as f:
        report = json.load(f)
    assert report["reconnects"] == 2 and 300 < report["longest_outage_ms"] < 3000, report
    assert report["frames_displayed"] > 60 and report["audio"]["lost"] < 100, report
    print(f"longest outage {report['longest_outage_ms']:.0f} ms, of which 400 ms without a way")
    # Not asked to: the connection is lost. And who was never admitted is not let in by what others were given.
    client = start_client(instance.url().replace(str(instance.port), str(proxy.port)), "--reconnect", "0")
    instance.lines.clear()
    instance.wait_for("connected 60000")
    proxy.close()
    out, err = client.communicate(timeout=20)
    expect(client.returncode, 6, err, "connection lost: the instance closed the connection")
    assert instance.stop()[0] == 0


def case_reconnect_refused(folder):
    """Another player has the game by now: the one who comes back is told."""
    instance = Instance()
    proxy = Proxy(instance.port)
    client = start_client(instance.url().replace(str(instance.port), str(proxy.port)))
    instance.wait_for("connected 60000")
    time.sleep(0.3)
    proxy.close()
    instance.wait_for("gone")
    code, _, err = run_client(instance.url(), "--seconds", "0.5")
    expect(code, 0, err)
    proxy.open()
    out, err = client.communicate(timeout=20)
    expect(client.returncode, 5, err, "not one of this instance")
    # A signal while it tries ends it in order, and at once.
    client = start_client(instance.url(), "--record", os.path.join(folder, "a.mp4"))
    instance.lines.clear()
    instance.wait_for("connected 60000")
    time.sleep(0.5)
    instance.command("die")
    instance.process.wait(5)
    time.sleep(0.5)
    client.send_signal(signal.SIGINT)
    start = time.monotonic()
    out, err = client.communicate(timeout=10)
    expect(client.returncode, 130, err, "connecting again")
    assert time.monotonic() - start < 3, "the end took too long"
    subprocess.run(["ffprobe", "-v", "error", os.path.join(folder, "a.mp4")], check=True)


def case_nobody_there(folder):
    instance = Instance()
    url = instance.url()
    instance.stop()
    code, _, err = run_client(url)
    expect(code, 4, err, "Connection refused")
    code, _, err = run_client("dc://no.such.host.invalid:1/")
    expect(code, 4, err, "cannot connect to no.such.host.invalid")
    code, _, err = run_client("https://127.0.0.1:1/whep#token=" + 32 * "0")
    expect(code, 4, err, "cannot connect to 127.0.0.1 port 1")


def case_usage(folder):
    for arguments, wanted, text in (
            (["x:1"], 2, "must begin with https://"), (["dc://x:1/?token=12"], 2, "32 hexadecimal digits"),
            (["http://x"], 2, "this machine only"), (["https://x/#fp=00"], 2, "64 hexadecimal digits"),
            (["--seconds", "x", "dc://x:1/"], 2, "--seconds"), ([], 2, "one address"),
            (["--screenshot-at", "1", "dc://x:1/"], 2, "--screenshot")):
        result = subprocess.run([CLIENT, "--headless", *arguments], stderr=subprocess.PIPE, text=True, timeout=10)
        expect(result.returncode, wanted, result.stderr, text)
    script = os.path.join(folder, "script")
    with open(script, "w") as f:
        f.write("1 tap Return\n2 tap Retrun\n")
    code, _, err = run_client("dc://127.0.0.1:1/", "--script", script)
    expect(code, 3, err, f"{script}:2:7: no such key")
    code, _, err = run_client("dc://127.0.0.1:1/", "--script", script + ".missing")
    expect(code, 3, err, "No such file")
    assert subprocess.run([CLIENT, "--help"], stdout=subprocess.PIPE).returncode == 0


def case_settings(folder):
    """The player's file is read, its mistakes are named by line, and options win."""
    conf = os.path.join(folder, "droidcloud", "client.conf")
    os.mkdir(os.path.dirname(conf))
    environment = dict(os.environ, XDG_CONFIG_HOME=folder)

    def write(text):
        with open(conf, "w") as f:
            f.write(text)
    instance = Instance()
    report = os.path.join(folder, "a.json")

    def audio_packets(*options):
        code, _, err = run_client(instance.url(), "--seconds", "1", "--report", report, *options, env=environment)
        expect(code, 0, err)
        with open(report) as f:
            return json.load(f)["audio"]["packets"]
    write("# quiet\naudio = no\n")
    assert audio_packets() == 0
    assert audio_packets("--audio") > 10
    assert audio_packets("--no-config") > 10
    write("audio = yes\n")
    assert audio_packets("--no-audio") == 0
    instance.stop()
    write("vsync = yes\n\nfulscreen = yes\n")
    code, _, err = run_client("dc://127.0.0.1:1/", env=environment)
    expect(code, 2, err, f"{conf}:3: there is no setting 'fulscreen'")
    other = os.path.join(folder, "other.conf")
    code, _, err = run_client("dc://127.0.0.1:1/", "--config", other, env=environment)
    expect(code, 2, err, "No such file")
    with open(other, "w") as f:
        f.write("display = x\n")
    code, _, err = run_client("dc://127.0.0.1:1/", "--config", other, env=environment)
    expect(code, 2, err, f"{other}:1: display: 'x' is not a number")
    code, _, err = run_client("dc://127.0.0.1:1/", "--no-config", "--display", "99", env=environment)
    expect(code, 2, err, "--display: '99'")
    assert subprocess.run([CLIENT, "--help"], env=environment, stdout=subprocess.DEVNULL).returncode == 0


def case_decoder(folder):
    """A decoder that is not there is said, and the picture comes all the same."""
    devices = subprocess.run([CLIENT, "--list-devices"], stdout=subprocess.PIPE, text=True, timeout=20).stdout
    if "vaapi: there is a device" in devices:
        sys.exit(SKIP)
    instance = Instance()
    path = os.path.join(folder, "a.png")
    code, _, err = run_client(instance.url(), "--seconds", "1", "--decoder", "vaapi", "--screenshot", path)
    expect(code, 0, err, "decoder vaapi: there is no such device")
    check_bars(rgb(path, 640, 360), 640, 360)
    code, _, err = run_client(instance.url(), "--decoder", "magic")
    expect(code, 2, err, "'magic' is none of auto, software, vaapi, vdpau, cuda")
    instance.stop()


def case_list_devices(folder):
    """What there is, and that there is none of something, without an address."""
    environment = dict(os.environ, SDL_VIDEODRIVER="dummy", SDL_AUDIODRIVER="dummy")
    result = subprocess.run([CLIENT, "--list-devices"], env=environment, stdout=subprocess.PIPE, text=True, timeout=20)
    assert result.returncode == 0
    out = result.stdout
    assert re.search(r"Displays .*:\n  0  .*, \d+x\d+, \d+ Hz\n", out), out
    assert "Sound outputs (--audio-device):\n" in out and "Sound inputs:\n" in out and "Game controllers:\n" in out, out
    assert "  software: h264\n" in out and re.search(r"  vaapi: (no device|there is a device)\n", out), out
    environment["SDL_VIDEODRIVER"] = "no-such-driver"
    result = subprocess.run([CLIENT, "--list-devices"], env=environment, stdout=subprocess.PIPE, text=True, timeout=20)
    assert result.returncode == 0 and re.search(r"Displays .*:\n  none: .+\n", result.stdout), result.stdout


def case_full_disk(folder):
    """The recording ends with a clear message, the session does not; what was written can be played."""
    instance = Instance()
    report = os.path.join(folder, "a.json")
    code, _, err = run_client(instance.url(), "--seconds", "2", "--record", "/dev/full", "--report", report)
    expect(code, 8, err, "No space left on device")
    with open(report) as f:
        report = json.load(f)
    assert report["frames_displayed"] > 20 and report["video"] is None, report

    def limit_files():  # stands in for a disk of 64 KiB: writing beyond fails the same way
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    video = os.path.join(folder, "a.mp4")
    code, _, err = run_client(instance.url(), "--seconds", "4", "--record", video, preexec_fn=limit_files)
    expect(code, 8, err, "recording to")
    assert os.path.getsize(video) <= 65536
    probe = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                            "stream=nb_read_frames", "-of", "csv=p=0", video], stdout=subprocess.PIPE, text=True).stdout
    assert int(probe.strip().rstrip(",") or 0) > 30, f"'{probe}' frames can be played"
    for option in ("--screenshot", "--report", "--csv"):
        code, _, err = run_client(instance.url(), "--seconds", "0.5", option, "/dev/full")
        expect(code, 8, err, "No space left on device")
    code, _, err = run_client(instance.url(), "--record", os.path.join(folder, "missing", "a.mp4"))
    expect(code, 8, err, "No such file or directory")
    assert instance.stop()[0] == 0


def case_signals(folder):
    """Ctrl-C ends in order: files are written, the instance hears a goodbye."""
    instance = Instance()
    report, video = os.path.join(folder, "a.json"), os.path.join(folder, "a.mp4")
    client = start_client(instance.url(), "--report", report, "--record", video, "--warmup", "0.5")
    instance.wait_for("connected 60000")
    time.sleep(2)
    client.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=10)
    expect(client.returncode, 130, err)
    with open(report) as f:
        assert json.load(f)["frames_displayed"] > 20
    subprocess.run(["ffprobe", "-v", "error", video], check=True)
    code, err = instance.stop()
    assert "said goodbye" in err, err


def case_screenshot_at(folder):
    """The picture of the moment asked for, not of the end."""
    instance = Instance()
    script = os.path.join(folder, "script")
    with open(script, "w") as f:
        f.write("1.5 key A press\n")  # flips the square
    path = os.path.join(folder, "a.png")
    for at, want in (("1", (0, 128, 255)), ("2.5", (255, 128, 0))):
        code, _, err = run_client(instance.url(), "--seconds", "3.5", "--screenshot", path, "--screenshot-at", at,
                                  "--script", script)
        expect(code, 0, err)
        got = rgb(path, 640, 360)(40, 220)
        assert all(abs(a - b) <= 4 for a, b in zip(got, want)), f"at {at}: {got}, wanted {want}"
        if at == "1": # the press flipped the square: begin anew
            instance.stop()
            instance = Instance()
    instance.stop()


def case_resize(folder):
    """The stream changes its size while it plays."""
    instance = Instance()
    path = os.path.join(folder, "a.png")
    client = start_client(instance.url(), "--seconds", "3", "--screenshot", path)
    instance.wait_for("connected 60000")
    time.sleep(1)
    instance.command("resize 320 240")
    out, err = client.communicate(timeout=20)
    expect(client.returncode, 0, err)
    check_bars(rgb(path, 320, 240), 320, 240)
    instance.stop()


def case_window(folder):
    """The SDL window under Xvfb: colours and aspect as the X server sees them."""
    if not shutil.which("Xvfb"):
        sys.exit(SKIP)
    read_fd, write_fd = os.pipe()
    xvfb = subprocess.Popen(["Xvfb", "-displayfd", str(write_fd), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
                            pass_fds=[write_fd], stderr=subprocess.DEVNULL)
    try:
        os.close(write_fd)
        display = ":" + os.read(read_fd, 16).decode().strip()
        environment = dict(os.environ, DISPLAY=display, SDL_AUDIODRIVER="dummy", SDL_VIDEODRIVER="x11")
        environment.pop("WAYLAND_DISPLAY", None)
        instance = Instance()
        client = subprocess.Popen([CLIENT, "--fullscreen", instance.url()], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
                                  text=True, env=environment)
        instance.wait_for("connected .*")
        time.sleep(2.5)
        path = os.path.join(folder, "x.png")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "x11grab", "-video_size", "800x600", "-i", display, "-frames:v", "1",
                        path], check=True)
        pixel = rgb(path, 800, 600)
        check_bars(pixel, 800, 450, 0, 75)  # 16:9 on 4:3
        assert pixel(400, 20) == (0, 0, 0) and pixel(400, 590) == (0, 0, 0), "bars above and below are not black"
        client.send_signal(signal.SIGTERM)
        out, err = client.communicate(timeout=10)
        expect(client.returncode, 143, err)
        instance.stop()
        instance = Instance(320, 180)
        client = subprocess.Popen([CLIENT, "--fullscreen", "--scale", "integer", instance.url()], stderr=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, env=environment)
        instance.wait_for("connected .*")
        time.sleep(1.5)
        subprocess.run(["ffmpeg", "-y", "-v", "error", "-f", "x11grab", "-video_size", "800x600", "-i", display, "-frames:v",
                        "1", path], check=True)
        pixel = rgb(path, 800, 600)
        check_bars(pixel, 640, 360, 80, 120)  # twice as large, in the middle
        assert pixel(78, 300) == (0, 0, 0) and pixel(400, 118) == (0, 0, 0), "black around it"
        client.send_signal(signal.SIGTERM)
        out, err = client.communicate(timeout=10)
        expect(client.returncode, 143, err)
        instance.stop()
    finally:
        xvfb.terminate()
        xvfb.wait()


def main():
    folder = tempfile.mkdtemp(prefix="dc-client-test-")
    # The settings of whoever runs the tests are none of theirs. It must exist: libpulse makes it otherwise, as root anywhere.
    os.environ["XDG_CONFIG_HOME"] = os.path.join(folder, "config")
    os.mkdir(os.environ["XDG_CONFIG_HOME"])
    try:
        globals()["case_" + sys.argv[2]](folder)
    finally:
        shutil.rmtree(folder)


main()
