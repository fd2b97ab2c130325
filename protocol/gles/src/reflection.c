#include <protocol/gles/reflection.h>

#include <stdlib.h>
#include <string.h>

#include <common/wire.h>

void
dc_reflection_init(struct dc_reflection *reflection)
{
    *reflection = (struct dc_reflection){ 0 };
}

void
dc_reflection_finish(struct dc_reflection *reflection)
{
    for (uint32_t i = 0; i < reflection->interface_count; i++) {
        struct dc_interface *interface = &reflection->interfaces[i];
        for (uint32_t k = 0; k < interface->count; k++) {
            free(interface->resources[k].name);
            free(interface->resources[k].variables);
            free(interface->resources[k].locations);
        }
        free(interface->resources);
    }
    free(reflection->log);
    dc_reflection_init(reflection);
}

static void
pack_resource(struct dc_writer *w, const struct dc_resource *resource)
{
    dc_writer_string(w, resource->name ? resource->name : "");
    for (int i = 0; i < DC_PROP_COUNT; i++)
        dc_writer_u32le(w, (uint32_t)resource->prop[i]);
    dc_writer_u32le(w, resource->variable_count);
    for (uint32_t i = 0; i < resource->variable_count; i++)
        dc_writer_u32le(w, resource->variables[i]);
    dc_writer_u32le(w, resource->location_count);
    for (uint32_t i = 0; i < resource->location_count; i++)
        dc_writer_u32le(w, (uint32_t)resource->locations[i]);
}

void
dc_reflection_pack(struct dc_writer *w, const struct dc_reflection *reflection)
{
    dc_writer_u32le(w, reflection->linked);
    dc_writer_u32le(w, reflection->validated);
    dc_writer_string(w, reflection->log ? reflection->log : "");
    dc_writer_u32le(w, reflection->value_count);
    for (uint32_t i = 0; i < reflection->value_count; i++) {
        dc_writer_u32le(w, reflection->values[i].pname);
        for (int k = 0; k < 3; k++)
            dc_writer_u32le(w, (uint32_t)reflection->values[i].value[k]);
    }
    dc_writer_u32le(w, reflection->interface_count);
    for (uint32_t i = 0; i < reflection->interface_count; i++) {
        const struct dc_interface *interface = &reflection->interfaces[i];
        dc_writer_u32le(w, interface->interface);
        dc_writer_u32le(w, interface->count);
        for (uint32_t k = 0; k < interface->count; k++)
            pack_resource(w, &interface->resources[k]);
    }
}

static char *
unpack_string(struct dc_reader *r)
{
    uint32_t size;
    const char *s = dc_reader_string(r, &size);
    char *copy = s ? strndup(s, size) : NULL;
    if (!copy)
        r->failed = true;
    return copy;
}

/* u32 count and as many words; NULL for none. */
static uint32_t *
unpack_words(struct dc_reader *r, uint32_t *count)
{
    uint32_t n = dc_reader_u32le(r);
    *count = 0;
    if (!n || n > dc_reader_left(r) / 4) {
        r->failed |= n != 0;
        return NULL;
    }
    uint32_t *words = calloc(n, sizeof(*words));
    if (!words) {
        r->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++)
        words[i] = dc_reader_u32le(r);
    *count = n;
    return words;
}

static void
unpack_resource(struct dc_reader *r, struct dc_resource *resource)
{
    resource->name = unpack_string(r);
    for (int i = 0; i < DC_PROP_COUNT; i++)
        resource->prop[i] = (int32_t)dc_reader_u32le(r);
    resource->variables = unpack_words(r, &resource->variable_count);
    resource->locations = (int32_t *)unpack_words(r, &resource->location_count);
}

static void
unpack_interface(struct dc_reader *r, struct dc_interface *interface)
{
    interface->interface = dc_reader_u32le(r);
    uint32_t n = dc_reader_u32le(r);
    if (r->failed || n > dc_reader_left(r) / (4 * (DC_PROP_COUNT + 3))) {
        r->failed = true;
        return;
    }
    interface->resources = calloc(n ? n : 1, sizeof(*interface->resources));
    if (!interface->resources) {
        r->failed = true;
        return;
    }
    interface->count = n;
    for (uint32_t i = 0; i < n && !r->failed; i++)
        unpack_resource(r, &interface->resources[i]);
}

bool
dc_reflection_unpack(struct dc_reflection *reflection, const void *data, size_t size_bytes)
{
    struct dc_reader r;
    dc_reflection_init(reflection);
    dc_reader_init(&r, data, size_bytes);
    reflection->linked = dc_reader_u32le(&r);
    reflection->validated = dc_reader_u32le(&r);
    reflection->log = unpack_string(&r);
    uint32_t values = dc_reader_u32le(&r);
    r.failed |= values > DC_REFLECTION_VALUES_MAX;
    for (uint32_t i = 0; i < values && !r.failed; i++) {
        reflection->values[i].pname = dc_reader_u32le(&r);
        for (int k = 0; k < 3; k++)
            reflection->values[i].value[k] = (int32_t)dc_reader_u32le(&r);
        reflection->value_count = i + 1;
    }
    uint32_t interfaces = dc_reader_u32le(&r);
    r.failed |= interfaces > DC_INTERFACE_COUNT;
    for (uint32_t i = 0; i < interfaces && !r.failed; i++) {
        reflection->interface_count = i + 1;
        unpack_interface(&r, &reflection->interfaces[i]);
    }
    if (r.failed)
        dc_reflection_finish(reflection);
    return !r.failed;
}

void
dc_shader_reflection_finish(struct dc_shader_reflection *reflection)
{
    free(reflection->log);
    *reflection = (struct dc_shader_reflection){ 0 };
}

void
dc_shader_reflection_pack(struct dc_writer *w, const struct dc_shader_reflection *reflection)
{
    dc_writer_u32le(w, reflection->compiled);
    dc_writer_string(w, reflection->log ? reflection->log : "");
}

bool
dc_shader_reflection_unpack(struct dc_shader_reflection *reflection, const void *data, size_t size_bytes)
{
    struct dc_reader r;
    dc_reader_init(&r, data, size_bytes);
    reflection->compiled = dc_reader_u32le(&r);
    reflection->log = unpack_string(&r);
    if (r.failed)
        dc_shader_reflection_finish(reflection);
    return !r.failed;
}
