#ifndef DC_PROTOCOL_GLES_TABLE_H
#define DC_PROTOCOL_GLES_TABLE_H
/* Names and shapes of all commands, generated (gles_table.c): for the printer, logs and tests. */
#include <stddef.h>
#include <stdint.h>

enum dc_param_kind {
    DC_PARAM_U32, DC_PARAM_I32, DC_PARAM_HEX, DC_PARAM_ENUM, DC_PARAM_F32, DC_PARAM_U64, DC_PARAM_I64, DC_PARAM_NAME,
    DC_PARAM_SERIAL,
    // a blob, always last
    DC_PARAM_BYTES, DC_PARAM_TEXT, DC_PARAM_FLOATS, DC_PARAM_INTS, DC_PARAM_UINTS, DC_PARAM_ENUMS,
};

struct dc_param_info {
    const char *name;
    uint8_t kind; // enum dc_param_kind
};

enum {
    DC_OP_LOCAL = 1,   // never crosses the wire; the number is reserved
    DC_OP_BLOB = 2,    // ends with a blob
    DC_OP_SYNC = 4,    // its first argument is a serial, and it is answered
    DC_OP_CONTEXT = 8, // needs a current context
    DC_OP_OURS = 16,   // no GLES command
};

struct dc_op_info {
    const char *name; // without "gl"
    uint16_t fixed_words; // header and scalars
    uint8_t flags, param_count;
    const struct dc_param_info *params;
};

/* NULL for a number that is no command. */
const struct dc_op_info *dc_op_info(uint32_t op);
/* "TEXTURE_2D", or NULL. Only for values ≥ 0x100, below they are ambiguous. */
const char *dc_gles_enum_name(uint32_t value);

/* What GL_EXTENSIONS may name, sorted; of contexts of GLES 2 and above, and of those of GLES 1.1. */
extern const char *const dc_gles_extensions[], *const dc_gles1_extensions[];
extern const size_t dc_gles_extension_count, dc_gles1_extension_count;

#endif
