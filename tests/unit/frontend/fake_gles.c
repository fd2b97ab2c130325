#include "fake_gles.h"

#include <core/context.h>

int fake_gles_pushes;
uint64_t fake_gles_last_serial;
uint32_t fake_gles_first_width, fake_gles_first_height;

bool
dc_gles_context_init(struct dc_context *context, struct dc_context *share)
{
    return true;
}

void
dc_gles_context_finish(struct dc_context *context)
{
}

void
dc_gles_context_first_bind(struct dc_context *context, uint32_t width, uint32_t height)
{
    fake_gles_first_width = width;
    fake_gles_first_height = height;
}

void *
dc_gles_get_proc(const char *name)
{
    return NULL;
}

void
dc_gles_handle_push(struct dc_process *process, uint32_t type, uint64_t serial, const void *payload,
                    size_t size_bytes)
{
    fake_gles_pushes++;
    fake_gles_last_serial = serial;
}

void
dc_gles_each_fence(struct dc_process *process, void (*each)(void *user, uint64_t serial), void *user)
{
}

void
dc_gles_count_frame(struct dc_context *context)
{
}
