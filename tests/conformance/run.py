#!/usr/bin/env python3
"""Runs the mustpass lists of a VK-GL-CTS build on native Mesa and through the stack, and compares case by case.

Nothing of VK-GL-CTS is in this repository: build it elsewhere and name its build directory (docs/conformance.md says how).
Exit status 1: a case passes on native Mesa and not through the stack.
"""
import argparse
import collections
import json
import os
import re
import sys
import threading
import time

import deqp

GOOD = ("Pass", "QualityWarning", "CompatibilityWarning", "Waiver")


def compare(module, native, ours):
    both = [case for case in ours if case in native]
    count = {way: collections.Counter(results[case][0] for case in both)
             for way, results in (("native", native), ("ours", ours))}
    lost = [case for case in both if native[case][0] in GOOD and ours[case][0] not in GOOD]
    return {"module": module, "compared": len(both), "native": dict(count["native"]), "ours": dict(count["ours"]),
            "lost": {case: " ".join(ours[case]) for case in lost},
            "gained": [case for case in both
                       if native[case][0] not in (*GOOD, "NotSupported") and ours[case][0] in GOOD]}


def show(found, listed):
    print(f"\n{found['module']}: {found['compared']} of {listed} cases compared")
    for way in ("native", "ours"):
        print(f"  {way:7}", ", ".join(f"{count} {outcome}" for outcome, count in sorted(found[way].items())))
    print(f"  pass natively and not through the stack: {len(found['lost'])}")
    for case, outcome in found["lost"].items():
        print(f"    {case}: {outcome}")


def run_module(options, module, cases):
    until = time.monotonic() + options.minutes * 60 if options.minutes else None
    paths = {way: os.path.join(options.out, f"{module}.{way}" + (".exact" if way == "ours" and options.gl_errors == "exact"
                                                                  else "")) for way in ("native", "ours")}
    runners = [deqp.Runner(way, module, options.cts, options.build_dir, paths[way], options.gl_errors)
               for way in options.ways.split(",")]
    threads = [threading.Thread(target=runner.run, args=(cases, options.chunk, until)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for runner in runners:
        runner.close()
    wanted = set(cases)
    return compare(module, *({case: result for case, result in deqp.load(paths[way]).items() if case in wanted}
                             for way in ("native", "ours")))


def main():
    parser = argparse.ArgumentParser(prog="./run conformance", description=__doc__.split("\n\n")[0])
    parser.add_argument("--cts", required=True, metavar="DIR", help="build directory of VK-GL-CTS")
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--modules", default="gles2,gles3,gles31,egl", help="of gles2,gles3,gles31,egl (default: all)")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth case of a list")
    parser.add_argument("--first", type=int, default=0, metavar="K", help="from the Kth on (0): another sample")
    parser.add_argument("--filter", metavar="REGEX", help="only the cases that match")
    parser.add_argument("--exclude", metavar="REGEX", help="without the cases that match")
    parser.add_argument("--gl-errors", choices=("auto", "exact"), default="auto", help="of the instance (default: auto)")
    parser.add_argument("--ways", default="native,ours", help="native, ours or both, which run side by side (the default)")
    parser.add_argument("--chunk", type=int, default=1000, metavar="N", help="cases per process (default: 1000)")
    parser.add_argument("--minutes", type=float, metavar="M", help="stop a module after about this time; run again to go on")
    parser.add_argument("--out", default="build/conformance", metavar="DIR", help="results (default: build/conformance)")
    parser.add_argument("--json", metavar="FILE", help="the comparison as JSON")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    report = []
    for module in options.modules.split(","):
        if module not in deqp.PROGRAMS:
            parser.error(f"no such module: {module}")
        listed = deqp.mustpass(options.cts, module)
        cases = [case for case in listed if re.search(options.filter or "", case)
                 and not (options.exclude and re.search(options.exclude, case))][options.first::options.every]
        report.append(run_module(options, module, cases))
        show(report[-1], len(listed))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(report, out, indent=1)
    sys.exit(any(found["lost"] for found in report))


if __name__ == "__main__":
    main()
