"""gles_opcodes.h and gles_table.c: numbers, names and shapes of all commands (for the printer, logs and tests)."""
from registry import OP_END, OP_FIRST, SCALARS


def opcodes(registry):
    rows = ''.join(f'    DC_OP_{c.name} = {c.opcode},\n' for c in registry.commands)
    return f'''#ifndef DC_GLES_OPCODES_H
#define DC_GLES_OPCODES_H
#include <stdint.h>

enum dc_op {{
{rows}    DC_OP_GLES1_FIRST = {OP_FIRST['gles1']},
    DC_OP_END = {OP_END},
}};

/* "Clear", or "?" for a number that is no command. */
const char *dc_op_name(uint32_t op);

#endif
'''


def kind(field):
    if field.kind == 'serial':
        return 'SERIAL'
    if field.kind == 'name':
        return 'NAME'
    return SCALARS[field.ctype][1]


def params_of(command):
    rows = [f'{{ "{f.name}", DC_PARAM_{kind(f)} }}' for f in command.scalars]
    if command.blob:
        p = command.blob.param
        text = p is not None and p.kind == 'string' or command.blob.name in ('source', 'varyings', 'uniformNames')
        element = {'GLfloat': 'FLOATS', 'GLint': 'INTS', 'GLuint': 'UINTS', 'GLenum': 'ENUMS'}.get(
            p.element if p else '', 'BYTES')
        rows.append(f'{{ "{command.blob.name}", DC_PARAM_{"TEXT" if text else element} }}')
    return rows


def table(registry):
    out = ['#include <protocol/gles/table.h>', '', '#include <stddef.h>', '', '#include <gles_opcodes.h>', '']
    for c in registry.commands:
        rows = params_of(c)
        if rows:
            out.append(f'static const struct dc_param_info params_{c.name}[] = {{ {", ".join(rows)} }};')
    out.append('')
    out.append(f'static const struct dc_op_info ops[{OP_END}] = {{')
    for c in registry.commands:
        rows = params_of(c)
        flags = [name for name, on in (('DC_OP_LOCAL', c.local), ('DC_OP_BLOB', c.blob is not None),
                                       ('DC_OP_SYNC', c.sync), ('DC_OP_CONTEXT', c.needs_context),
                                       ('DC_OP_OURS', c.ours)) if on]
        out.append(f'    [{c.opcode}] = {{ "{c.name}", {c.fixed_words}, {" | ".join(flags) or 0}, {len(rows)}, '
                   f'{"params_" + c.name if rows else "NULL"} }},')
    out.append('};\n')
    for prefix, overlay in (('dc_gles', registry.gles), ('dc_gles1', registry.gles1)):
        names = sorted(overlay['extensions']['advertise'])
        out.append(f'const char *const {prefix}_extensions[] = {{')
        out += [f'    "{n}",' for n in names]
        out.append(f'}};\nconst size_t {prefix}_extension_count = {len(names)};\n')
    enums = sorted(registry.enums.items())
    out.append('static const struct { uint32_t value; const char *name; } enums[] = {')
    out += [f'    {{ 0x{v:04x}, "{n}" }},' for v, n in enums]
    out.append('''};

const struct dc_op_info *
dc_op_info(uint32_t op)
{
    return op < DC_OP_END && ops[op].name ? &ops[op] : NULL;
}

const char *
dc_op_name(uint32_t op)
{
    const struct dc_op_info *info = dc_op_info(op);
    return info ? info->name : "?";
}

const char *
dc_gles_enum_name(uint32_t value)
{
    size_t low = 0, high = sizeof(enums) / sizeof(enums[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (enums[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof(enums) / sizeof(enums[0]) && enums[low].value == value ? enums[low].name : NULL;
}
''')
    return '\n'.join(out)
