#ifndef FUZZ_COMMANDS_H
#define FUZZ_COMMANDS_H
/* Shapes of the wire's commands for the mutator (generated: fuzz_table.c), and the marks of this target's own between them. */
#include <stddef.h>
#include <stdint.h>

enum fuzz_kind { FUZZ_INT, FUZZ_NAME, FUZZ_ENUM, FUZZ_BOOL, FUZZ_FLOAT, FUZZ_WIDE /* 64 bits */ };

struct fuzz_field {
    uint8_t kind;
    uint8_t values; // index in fuzz_values; 0: any enum of GLES
};

struct fuzz_command {
    uint16_t opcode;
    uint8_t field_count, has_blob, is_text, is_names;
    uint8_t apis; // of contexts that have it: 1 GLES 2 and above, 2 GLES 1.1
    struct fuzz_field fields[16];
};

struct fuzz_values {
    const uint32_t *values;
    size_t count;
};

extern const struct fuzz_command fuzz_commands[];
extern const size_t fuzz_command_count;
extern const struct fuzz_values fuzz_values[];

/* No opcodes of the wire. BATCH {context}: what follows is a batch of that context. PRESENT {n × layer}: the compositor's
 * part; a layer is 10 words: surface, seq, x, y, width, height, src_x, src_y, src size, flags. */
#define FUZZ_MARK_BATCH 0xfff0u
#define FUZZ_MARK_PRESENT 0xfff1u
#define FUZZ_LAYER_WORDS 10u

#endif
