#!/usr/bin/env python3
"""A game's textures cross the line once: a second instance of the same game, of the same tenant, names what the server has.

usage: uploads.py BUILD_DIR
A LÖVE game and a glmark2 scene are played over TCP by a tenant, by it again, and by another tenant, who must not profit (how
fast an upload is would tell what others have); then with --share-uploads, where it must. Bytes are those of the bulk
connection, as dc-instance counts them on the wire.
"""
import json
import os
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from demo import game_environment  # noqa: E402
from stack import Stack  # noqa: E402

# What a game's textures, and a scene of pictures and meshes.
GAMES = {"mrrescue": ["/usr/games/mrrescue"],
         "glmark2": ["glmark2-es2-wayland", "-s", "640x360", "--run-forever", "-b", "terrain", "-b", "desktop"]}
SECONDS = 7
SECOND_SHARE = 0.05  # of the first one's bytes


def play(stack, game, name, tenant):
    """The report's link totals."""
    report = os.path.join(stack.instance_dir, f"{name}.json")
    command = stack.instance_command(GAMES[game], name=name, tenant=tenant, extra=["--no-client", "--report", report])
    home = os.path.join(stack.instance_dir, name)
    env = {**game_environment(home), "XDG_RUNTIME_DIR": stack.instance_dir}
    process = stack.spawn(name, command, env={**os.environ, **env}, stdout=stack.log)
    try:
        process.wait(SECONDS)
        sys.exit(f"{game} ended early, with status {process.returncode}\n{stack.log_tail()}")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    with open(report) as f:
        link = json.load(f)["link"]
    print(f"{game} as {tenant}: {link['bulk_bytes']} bytes of bulk took {link['bulk_wire_bytes']}", flush=True)
    return link


def check(build, game, shared):
    """Yields what is wrong."""
    stack = Stack(build, link="tcp")
    try:
        stack.start_render(extra=["--share-uploads"] if shared else [])
        first = play(stack, game, "one", "arcade")
        if not shared:
            second = play(stack, game, "two", "arcade")
        other = play(stack, game, "three", "museum")
    finally:
        stack.stop()
    took = first["bulk_wire_bytes"]
    if took < 100000:
        yield f"{game}: it uploads only {took} bytes: nothing to compare"
    if not shared and second["bulk_wire_bytes"] > SECOND_SHARE * took:
        yield f"{game}: the second instance sent {second['bulk_wire_bytes']} bytes, the first {took}"
    if not shared and other["bulk_wire_bytes"] < 0.9 * took:
        yield f"{game}: another tenant sent {other['bulk_wire_bytes']} bytes only, the first {took}"
    if shared and other["bulk_wire_bytes"] > SECOND_SHARE * took:
        yield f"{game}: with --share-uploads another tenant sent {other['bulk_wire_bytes']} bytes, the first {took}"


def main():
    problems = [p for game, shared in (("mrrescue", False), ("glmark2", False), ("mrrescue", True))
                for p in check(sys.argv[1], game, shared)]
    print("\n".join(problems or ["uploads cross the line once"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
