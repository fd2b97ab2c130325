/*
 * dc-gldump FILE: a readable dump of a captured GL command stream.
 *
 * Capture with DC_CAPTURE_GL=FILE in the application's environment; the frontend writes FILE.PID (protocol/gles/print.h).
 * One process, one thread: reads a batch at a time and prints it. Exit status 1 if the file is cut or malformed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <protocol/gles/print.h>
#include <protocol/link/ring.h>

static int
dump(FILE *in, const char *path)
{
    static uint32_t words[DC_BATCH_MAX_BYTES / 4 + 2];
    uint32_t head[2];
    struct dc_batch_header header;
    if (fread(head, sizeof(head), 1, in) != 1 || head[0] != DC_CAPTURE_MAGIC || head[1] != DC_CAPTURE_VERSION) {
        fprintf(stderr, "dc-gldump: %s: not a capture of this version\n", path);
        return 1;
    }
    for (uint64_t batch = 0;; batch++) {
        size_t got = fread(&header, 1, sizeof(header), in);
        if (!got && feof(in))
            return 0;
        if (got != sizeof(header) || header.size_bytes > DC_BATCH_MAX_BYTES || header.size_bytes % 4) {
            fprintf(stderr, "dc-gldump: %s: batch %" PRIu64 " is cut or malformed\n", path, batch);
            return 1;
        }
        size_t padded = (header.size_bytes + 7) & ~(size_t)7;
        if (fread(words, 1, padded, in) != padded) {
            fprintf(stderr, "dc-gldump: %s: batch %" PRIu64 " is cut\n", path, batch);
            return 1;
        }
        printf("batch %" PRIu64 ": context %" PRIu32 ", %" PRIu32 " bytes, bulk up to 0x%" PRIx64 "\n", batch,
               header.context_id, header.size_bytes, header.bulk_end);
        if (!dc_gles_print(stdout, "  ", words, header.size_bytes / 4))
            return 1;
    }
}

int
main(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: dc-gldump FILE\nPrints a GL stream captured with DC_CAPTURE_GL=FILE.\n");
        return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
    }
    FILE *in = fopen(argv[1], "rb");
    if (!in) {
        fprintf(stderr, "dc-gldump: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int rc = dump(in, argv[1]);
    fclose(in);
    return rc;
}
