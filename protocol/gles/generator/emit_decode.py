"""gles_decode.h: the argument struct, the bounds-checked unpacker and the handler of every wire command."""
from registry import SCALARS


def struct(command):
    if not command.fields:
        rows = ['    char none;']
    else:
        rows = [f'    {"struct dc_blob" if f.kind == "blob" else f.ctype} {f.name};' for f in command.fields]
    return '\n'.join([f'struct dc_cmd_{command.name} {{'] + rows + ['};'])


def load(f, at):
    if f.ctype == 'GLfloat':
        return f'dc_decode_f32(w[{at}])'
    if f.ctype == 'bool':
        return f'w[{at}] != 0'
    if SCALARS[f.ctype][0] == 2:
        return f'({f.ctype})(w[{at}] | (uint64_t)w[{at + 1}] << 32)'
    return f'({f.ctype})w[{at}]'


def unpack(command):
    n = command.fixed_words
    out = ['static inline bool',
           f'dc_dec_{command.name}(struct dc_decoder *d, const uint32_t *w, size_t words, struct dc_cmd_{command.name} *c)',
           '{']
    if command.blob:
        out += [f'    if (words < {n + 2})', '        return dc_decoder_fail(d, "too short");']
    else:
        out += [f'    if (words != {n})', '        return dc_decoder_fail(d, "wrong length");']
    at = 1
    for f in command.scalars:
        out.append(f'    c->{f.name} = {load(f, at)};')
        at += SCALARS[f.ctype][0]
    if command.blob:
        out.append(f'    return dc_decode_blob(d, w + {n}, words - {n}, &c->{command.blob.name});')
    else:
        if not command.fields:
            out.append('    c->none = 0;')
        out.append('    return true;')
    out.append('}')
    return '\n'.join(out)


def header(registry):
    parts = []
    for c in registry.commands:
        if not c.local:
            parts.append(struct(c) + '\n' + unpack(c))
    handlers = '\n'.join(f'void dc_exec_{c.name}(struct dc_exec *x, const struct dc_cmd_{c.name} *c);'
                         for c in registry.commands if not c.local and c.exec_manual)
    body = '\n\n'.join(parts)
    return f'''#ifndef DC_GLES_DECODE_H
#define DC_GLES_DECODE_H
#include <protocol/gles/gles1.h>

#include <gles_opcodes.h>
#include <protocol/gles/decoder.h>

struct dc_exec; // render-backend/renderer/exec.h

{body}

/* Handlers written by hand: render-backend/renderer/gles/, and its neighbours for dcContext*, dcSurface*, dcMakeCurrent,
 * dcSwap and dcImage*. The others are in gles_exec.c. */
{handlers}

/* Walks a batch: checks each command's header, unpacks and executes it. 0, or -EPROTO once x has failed (sticky: x says
 * which command and why). `words` is private memory (copied out of the ring). */
int dc_gles_dispatch(struct dc_exec *x, const uint32_t *words, size_t word_count);

#endif
'''
