#!/usr/bin/env python3
"""Click to photon: how long from a mouse button until a pixel of the player's screen has changed, seen from outside. The same
application (bars that scroll, a patch that flips with each press) through ours and through the peers that a user could take
instead on this machine, in turns: TigerVNC, xpra with H.264, GStreamer and FFmpeg (both send pictures only: their clicks go
straight into the application's display). `alone` is the application without anything on the way.

It also compares the latency that our client reports with the one that the probe sees, and fails if the medians differ by
more than a millisecond."""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from glmark2 import describe_machine  # noqa: E402
from processes import become_subreaper, cpu_seconds  # noqa: E402
from remote_displays import WAYS, Bench, missing  # noqa: E402
from report import median, progress, table  # noqa: E402

SETTLE_S = 5  # splash windows, first key frames, programs that load
AGREEMENT_MS = 1.0
TARGETS = {"p50": 20, "p95": 28, "p99": 35}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run bench latency", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--ways", default=",".join(WAYS), help="default: %(default)s")
    parser.add_argument("--clicks", type=int, default=200, help="clicks for each way, over all rounds (default: 200)")
    parser.add_argument("--rounds", type=int, default=2, help="turns over all ways (default: 2)")
    parser.add_argument("--size", default="1280x720", help="default: 1280x720")
    parser.add_argument("--bitrate", type=int, default=10000, help="kbit/s (default: 10000)")
    parser.add_argument("--screenshots", metavar="DIR", help="a picture of each player's screen while it is measured")
    parser.add_argument("--json", metavar="FILE", help="write everything")
    options = parser.parse_args()
    options.ways = options.ways.split(",")
    for way in options.ways:
        if way not in WAYS:
            parser.error(f"no way called {way}; there are {', '.join(WAYS)}")
    if options.clicks < options.rounds or options.rounds < 1:
        parser.error("at least one click a round")
    return options


def percentile(values, percent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else None


def take_screenshot(screen, size, path):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-f", "x11grab", "-draw_mouse", "0", "-video_size", size, "-i", screen,
                    "-frames:v", "1", path], check=False)


def probe(bench, screen, pressed, clicks):
    """Latencies, lost clicks and processor time. Raises RuntimeError when nothing flips there."""
    width, height = (int(v) for v in bench.size.split("x"))
    command = [bench.program("bench-probe"), "--display", screen, "--input-display", pressed, "--clicks", str(clicks),
               "--at", f"{width // 2 + 60},{height // 2 + 60}", "--seed", str(random.getrandbits(31))]
    before_s, started_s = cpu_seconds(), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate(timeout=clicks * 2 + 30)
    if process.returncode:
        raise RuntimeError(err.strip() or f"no click showed: {bench.group.log_tail()}")
    result = json.loads(out)
    result["cpu_percent"] = 100 * (cpu_seconds() - before_s) / (time.monotonic() - started_s)
    return result


def measure(way, options, clicks):
    with tempfile.TemporaryDirectory(prefix="dc-latency-") as directory:
        bench = Bench(os.path.abspath(options.build_dir), directory, options.size, options.bitrate)
        result = report = None
        try:
            screen, pressed = WAYS[way][0](bench)
            time.sleep(SETTLE_S)
            result = probe(bench, screen, pressed, clicks)
            if options.screenshots:
                take_screenshot(screen, options.size, os.path.join(options.screenshots, f"{way}.png"))
        finally:
            report = bench.stop()
        if report and result:
            result["reported_ms"] = report["input_to_present_ms"]
        return result


def summarise(results):
    latencies = [v for r in results for v in r["latencies_ms"]]
    return {
        "clicks": len(latencies), "lost": sum(r["lost"] for r in results),
        "p50": percentile(latencies, 50), "p95": percentile(latencies, 95), "p99": percentile(latencies, 99),
        "cpu_percent": median([r["cpu_percent"] for r in results]),
        "sample_interval_ms": max(r["sample_interval_ms"] for r in results),
    }


def print_results(summary):
    rows = [[way, s["clicks"], s["lost"], *[f"{s[p]:.1f}" for p in ("p50", "p95", "p99")], f"{s['cpu_percent']:.0f}",
             "yes" if WAYS[way][2] else "no"] for way, s in summary.items()]
    print(table(["way", "clicks", "lost", "p50 ms", "p95 ms", "p99 ms", "CPU %", "own input"], rows))


def judge(summary, results):
    """Prints what the figures come to; returns whether our own report agrees with the probe."""
    ours = summary.get("droidcloud")
    if not ours:
        return True
    for name, target in TARGETS.items():
        print(f"droidcloud {name}: {ours[name]:.1f} ms (target ≤ {target}): {'ok' if ours[name] <= target else 'MISSED'}")
    reported = [(median(r["latencies_ms"]), r["reported_ms"]["p50"]) for r in results["droidcloud"]
                if r.get("reported_ms", {}).get("n")]
    if not reported:
        print("droidcloud: its client reported no latencies: DISAGREES")
        return False
    gap = median([abs(seen - said) for seen, said in reported])
    agrees = gap <= AGREEMENT_MS
    print(f"droidcloud: medians seen and reported: {', '.join(f'{s:.1f}/{r:.1f}' for s, r in reported)} ms, "
          f"apart {gap:.2f} ms: {'ok' if agrees else 'DISAGREES'}")
    return agrees


def main():
    options = parse_arguments()
    become_subreaper()
    if options.screenshots:
        os.makedirs(options.screenshots, exist_ok=True)
    results, failures = {way: [] for way in options.ways}, []
    total = options.rounds * len(options.ways)
    for number in range(options.rounds):
        for at, way in enumerate(options.ways):
            try:
                if missing(way):
                    raise RuntimeError(f"not installed: {', '.join(missing(way))}")
                results[way].append(measure(way, options, -(-options.clicks // options.rounds)))
                outcome = f"p50 {median(results[way][-1]['latencies_ms']):.1f} ms"
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                failures.append({"way": way, "round": number, "reason": str(error)})
                outcome = f"FAILED: {error}"
            progress(number * len(options.ways) + at + 1, total, f"{way:10} {outcome}")
    summary = {way: summarise(r) for way, r in results.items() if r}
    print_results(summary)
    agrees = judge(summary, results)
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"machine": describe_machine(), "size": options.size, "bitrate_kbps": options.bitrate,
                       "summary": summary, "results": results, "failures": failures}, f, indent=2)
    return 1 if failures or not agrees else 0


if __name__ == "__main__":
    sys.exit(main())
