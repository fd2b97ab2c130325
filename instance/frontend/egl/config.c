#include "config.h"

#include <stdlib.h>
#include <string.h>

enum kind { INTEGER, BOOLEAN, ENUMERATION, BITMASK, PLATFORM };
enum match { AT_LEAST, EXACT, MASK, NO_MATCH };

struct attribute {
    EGLint name;
    uint16_t offset;
    enum kind kind;
    enum match match;
    EGLint fallback; // what a request means that does not say
};

#define FIELD(field) offsetof(struct dc_config, field)

/* EGL 1.5 table 3.1 (attributes) and 3.4 (defaults and matching). */
static const struct attribute attributes[] = {
    { EGL_BUFFER_SIZE, FIELD(buffer_size), INTEGER, AT_LEAST, 0 },
    { EGL_RED_SIZE, FIELD(red_size), INTEGER, AT_LEAST, 0 },
    { EGL_GREEN_SIZE, FIELD(green_size), INTEGER, AT_LEAST, 0 },
    { EGL_BLUE_SIZE, FIELD(blue_size), INTEGER, AT_LEAST, 0 },
    { EGL_LUMINANCE_SIZE, FIELD(luminance_size), INTEGER, AT_LEAST, 0 },
    { EGL_ALPHA_SIZE, FIELD(alpha_size), INTEGER, AT_LEAST, 0 },
    { EGL_ALPHA_MASK_SIZE, FIELD(alpha_mask_size), INTEGER, AT_LEAST, 0 },
    { EGL_BIND_TO_TEXTURE_RGB, FIELD(bind_to_texture_rgb), BOOLEAN, EXACT, EGL_DONT_CARE },
    { EGL_BIND_TO_TEXTURE_RGBA, FIELD(bind_to_texture_rgba), BOOLEAN, EXACT, EGL_DONT_CARE },
    { EGL_COLOR_BUFFER_TYPE, FIELD(color_buffer_type), ENUMERATION, EXACT, EGL_RGB_BUFFER },
    { EGL_CONFIG_CAVEAT, FIELD(config_caveat), ENUMERATION, EXACT, EGL_DONT_CARE },
    { EGL_CONFIG_ID, FIELD(config_id), INTEGER, EXACT, EGL_DONT_CARE },
    { EGL_CONFORMANT, FIELD(conformant), BITMASK, MASK, 0 },
    { EGL_DEPTH_SIZE, FIELD(depth_size), INTEGER, AT_LEAST, 0 },
    { EGL_LEVEL, FIELD(level), PLATFORM, EXACT, 0 },
    { EGL_MAX_PBUFFER_WIDTH, FIELD(max_pbuffer_width), INTEGER, NO_MATCH, 0 },
    { EGL_MAX_PBUFFER_HEIGHT, FIELD(max_pbuffer_height), INTEGER, NO_MATCH, 0 },
    { EGL_MAX_PBUFFER_PIXELS, FIELD(max_pbuffer_pixels), INTEGER, NO_MATCH, 0 },
    { EGL_MAX_SWAP_INTERVAL, FIELD(max_swap_interval), INTEGER, EXACT, EGL_DONT_CARE },
    { EGL_MIN_SWAP_INTERVAL, FIELD(min_swap_interval), INTEGER, EXACT, EGL_DONT_CARE },
    { EGL_NATIVE_RENDERABLE, FIELD(native_renderable), BOOLEAN, EXACT, EGL_DONT_CARE },
    { EGL_NATIVE_VISUAL_ID, FIELD(native_visual_id), PLATFORM, NO_MATCH, 0 },
    { EGL_NATIVE_VISUAL_TYPE, FIELD(native_visual_type), PLATFORM, EXACT, EGL_DONT_CARE },
    // EGL's default is EGL_OPENGL_ES_BIT (ES 1), which we have not: who does not ask shall find what there is.
    { EGL_RENDERABLE_TYPE, FIELD(renderable_type), BITMASK, MASK, EGL_DONT_CARE },
    { EGL_SAMPLE_BUFFERS, FIELD(sample_buffers), INTEGER, AT_LEAST, 0 },
    { EGL_SAMPLES, FIELD(samples), INTEGER, AT_LEAST, 0 },
    { EGL_STENCIL_SIZE, FIELD(stencil_size), INTEGER, AT_LEAST, 0 },
    { EGL_SURFACE_TYPE, FIELD(surface_type), BITMASK, MASK, EGL_WINDOW_BIT },
    { EGL_TRANSPARENT_TYPE, FIELD(transparent_type), ENUMERATION, EXACT, EGL_NONE },
    { EGL_TRANSPARENT_RED_VALUE, FIELD(transparent_red_value), INTEGER, EXACT, EGL_DONT_CARE },
    { EGL_TRANSPARENT_GREEN_VALUE, FIELD(transparent_green_value), INTEGER, EXACT, EGL_DONT_CARE },
    { EGL_TRANSPARENT_BLUE_VALUE, FIELD(transparent_blue_value), INTEGER, EXACT, EGL_DONT_CARE },
    // Without pixmaps it matches nothing in particular, and no config has it.
    { EGL_MATCH_NATIVE_PIXMAP, FIELD(match_native_pixmap), PLATFORM, NO_MATCH, EGL_NONE },
    { EGL_COLOR_COMPONENT_TYPE_EXT, FIELD(color_component_type), ENUMERATION, EXACT,
      EGL_COLOR_COMPONENT_TYPE_FIXED_EXT },
};
#define ATTRIBUTE_COUNT (sizeof(attributes) / sizeof(attributes[0]))

