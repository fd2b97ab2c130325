"""What single calls cost the application, and frames of many small draws: bench/calls, run each way in turns."""
import json
import os
import subprocess

from glmark2 import FailedRun, end_group
from report import median, progress

MICRO_WAYS = ("native", "local", "tcp")  # virgl_test_server has no pbuffers on the surfaceless platform

# The budgets in ns, by the name of the call.
BUDGETS = {"glUniform4f": 25, "glUniformMatrix4fv": 25, "glEnable again": 25, "glBindTexture": 25, "glBindBuffer": 25,
           "glUseProgram": 25, "glVertexAttribPointer": 25, "glGetIntegerv": 25, "glDrawArrays": 60}


def run_once(way, program, calls, seconds):
    process = subprocess.Popen(way.wrap([program, str(calls), str(seconds)]), env=way.environment(),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        raise FailedRun("no result after 300 s") from None
    finally:
        end_group(process)
    lines = [t for t in out.splitlines() if t.startswith("{")]
    if process.returncode or not lines:
        raise FailedRun(f"status {process.returncode}: {(err.splitlines() or ['no output'])[-1]}")
    return json.loads(lines[-1])


def measure_micro(ways, options, failures):
    """{"calls_ns": {call: {way: ns}}, "draws_fps": {way: fps}, "draws_per_frame"}: the median of the rounds."""
    program = os.path.join(os.path.abspath(options.build_dir), "bench", "calls", "bench-calls")
    names = [w for w in ways if w in MICRO_WAYS]
    found, total, done = {name: [] for name in names}, len(names) * options.micro_rounds, 0
    for round_number in range(options.micro_rounds):
        for name in names if round_number % 2 == 0 else reversed(names):
            done += 1
            try:
                result = run_once(ways[name], program, options.calls, options.seconds)
                found[name].append(result)
                outcome = f"{result['draws']['fps']:9.1f} fps"
            except FailedRun as error:
                failures.append({"scene": "micro", "way": name, "reason": str(error)})
                outcome = f"FAILED: {error}"
            progress(done, total, f"{'calls and draws':60} {name:7} {outcome}")
    some = next((r[0] for r in found.values() if r), None)
    if not some:
        return None
    calls = {call: {w: median([r["calls"][call] for r in runs]) for w, runs in found.items() if runs}
             for call in some["calls"]}
    return {"calls_ns": calls, "draws_per_frame": some["draws"]["draws_per_frame"],
            "draws_fps": {w: median([r["draws"]["fps"] for r in runs]) for w, runs in found.items() if runs}}


def micro_rows(micro, ways):
    """Rows of a table: call, ns each way, the budget."""
    names = [w for w in ways if w in MICRO_WAYS]
    rows = [[f"{call}, ns", *[f"{by_way[w]:.1f}" if w in by_way else "-" for w in names],
             f"≤ {BUDGETS[call]}" if call in BUDGETS else ""] for call, by_way in micro["calls_ns"].items()]
    fps = micro["draws_fps"]
    rows.append([f"{micro['draws_per_frame']} draws a frame, fps", *[f"{fps[w]:.1f}" if w in fps else "-" for w in names],
                 "≥ native"])
    return ["micro", *names, "ours wanted"], rows
