#!/usr/bin/env python3
"""Sound of unmodified programs, from ALSA to the client's report: loudness at the other end, several programs at once,
one that is killed, and silence, which must cost no packets.

usage: sound.py BUILD_DIR CASE
"""
import json
import math
import os
import struct
import sys
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tools", "demo"))

from stack import Stack  # noqa: E402

FULL_SCALE = 32768


class Failure(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failure(text)


def sine_dbfs(amplitude):
    return 20 * math.log10(amplitude / FULL_SCALE / math.sqrt(2))


def write_wav(path, seconds, amplitude, rate, frequency=440):
    """A sine on both channels."""
    with wave.open(path, "wb") as f:
        f.setnchannels(2)
        f.setsampwidth(2)
        f.setframerate(rate)
        samples = (int(amplitude * math.sin(2 * math.pi * frequency * i / rate)) for i in range(int(seconds * rate)))
        f.writeframes(b"".join(struct.pack("<hh", s, s) for s in samples))
    return path


def play(build_dir, link, make_app, seconds):
    """Runs the application that make_app(directory) names; returns the client's report."""
    stack = Stack(build_dir, link)
    try:
        stack.start_render()
        _, url = stack.start_instance(make_app(stack.instance_dir))
        report = os.path.join(stack.instance_dir, "report.json")
        client = stack.start_client(url, ["--headless", "--seconds", str(seconds), "--report", report])
        status = client.wait(seconds + 30)
        expect(status == 0, f"dc-client's status is {status}\n{stack.log_tail()}")
        with open(report) as f:
            return json.load(f)
    finally:
        stack.stop()


def expect_loudness(report, dbfs):
    audio = report["audio"]
    print(f"{audio['packets']} packets, {audio['rms_dbfs']:.2f} dBFS, expected {dbfs:.2f}")
    expect(abs(audio["rms_dbfs"] - dbfs) < 0.5, f"{audio['rms_dbfs']} dBFS at the client, expected {dbfs:.2f}")
    expect(audio["packets"] > 100, f"only {audio['packets']} packets")


def case_aplay(build_dir, link):
    """44.1 kHz through alsa-lib's converters, Opus and the client's decoder: within 0.5 dB."""
    report = play(build_dir, link, lambda d: ["aplay", "-q", write_wav(f"{d}/sine.wav", 20, 16384, 44100)], 5)
    expect_loudness(report, sine_dbfs(16384))


def case_aplay_local(build_dir):
    case_aplay(build_dir, "local")


def case_aplay_tcp(build_dir):
    case_aplay(build_dir, "tcp")


def case_speaker_test(build_dir):
    """Another program, other ALSA calls."""
    report = play(build_dir, "local", lambda d: ["speaker-test", "-t", "sine", "-f", "440", "-c", "2", "-l", "0"], 5)
    expect(report["audio"]["rms_dbfs"] > -30, f"{report['audio']['rms_dbfs']} dBFS")
    expect(report["audio"]["packets"] > 100, f"only {report['audio']['packets']} packets")


def case_several_and_killed(build_dir):
    """Four programs; two are killed at once. The other two, of different pitch, add up."""
    def make_app(directory):
        sines = [write_wav(f"{directory}/{f}.wav", 20, 4096, 48000, f) for f in (440, 660)]
        players = " ".join(f"aplay -q {sine} &" for sine in sines)
        return ["sh", "-c", f"{players} aplay -q {sines[0]} & b=$!; aplay -q {sines[1]} & c=$!; sleep 0.3; "
                            "kill -9 $b $c; wait"]
    report = play(build_dir, "local", make_app, 6)
    rms, expected = report["audio"]["rms_dbfs"], sine_dbfs(4096 * math.sqrt(2))
    print(f"{rms:.2f} dBFS, expected {expected:.2f}")
    expect(abs(rms - expected) < 1, f"{rms} dBFS at the client, expected {expected:.2f}")


def case_silence(build_dir):
    """A program that plays zeros: a stream runs, and nothing is sent."""
    report = play(build_dir, "local", lambda d: ["aplay", "-q", write_wav(f"{d}/zeros.wav", 20, 0, 48000)], 5)
    packets = report["audio"]["packets"]
    print(f"{packets} packets")
    expect(packets <= 25, f"{packets} packets of silence")  # those of its first 100 ms
    expect(report["audio"]["underruns"] <= 1, f"{report['audio']['underruns']} underruns in silence")


def main():
    build_dir, name = sys.argv[1:3]
    try:
        globals()[f"case_{name}"](build_dir)
    except Failure as failure:
        print(f"{name}: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
