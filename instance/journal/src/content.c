#include "content.h"

#include <stdlib.h>
#include <string.h>

#define DC_LOG_COMPONENT "journal"
#include <common/log.h>

struct dc_content *
dc_content_in_ring(struct dc_contents *contents, const struct dc_journal_bulk *bulk)
{
    struct dc_content *content = calloc(1, sizeof *content);
    if (!content)
        return NULL;
    *content = (struct dc_content){ .owner = contents, .previous = contents->last, .data = bulk->data,
                                    .position = bulk->position, .size_bytes = bulk->size_bytes, .refs = 1,
                                    .in_ring = true };
    if (contents->last)
        contents->last->next = content;
    else
        contents->first = content;
    contents->last = content;
    contents->ring_bytes += content->size_bytes;
    return content;
}

/* Memory within the quota; NULL: none. */
static uint8_t *
reserve(struct dc_contents *contents, size_t size_bytes)
{
    if (size_bytes > contents->max_bytes - contents->kept_bytes)
        return NULL;
    uint8_t *bytes = malloc(size_bytes ? size_bytes : 1);
    if (bytes)
        contents->kept_bytes += size_bytes;
    return bytes;
}

struct dc_content *
dc_content_copy(struct dc_contents *contents, const void *data, size_t size_bytes)
{
    struct dc_content *content = calloc(1, sizeof *content);
    if (!content)
        return NULL;
    uint8_t *bytes = reserve(contents, size_bytes);
    *content = (struct dc_content){ .owner = contents, .data = bytes, .size_bytes = (uint32_t)size_bytes, .refs = 1 };
    if (bytes && data)
        memcpy(bytes, data, size_bytes);
    else if (bytes)
        memset(bytes, 0, size_bytes);
    return content;
}

struct dc_content *
dc_content_ref(struct dc_content *content)
{
    if (content)
        content->refs++;
    return content;
}

static void
leave_ring(struct dc_content *content)
{
    struct dc_contents *contents = content->owner;
    *(content->previous ? &content->previous->next : &contents->first) = content->next;
    *(content->next ? &content->next->previous : &contents->last) = content->previous;
    content->previous = content->next = NULL;
    content->in_ring = false;
    contents->ring_bytes -= content->size_bytes;
}

void
dc_content_unref(struct dc_content *content)
{
    if (!content || --content->refs)
        return;
    if (content->in_ring) {
        leave_ring(content);
    } else if (content->data) {
        content->owner->kept_bytes -= content->size_bytes;
        free((void *)content->data);
    }
    free(content);
}

uint8_t *
dc_content_own(struct dc_content *content)
{
    return content && content->refs == 1 && !content->in_ring ? (uint8_t *)content->data : NULL;
}

static void
evacuate(struct dc_content *content)
{
    const uint8_t *from = content->data;
    uint8_t *bytes = reserve(content->owner, content->size_bytes);
    leave_ring(content);
    content->data = bytes;
    if (bytes)
        memcpy(bytes, from, content->size_bytes);
    else
        dc_debug("%u bytes of contents are not kept: the quota of %llu bytes is used up", content->size_bytes,
                 (unsigned long long)content->owner->max_bytes);
}

void
dc_contents_release(struct dc_contents *contents, uint64_t position)
{
    while (contents->first && contents->first->position < position)
        evacuate(contents->first);
}
