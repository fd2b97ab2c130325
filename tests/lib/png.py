"""Reads 8-bit RGB and RGBA PNG files with nothing but zlib, so that the tests need no imaging package."""
import struct
import zlib


class Picture:
    def __init__(self, width, height, channels, data):
        self.width, self.height, self.channels, self.data = width, height, channels, data

    def pixel(self, x, y):
        offset = (y * self.width + x) * self.channels
        return tuple(self.data[offset:offset + 3])

    def colours(self, step=4):
        """How often each colour occurs on a grid of every `step`-th pixel."""
        counts = {}
        for y in range(0, self.height, step):
            for x in range(0, self.width, step):
                colour = self.pixel(x, y)
                counts[colour] = counts.get(colour, 0) + 1
        return counts

    def background_share(self, step=4):
        """Share of the most frequent colour: 1.0 is a blank picture."""
        counts = self.colours(step)
        return max(counts.values()) / sum(counts.values())

    def count_near(self, colour, distance, step=2):
        """About how many pixels are within `distance` of a colour in every channel, from a grid of every `step`-th."""
        near = [n for c, n in self.colours(step).items() if all(abs(a - b) <= distance for a, b in zip(c, colour))]
        return sum(near) * step * step


def unfilter(kind, row, above, channels):
    for i in range(len(row)):
        left = row[i - channels] if i >= channels else 0
        up = above[i]
        if kind == 1:
            predicted = left
        elif kind == 2:
            predicted = up
        elif kind == 3:
            predicted = (left + up) // 2
        else:
            corner = above[i - channels] if i >= channels else 0
            estimate = left + up - corner
            distances = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
            predicted = (left, up, corner)[distances.index(min(distances))]
        row[i] = (row[i] + predicted) & 255


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"{path} is not a PNG file")
    offset, packed = 8, b""
    while offset < len(data):
        size, kind = struct.unpack(">I4s", data[offset:offset + 8])
        chunk = data[offset + 8:offset + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour_type, _, _, interlace = struct.unpack(">IIBBBBB", chunk)
        elif kind == b"IDAT":
            packed += chunk
        offset += 12 + size
    if depth != 8 or colour_type not in (2, 6) or interlace:
        raise ValueError(f"{path}: only 8-bit RGB and RGBA are read")
    channels = 3 if colour_type == 2 else 4
    raw, stride = zlib.decompress(packed), width * channels
    above, out = bytearray(stride), bytearray()
    for y in range(height):
        start = y * (stride + 1)
        row = bytearray(raw[start + 1:start + 1 + stride])
        if raw[start]:
            unfilter(raw[start], row, above, channels)
        out += row
        above = row
    return Picture(width, height, channels, bytes(out))
