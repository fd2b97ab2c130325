"""What a scene costs on the link once it is loaded: dc-instance's report of the later half of each run."""
from glmark2 import FailedRun, Glmark2
from report import progress

LINK_WAYS = ("local", "tcp")
# Fewer say little about a frame: such a scene is run once more, so much longer.
FEW_FRAMES, LONGER = 10, 5


def run_on_screen(scene, way, options):
    for seconds in (options.link_seconds, LONGER * options.link_seconds):
        Glmark2(options.size, seconds, on_screen=True).run_scene(scene, way)
        steady = way.steady()
        if steady["frames"] >= FEW_FRAMES:
            break
    if not steady["frames"]:
        raise FailedRun("no frame in the later half of the run")
    return steady


def measure_on_screen(scenes, ways, options, failures):
    """{scene: {way: steady part of the report}}, from runs that show their frames and swap."""
    names = [w for w in ways if w in LINK_WAYS]
    total, done, found = len(scenes) * len(names), 0, {scene: {} for scene in scenes}
    for scene in scenes:
        for name in names:
            done += 1
            try:
                steady = found[scene][name] = run_on_screen(scene, ways[name], options)
                outcome = f"{steady['wire_bytes'] / steady['frames']:9.0f} bytes per frame"
            except FailedRun as error:
                failures.append({"scene": scene, "way": f"{name}, on screen", "reason": str(error)})
                outcome = f"FAILED: {error}"
            progress(done, total, f"{scene[:60]:60} {name:7} {outcome}")
    return found


def link_record(on_screen, off_screen):
    """A scene's fields. Off-screen runs have no swaps: they end each frame with the one glFinish that we told them to, so
    their waits are their frames, and only round trips are taken from them."""
    record = {}
    runs = [(s, s["frames"]) for s in on_screen.values()] + [(s, s["app_waits"]) for s in off_screen.values()]
    trips = [s["round_trips"] / frames for s, frames in runs if frames]
    if trips:
        record["round_trips_per_frame"] = round(max(trips), 4)
    if on_screen:
        record["app_waits_per_frame"] = round(max(s["app_waits"] / s["frames"] for s in on_screen.values()), 4)
    for field, way, total in (("bytes_per_frame_raw", "local", "command_bytes"),
                              ("bytes_per_frame_wire", "tcp", "wire_bytes")):
        if way in on_screen:
            record[field] = round(on_screen[way][total] / on_screen[way]["frames"], 1)
            record["frames_in_" + way] = on_screen[way]["frames"]
    return record


def link_rows(results):
    """Header and rows of a table."""
    fields = ["round_trips_per_frame", "app_waits_per_frame", "bytes_per_frame_raw", "bytes_per_frame_wire"]
    rows = [[r["scene"][:58], *[r["link"].get(f, "-") for f in fields]] for r in results]
    return ["steady frames on the link", "round trips", "app's waits", "bytes raw", "bytes on the wire"], rows
