#!/usr/bin/env python3
"""dc-udp-relay between two sockets: usage relay_test.py RELAY"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

relay_program = sys.argv[1]


def relay(to, *options):
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    process = subprocess.Popen([relay_program, "--listen", f"127.0.0.1:{port}", "--to", f"127.0.0.1:{to}", *options],
                               stderr=subprocess.PIPE, text=True)
    assert "ready" in process.stderr.readline()
    return process, ("127.0.0.1", port)


def echo_lost(options, count):
    """Sends numbered datagrams, the server echoes them; returns what came back and the report."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.setblocking(False)
    clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    report = tempfile.mktemp()
    process, address = relay(server.getsockname()[1], "--json", report, *options)
    back = [[], []]
    for client in clients:
        client.setblocking(False)
    until = float("inf")
    sent = 0
    while time.monotonic() < until:
        if sent < count:
            for client in clients:
                client.sendto(sent.to_bytes(4, "big") + bytes(96), address)
            sent += 1
            if sent == count:
                until = time.monotonic() + 0.4
        try:
            while True:
                data, source = server.recvfrom(2000)
                server.sendto(data, source)
        except BlockingIOError:
            pass
        for i, client in enumerate(clients):
            try:
                while True:
                    back[i].append(int.from_bytes(client.recv(2000)[:4], "big"))
            except BlockingIOError:
                pass
        time.sleep(0.0002)
        if sent == count:
            time.sleep(0.002)
    process.terminate()
    assert process.wait(5) == 0
    with open(report, encoding="utf-8") as f:
        counters = json.load(f)
    os.unlink(report)
    return back, counters


back, counters = echo_lost(["--delay-ms", "5"], 300)
assert back[0] == list(range(300)) and back[1] == list(range(300)), "two clients, each gets its own answers in order"
assert counters["up"]["passed"] == counters["down"]["passed"] == 600 and counters["no_room"] == 0

back, counters = echo_lost(["--seed", "3", "--up", "--loss", "0.2"], 300)
again, _ = echo_lost(["--seed", "3", "--up", "--loss", "0.2"], 300)
assert counters["up"]["lost"] > 60 and counters["down"]["lost"] == 0, counters
assert len(back[0]) + len(back[1]) == counters["down"]["passed"]
assert back == again, "the same seed, the same losses"

back, counters = echo_lost(["--down", "--outage", "0:100000"], 50)
assert back == [[], []] and counters["down"]["dropped_outage"] == 100

for bad in (["--loss", "2"], ["--rate-at", "5"], ["--outage", "1:x"], ["--rate-at", "2:10", "--rate-at", "1:10"], ["--nonsense"], ["x"]):
    result = subprocess.run([relay_program, "--listen", "127.0.0.1:1", "--to", "127.0.0.1:2", *bad], capture_output=True)
    assert result.returncode == 2 and result.stderr, bad
result = subprocess.run([relay_program, "--help"], capture_output=True, text=True)
assert result.returncode == 0 and "--burst" in result.stdout
print("ok")
