#!/usr/bin/env python3
"""A bad network: dc-client over WebRTC through dc-udp-relay, which loses, delays and narrows the same way for the same seed.
720p60, encoder target 10 Mb/s, a picture that needs all of it; 10 ms each way, losses in both directions. Each network is
played for some seconds and compared with its target. Capture is the moment at which the worker has executed the present;
`beyond` is capture → decoded less the line's 10 ms."""
import argparse
import csv
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "tools", "demo"))
from glmark2 import describe_machine  # noqa: E402
from report import progress, table  # noqa: E402
from stack import Stack, StackError, free_port  # noqa: E402

ONE_WAY_MS = 10
QUEUE_MS = 60       # what may wait in a line that became narrow
WARMUP_S = 3        # the first key frame, and the rate that the line is found to have
CUT_S, OUTAGE_S, OUTAGE_MS = 8, 8, 300
# The application is 127.0.0.1's; whoever comes to 127.0.0.2 comes through the relays.
INSTANCE, RELAYED = "127.0.0.1", "127.0.0.2"
STAGES = ("convert_ms", "encode_ms", "send_ms", "network_ms", "decode_ms")

# name: (relay's options, {figure: (better, target)})
NETWORKS = {
    "clean": ([], {"shown_percent": ("more", 100), "beyond_ms_p95": ("less", 8)}),
    "loss-1": (["--loss", "0.01"], {"shown_percent": ("more", 99.9), "beyond_ms_p95": ("less", 25)}),
    "loss-3": (["--loss", "0.03"], {"shown_percent": ("more", 99.5), "beyond_ms_p95": ("less", 40)}),
    "burst-2": (["--loss", "0.02", "--burst", "5"], {"shown_percent": ("more", 99), "beyond_ms_p95": ("less", 60)}),
    "cut": (["--down", "--rate-kbps", "50000", "--rate-at", f"{CUT_S}:4000"],
            {"adapted_s": ("less", 1.5), "queue_ms_p95": ("less", QUEUE_MS)}),
    "outage": (["--outage", f"{OUTAGE_S}:{OUTAGE_MS}"], {"back_ms": ("less", 200)}),
}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run bench stream", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--networks", default=",".join(NETWORKS), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=20, help="measured, for each network (default: 20)")
    parser.add_argument("--seed", type=int, default=1, help="of the relay (default: 1)")
    parser.add_argument("--bitrate", type=int, default=10000, help="the encoder's target in kbit/s (default: 10000)")
    parser.add_argument("--csv-dir", metavar="DIR", help="keep each network's line per frame")
    parser.add_argument("--json", metavar="FILE", help="write everything")
    options = parser.parse_args()
    options.networks = options.networks.split(",")
    for network in options.networks:
        if network not in NETWORKS:
            parser.error(f"no network called {network}; there are {', '.join(NETWORKS)}")
    if options.seconds < OUTAGE_S + 4 and {"cut", "outage"} & set(options.networks):
        parser.error(f"cut and outage need at least {OUTAGE_S + 4} seconds")
    return options


def percentile(values, percent):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 3) if ordered else None


def play(options, network, csv_path):
    """(the client's report, the relay's counters); the line per frame is in csv_path."""
    stack = Stack(options.build_dir)
    try:
        stack.start_render()
        port = free_port()
        app = stack.program("bench", "stream", "bench-turn")
        stack.start_instance([app], env={"SDL_VIDEODRIVER": "wayland"},
                             extra=["--size", "1280x720", "--bitrate", str(options.bitrate), "--web", f"{INSTANCE}:{port}"])
        # Offers go over TCP, the rest over UDP, to the same port.
        stack.spawn("dc-relay", [stack.program("tools", "dc-relay"), "--listen", f"{RELAYED}:{port}",
                                 "--to", f"{INSTANCE}:{port}"])
        counters = os.path.join(stack.instance_dir, "relay.json")
        relay = stack.spawn("dc-udp-relay", [
            stack.program("tools", "udp-relay", "dc-udp-relay"), "--listen", f"{RELAYED}:{port}", "--to", f"{INSTANCE}:{port}",
            "--seed", str(options.seed), "--json", counters, "--delay-ms", str(ONE_WAY_MS), *NETWORKS[network][0]])
        time.sleep(0.3)
        report = os.path.join(stack.instance_dir, "report.json")
        client = stack.start_client(stack.web_url.replace(INSTANCE, RELAYED), [
            "--headless", "--seconds", str(options.seconds + WARMUP_S), "--warmup", str(WARMUP_S), "--report", report, "--csv", csv_path])
        if client.wait(options.seconds + 60):
            raise StackError(f"dc-client ended with status {client.returncode}\n{stack.log_tail()}")
        relay.terminate()
        relay.wait(10)
        with open(report) as r, open(counters) as c:
            return json.load(r), json.load(c)
    finally:
        stack.stop()


def read_frames(path):
    """Those after the warm-up; times count from the first frame of all, as the relay's do within some milliseconds."""
    def value(text):
        return float(text) if text else None
    with open(path) as f:
        frames = [{k: value(v) for k, v in line.items()} for line in csv.DictReader(f)]
    return [f for f in frames if f["time_s"] >= WARMUP_S]


