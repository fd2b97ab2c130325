#!/usr/bin/env python3
"""Plays through the whole stack at a low bit rate and compares, frame by frame, what the worker's encoder was given with what
the client decoded: PSNR and SSIM (luma and all planes; mean and the worst 5 %). The peer is FFmpeg's libx264 at the
same rate over the same frames: ultrafast and superfast, with the same buffer of 1.5 frames, and with one of a second, which
a player would wait for."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), os.path.join(HERE, "..", "tools", "demo")]
from demo import game_environment  # noqa: E402
from glmark2 import describe_machine  # noqa: E402
from pictures import Video, distances, encode  # noqa: E402
from report import progress, table  # noqa: E402
from stack import Stack, StackError  # noqa: E402

SCRIPT = os.path.join(HERE, "..", "tools", "demo", "mrrescue.script")
PUBLISHED = "published by ARM for cloud gaming: 38.3 dB, 0.96"
SIZE = (1280, 720)


def contents(build):
    """name: (application, seconds until its picture is what it is here for, script)"""
    return {
        "mrrescue": (["/usr/games/mrrescue"], 6, SCRIPT),
        "terrain": (["glmark2-es2-wayland", "--fullscreen", "-b", "terrain:duration=1000"], 2, None),
        "gallery": ([os.path.join(build, "bench", "quality", "bench-gallery")], 2, None),
    }


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./run bench quality", description=__doc__)
    parser.add_argument("--build-dir", default="build", help=argparse.SUPPRESS)
    parser.add_argument("--contents", default=",".join(contents("")), help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10, help="of each (default: 10)")
    parser.add_argument("--bitrate", type=int, default=4000, help="kbit/s at 60 Hz (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all figures, of every frame too")
    parser.add_argument("--keep", metavar="DIR", help="keep the dumped frames and pictures of the middle frame there")
    options = parser.parse_args()
    options.build_dir = os.path.abspath(options.build_dir)
    options.contents = options.contents.split(",")
    for name in options.contents:
        if name not in contents(""):
            parser.error(f"no content called {name}; there are {', '.join(contents(''))}")
    return options


def peers(bitrate_kbps):
    """name: arguments. -r: 60 frames of the dump are a second, as for the worker's encoder."""
    rate = ["-b:v", f"{bitrate_kbps}k", "-maxrate", f"{bitrate_kbps}k", "-tune", "zerolatency", "-g", "100000", "-sc_threshold", "0"]
    short = ["-bufsize", f"{bitrate_kbps * 1500 // 60}"]
    return {
        "FFmpeg ultrafast": [*rate, *short, "-preset", "ultrafast"],
        "FFmpeg superfast": [*rate, *short, "-preset", "superfast"],
        "FFmpeg ultrafast, 1 s buffer": [*rate, "-bufsize", f"{bitrate_kbps}k", "-preset", "ultrafast"],
    }


def play(name, options, directory):
    """Frames in, frames out, bytes of the measured ones, the client's report. StackError: says why not."""
    app, warmup_s, script = contents(options.build_dir)[name]
    report, csv, out = (os.path.join(directory, f) for f in ("report.json", "frames.csv", "client.y4m"))
    stack = Stack(options.build_dir)
    try:
        stack.start_render(["--dump-frames", directory])
        process, url = stack.start_instance(app, name="quality", extra=["--size", f"{SIZE[0]}x{SIZE[1]}", "--bitrate",
                                                                        str(options.bitrate)],
                                            env=game_environment(directory) if name == "mrrescue" else {})
        client = stack.start_client(url, ["--headless", "--no-audio", "--seconds", str(warmup_s + options.seconds),
                                          "--warmup", str(warmup_s), "--report", report, "--csv", csv, "--dump-frames", out,
                                          *(["--script", script] if script else [])])
        status = client.wait(warmup_s + options.seconds + 120)
        if status:
            raise StackError(f"dc-client ended with status {status}\n{stack.log_tail()}")
    finally:
        stack.stop()
    with open(report) as f:
        figures = json.load(f)
    return Video(os.path.join(directory, "quality.y4m")), Video(out), warmup_s, figures