static EGLint *
field(struct dc_config *config, const struct attribute *attribute)
{
    return (EGLint *)((char *)config + attribute->offset);
}

static EGLint
value_of(const struct dc_config *config, const struct attribute *attribute)
{
    return *field((struct dc_config *)config, attribute);
}

static const struct attribute *
find_attribute(EGLint name)
{
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        if (attributes[i].name == name)
            return &attributes[i];
    return NULL;
}

static void
fill(struct dc_config *config, const struct dc_profile_config *p, bool windows, uint32_t visual_id)
{
    *config = (struct dc_config){
        .buffer_size = p->red + p->green + p->blue + p->alpha,
        .red_size = p->red,
        .green_size = p->green,
        .blue_size = p->blue,
        .alpha_size = p->alpha,
        .depth_size = p->depth,
        .stencil_size = p->stencil,
        .samples = p->samples,
        .sample_buffers = p->sample_buffers,
        .bind_to_texture_rgb = p->bind_to_texture_rgb,
        .bind_to_texture_rgba = p->bind_to_texture_rgba,
        .color_buffer_type = EGL_RGB_BUFFER,
        .config_caveat = p->caveat,
        .config_id = p->id,
        .conformant = p->conformant & (EGL_OPENGL_ES_BIT | EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT),
        .renderable_type = p->renderable_type & (EGL_OPENGL_ES_BIT | EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT),
        .surface_type = p->surface_type & (windows ? ~0 : ~EGL_WINDOW_BIT),
        .max_pbuffer_width = p->max_pbuffer_width,
        .max_pbuffer_height = p->max_pbuffer_height,
        // Frame callbacks pace a window: only a new buffer brings the next one, so no interval above 1 can be kept.
        .max_swap_interval = 1,
        .min_swap_interval = windows ? 0 : 1,
        .native_renderable = p->native_renderable,
        .native_visual_id = windows ? (visual_id ? visual_id : p->native_visual_id) : 0,
        .native_visual_type = EGL_NONE,
        .transparent_type = EGL_NONE,
        .color_component_type = p->color_component_type,
    };
}

struct dc_config *
dc_configs_create(const struct dc_profile *profile, bool windows, uint32_t visual_id)
{
    struct dc_config *configs = calloc(profile->config_count ? profile->config_count : 1, sizeof(*configs));
    for (uint32_t i = 0; configs && i < profile->config_count; i++)
        fill(&configs[i], &profile->configs[i], windows, visual_id);
    return configs;
}

bool
dc_config_get(const struct dc_config *config, EGLint name, EGLint *value)
{
    const struct attribute *attribute = find_attribute(name);
    if (!attribute || name == EGL_MATCH_NATIVE_PIXMAP)
        return false;
    *value = value_of(config, attribute);
    return true;
}

static bool
is_known_enum(EGLint name, EGLint value)
{
    switch (name) {
    case EGL_CONFIG_CAVEAT:
        return value == EGL_NONE || value == EGL_SLOW_CONFIG || value == EGL_NON_CONFORMANT_CONFIG;
    case EGL_TRANSPARENT_TYPE:
        return value == EGL_NONE || value == EGL_TRANSPARENT_RGB;
    case EGL_COLOR_BUFFER_TYPE:
        return value == EGL_RGB_BUFFER || value == EGL_LUMINANCE_BUFFER;
    default:
        return value == EGL_COLOR_COMPONENT_TYPE_FIXED_EXT || value == EGL_COLOR_COMPONENT_TYPE_FLOAT_EXT;
    }
}

