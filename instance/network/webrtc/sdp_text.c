#include "sdp_text.h"

#include <string.h>
#include <strings.h>

bool
dc_span_equals(struct dc_span span, const char *text)
{
    return span.size_bytes == strlen(text) && memcmp(span.data, text, span.size_bytes) == 0;
}

bool
dc_span_equals_ignoring_case(struct dc_span span, const char *text)
{
    return span.size_bytes == strlen(text) && strncasecmp(span.data, text, span.size_bytes) == 0;
}

bool
dc_span_skip(struct dc_span *span, const char *prefix)
{
    size_t length = strlen(prefix);
    if (span->size_bytes < length || memcmp(span->data, prefix, length) != 0)
        return false;
    span->data += length;
    span->size_bytes -= length;
    return true;
}

struct dc_span
dc_span_split(struct dc_span *span, char separator)
{
    struct dc_span first = { span->data, 0 };
    while (first.size_bytes < span->size_bytes && span->data[first.size_bytes] != separator)
        first.size_bytes++;
    size_t skip = first.size_bytes;
    if (skip < span->size_bytes)
        skip++;
    while (separator == ' ' && skip < span->size_bytes && span->data[skip] == ' ')
        skip++;
    span->data += skip;
    span->size_bytes -= skip;
    return first;
}

bool
dc_span_number(struct dc_span span, uint32_t max, uint32_t *number)
{
    uint64_t value = 0;
    if (span.size_bytes == 0 || span.size_bytes > 10)
        return false;
    for (size_t i = 0; i < span.size_bytes; i++) {
        if (span.data[i] < '0' || span.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(span.data[i] - '0');
    }
    *number = (uint32_t)value;
    return value <= max;
}

bool
dc_span_copy(struct dc_span span, char *out, size_t capacity)
{
    if (span.size_bytes == 0 || span.size_bytes >= capacity)
        return false;
    for (size_t i = 0; i < span.size_bytes; i++) {
        if (span.data[i] <= ' ' || span.data[i] > '~') // it is written into the answer again: no line ends
            return false;
    }
    memcpy(out, span.data, span.size_bytes);
    out[span.size_bytes] = '\0';
    return true;
}
