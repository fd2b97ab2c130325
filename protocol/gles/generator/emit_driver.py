"""gles_driver.[ch]: the driver as a table of functions; loading it, and tables that draw nothing."""
import re

from registry import ELEMENT_BYTES


def api(registry):
    return [c for c in registry.commands if not c.ours]


def c_params(command, names=True):
    if not command.params:
        return 'void'
    return ', '.join(f'{p.ctype}{"" if p.ctype.endswith("*") else " "}{p.name}' if names else p.ctype
                     for p in command.params)


def header(registry):
    rows = '\n'.join(f'    {c.result} (GL_APIENTRY *{c.name})({c_params(c)});' for c in api(registry))
    return f'''#ifndef DC_GLES_DRIVER_H
#define DC_GLES_DRIVER_H
#include <protocol/gles/gles1.h>

struct dc_gl {{
{rows}
}};

typedef void (*dc_gl_proc)(void);
/* Fills the table through get_proc ("glClear"); what the driver lacks does nothing. */
void dc_gl_load(struct dc_gl *gl, dc_gl_proc (*get_proc)(const char *name));
/* Every function does nothing and returns 0; objects get names. For unit tests and the fuzzer. */
extern const struct dc_gl dc_gl_null;
/* The same, but reads all input whose size follows from the arguments and writes all output: under a sanitizer, data that is
 * too short shows. */
extern const struct dc_gl dc_gl_probe;

#endif
'''


def null_body(c):
    if c.name.startswith('Gen') and c.name != 'GenerateMipmap':
        n, out = c.params[0].name, c.params[1].name
        return f'for (GLsizei i = 0; i < {n}; i++) {out}[i] = ++last_name;'
    if c.name in ('CreateShader', 'CreateProgram', 'CreateShaderProgramv'):
        return 'return ++last_name;'
    if c.result == 'void':
        return ''
    return 'return 0;'


def touch(c, pointers):
    """Statements that read the inputs and write the outputs of a command."""
    out = []
    for p in c.params:
        if p.kind not in ('in', 'out') or p.name in pointers.get(c.name, ''):
            continue
        length = p.length
        if 'COMPSIZE' in length:
            length = 'uniformCount' if 'uniformCount' in length else '1' if p.kind == 'out' else ''
        if c.name.startswith('GetVertexAttrib'):
            length = '1'  # gl.xml says 4, which only CURRENT_VERTEX_ATTRIB has
        if not length:
            continue
        length = re.sub(r'\b([a-z]\w*)\b(?!\()', r'(int64_t)\1', length)
        verb = 'probe_read' if p.kind == 'in' else 'probe_write'
        out.append(f'{verb}({p.name}, {length}, {ELEMENT_BYTES[p.element]});')
    return ' '.join(out)


PROBE = '''static __thread uint8_t probe_sum;

static void
probe_read(const void *data, int64_t count, unsigned element_bytes)
{
    for (int64_t i = 0; data && i < count * element_bytes; i++)
        probe_sum += ((const uint8_t *)data)[i];
}

static void
probe_write(void *data, int64_t count, unsigned element_bytes)
{
    if (data && count > 0)
        memset(data, probe_sum & 1, (size_t)count * element_bytes);
}
'''


def source(registry):
    out = ['#include <gles_driver.h>', '', '#include <stdint.h>', '#include <string.h>', '',
           '#include <protocol/gles/sizes.h>', '', 'static __thread GLuint last_name;', '']
    for c in api(registry):
        out.append(f'static {c.result} GL_APIENTRY null_{c.name}({c_params(c)}) {{ {null_body(c)} }}')
    out.append('\nconst struct dc_gl dc_gl_null = {')
    out += [f'    .{c.name} = null_{c.name},' for c in api(registry)]
    out.append('};\n')
    pointers = registry.gles['pointer'] | registry.gles['offset']
    out.append(PROBE)
    for c in api(registry):
        out.append(f'static {c.result} GL_APIENTRY probe_{c.name}({c_params(c)}) {{ {touch(c, pointers)} {null_body(c)} }}')
    out.append('\nconst struct dc_gl dc_gl_probe = {')
    out += [f'    .{c.name} = probe_{c.name},' for c in api(registry)]
    out.append('};\n')
    out.append('void\ndc_gl_load(struct dc_gl *gl, dc_gl_proc (*get_proc)(const char *name))\n{')
    out.append('    dc_gl_proc p;\n    *gl = dc_gl_null;')
    for c in api(registry):
        out.append(f'    if ((p = get_proc("gl{c.name}")))\n        gl->{c.name} = ({c.result} (GL_APIENTRY *)({c_params(c, False)}))p;')
    out.append('}\n')
    return '\n'.join(out)
