"""Ways from an application to a player's screen, each as users of it would set it up: ours, and its peers. Every one gets
the same application (bench/latency/flip.c), size, frame rate and, where it has one, the same encoder, preset and bit rate.

A way is a function(bench) that starts it and returns (display that the player looks at, display where clicks go in)."""
import json
import os
import shutil
import socket
import sys
import time

from processes import Group

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "demo"))
from stack import Stack, free_port  # noqa: E402


class Bench:
    """What a way needs: displays, the application, settings. One for each time that a way is measured."""

    def __init__(self, build, directory, size, bitrate_kbps):
        self.build, self.size, self.bitrate_kbps = build, size, bitrate_kbps
        self.group = Group(directory)
        self.directory = directory
        self.stack = None
        self.client = None
        self.report = os.path.join(directory, "report.json")

    def program(self, name):
        return os.path.join(self.build, "bench", "latency", name)

    def flip(self, display, env=None):
        return self.group.spawn([self.program("bench-flip"), "--size", self.size],
                                {"DISPLAY": display, "SDL_VIDEODRIVER": "x11", **(env or {})})

    def free_display(self):
        number = 90
        while os.path.exists(f"/tmp/.X11-unix/X{number}") or os.path.exists(f"/tmp/.X{number}-lock"):
            number += 1
        return f":{number}"

    def wait_for_display(self, display):
        deadline = time.monotonic() + 10
        while not os.path.exists(f"/tmp/.X11-unix/X{display[1:]}"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"display {display} did not start: {self.group.log_tail()}")
            time.sleep(0.05)
        return display

    def screen(self):
        """A screen without a monitor."""
        display = self.free_display()
        self.group.spawn(["Xvfb", display, "-screen", "0", f"{self.size}x24", "-nolisten", "tcp"])
        return self.wait_for_display(display)

    def wait_for_port(self, port):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 0.5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"nobody listens on port {port}: {self.group.log_tail()}")

    def stop(self):
        """Returns our client's report where there is one."""
        if self.client and self.client.poll() is None:
            self.client.terminate()
            self.client.wait(10)
        if self.stack:
            self.stack.stop()
        self.group.stop()
        if os.path.exists(self.report):
            with open(self.report) as f:
                return json.load(f)
        return None


def alone(bench):
    """The application itself: what nothing on the way could take less than."""
    display = bench.screen()
    bench.flip(display)
    return display, display


def droidcloud(bench):
    screen = bench.screen()
    bench.stack = Stack(bench.build)
    bench.stack.start_render()
    _, url = bench.stack.start_instance([bench.program("bench-flip"), "--vsync", "--size", bench.size],
                                        extra=["--size", bench.size, "--bitrate", str(bench.bitrate_kbps)],
                                        env={"SDL_VIDEODRIVER": "wayland"})
    bench.client = bench.stack.start_client(url, ["--no-audio", "--warmup", "0.1", "--report", bench.report],
                                            {"DISPLAY": screen, "SDL_VIDEODRIVER": "x11"})
    return screen, screen


def tigervnc(bench):
    server = bench.free_display()
    port = free_port()
    bench.group.spawn(["Xtigervnc", server, "-geometry", bench.size, "-depth", "24", "-SecurityTypes", "None",
                       "-rfbport", str(port), "-localhost", "-FrameRate", "60"])
    bench.wait_for_display(server)
    bench.flip(server)
    screen = bench.screen()
    bench.group.spawn(["xtigervncviewer", "-FullScreen", "-SecurityTypes", "None", f"127.0.0.1::{port}"],
                      {"DISPLAY": screen})
    return screen, screen


