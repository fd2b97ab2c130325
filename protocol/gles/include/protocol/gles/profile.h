#ifndef DC_PROTOCOL_GLES_PROFILE_H
#define DC_PROTOCOL_GLES_PROFILE_H
/*
 * The profile: everything an instance may know about its GLES implementation, fixed at its start (DESIGN §3). The
 * worker reads it from the driver, the supervisor hands it to every frontend in a sealed memfd, nobody asks again.
 *
 * Bytes: u32 magic "DCPF", u32 version, then sections { u32 tag, u32 size, bytes }, unknown tags are skipped:
 *   STRINGS    for each enum dc_profile_string: string
 *   CONFIGS    u32 count, each struct dc_profile_config as u32 fields in declaration order
 *   LIMITS     u32 count, each { u32 pname, u32 value_count, u64 bits per value }; i64 values, f32 in the low word when
 *              DC_PROFILE_FLOAT is set in value_count
 *   PRECISION  u32 count, each { u32 shader, u32 precision_type, i32 range[2], i32 precision }
 *   FORMATS    u32 count, u32 compressed texture formats
 *   GLES1      string version, string extensions; absent where the driver has no GLES 1.1
 *   GLES1_LIMITS, GLES1_FORMATS  as LIMITS and FORMATS, of contexts of GLES 1.1
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_PROFILE_MAGIC 0x46504344u
#define DC_PROFILE_VERSION 1u
#define DC_PROFILE_FLOAT 0x80000000u

enum dc_profile_string {
    DC_PROFILE_GL_VENDOR,
    DC_PROFILE_GL_RENDERER,
    DC_PROFILE_GL_VERSION,      // of the highest ES context the driver makes, e.g. "OpenGL ES 3.2 Mesa 22.3.6"
    DC_PROFILE_GLSL_VERSION,
    DC_PROFILE_GL_EXTENSIONS,   // only what we carry, space separated
    DC_PROFILE_EGL_VENDOR,
    DC_PROFILE_EGL_EXTENSIONS, // all of the driver's; the frontend offers those that it carries
    DC_PROFILE_STRING_COUNT,
};

/* One EGLConfig, as the driver describes it; surface_type already has window and pbuffer bits as we offer them. */
struct dc_profile_config {
    uint32_t id; // 1 … n, the EGL_CONFIG_ID that applications see
    uint32_t red, green, blue, alpha, depth, stencil;
    uint32_t samples, sample_buffers;
    uint32_t surface_type, renderable_type, conformant, caveat;
    uint32_t color_component_type; // EGL_COLOR_COMPONENT_TYPE_*_EXT
    uint32_t native_renderable, native_visual_id; // visual: DRM fourcc / 0
    uint32_t max_pbuffer_width, max_pbuffer_height;
    uint32_t bind_to_texture_rgb, bind_to_texture_rgba;
};

struct dc_profile_limit {
    uint32_t pname;
    bool is_float;
    uint32_t value_count; // ≤ 4
    int64_t i[4];
    float f[4];
};

struct dc_profile_precision {
    uint32_t shader, precision_type;
    int32_t range[2], precision;
};

struct dc_profile {
    char *strings[DC_PROFILE_STRING_COUNT]; // owned
    struct dc_profile_config *configs;      // owned
    uint32_t config_count;
    struct dc_profile_limit *limits; // owned
    uint32_t limit_count;
    struct dc_profile_precision *precisions; // owned
    uint32_t precision_count;
    uint32_t *compressed_formats; // owned
    uint32_t compressed_format_count;
    // Of contexts of GLES 1.1.
    struct dc_profile_gles1 {
        char *version, *extensions; // owned; NULL: there are none
        struct dc_profile_limit *limits; // owned
        uint32_t limit_count;
        uint32_t *compressed_formats; // owned
        uint32_t compressed_format_count;
    } gles1;
};

struct dc_writer;
void dc_profile_init(struct dc_profile *profile);
void dc_profile_finish(struct dc_profile *profile);
void dc_profile_pack(struct dc_writer *w, const struct dc_profile *profile);
/* Bounded; false (and an empty profile) on malformed bytes. */
bool dc_profile_unpack(struct dc_profile *profile, const void *data, size_t size_bytes);
/* NULL if the profile does not say. */
const struct dc_profile_limit *dc_profile_find_limit(const struct dc_profile *profile, uint32_t pname);
const struct dc_profile_limit *dc_profile_find_gles1_limit(const struct dc_profile *profile, uint32_t pname);
/* The instance has no GLES 1.1: neither contexts nor configs that say so. */
void dc_profile_drop_gles1(struct dc_profile *profile);

#endif
