"""Pictures that dc-render and dc-client dumped (--dump-frames, common/y4m.h), and how far they are apart, which FFmpeg
computes."""
import os
import re
import subprocess
import time


class Video:
    """Frames of a YUV4MPEG2 file in 4:2:0, by their id; without ids ("FRAME XID=7") they are counted from 1."""

    def __init__(self, path):
        self.path, self.offsets, self.order = path, {}, []
        with open(path, "rb") as f:
            header = f.readline()
            found = re.match(rb"YUV4MPEG2 W(\d+) H(\d+) ", header)
            if not found:
                raise ValueError(f"{path} has no YUV4MPEG2 header")
            self.header, self.width, self.height = header, int(found[1]), int(found[2])
            self.frame_bytes = self.width * self.height * 3 // 2
            size = os.path.getsize(path)
            while line := f.readline():
                found = re.match(rb"FRAME(?: XID=(\d+))?", line)
                if not found or f.tell() + self.frame_bytes > size:
                    break  # cut off by the writer's end
                self.add(int(found[1]) if found[1] else len(self.order) + 1, f.tell())
                f.seek(self.frame_bytes, 1)

    def add(self, frame_id, offset):
        self.offsets[frame_id] = offset
        self.order.append(frame_id)

    def renumber(self, ids):
        """A file of the same frames in the same order, whose writer knew no ids."""
        self.offsets = {new: self.offsets[old] for new, old in zip(ids, self.order)}
        self.order = list(ids)[:len(self.order)]

    def write(self, path, ids):
        with open(self.path, "rb") as source, open(path, "wb") as f:
            f.write(b"YUV4MPEG2 W%d H%d F60:1 Ip A1:1 C420\n" % (self.width, self.height))
            for frame_id in ids:
                source.seek(self.offsets[frame_id])
                f.write(b"FRAME\n" + source.read(self.frame_bytes))


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)


def distances(reference, decoded, ids, directory):
    """[(PSNR in dB of Y, of all planes, SSIM of Y, of all)] for each id. Equal frames have 100 dB here."""
    paths = [os.path.join(directory, name) for name in ("reference.y4m", "decoded.y4m", "psnr", "ssim")]
    reference.write(paths[0], ids)
    decoded.write(paths[1], ids)
    ffmpeg("-i", paths[1], "-i", paths[0], "-lavfi",
           f"[0:v]split[a][b];[1:v]split[c][d];[a][c]psnr=stats_file={paths[2]};[b][d]ssim=stats_file={paths[3]}",
           "-f", "null", "-")
    rows = []
    with open(paths[2]) as psnr, open(paths[3]) as ssim:
        for a, b in zip(psnr, ssim):
            values = dict(item.split(":") for item in (a + b).split() if ":" in item)
            rows.append((min(100.0, float(values["psnr_y"])), min(100.0, float(values["psnr_avg"])),
                         float(values["Y"]), float(values["All"])))
    for path in paths:
        os.remove(path)
    return rows


def encode(reference, path, options):
    """libx264's command line of FFmpeg over every frame of `reference`. Returns (decoded, bytes of each frame, seconds)."""
    start = time.monotonic()
    ffmpeg("-i", reference.path, "-c:v", "libx264", *options, "-f", "h264", path)
    seconds = time.monotonic() - start
    sizes = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", path],
                           check=True, capture_output=True, text=True).stdout.split()
    ffmpeg("-i", path, "-f", "yuv4mpegpipe", "-fps_mode", "passthrough", path + ".y4m")
    decoded = Video(path + ".y4m")
    decoded.renumber(reference.order)
    return decoded, [int(size.strip(",")) for size in sizes], seconds
