/* Any bytes as a DCEP message; what parses is the same after it was written and read once more. */
#include <stdlib.h>
#include <string.h>

#include "dcep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    struct dc_dcep_message a, b;
    struct dc_writer writer;
    if (!dc_dcep_unpack(data, size_bytes, &a))
        return 0;
    dc_writer_init(&writer);
    dc_dcep_pack(&a, &writer);
    if (!dc_dcep_unpack(writer.data, writer.size_bytes, &b) || a.type != b.type || strcmp(a.label, b.label) ||
        a.reliability.limit != b.reliability.limit || a.reliability.is_ordered != b.reliability.is_ordered ||
        a.reliability.by_time != b.reliability.by_time)
        abort();
    dc_writer_finish(&writer);
    return 0;
}
