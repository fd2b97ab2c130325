// The few protobuf messages of protocol/messages/session.proto that a player needs: written, and read.
"use strict";

const messages = (() => {
  function varint(bytes, value) {                    // BigInt or a whole number; negative: ten bytes, as protobuf has it
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
  }

  const zigzag = value => value < 0 ? -2 * value - 1 : 2 * value;

  // {number: value}: whole numbers and booleans are varints, arrays of bytes are nested messages; zero is left out.
  function pack(fields) {
    const bytes = [];
    for (const [number, value] of Object.entries(fields)) {
      if (Array.isArray(value)) {
        varint(bytes, number << 3 | 2);
        varint(bytes, value.length);
        bytes.push(...value);
      } else if (value) {
        varint(bytes, number << 3);
        varint(bytes, typeof value === "boolean" ? 1 : value);
      }
    }
    return bytes;
  }

  // {number: value}: varints as BigInt, the rest as Uint8Array; the last one of a number counts.
  function unpack(bytes) {
    const fields = {};
    let at = 0;
    const read = () => {
      let value = 0n, shift = 0n;
      for (;;) {
        if (at >= bytes.length || shift > 63n)
          throw new Error("malformed message");
        const byte = bytes[at++];
        value |= BigInt(byte & 127) << shift;
        if (byte < 128)
          return value;
        shift += 7n;
      }
    };
    while (at < bytes.length) {
      const tag = Number(read()), number = tag >> 3;
      if ((tag & 7) === 0) {
        fields[number] = read();
      } else if ((tag & 7) === 2) {
        const length = Number(read());
        if (at + length > bytes.length)
          throw new Error("malformed message");
        fields[number] = bytes.subarray(at, at + length);
        at += length;
      } else {
        throw new Error("malformed message");
      }
    }
    return fields;
  }

  const text = bytes => bytes ? new TextDecoder().decode(bytes) : "";
  const nowUs = () => Math.round(performance.now() * 1000);
  let lastInputId = 0;

  const input = (number, fields) => new Uint8Array(pack({ 1: ++lastInputId, 2: nowUs(), [number]: pack(fields) }));
  const control = (number, fields) => new Uint8Array(pack({ [number]: pack(fields) }));

  return {
    key: (code, pressed) => input(3, { 1: code, 2: pressed }),
    motion: (x, y, dx, dy) => input(4, { 1: zigzag(x), 2: zigzag(y), 3: zigzag(dx), 4: zigzag(dy) }),
    button: (code, pressed) => input(5, { 1: code, 2: pressed }),
    axis: (dx, dy, dx120, dy120) => input(6, { 1: zigzag(dx), 2: zigzag(dy), 3: zigzag(dx120), 4: zigzag(dy120) }),
    touch: (kind, id, x, y) => input(7, { 1: kind, 2: id, 3: zigzag(x), 4: zigzag(y) }),
    focus: active => input(8, { 1: active }),
    hello: refreshMhz => control(1, { 1: 1, 3: [...new TextEncoder().encode("web player")], 6: refreshMhz, 7: true, 8: true }),
    ping: id => control(5, { 1: id, 2: nowUs() }),
    bye: () => control(7, {}),
    nowUs,

    // What the instance says on channel 0: {kind, …}.
    readControl(data) {
      const fields = unpack(new Uint8Array(data));
      if (fields[2]) {
        const welcome = unpack(fields[2]);
        return { kind: "welcome", instance: text(welcome[1]), width: Number(welcome[2] || 0),
                 height: Number(welcome[3] || 0) };
      }
      if (fields[3])
        return { kind: "refused", text: text(unpack(fields[3])[2]) };
      if (fields[6])
        return { kind: "pong", roundTripUs: nowUs() - Number(unpack(fields[6])[2] || 0) };
      if (fields[7]) {
        const bye = unpack(fields[7]);
        return { kind: "bye", reason: text(bye[1]), appExited: Boolean(bye[3]) };
      }
      return { kind: "unknown" };
    },
  };
})();
