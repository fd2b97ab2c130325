#!/usr/bin/env python3
"""Plays an application through the whole stack: dc-render, dc-instance and dc-client on this machine."""
import argparse
import os
import signal
import subprocess
import sys

from stack import Stack, StackError

HERE = os.path.dirname(os.path.abspath(__file__))
GAME = "/usr/games/mrrescue"
MESA_VENDOR = "/usr/share/glvnd/egl_vendor.d/50_mesa.json"


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="./run demo",
        description="Plays an application (default: the game Mr. Rescue) through the whole stack. With a display the "
                    "client's window opens; without one, or with --headless, a script plays and a report is made.",
        epilog="Keys in Mr. Rescue: arrows, S jump, D water, A action, Return start. "
               "Client hotkeys: Ctrl+Alt+Shift with Q quit, S stats, X full screen, Z grab.")
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--headless", action="store_true", help="no window; an emulated 60 Hz display")
    parser.add_argument("--web", metavar="[http://][HOST:]PORT", nargs="?", const="http://127.0.0.1:0",
                        help="play in a browser instead of dc-client; the address is printed (default: any free port of "
                             "this machine's loopback, by HTTP)")
    parser.add_argument("--seconds", type=float, help="end after this many seconds (headless default: 22)")
    parser.add_argument("--warmup", type=float, metavar="S", help="measure from S seconds after the first frame on")
    parser.add_argument("--link", choices=["local", "tcp", "rdma"], default="local",
                        help="shared memory, TCP with mutual TLS, or the same with commands over RDMA (default: local)")
    parser.add_argument("--host", default="127.0.0.1",
                        help="tcp, rdma: the address where dc-render listens; for RDMA that of a device (default: 127.0.0.1)")
    parser.add_argument("--isolate", action="store_true",
                        help="tcp, root: dc-render in network, mount, PID and IPC namespaces of its own")
    parser.add_argument("--native", action="store_true",
                        help="the application renders with Mesa in its own process, and only its pictures go through the "
                             "stack: what forwarding is compared with")
    parser.add_argument("--relay-delay-ms", type=int, default=0, help="tcp: a relay adds this delay each way")
    parser.add_argument("--size", default="1280x720", help="output size (default: 1280x720)")
    parser.add_argument("--bitrate", type=int, help="video bit rate in kbit/s")
    parser.add_argument("--report", metavar="FILE.json", help="write the numbers of this session")
    parser.add_argument("--csv", metavar="FILE.csv", help="write the numbers of each frame")
    parser.add_argument("--screenshot", metavar="FILE.png", help="last frame that the client showed")
    parser.add_argument("--record", metavar="FILE.mp4", help="record picture and sound, not encoded again")
    parser.add_argument("--script", metavar="FILE", help="timed input (man dc-client); headless default: starts a game")
    parser.add_argument("--no-script", action="store_true", help="headless: no input")
    parser.add_argument("--verbose", action="store_true", help="logs of all processes on stderr")
    parser.add_argument("app", nargs="*", metavar="APP", help="another application and its arguments, after --")
    return parser.parse_args()


def game_environment(directory):
    """A home directory of the demo's own, in which the game's setting is full screen: the player's saves stay untouched."""
    save = os.path.join(directory, "share", "love", "mrrescue")
    os.makedirs(save)
    with open(os.path.join(save, "settings"), "w") as f:
        f.write("{fullscreen=2}")
    return {"XDG_DATA_HOME": os.path.join(directory, "share")}


def client_arguments(options, headless, is_game):
    arguments = []
    if headless:
        arguments.append("--headless")
    if options.seconds or headless:
        arguments += ["--seconds", str(options.seconds or 22)]
    script = options.script
    if not script and headless and is_game and not options.no_script:
        script = os.path.join(HERE, "mrrescue.script")
    warmup = options.warmup
    if warmup is None and script and is_game and (options.seconds or 22) >= 12:
        warmup = 6  # splash, menu and loading of the level are not play
    if warmup is not None:
        arguments += ["--warmup", str(warmup)]
    for name, value in (("--script", script), ("--report", options.report), ("--csv", options.csv),
                        ("--screenshot", options.screenshot), ("--record", options.record)):
        if value:
            arguments += [name, value]
    return arguments


def main():
    options = parse_arguments()
    is_game = not options.app
    app = options.app or [GAME]
    if options.native:
        app = ["env", f"__EGL_VENDOR_LIBRARY_FILENAMES={MESA_VENDOR}", *app]
    headless = options.headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if headless and not options.headless and not options.web:
        print("No display here: playing headless.", file=sys.stderr)
    stack = Stack(options.build_dir, options.link, options.isolate, options.relay_delay_ms, verbose=options.verbose,
                  host=options.host)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        stack.start_render()
        extra = ["--size", options.size]
        if options.bitrate:
            extra += ["--bitrate", str(options.bitrate)]
        if options.web:
            extra += ["--web", options.web]
        env = game_environment(stack.instance_dir) if is_game else {}
        instance, url = stack.start_instance(app, extra=extra, env=env)
        if options.web:
            print(f"Open in a browser: {stack.web_url}\nCtrl+C ends it.", file=sys.stderr)
            try:
                return instance.wait(options.seconds)
            except subprocess.TimeoutExpired:
                return 0
        print(f"{os.path.basename(app[0])} runs as a plain child process (no container), link {options.link}; "
              f"the client connects to {url.split('?')[0]}", file=sys.stderr)
        client = stack.start_client(url, client_arguments(options, headless, is_game))
        status = client.wait()
        if status:
            print(f"dc-client ended with status {status}. Log of the other processes:\n{stack.log_tail()}",
                  file=sys.stderr)
        return status
    except StackError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        stack.stop()


if __name__ == "__main__":
    sys.exit(main())
