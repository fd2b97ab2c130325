"""gles_exec.c: handlers of the commands that need nothing but name translation, and the dispatch table."""
import re

from registry import ELEMENT_BYTES, OP_END

KINDS = {'buffer': 'BUFFER', 'texture': 'TEXTURE', 'renderbuffer': 'RENDERBUFFER', 'sampler': 'SAMPLER',
         'program': 'PROGRAM', 'shader': 'PROGRAM', 'framebuffer': 'FRAMEBUFFER', 'vertex array': 'VERTEX_ARRAY',
         'query': 'QUERY', 'transform feedback': 'TRANSFORM_FEEDBACK', 'program pipeline': 'PROGRAM_PIPELINE'}


def argument(command, p):
    if p.kind == 'string':
        return p.name
    if p.kind == 'in' and p.element in ('GLenum', 'GLint', 'GLuint'):
        return 'data'
    if p.kind == 'in':
        return f'c->{p.name}.data'
    if p.name_class:
        return f'dc_exec_name(x, DC_NAMES_{KINDS[p.name_class]}, c->{p.name})'
    return f'c->{p.name}'


def c_expression(command, text):
    """A length expression over the command's parameters."""
    for p in command.params:
        if p.kind == 'scalar':
            text = re.sub(rf'\b{p.name}\b', f'(int64_t)c->{p.name}', text)
    return text


def checks(command):
    out = []
    b = command.blob
    if not b:
        return out
    p = b.param
    if p.kind == 'string':
        return [f'    const char *{p.name} = dc_exec_string(x, c->{p.name});', f'    if (!{p.name})', '        return;']
    if not p.length or 'COMPSIZE' in p.length:
        raise SystemExit(f'{command.name}: no length for {p.name}')
    need = c_expression(command, p.length)
    out = [f'    if (!dc_exec_check_blob(x, &c->{p.name}, {need}, {ELEMENT_BYTES[p.element]}))', '        return;']
    if p.element in ('GLenum', 'GLint', 'GLuint'):  # drivers check these, then read them again
        out += [f'    const void *data = dc_exec_private(x, c->{p.name});', '    if (x->failed)', '        return;']
    return out


def call(command, extra):
    args = [extra[p.name] if p.name in extra else argument(command, p) for p in command.params]
    return f'x->gl->{command.name}({", ".join(args)})'


def handler(command):
    out = ['static void', f'dc_exec_{command.name}(struct dc_exec *x, const struct dc_cmd_{command.name} *c)', '{']
    out += checks(command)
    outs = command.outs
    if not command.sync:
        out.append(f'    {call(command, {})};')
    elif not outs:
        out.append(f'    uint32_t result = (uint32_t){call(command, {})};')
        out.append('    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, &result, sizeof(result));')
    else:
        out += getter(command, outs)
    out.append('}')
    return '\n'.join(out)


def getter(command, outs):
    """Fixed-size results first, in order, then the one whose size only the driver knows."""
    fixed = [p for p in outs if p.length.isdigit()]
    variable = [p for p in outs if not p.length.isdigit()]
    extra = {}
    out = []
    for p in fixed:
        out.append(f'    {p.element} {p.name}[{p.length}] = {{ 0 }};')
        extra[p.name] = p.name
    if not variable:
        total = ' + '.join(f'sizeof({p.name})' for p in fixed)
        out.append(f'    {call(command, extra)};')
        out.append(f'    uint8_t answer[{total}];')
        at = '0'
        for p in fixed:
            out.append(f'    memcpy(answer + {at}, {p.name}, sizeof({p.name}));')
            at += f' + sizeof({p.name})'
        out.append('    dc_exec_reply(x, DC_REPLY_SYNC, c->serial, answer, sizeof(answer));')
        return out
    v = variable[0]
    size = ELEMENT_BYTES[v.element]
    limit = next((p.name for p in command.params if p.kind == 'scalar' and p.name in ('bufSize', 'count')), None)
    if command.name == 'GetActiveUniformsiv':  # one value per index
        out.append('    GLsizei uniformCount = c->uniformCount < (GLsizei)(DC_EXEC_GET_BYTES / 4)')
        out.append('                               ? c->uniformCount : (GLsizei)(DC_EXEC_GET_BYTES / 4);')
        extra['uniformCount'] = 'uniformCount'
    if limit:
        shift = f'(GLsizei)(DC_EXEC_SCRATCH_BYTES / {1 if limit == "bufSize" else size})'
        out.append(f'    GLsizei {limit} = c->{limit} < {shift} ? c->{limit} : {shift};')
        extra[limit] = limit
    if fixed:  # strings and the like: `length` says how much there is; the answer's own size tells it to the caller
        extra[v.name] = '(void *)x->scratch'
        told = [p for p in fixed if p.name != 'length']
        out.append(f'    {call(command, extra)};')
        if told:
            at = '0'
            out.append(f'    uint8_t head[{" + ".join(f"sizeof({p.name})" for p in told)}];')
            for p in told:
                out.append(f'    memcpy(head + {at}, {p.name}, sizeof({p.name}));')
                at += f' + sizeof({p.name})'
        head = 'head, sizeof(head)' if told else 'NULL, 0'
        out.append(f'    dc_exec_reply_parts(x, c->serial, {head}, x->scratch, length[0], {size});')
        return out
    extra[v.name] = '(void *)x->scratch'
    # Only the driver knows how many values a pname has: what two calls over different fills agree on was written.
    out += ['    for (int pass = 0; pass < 2; pass++) {', '        dc_exec_get_fill(x, pass);',
            f'        {call(command, extra)};', '    }', f'    dc_exec_get_reply(x, c->serial, {size});']
    return out


def run(command):
    n = command.name
    return (f'static void\nrun_{n}(struct dc_exec *x, const uint32_t *w, size_t words)\n{{\n    struct dc_cmd_{n} c;\n'
            f'    if (dc_dec_{n}(&x->decoder, w, words, &c))\n        dc_exec_{n}(x, &c);\n}}')


def source(registry):
    parts = []
    rows = []
    for c in registry.commands:
        if c.local:
            continue
        if not c.exec_manual:
            parts.append(handler(c))
        parts.append(run(c))
        apis = ' | '.join(['DC_API_GLES2'] * c.gles2 + ['DC_API_GLES1'] * c.gles1) if c.needs_context else '0'
        rows.append(f'    [{c.opcode}] = {{ run_{c.name}, {apis} }},')
    body = '\n\n'.join(parts)
    table = '\n'.join(rows)
    return f'''#include <string.h>

#include <gles_decode.h>
#include <gles_driver.h>
#include <protocol/gles/sizes.h>
#include <protocol/link/ring.h>
#include "exec.h"

{body}

const struct dc_exec_op dc_exec_ops[{OP_END}] = {{
{table}
}};
'''
