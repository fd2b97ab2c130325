#!/usr/bin/env python3
"""Plays for some seconds with aiortc: takes pictures and sound, presses a key; prints what it saw as JSON.

usage: aiortc_client.py URL PICTURE.png
"""
import asyncio
import json
import sys
import time
import urllib.error
import urllib.request

try:
    import numpy
    from aiortc import RTCPeerConnection, RTCSessionDescription
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

SPACE = 57  # evdev


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def key_message(number, code, pressed):
    """Input { id, Key { evdev_code, pressed } } of session.proto."""
    key = b"\x08" + varint(code) + (b"\x10\x01" if pressed else b"")
    return b"\x08" + varint(number) + b"\x1a" + varint(len(key)) + key


def exchange(url, offer):
    base, token = url.split("/#")[0], url.split("token=")[1]
    request = urllib.request.Request(base + "/whep", data=offer.encode(), method="POST",
                                     headers={"Content-Type": "application/sdp", "Authorization": "Bearer " + token})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return answer.read().decode(), base + answer.headers["Location"]


def quadrants(frame):
    picture = frame.to_ndarray(format="rgb24")
    height, width = picture.shape[:2]
    return [[int(c) for c in picture[height * (1 + i // 2 * 2) // 4, width * (1 + i % 2 * 2) // 4]] for i in range(4)]


def differs(a, b):
    return any(abs(x - y) > 60 for p, q in zip(a, b) for x, y in zip(p, q))


async def loudness(track, seconds):
    squares, count, end = 0.0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        frame = await asyncio.wait_for(track.recv(), 5)
        samples = frame.to_ndarray().astype(numpy.float64) / 32768
        squares += float((samples * samples).sum())
        count += samples.size
    return (squares / count) ** 0.5


async def main():
    url, picture_path = sys.argv[1:3]
    connection = RTCPeerConnection()
    tracks, welcome = {}, []
    for kind in ("video", "audio"):
        connection.addTransceiver(kind, direction="recvonly")
    control = connection.createDataChannel("control", negotiated=True, id=0)
    keys = connection.createDataChannel("input", negotiated=True, id=1)
    control.on("message", welcome.append)
    connection.on("track", lambda track: tracks.update({track.kind: track}))
    await connection.setLocalDescription(await connection.createOffer())
    # Its decoder takes packets of 20 ms and no others.
    offer = connection.localDescription.sdp.replace("a=rtpmap:96 opus/48000/2\r\n",
                                                    "a=rtpmap:96 opus/48000/2\r\na=ptime:20\r\n")
    answer, session = await asyncio.to_thread(exchange, url, offer)
    await connection.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
    sound = asyncio.ensure_future(loudness(tracks["audio"], 3))
    frame = await asyncio.wait_for(tracks["video"].recv(), 15)
    frames, before = 1, None
    while frames < 45:
        frame = await asyncio.wait_for(tracks["video"].recv(), 5)
        frames += 1
    before = after = quadrants(frame)
    frame.to_image().save(picture_path)
    keys.send(key_message(1, SPACE, True))
    keys.send(key_message(2, SPACE, False))
    pressed = time.monotonic()
    while not differs(before, after) and time.monotonic() < pressed + 5:
        after = quadrants(await asyncio.wait_for(tracks["video"].recv(), 5))
        frames += 1
    key_ms = (time.monotonic() - pressed) * 1000
    rms = await sound
    await connection.close()
    print(json.dumps({"before": before, "after": after, "frames": frames, "rms": rms, "key_ms": key_ms,
                      "welcome": bool(welcome) and welcome[0][:1] == b"\x12"}))


asyncio.run(main())
