"""gles_entry.[ch]: the frontend's entry points; hand-written ones are only declared."""
from emit_driver import c_params
from registry import ELEMENT_BYTES


def api(registry):
    return [c for c in registry.commands if not c.ours]


def hook_params(command):
    rest = '' if not command.params else ', ' + c_params(command)
    return 'struct dc_context *context' + rest


def header(registry):
    protos = '\n'.join(f'{c.result} GL_APIENTRY dc_gl_{c.name}({c_params(c)});' for c in api(registry))
    hooks = '\n'.join(f'bool dc_hook_{c.name}({hook_params(c)});' for c in api(registry) if c.entry == 'hook')
    return f'''#ifndef DC_GLES_ENTRY_H
#define DC_GLES_ENTRY_H
#include <stdbool.h>
#include <stddef.h>

#include <protocol/gles/gles1.h>

struct dc_context;

{protos}

/* instance/frontend/gles: shadows state before the command goes out; false: do not forward. */
{hooks}

struct dc_gles_entry {{
    const char *name; // "glClear", extension aliases too
    void (*function)(void);
}};
extern const struct dc_gles_entry dc_gles_entries[]; // sorted by name
extern const size_t dc_gles_entry_count;

#endif
'''


def value(command, f):
    """The encoder's arguments for field f of an automatic entry."""
    if f.kind == 'serial':
        return 'call.serial'
    if f.kind != 'blob':
        if f.param is None:
            raise SystemExit(f'{command.name}: entry cannot be generated ({f.name})')
        return f.name
    if f.param.kind == 'string':
        return f'{f.name}, {f.name} ? (uint32_t)strlen({f.name}) : 0'
    length = f.param.length
    if not length or 'COMPSIZE' in length:
        raise SystemExit(f'{command.name}: entry needs a length for {f.name}')
    return 'data, bytes'


def data_line(command):
    """Before the call: C does not say which argument is evaluated first."""
    if not command.blob or command.blob.param.kind == 'string':
        return []
    p = command.blob.param
    return ['    uint32_t bytes;',
            f'    const void *data = dc_entry_data({command.blob.name}, (int64_t){p.length}, {ELEMENT_BYTES[p.element]}, &bytes);']


def zero(command):
    return '' if command.result == 'void' else ' 0'


def refusal(command, context):
    """A command that contexts of the other API do not have is an error of theirs."""
    if command.gles1 and command.gles2:
        return []
    return [f'    if (__builtin_expect({context}->version_major {">" if command.gles1 else "=="} 1, 0)) {{',
            f'        dc_gles_raise({context}, GL_INVALID_OPERATION);', f'        return{zero(command)};', '    }']


def function(command):
    args = ', '.join(['&c->encoder'] + [value(command, f) for f in command.fields])
    out = [f'{command.result} GL_APIENTRY', f'dc_gl_{command.name}({c_params(command)})', '{',
           '    struct dc_context *c = dc_current;', '    if (__builtin_expect(!c, 0))', f'        return{zero(command)};']
    out += refusal(command, 'c')
    if command.entry == 'hook':
        names = ''.join(f', {p.name}' for p in command.params)
        out += [f'    if (!dc_hook_{command.name}(c{names})) {{', '        dc_entry_after(c);',
                f'        return{zero(command)};', '    }']
    out += data_line(command)
    if not command.sync:
        out.append(f'    dc_enc_{command.name}({args});')
    elif command.outs:
        if len(command.outs) != 1 or command.result != 'void':
            raise SystemExit(f'{command.name}: entry cannot be generated (several results)')
        out += answer(command, 'out', f'sizeof({command.outs[0].element}) * 16', command.outs[0].name, args)
    else:
        out += ['    uint32_t result = 0;'] + answer(command, 'call', 'sizeof(result)', '&result', args)
    out.append('    dc_entry_after(c);')
    if command.sync and not command.outs:
        out.append(f'    return ({command.result})result;')
    out.append('}\n')
    return '\n'.join(out)


def wrapper(command):
    """What the table names for a hand-written entry point: the same, with the debug messages that it caused after it."""
    call = f'dc_gl_{command.name}({", ".join(p.name for p in command.params)})'
    keep = '' if command.result == 'void' else f'{command.result} result = '
    refused = refusal(command, 'dc_current')
    if refused:
        refused = [f'    if (!dc_current)', f'        return{zero(command)};'] + refused
    out = [f'static {command.result} GL_APIENTRY', f'entry_{command.name}({c_params(command)})', '{'] + refused + [
           f'    {keep}{call};', '    if (dc_current)', '        dc_entry_after(dc_current);']
    if keep:
        out.append('    return result;')
    out.append('}\n')
    return '\n'.join(out)


def answer(command, kind, size, where, args):
    return ['    struct dc_call call;', f'    dc_call_begin(c->process, &call, {where}, {size});',
            f'    dc_enc_{command.name}({args});', '    dc_context_call_wait(c, &call, DC_WAIT_STACK);']


def source(registry):
    body = '\n'.join(wrapper(c) if c.entry == 'manual' else function(c) for c in api(registry))
    names = sorted((n, ('entry_' if c.entry == 'manual' else 'dc_gl_') + c.name)
                   for c in api(registry) for n in ['gl' + c.name] + c.aliases)
    rows = '\n'.join(f'    {{ "{n}", (void (*)(void)){target} }},' for n, target in names)
    return f'''#include <string.h>

#include <protocol/gles/gles1.h>

#include <gles_encode.h>
#include <gles_entry.h>
#include <protocol/gles/sizes.h>
#include "core/context.h"
#include "core/process.h"
#include "gles/error.h"

/* Bytes of `count` elements of app memory; NULL stays NULL (the driver raises the error), and so does what no batch
 * could carry. */
static inline const void *
dc_entry_data(const void *data, int64_t count, uint32_t element_bytes, uint32_t *size_bytes)
{{
    if (!data || count <= 0 || count > (int64_t)(DC_RING_BULK_BYTES / 4 / element_bytes)) {{
        *size_bytes = 0;
        return NULL;
    }}
    *size_bytes = (uint32_t)count * element_bytes;
    return data;
}}

/* KHR_debug: an application that wants its messages within the call that causes them gets them here. */
static inline void
dc_entry_after(struct dc_context *context)
{{
    if (__builtin_expect(context->debug_sync, 0))
        dc_gles_debug_after(context);
}}

{body}
const struct dc_gles_entry dc_gles_entries[] = {{
{rows}
}};
const size_t dc_gles_entry_count = sizeof(dc_gles_entries) / sizeof(dc_gles_entries[0]);
'''
