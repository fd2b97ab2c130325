#!/usr/bin/env python3
"""Plays Mr. Rescue headless, as `./run demo --headless` does, over each link, and prints the figures of the client's
report: frames per second, input to present, waits for the render server. Links: local; tcp, where dc-render has network,
mount, PID and IPC namespaces of its own (as root); tcp-20ms, the same through a relay that adds 20 ms each way. The peer is
native: the same game in the same compositor, rendered by Mesa in its own process; its pictures are encoded likewise."""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
from glmark2 import describe_machine, end_group  # noqa: E402
from report import median, progress, table  # noqa: E402

LINKS = {
    "native": ["--native"],
    "local": ["--link", "local"],
    "tcp": ["--link", "tcp", "--isolate"],
    "tcp-20ms": ["--link", "tcp", "--isolate", "--relay-delay-ms", "20"],
}
# So much longer a game takes to load there; the script's key presses come later by that.
LATE_S = {"native": 0, "local": 0, "tcp": 0, "tcp-20ms": 5}
SCRIPT = os.path.join(HERE, "..", "tools", "demo", "mrrescue.script")

# (label, path in the report, better, target, links whose target it is)
FIGURES = [
    ("fps mean", ("fps_mean",), "more", 58, ("local", "tcp", "tcp-20ms")),
    ("fps 1 % low", ("fps_1pct_low",), "more", 45, ("local", "tcp")),
    ("frames displayed", ("frames_displayed",), None, None, ()),
    ("input → present p50 ms", ("input_to_present_ms", "p50"), "less", 35, ("local", "tcp")),
    ("input → present p95 ms", ("input_to_present_ms", "p95"), "less", 60, ("local", "tcp")),
    ("input → present p99 ms", ("input_to_present_ms", "p99"), None, None, ()),
    ("inputs measured", ("input_to_present_ms", "n"), "more", 100, ("local", "tcp", "tcp-20ms")),
    ("round trips per frame", ("link", "round_trips_per_frame"), "less", 0, ("local", "tcp", "tcp-20ms")),
    ("app waits per frame", ("link", "app_waits_per_frame"), None, None, ()),
    ("link bytes per frame", ("link", "bytes_per_frame"), None, None, ()),
    ("bit rate kb/s", ("bitrate_kbps",), None, None, ()),
    ("audio packets", ("audio", "packets"), None, None, ()),
    ("audio underruns", ("audio", "underruns"), None, None, ()),
    ("audio RMS dBFS", ("audio", "rms_dbfs"), None, None, ()),
    ("CPU % app", ("cpu_percent", "app"), None, None, ()),
    ("CPU % dc-instance", ("cpu_percent", "instance"), None, None, ()),
    ("CPU % worker", ("cpu_percent", "worker"), None, None, ()),
    ("CPU % dc-client", ("cpu_percent", "client"), None, None, ()),
]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run bench play", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--links", default=",".join(LINKS), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=60, help="length of a session (default: 60)")
    parser.add_argument("--warmup", type=float, default=5.8, help="seconds that are not measured: splash, menu and "
                                                                  "loading; the hero runs from 6.0 on (default: 5.8)")
    parser.add_argument("--rounds", type=int, default=1, help="sessions a link, in turns; the median counts")
    parser.add_argument("--size", default="1280x720", help="default: 1280x720")
    parser.add_argument("--json", metavar="FILE", help="write all reports")
    options = parser.parse_args()
    options.links = options.links.split(",")
    for link in options.links:
        if link not in LINKS:
            parser.error(f"no link called {link}; there are {', '.join(LINKS)}")
    return options


def arguments_for(link):
    if os.geteuid() == 0:
        return LINKS[link]
    return [a for a in LINKS[link] if a != "--isolate"]


def write_script(path, late_s):
    """The demo's script, `late_s` later."""
    with open(SCRIPT) as source, open(path, "w") as f:
        for line in source:
            time_s, _, rest = line.partition(" ")
            f.write(line if line.startswith("#") or not rest else f"{float(time_s) + late_s:.3f} {rest}")
    return path


