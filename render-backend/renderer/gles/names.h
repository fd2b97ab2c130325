#ifndef DC_RENDERER_GLES_NAMES_H
#define DC_RENDERER_GLES_NAMES_H
/*
 * Object names: those that the application's process chose → the driver's. Small ones (its allocator takes the smallest
 * free one) are an array, others (an app may bind any number) a hash table.
 */
#include <stdbool.h>
#include <stdint.h>

#define DC_NAME_UNKNOWN 0xfffffff0u // no driver gives this name
#define DC_NAMES_DENSE (1u << 16)
#define DC_NAMES_DELETED 64

enum dc_names_kind {
    // of the share group
    DC_NAMES_BUFFER, DC_NAMES_TEXTURE, DC_NAMES_RENDERBUFFER, DC_NAMES_SAMPLER,
    DC_NAMES_PROGRAM, // programs and shaders: one name space
    DC_NAMES_SHARED_COUNT,
    // of the context
    DC_NAMES_FRAMEBUFFER = DC_NAMES_SHARED_COUNT, DC_NAMES_VERTEX_ARRAY, DC_NAMES_QUERY, DC_NAMES_TRANSFORM_FEEDBACK,
    DC_NAMES_PROGRAM_PIPELINE,
    DC_NAMES_COUNT,
    DC_NAMES_CONTEXT_COUNT = DC_NAMES_COUNT - DC_NAMES_SHARED_COUNT,
};

struct dc_names_slot { uint32_t name, driver; };

struct dc_names {
    uint32_t *dense; // owned; 0: none
    uint32_t dense_count;
    struct dc_names_slot *hash; // owned; name 0: free, driver 0: deleted
    uint32_t hash_size, hash_used;
    uint32_t count; // names present
    // A ring of those removed last: an object outlives its name where it is still attached, and is asked for there.
    struct dc_names_slot deleted[DC_NAMES_DELETED];
    uint32_t deleted_count; // ever
};

void dc_names_finish(struct dc_names *names);
uint32_t dc_names_find_hashed(const struct dc_names *names, uint32_t name);
/* Driver's name, 0 if unknown. */
static inline uint32_t
dc_names_find(const struct dc_names *names, uint32_t name)
{
    if (name < names->dense_count)
        return names->dense[name];
    return name < DC_NAMES_DENSE ? 0 : dc_names_find_hashed(names, name);
}
/* The name of a driver's object, also of one deleted lately; 0: none. Searches. */
uint32_t dc_names_of_driver(const struct dc_names *names, uint32_t driver);
/* Adds or replaces; driver 0 removes. false: out of memory. name ≠ 0. */
bool dc_names_set(struct dc_names *names, uint32_t name, uint32_t driver);

#endif