def xpra(bench):
    server, port = bench.free_display(), free_port()
    home = os.path.join(bench.directory, "xpra")
    os.mkdir(home, 0o700)
    # Stock settings batch damage for 200 ms at times; these are the ones that its manual names for low latency.
    env = {"XPRA_BATCH_MIN_DELAY": "5", "XPRA_BATCH_MAX_DELAY": "10", "XPRA_MIN_DELAY": "5", "HOME": home,
           "XDG_RUNTIME_DIR": home}
    bench.group.spawn(["xpra", "start", server, "--daemon=no", f"--bind-tcp=127.0.0.1:{port}", "--encoding=h264",
                       "--encodings=h264", "--video-encoders=x264", "--speed=100", "--min-speed=100", "--pulseaudio=no",
                       "--notifications=no", "--mdns=no", "--webcam=no", "--html=off", "--printing=no", "--dbus-proxy=no",
                       f"--xvfb=Xvfb +extension Composite -screen 0 {bench.size}x24 -nolisten tcp -noreset",
                       f"--start-child={bench.program('bench-flip')} --size {bench.size}"], {**env, "SDL_VIDEODRIVER": "x11"})
    bench.wait_for_port(port)
    screen = bench.screen()
    bench.group.spawn(["xpra", "attach", f"tcp://127.0.0.1:{port}", "--encodings=h264", "--encoding=h264", "--speed=100",
                       "--min-speed=100", "--auto-refresh-delay=0", "--video-scaling=off", "--opengl=no",
                       "--notifications=no", "--pulseaudio=no", "--webcam=no"], {**env, "DISPLAY": screen})
    return screen, screen


def gstreamer(bench):
    source, screen, port = bench.screen(), bench.screen(), free_port()
    bench.flip(source)
    bench.group.spawn(["gst-launch-1.0", "-q", "udpsrc", f"port={port}",
                       "caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload=96", "!",
                       "rtpjitterbuffer", "latency=0", "!", "rtph264depay", "!", "avdec_h264", "!", "videoconvert", "!",
                       "ximagesink", "sync=false"], {"DISPLAY": screen})
    bench.group.spawn(["gst-launch-1.0", "-q", "ximagesrc", f"display-name={source}", "use-damage=0", "show-pointer=false",
                       "!", "video/x-raw,framerate=60/1", "!", "videoconvert", "!", "x264enc", "tune=zerolatency",
                       "speed-preset=ultrafast", f"bitrate={bench.bitrate_kbps}", "threads=2", "key-int-max=60", "!",
                       "rtph264pay", "config-interval=1", "aggregate-mode=zero-latency", "!", "udpsink", "host=127.0.0.1",
                       f"port={port}", "sync=false"])
    return screen, source


def ffmpeg(bench):
    source, screen, port = bench.screen(), bench.screen(), free_port()
    bench.flip(source)
    bench.group.spawn(["ffplay", "-loglevel", "error", "-fflags", "nobuffer", "-flags", "low_delay", "-framedrop", "-noborder",
                       "-left", "0", "-top", "0", "-sync", "ext", "-vf", "setpts=0", "-f", "mpegts",
                       f"udp://127.0.0.1:{port}"], {"DISPLAY": screen, "SDL_VIDEODRIVER": "x11"})
    bench.group.spawn(["ffmpeg", "-loglevel", "error", "-f", "x11grab", "-draw_mouse", "0", "-framerate", "60", "-video_size",
                       bench.size, "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-threads",
                       "2", "-b:v", f"{bench.bitrate_kbps}k", "-g", "60", "-muxdelay", "0", "-flush_packets", "1", "-f", "mpegts", f"udp://127.0.0.1:{port}"])
    return screen, source


# name: (function, programs that it needs, whether its own input path is measured)
WAYS = {
    "alone": (alone, ["Xvfb"], True),
    "droidcloud": (droidcloud, ["Xvfb"], True),
    "tigervnc": (tigervnc, ["Xtigervnc", "xtigervncviewer"], True),
    "xpra": (xpra, ["xpra"], True),
    "gstreamer": (gstreamer, ["gst-launch-1.0"], False),
    "ffmpeg": (ffmpeg, ["ffmpeg", "ffplay"], False),
}


def missing(way):
    return [p for p in WAYS[way][1] if not shutil.which(p)]