def play(link, options, directory, number):
    """The client's report, or the reason why there is none."""
    report = os.path.join(directory, f"{link}-{number}.json")
    late_s = LATE_S[link]
    script = write_script(os.path.join(directory, f"{link}.script"), late_s)
    command = [sys.executable, os.path.join(HERE, "..", "tools", "demo", "demo.py"), "--build-dir", options.build_dir,
               "--headless", "--seconds", str(options.seconds + late_s), "--warmup", str(options.warmup + late_s),
               "--script", script, "--size", options.size, "--report", report, *arguments_for(link)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, errors="replace", start_new_session=True)
    try:
        _, err = process.communicate(timeout=options.seconds + late_s + 90)
    except subprocess.TimeoutExpired:
        return None, "no end after its time"
    finally:
        end_group(process)
    if process.returncode or not os.path.exists(report):
        lines = [t for t in err.splitlines() if t.strip()]
        return None, f"status {process.returncode}: {' | '.join(lines[-3:])}"
    with open(report) as f:
        return json.load(f), None


def lookup(report, path):
    for key in path:
        report = report.get(key) if isinstance(report, dict) else None
    return report if isinstance(report, (int, float)) else None


def cell(values, better, target, applies):
    values = [v for v in values if v is not None]
    if not values:
        return "-"
    value = median(values)
    digits = 0 if abs(value) >= 1000 or value == int(value) else 2 if abs(value) >= 1 else 4
    text = f"{value:.{digits}f}"
    if not applies:
        return text
    reached = value >= target if better == "more" else value <= target
    return f"{text} {'ok' if reached else 'MISSED'}"


def ratio_rows(reports, links):
    """Of each link to native, from the medians."""
    for label, path in (("fps mean / native", ("fps_mean",)), ("fps 1 % low / native", ("fps_1pct_low",))):
        values = {k: [v for v in (lookup(r, path) for r in reports[k]) if v is not None] for k in links}
        if values.get("native"):
            yield [label, "", *[f"{median(values[k]) / median(values['native']):.2f}" if values[k] else "-" for k in links]]


def print_results(reports, links):
    rows = list(ratio_rows(reports, links))
    for label, path, better, target, applies in FIGURES:
        wanted = "" if target is None else f"{'≥' if better == 'more' else '≤'} {target}"
        rows.append([label, wanted, *[cell([lookup(r, path) for r in reports[k]], better, target, k in applies)
                                      for k in links]])
    stages = sorted({s for k in links for r in reports[k] for s in r.get("stages_ms") or {}})
    for stage in stages:
        for percentile in ("p50", "p95"):
            rows.append([f"stage {stage} {percentile} ms", "", *[
                cell([lookup(r, ("stages_ms", stage, percentile)) for r in reports[k]], None, None, False)
                for k in links]])
    print(table(["figure", "target", *links], rows))


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    reports, failures = {link: [] for link in options.links}, []
    if os.geteuid() != 0 and any("--isolate" in LINKS[link] for link in options.links):
        print("Not root: dc-render runs without namespaces of its own.", file=sys.stderr)
    total = options.rounds * len(options.links)
    with tempfile.TemporaryDirectory(prefix="dc-bench-") as directory:
        for number in range(options.rounds):
            for at, link in enumerate(options.links):
                report, reason = play(link, options, directory, number)
                if report:
                    reports[link].append(report)
                    outcome = f"{lookup(report, ('fps_mean',)) or 0:.1f} fps"
                else:
                    failures.append({"link": link, "round": number, "reason": reason})
                    outcome = f"FAILED: {reason}"
                progress(number * len(options.links) + at + 1, total, f"{link:9} {outcome}")
    print_results(reports, options.links)
    for failure in failures:
        print(f"FAILED {failure['link']}: {failure['reason']}")
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"machine": describe_machine(), "seconds": options.seconds, "size": options.size,
                       "reports": reports, "failures": failures}, f, indent=2)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
