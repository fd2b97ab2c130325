#!/usr/bin/env python3
"""Builds and runs the test suites, shows progress, and closes with 'N passed, N failed'."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(SOURCE, "tests", "vm"))

import vm  # noqa: E402

SUITES = ["headers", "unit", "wire", "fuzz", "integration", "vm", "sanitize", "search"]
SERIAL = {"integration"}  # real programs on two cores: one after the other
SANITIZED = ["unit", "wire", "fuzz"]
# Coverage without tracing of comparisons: the mutator knows the format, and this is three times as fast.
COVERAGE = "-fsanitize-coverage=inline-8bit-counters,pc-table"
SEARCH_RUNS = 1_000_000  # inputs, over all processes
SEARCH_TARGET = "tests/fuzz/gles-decoder/libfuzzer-gles-decoder"


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, log, environment=None):
    with open(log, "ab") as f:
        result = subprocess.run(command, stdout=f, stderr=subprocess.STDOUT, cwd=SOURCE,
                                env={**os.environ, **(environment or {})})
    if result.returncode:
        with open(log, errors="replace") as f:
            say("".join(f.readlines()[-40:]))
    return result.returncode == 0


def build(directory, options, targets=(), compiler=None):
    os.makedirs(directory, exist_ok=True)
    log = os.path.join(directory, "build.log")
    started = time.monotonic()
    options = ["-Dwerror=true", "-Dtests=enabled", *options]
    environment = {"CC": compiler} if compiler else {}
    if os.path.exists(os.path.join(directory, "build.ninja")):
        # `./run demo` may have configured it where cmocka was not yet installed.
        if not run(["meson", "configure", directory, *options], log):
            return False
    else:
        say(f"Configuring {os.path.relpath(directory, SOURCE)}")
        if not run(["meson", "setup", directory, SOURCE, *options], log, environment):
            return False
    say(f"Building {os.path.relpath(directory, SOURCE)}")
    ok = run(["ninja", "-C", directory, *targets], log)
    say(f"  {'built' if ok else 'FAILED'} in {time.monotonic() - started:.0f} s")
    return ok


def read_results(directory):
    """(name, result, seconds) of each test of the last run."""
    path = os.path.join(directory, "meson-logs", "testlog.json")
    if not os.path.exists(path):
        return []
    with open(path) as f:
        entries = [json.loads(line) for line in f if line.strip()]
    return [(e["name"], e["result"], e["duration"], e.get("stdout", "") + e.get("stderr", "")) for e in entries]


def run_suites(directory, suites, label=""):
    """Returns (passed, failed, skipped)."""
    log = os.path.join(directory, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    command = ["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs"]
    if SERIAL & set(suites):
        command += ["--num-processes", "1"]
    for suite in suites:
        command += ["--suite", suite]
    process = subprocess.run(command, cwd=SOURCE, stdout=sys.stderr)
    counts = {"OK": 0, "SKIP": 0}
    failed = []
    results = read_results(directory)
    for name, result, _, _ in results:
        if result in counts:
            counts[result] += 1
        else:
            failed.append(name)
    if process.returncode and not failed:
        failed.append(f"meson test {label or ' '.join(suites)}")
    for name in failed:
        say(f"FAILED {label}{name}")
    return counts["OK"], len(failed), counts["SKIP"]


def search(directory, runs):
    """Looks for inputs that the worker does not survive. Returns (passed, failed, skipped)."""
    options = ["-Db_sanitize=address,undefined", "-Db_lundef=false", f"-Dc_args={COVERAGE}"]
    targets = [SEARCH_TARGET, "tests/fuzz/gles-decoder/seeds"]
    if not shutil.which("clang"):
        say("search: needs clang")
        return 0, 0, 1
    if not build(directory, options, targets, compiler="clang"):
        return 0, 1, 0
    processes = max(1, min(os.cpu_count() or 1, 8))
    corpora = ["tests/fuzz/gles-decoder/corpus", os.path.join(directory, "tests/fuzz/gles-decoder/seeds")]
    found = os.path.join(directory, "found-")
    started = time.monotonic()
    say(f"Searching: {runs} inputs in {processes} processes")
    children = []
    for i in range(processes):
        grown = os.path.join(directory, f"search-corpus-{i}")  # libFuzzer adds to the first one
        os.makedirs(grown, exist_ok=True)
        command = [os.path.join(directory, SEARCH_TARGET), f"-runs={runs // processes + 1}", "-max_len=2048", "-entropic=0",
                   "-reduce_inputs=0", "-timeout=20", f"-artifact_prefix={found}", grown,
                   *(os.path.join(SOURCE, c) for c in corpora)]
        with open(os.path.join(directory, f"search-{i}.log"), "w") as log:
            children.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=directory,
                                             env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=16"}))
    failed = 0
    for i, child in enumerate(children):
        if child.wait():
            failed += 1
            with open(os.path.join(directory, f"search-{i}.log"), errors="replace") as log:
                say("".join(log.readlines()[-60:]))
            say(f"FAILED search: the input is in {found}*; put it into tests/fuzz/gles-decoder/corpus with its fix")
    seconds = time.monotonic() - started
    say(f"  {runs} inputs in {seconds:.0f} s, {runs / seconds:.0f} a second")
    return (0, 1, 0) if failed else (1, 0, 0)


def main():
    parser = argparse.ArgumentParser(prog="./run test", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--search-runs", type=int, default=SEARCH_RUNS, help="inputs that `search` tries (default: %(default)s)")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {' '.join(SUITES)} (default: all)")
    options = parser.parse_args()
    unknown = set(options.suites) - set(SUITES)
    if unknown:
        parser.error(f"no such suite: {' '.join(sorted(unknown))}")
    wanted = options.suites or SUITES
    directory = os.path.join(SOURCE, options.build_dir)
    total = [0, 0, 0]

    def add(counts):
        for i, count in enumerate(counts):
            total[i] += count

    plain = [s for s in wanted if s not in ("sanitize", "search")]
    if plain:
        if build(directory, []):
            quick = [s for s in plain if s not in SERIAL and s != "vm"]
            if quick:
                add(run_suites(directory, quick))
            for suite in [s for s in plain if s in SERIAL]:
                add(run_suites(directory, [suite]))
            if "vm" in plain:
                add(vm.run(directory))
        else:
            add((0, 1, 0))
    if "sanitize" in wanted:
        sanitized = directory + "-asan"
        if build(sanitized, ["-Db_sanitize=address,undefined", "-Db_lundef=false"]):
            add(run_suites(sanitized, SANITIZED, label="sanitized "))
        else:
            add((0, 1, 0))
    if "search" in wanted:
        add(search(os.path.join(SOURCE, options.build_dir + "-fuzz"), options.search_runs))
    skipped = f", {total[2]} skipped" if total[2] else ""
    print(f"{total[0]} passed, {total[1]} failed{skipped}")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