def percentile5(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 20]


def mean(values):
    return sum(values) / len(values)


def summarise(rows, bitrate_kbps, ms=None):
    names = ("psnr_y", "psnr", "ssim_y", "ssim")
    figures = {name: {"mean": mean(column), "p5": percentile5(column)} for name, column in zip(names, zip(*rows))}
    return {**figures, "kbps_at_60hz": bitrate_kbps, "encode_ms_per_frame": ms,
            "frames": [dict(zip(names, row)) for row in rows]}


def sample(video, frame_id, path, directory):
    one = os.path.join(directory, "one.y4m")
    video.write(one, [frame_id])
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", one, "-vf", "scale=in_color_matrix=bt709:in_range=limited", path],
                   check=True)


def measure(name, options, directory):
    given, got, warmup_s, report = play(name, options, directory)
    both = [i for i in given.order if i in got.offsets]
    if len(both) < 20:
        raise StackError(f"only {len(both)} frames reached the client")
    # Frames of the warm-up were dumped too, about evenly. The key frame that opens the stream is never measured.
    ids = both[min(len(both) // 2, max(10, int(len(both) * warmup_s / (warmup_s + options.seconds)))):]
    per_s = 60 / report["fps_mean"] if report.get("fps_mean") else 1
    result = {"droidcloud": summarise(distances(given, got, ids, directory), report["bitrate_kbps"] * per_s,
                                      (report.get("stages_ms", {}).get("encode") or {}).get("p50"))}
    shown = {"given": given, "droidcloud": got}
    for peer, arguments in peers(options.bitrate).items():
        path = os.path.join(directory, peer.replace(" ", "-").replace(",", ""))
        decoded, sizes, seconds = encode(given, path, arguments)
        known = [i for i in ids if i in decoded.offsets]
        measured = sizes[given.order.index(known[0]):]
        result[peer] = summarise(distances(given, decoded, known, directory), sum(measured) * 8 * 60 / 1000 / len(measured),
                                 seconds * 1000 / len(given.order))
        shown[peer] = decoded
    if options.keep:
        kept = os.path.join(options.keep, name)
        os.makedirs(kept, exist_ok=True)
        for title, video in shown.items():
            sample(video, ids[len(ids) // 2], os.path.join(kept, title.replace(" ", "-").replace(",", "") + ".png"), directory)
        shutil.copy(given.path, os.path.join(kept, "given.y4m"))
    return {"frames_given": len(given.order), "frames_compared": len(ids), "fps": report.get("fps_mean"), "ways": result}


def print_results(results):
    rows = []
    for name, content in results.items():
        for way, figures in content.get("ways", {}).items():
            rows.append([f"{name}: {way}", *[f"{figures[k][m]:.{d}f}" for k, d in (("psnr_y", 1), ("psnr", 1), ("ssim_y", 3), ("ssim", 3))
                                             for m in ("mean", "p5")],
                         f"{figures['kbps_at_60hz']:.0f}",
                         "-" if figures["encode_ms_per_frame"] is None else f"{figures['encode_ms_per_frame']:.1f}"])
    print(table(["content: way", "PSNR Y", "p5", "PSNR", "p5", "SSIM Y", "p5", "SSIM", "p5", "kb/s", "ms"], rows))
    print(PUBLISHED)


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, failed = {}, False
    for at, name in enumerate(options.contents):
        with tempfile.TemporaryDirectory(prefix="dc-quality-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as directory:
            try:
                results[name] = measure(name, options, directory)
                outcome = f"{results[name]['ways']['droidcloud']['psnr_y']['mean']:.1f} dB"
            except (StackError, OSError, ValueError, subprocess.SubprocessError) as error:
                results[name], failed = {"failed": str(error)}, True
                outcome = f"FAILED: {error}"
        progress(at + 1, len(options.contents), f"{name:9} {outcome}")
    print_results(results)
    if options.json:
        with open(options.json, "w") as f:
            json.dump({"machine": describe_machine(), "size": SIZE, "bitrate_kbps": options.bitrate,
                       "published": PUBLISHED, "contents": results}, f, indent=2)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