def beyond(frame):
    return sum(frame[s] or 0 for s in STAGES) - ONE_WAY_MS


def queue(frame):
    """What the frame waited in the pacer and in the line."""
    return (frame["send_ms"] or 0) + (frame["network_ms"] or 0) - ONE_WAY_MS


def measure_cut(frames):
    """From the first frame that waits (after the cut is due) to the last one that waits too long."""
    later = [f for f in frames if f["time_s"] > CUT_S - 1.5]
    begin = next((f["time_s"] for f in later if queue(f) > QUEUE_MS / 2), None)
    if begin is None:
        return {"adapted_s": 0.0, "queue_ms_p95": percentile([queue(f) for f in later], 95)}
    # One frame that waits alone, seconds later, is no part of the adaptation: it counts in the queue afterwards.
    late = [f["time_s"] for f in later if begin <= f["time_s"] < begin + 3 and queue(f) > QUEUE_MS]
    end = max(late) if late else begin
    after = [queue(f) for f in later if f["time_s"] > max(end, begin)]
    return {"adapted_s": round(end - begin, 3), "queue_ms_p95": percentile(after, 95)}


def measure_outage(frames):
    """The longest time without a new picture around the outage, less the outage itself."""
    times = [f["time_s"] for f in frames if f["presented"] and OUTAGE_S - 2 < f["time_s"] < OUTAGE_S + 3]
    gaps = [b - a for a, b in zip(times, times[1:])]
    return {"back_ms": round(max(gaps) * 1000 - OUTAGE_MS, 1) if gaps else None}


def summarise(network, frames, report, counters):
    if not frames:
        raise StackError("no frame was decoded")
    encoded = int(frames[-1]["frame_id"] - frames[0]["frame_id"]) + 1
    values = [beyond(f) for f in frames]
    result = {
        "network": {"one_way_ms": ONE_WAY_MS, "relay": NETWORKS[network][0]},
        "frames_encoded": encoded, "frames_decoded": len(frames),
        "frames_shown": sum(1 for f in frames if f["presented"]),
        "key_frames": int(sum(f["keyframe"] for f in frames)),
        "beyond_ms": {f"p{p}": percentile(values, p) for p in (50, 95, 99)},
        "stages_ms": {s[:-3]: {f"p{p}": percentile([f[s] for f in frames if f[s] is not None], p) for p in (50, 95)}
                      for s in STAGES},
        "fps_mean": report["fps_mean"], "bitrate_kbps": report["bitrate_kbps"], "recovery": report.get("recovery"),
        "relay": counters, "cpu_percent": report["cpu_percent"],
    }
    result["shown_percent"] = round(100 * result["frames_shown"] / encoded, 2)
    result["decoded_percent"] = round(100 * len(frames) / encoded, 2)
    result["beyond_ms_p95"] = result["beyond_ms"]["p95"]
    if network == "cut":
        result.update(measure_cut(frames))
    if network == "outage":
        result.update(measure_outage(frames))
    return result


def judge(network, result):
    """Lines of text, one per target."""
    for figure, (better, target) in NETWORKS[network][1].items():
        value = result[figure]
        reached = value is not None and (value >= target if better == "more" else value <= target)
        sign = "≥" if better == "more" else "≤"
        yield f"{network}: {figure} {value} (target {sign} {target}): {'ok' if reached else 'MISSED'}"


def print_results(results):
    rows = [[name, r["frames_encoded"], f"{r['shown_percent']:.2f}", f"{r['decoded_percent']:.2f}",
             *[f"{r['beyond_ms'][p]:.1f}" for p in ("p50", "p95", "p99")], f"{r['fps_mean']:.1f}", f"{r['bitrate_kbps']:.0f}",
             r["key_frames"]] for name, r in results.items()]
    print(table(["network", "frames", "shown %", "decoded %", "p50 ms", "p95 ms", "p99 ms", "fps", "kb/s", "key frames"], rows))
    for name, result in results.items():
        print("\n".join(judge(name, result)))


def main():
    options = parse_arguments()
    options.build_dir = os.path.abspath(options.build_dir)
    directory = options.csv_dir or os.path.join(options.build_dir, "bench-stream")
    os.makedirs(directory, exist_ok=True)
    results, failed = {}, []
    for at, network in enumerate(options.networks):
        path = os.path.join(directory, f"{network}.csv")
        try:
            report, counters = play(options, network, path)
            results[network] = summarise(network, read_frames(path), report, counters)
            outcome = f"{results[network]['shown_percent']} % shown"
        except (StackError, OSError, subprocess.TimeoutExpired) as error:
            failed.append(network)
            outcome = f"failed: {error}"
        progress(at + 1, len(options.networks), f"{network}: {outcome}")
    if results:
        print_results(results)
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"machine": describe_machine(), "seconds": options.seconds, "seed": options.seed,
                       "bitrate_kbps": options.bitrate, "size": "1280x720", "networks": results}, f, indent=2)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
