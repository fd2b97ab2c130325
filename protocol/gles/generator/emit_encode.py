"""gles_encode.h: one inline function per wire command that writes it into a batch."""
from registry import SCALARS


def arguments(command):
    args = ['struct dc_encoder *e']
    for f in command.fields:
        if f.kind == 'blob':
            args += [f'const void *{f.name}', f'uint32_t {f.name}_size_bytes']
        else:
            args.append(f'{f.ctype} {f.name}')
    return ', '.join(args)


def stores(command):
    out, at = [], 1
    for f in command.scalars:
        if f.ctype == 'GLfloat':
            out.append(f'    words[{at}] = dc_encode_f32({f.name});')
        elif SCALARS[f.ctype][0] == 2:
            out.append(f'    words[{at}] = (uint32_t)(uint64_t){f.name};')
            out.append(f'    words[{at + 1}] = (uint32_t)((uint64_t){f.name} >> 32);')
        else:
            out.append(f'    words[{at}] = (uint32_t){f.name};')
        at += SCALARS[f.ctype][0]
    return out


def function(command):
    out = ['static inline void', f'dc_enc_{command.name}({arguments(command)})', '{']
    n = command.fixed_words
    if command.blob:
        b = command.blob.name
        out.append(f'    uint32_t *words = dc_encode_begin(e, DC_OP_{command.name}, {n}, {b}, {b}_size_bytes);')
        out += stores(command)
        out.append(f'    dc_encode_end(e, words + {n}, {b}, {b}_size_bytes);')
    else:
        out.append(f'    uint32_t *words = dc_encoder_reserve(e, {n});')
        out.append(f'    words[0] = {n}u << 16 | DC_OP_{command.name};')
        out += stores(command)
    out.append('}\n')
    return '\n'.join(out)


def header(registry):
    body = '\n'.join(function(c) for c in registry.commands if not c.local)
    return f'''#ifndef DC_GLES_ENCODE_H
#define DC_GLES_ENCODE_H
#include <stdbool.h>

#include <protocol/gles/gles1.h>

#include <gles_opcodes.h>
#include <protocol/gles/encode.h>

{body}
#endif
'''
