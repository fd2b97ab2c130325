#!/usr/bin/env python3
"""Seeds for the decoder's fuzzer: seeds.py GL_XML OVERLAY_DIR OUT_DIR. One file per command, small and well-formed."""
import os
import struct
import sys

from registry import SCALARS, Registry

# Something that a driver would take, by argument name; anything else is 1.
PLAUSIBLE = {'target': 0x0DE1, 'type': 0x1401, 'format': 0x1908, 'internalformat': 0x1908, 'pname': 0x2801, 'mode': 4,
             'stride': 16, 'offset': 0, 'level': 0, 'border': 0, 'size': 4}
TEXT = b'a_name\0\0'


def command_words(command):
    words = []
    for f in command.scalars:
        value = PLAUSIBLE.get(f.name, 1)
        if f.name.endswith('is_offset'):
            value = 0
        if f.ctype == 'GLfloat':
            words += struct.unpack('<I', struct.pack('<f', 1.0))
        elif SCALARS[f.ctype][0] == 2:
            words += [value, 0]
        else:
            words.append(value)
    if command.blob:
        data = (TEXT + bytes(range(1, 57)))[:64]
        words += [len(data), 1] + list(struct.unpack('<16I', data))
    return [(len(words) + 1) << 16 | command.opcode] + words


def main():
    xml, overlay, out = sys.argv[1:4]
    os.makedirs(out, exist_ok=True)
    for command in Registry(xml, overlay).commands:
        if not command.local:
            words = command_words(command)
            with open(os.path.join(out, command.name), 'wb') as f:
                f.write(struct.pack(f'<{len(words)}I', *words))


main()
