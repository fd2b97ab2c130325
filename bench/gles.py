#!/usr/bin/env python3
"""glmark2's scenes, off-screen, on this machine: native Mesa, through droidcloud (local and TCP), and through Mesa's
virpipe driver and virgl_test_server. One scene runs all the ways before the next begins, so that a machine that gets
slower or faster is no advantage to any of them. Then each scene once more on screen, local and over TCP: waits and bytes
per frame on the link in the later half of the run."""
import argparse
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from glmark2 import FailedRun, Glmark2, describe_machine  # noqa: E402
from micro import measure_micro, micro_rows  # noqa: E402
from report import geometric_mean, median, progress, table  # noqa: E402
from steady import LINK_WAYS, link_record, link_rows, measure_on_screen  # noqa: E402
from ways import WAYS, make_way  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run bench gles", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--json", metavar="FILE", help="write the results")
    parser.add_argument("--scenes", metavar="A,B", help="only these (texture, or texture:texture-filter=linear); "
                                                        "default: glmark2's default list")
    parser.add_argument("--ways", default=",".join(WAYS), help="which to run, the first is what the ratios refer to "
                                                               "(default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="a scene's length (default: 3)")
    parser.add_argument("--rounds", type=int, default=1, help="how often; the median counts (default: 1)")
    parser.add_argument("--size", default="640x360", help="default: 640x360")
    parser.add_argument("--link-seconds", type=float, default=3, help="a scene's length where the link is measured; 0: it "
                                                                      "is not (default: 3)")
    parser.add_argument("--calls", type=int, default=10000000, help="of each kind in the micro-benchmark (default: "
                                                                    "%(default)s; draws: a hundredth)")
    parser.add_argument("--micro-rounds", type=int, default=3, help="0: no micro-benchmark (default: 3)")
    options = parser.parse_args()
    options.ways = options.ways.split(",")
    for way in options.ways:
        if way not in WAYS:
            parser.error(f"no way called {way}; there are {', '.join(WAYS)}")
    return options


def start_ways(names, options, failures):
    """The ways that could be started, by name. What could not is a failure, and the others go on."""
    started = {}
    for name in names:
        way = make_way(name, options)
        try:
            way.start()
            started[name] = way
        except Exception as error:  # one missing peer must not cost the other figures
            way.stop()
            failures.append({"scene": None, "way": name, "reason": str(error)})
            print(f"{name}: cannot be started: {error}", file=sys.stderr)
    return started


def select(scenes, wanted):
    if not wanted:
        return scenes
    chosen = []
    for name in wanted.split(","):
        found = [s for s in scenes if s == name or s.split(":")[0] == name]
        chosen += found or [name]  # glmark2 itself knows options that are not in its default list
    return chosen


def measure(scenes, ways, options, failures):
    """[{scene, fps: {way: frames per second}, steady: {way: the last run's}}]"""
    bench = Glmark2(options.size, options.seconds)
    total, done, results = len(scenes) * len(ways) * options.rounds, 0, []
    for scene in scenes:
        rates, steady = {name: [] for name in ways}, {}
        for round_number in range(options.rounds):
            order = list(ways) if round_number % 2 == 0 else list(reversed(ways))
            for name in order:
                done += 1
                try:
                    rate = bench.run_scene(scene, ways[name])
                    rates[name].append(rate)
                    if name in LINK_WAYS:
                        steady[name] = ways[name].steady()
                    outcome = f"{rate:9.1f} fps"
                except FailedRun as error:
                    failures.append({"scene": scene, "way": name, "reason": str(error)})
                    outcome = f"FAILED: {error}"
                progress(done, total, f"{scene[:60]:60} {name:7} {outcome}")
        results.append({"scene": scene, "fps": {name: median(r) if r else None for name, r in rates.items()},
                        "steady": steady})
    return results


def add_ratios(results, ways):
    base = ways[0]
    for result in results:
        reference = result["fps"].get(base)
        result["ratio"] = {w: result["fps"][w] / reference for w in ways[1:]
                           if reference and result["fps"].get(w)}
    # Only scenes that every way finished: otherwise a way gains by failing where it is slow.
    common = [r for r in results if all(w in r["ratio"] for w in ways[1:])]
    means = {w: geometric_mean([r["ratio"][w] for r in common]) for w in ways[1:]}
    return common, means


def add_link(scenes, results, started, options, failures):
    on_screen = measure_on_screen(scenes, started, options, failures) if options.link_seconds else {}
    for result in results:
        result["link"] = link_record(on_screen.get(result["scene"], {}), result["steady"])


def scene_record(result):
    return {"name": result["scene"], **{f"{way}_fps": rate for way, rate in result["fps"].items()}, **result["link"]}


def geomeans(common, ways):
    """Of every way against every other before it: local_native, local_virgl, …"""
    pairs = [("local", "native"), ("tcp", "native"), ("virgl", "native"), ("local", "virgl"), ("tcp", "virgl")]
    return {f"{a}_{b}": geometric_mean([r["fps"][a] / r["fps"][b] for r in common])
            for a, b in pairs if a in ways and b in ways}


def print_results(results, common, means, micro, ways, failures):
    header = ["scene", *[f"{w} fps" for w in ways], *[f"{w}/{ways[0]}" for w in ways[1:]]]
    rows = []
    for r in results:
        rates = [f"{r['fps'][w]:.1f}" if r["fps"].get(w) else "failed" for w in ways]
        ratios = [f"{r['ratio'][w]:.2f}" if w in r["ratio"] else "-" for w in ways[1:]]
        rows.append([r["scene"][:58], *rates, *ratios])
    rows.append([f"geometric mean of {len(common)} scenes", *["" for _ in ways],
                 *[f"{means[w]:.3f}" if means[w] else "-" for w in ways[1:]]])
    print(table(header, rows))
    if any(r["link"] for r in results):
        print()
        print(table(*link_rows(results)))
    if micro:
        print()
        print(table(*micro_rows(micro, ways)))
    for failure in failures:
        print(f"FAILED {failure['way']} {failure['scene'] or ''}: {failure['reason']}")


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failures, started, micro = [], {}, None
    begin = time.time()
    try:
        lister = make_way("native", options)
        try:
            lister.start()
            scenes = select(Glmark2(options.size, 0.02).list_scenes(lister), options.scenes)
        finally:
            lister.stop()
        started = start_ways(options.ways, options, failures)
        results = measure(scenes, started, options, failures)
        add_link(scenes, results, started, options, failures)
        micro = measure_micro(started, options, failures) if options.micro_rounds else None
    except KeyboardInterrupt:
        return 130
    except FailedRun as error:
        print(f"bench gles: {error}", file=sys.stderr)
        return 1
    finally:
        for way in started.values():
            way.stop()
    ways = [w for w in options.ways if w in started]
    if not ways:
        return 1
    common, means = add_ratios(results, ways)
    print_results(results, common, means, micro, ways, failures)
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"machine": describe_machine(), "size": options.size, "seconds": options.seconds,
                       "rounds": options.rounds, "took_s": round(time.time() - begin), "ways": ways,
                       "scenes": [scene_record(r) for r in results], "scenes_in_mean": len(common),
                       "geomean": geomeans(common, ways), "micro": micro, "failures": failures}, f, indent=2)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