static bool
is_valid(const struct attribute *attribute, EGLint value)
{
    const EGLint surface_bits = EGL_PBUFFER_BIT | EGL_PIXMAP_BIT | EGL_WINDOW_BIT | EGL_VG_COLORSPACE_LINEAR_BIT |
                                EGL_VG_ALPHA_FORMAT_PRE_BIT | EGL_MULTISAMPLE_RESOLVE_BOX_BIT |
                                EGL_SWAP_BEHAVIOR_PRESERVED_BIT;
    const EGLint api_bits = EGL_OPENGL_ES_BIT | EGL_OPENVG_BIT | EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT |
                            EGL_OPENGL_BIT;
    if (attribute->name == EGL_LEVEL || attribute->name == EGL_MATCH_NATIVE_PIXMAP)
        return value != EGL_DONT_CARE;
    if (value == EGL_DONT_CARE)
        return true;
    switch (attribute->kind) {
    case INTEGER:
        if (attribute->name == EGL_SAMPLE_BUFFERS)
            return value == 0 || value == 1;
        return value >= (attribute->name == EGL_CONFIG_ID ? 1 : 0);
    case BOOLEAN:
        return value == EGL_TRUE || value == EGL_FALSE;
    case ENUMERATION:
        return is_known_enum(attribute->name, value);
    case BITMASK:
        return !(value & ~(attribute->name == EGL_SURFACE_TYPE ? surface_bits : api_bits));
    case PLATFORM:
        return true;
    }
    return true;
}

/* Turns an attribute list into a request: one value for every attribute. */
static bool
parse_request(struct dc_config *request, const EGLint *attribs)
{
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        *field(request, &attributes[i]) = attributes[i].fallback;
    for (const EGLint *a = attribs; a && a[0] != EGL_NONE; a += 2) {
        const struct attribute *attribute = find_attribute(a[0]);
        if (!attribute)
            return false;
        *field(request, attribute) = a[1];
    }
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        if (!is_valid(&attributes[i], value_of(request, &attributes[i])))
            return false;

    if (request->config_id != EGL_DONT_CARE) { // names the one config, nothing else counts
        EGLint id = request->config_id;
        for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
            *field(request, &attributes[i]) = EGL_DONT_CARE;
        request->config_id = id;
        return true;
    }
    if (!(request->surface_type & EGL_WINDOW_BIT))
        request->native_visual_type = EGL_DONT_CARE;
    if (request->transparent_type == EGL_NONE)
        request->transparent_red_value = request->transparent_green_value = request->transparent_blue_value =
            EGL_DONT_CARE;
    return true;
}

static bool
matches(const struct dc_config *config, const struct dc_config *request)
{
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        EGLint wanted = value_of(request, &attributes[i]);
        EGLint value = value_of(config, &attributes[i]);
        if (wanted == EGL_DONT_CARE)
            continue;
        if ((attributes[i].match == AT_LEAST && value < wanted) || (attributes[i].match == EXACT && value != wanted) ||
            (attributes[i].match == MASK && (value & wanted) != wanted))
            return false;
    }
    return true;
}

/* Bits of the colour components that the request asks for: more of them come first. */
static EGLint
wanted_bits(const struct dc_config *config, const struct dc_config *request)
{
    return (request->red_size > 0 ? config->red_size : 0) + (request->green_size > 0 ? config->green_size : 0) +
           (request->blue_size > 0 ? config->blue_size : 0) + (request->alpha_size > 0 ? config->alpha_size : 0);
}

/* EGL 1.5 §3.4.1.2, in its order. */
static int
compare(const void *left, const void *right, void *user)
{
    const struct dc_config *a = *(const struct dc_config *const *)left, *b = *(const struct dc_config *const *)right;
    const struct dc_config *request = user;
    const EGLint difference[] = {
        a->config_caveat - b->config_caveat, // the enums are in the wanted order
        a->color_buffer_type - b->color_buffer_type,
        wanted_bits(b, request) - wanted_bits(a, request),
        a->buffer_size - b->buffer_size,
        a->sample_buffers - b->sample_buffers,
        a->samples - b->samples,
        a->depth_size - b->depth_size,
        a->stencil_size - b->stencil_size,
        a->alpha_mask_size - b->alpha_mask_size,
        a->config_id - b->config_id,
    };
    for (size_t i = 0; i < sizeof(difference) / sizeof(difference[0]); i++)
        if (difference[i])
            return difference[i];
    return 0;
}

bool
dc_config_choose(const struct dc_config *configs, uint32_t config_count, const EGLint *attribs,
                 const struct dc_config **chosen, EGLint size, EGLint *count)
{
    struct dc_config request;
    if (!parse_request(&request, attribs))
        return false;
    const struct dc_config **all = calloc(config_count ? config_count : 1, sizeof(*all));
    EGLint found = 0;
    for (uint32_t i = 0; all && i < config_count; i++)
        if (matches(&configs[i], &request))
            all[found++] = &configs[i];
    if (all)
        qsort_r(all, found, sizeof(*all), compare, &request);
    *count = found;
    for (EGLint i = 0; chosen && i < found && i < size; i++)
        chosen[i] = all[i];
    free(all);
    return true;
}
