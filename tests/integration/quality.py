#!/usr/bin/env python3
"""What the client decodes is what the worker's encoder was given, frame by frame, in shape and in colour.

usage: quality.py BUILD_DIR
"""
import os
import shutil
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "bench"))

import quality  # noqa: E402

SKIP = 77
LEAST_PSNR_DB, LEAST_SSIM = 28, 0.9  # of the gallery: 43 and 0.99 where nothing else runs, 34 and 0.97 on a busy machine


def main():
    if not shutil.which("ffmpeg"):
        print("skipped: ffmpeg, which computes the differences, is not installed")
        return SKIP
    options = types.SimpleNamespace(build_dir=os.path.abspath(sys.argv[1]), bitrate=4000, seconds=3)
    with tempfile.TemporaryDirectory(prefix="dc-quality-") as directory:
        given, got, _, report = quality.play("gallery", options, directory)
        unknown = [i for i in got.order if i not in given.offsets]
        both = [i for i in given.order if i in got.offsets]
        print(f"{len(given.order)} given, {len(got.order)} decoded, {report['fps_mean']:.1f} frames/s")
        if unknown or len(both) < 15 or got.order != sorted(set(got.order)):
            print(f"frames that nobody gave: {unknown[:5]}; {len(both)} of both; {got.order[:10]}")
            return 1
        psnr, _, ssim, _ = (quality.mean(column) for column in zip(*quality.distances(given, got, both[10:], directory)))
        print(f"PSNR {psnr:.1f} dB, SSIM {ssim:.3f} of luma")
        # Neighbours by one frame are far apart: ids that did not match would show.
        shifted = given.offsets.copy()
        given.offsets = {i: shifted[j] for i, j in zip(both[10:], both[11:])}
        worse, *_ = (quality.mean(column) for column in zip(*quality.distances(given, got, both[10:-1], directory)))
        print(f"PSNR {worse:.1f} dB to the frames after them")
    return 0 if psnr > LEAST_PSNR_DB and ssim > LEAST_SSIM and worse < psnr - 6 else 1


if __name__ == "__main__":
    sys.exit(main())
