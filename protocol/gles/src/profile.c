#include <protocol/gles/profile.h>

#include <stdlib.h>
#include <string.h>

#include <common/wire.h>

enum { TAG_STRINGS = 1, TAG_CONFIGS, TAG_LIMITS, TAG_PRECISION, TAG_FORMATS, TAG_GLES1, TAG_GLES1_LIMITS, TAG_GLES1_FORMATS };
#define EGL_OPENGL_ES_BIT 1u
#define CONFIG_FIELDS (sizeof(struct dc_profile_config) / sizeof(uint32_t))
#define COUNT_MAX 65536u // of anything in a section

void
dc_profile_init(struct dc_profile *profile)
{
    *profile = (struct dc_profile){ 0 };
}

void
dc_profile_finish(struct dc_profile *profile)
{
    for (int i = 0; i < DC_PROFILE_STRING_COUNT; i++)
        free(profile->strings[i]);
    dc_profile_drop_gles1(profile);
    free(profile->configs);
    free(profile->limits);
    free(profile->precisions);
    free(profile->compressed_formats);
    dc_profile_init(profile);
}

void
dc_profile_drop_gles1(struct dc_profile *profile)
{
    free(profile->gles1.version);
    free(profile->gles1.extensions);
    free(profile->gles1.limits);
    free(profile->gles1.compressed_formats);
    profile->gles1 = (struct dc_profile_gles1){ 0 };
    for (uint32_t i = 0; i < profile->config_count && profile->configs; i++) {
        profile->configs[i].renderable_type &= ~EGL_OPENGL_ES_BIT;
        profile->configs[i].conformant &= ~EGL_OPENGL_ES_BIT;
    }
}

static void
section(struct dc_writer *w, uint32_t tag, struct dc_writer *body)
{
    w->failed |= body->failed;
    dc_writer_u32le(w, tag);
    dc_writer_u32le(w, (uint32_t)body->size_bytes);
    dc_writer_bytes(w, body->data, body->size_bytes);
    dc_writer_reset(body);
}

static void
pack_limit(struct dc_writer *w, const struct dc_profile_limit *limit)
{
    dc_writer_u32le(w, limit->pname);
    dc_writer_u32le(w, limit->value_count | (limit->is_float ? DC_PROFILE_FLOAT : 0));
    for (uint32_t v = 0; v < limit->value_count && v < 4; v++) {
        if (limit->is_float) {
            dc_writer_f32le(w, limit->f[v]);
            dc_writer_u32le(w, 0);
        } else {
            dc_writer_u64le(w, (uint64_t)limit->i[v]);
        }
    }
}

static void
pack_limits(struct dc_writer *w, uint32_t tag, struct dc_writer *body, const struct dc_profile_limit *limits,
            uint32_t count)
{
    dc_writer_u32le(body, count);
    for (uint32_t i = 0; i < count; i++)
        pack_limit(body, &limits[i]);
    section(w, tag, body);
}

static void
pack_formats(struct dc_writer *w, uint32_t tag, struct dc_writer *body, const uint32_t *formats, uint32_t count)
{
    dc_writer_u32le(body, count);
    for (uint32_t i = 0; i < count; i++)
        dc_writer_u32le(body, formats[i]);
    section(w, tag, body);
}

static void
pack_gles1(struct dc_writer *w, struct dc_writer *body, const struct dc_profile_gles1 *gles1)
{
    if (!gles1->version)
        return;
    dc_writer_string(body, gles1->version);
    dc_writer_string(body, gles1->extensions ? gles1->extensions : "");
    section(w, TAG_GLES1, body);
    pack_limits(w, TAG_GLES1_LIMITS, body, gles1->limits, gles1->limit_count);
    pack_formats(w, TAG_GLES1_FORMATS, body, gles1->compressed_formats, gles1->compressed_format_count);
}

void
dc_profile_pack(struct dc_writer *w, const struct dc_profile *profile)
{
    struct dc_writer body;
    dc_writer_init(&body);
    dc_writer_u32le(w, DC_PROFILE_MAGIC);
    dc_writer_u32le(w, DC_PROFILE_VERSION);
    for (int i = 0; i < DC_PROFILE_STRING_COUNT; i++)
        dc_writer_string(&body, profile->strings[i] ? profile->strings[i] : "");
    section(w, TAG_STRINGS, &body);
    dc_writer_u32le(&body, profile->config_count);
    for (uint32_t i = 0; i < profile->config_count; i++) {
        uint32_t fields[CONFIG_FIELDS];
        memcpy(fields, &profile->configs[i], sizeof(fields));
        for (size_t k = 0; k < CONFIG_FIELDS; k++)
            dc_writer_u32le(&body, fields[k]);
    }
    section(w, TAG_CONFIGS, &body);
    pack_limits(w, TAG_LIMITS, &body, profile->limits, profile->limit_count);
    dc_writer_u32le(&body, profile->precision_count);
    for (uint32_t i = 0; i < profile->precision_count; i++) {
        const struct dc_profile_precision *p = &profile->precisions[i];
        dc_writer_u32le(&body, p->shader);
        dc_writer_u32le(&body, p->precision_type);
        dc_writer_u32le(&body, (uint32_t)p->range[0]);
        dc_writer_u32le(&body, (uint32_t)p->range[1]);
        dc_writer_u32le(&body, (uint32_t)p->precision);
    }
    section(w, TAG_PRECISION, &body);
    pack_formats(w, TAG_FORMATS, &body, profile->compressed_formats, profile->compressed_format_count);
    pack_gles1(w, &body, &profile->gles1);
    dc_writer_finish(&body);
}

/* Count of a section's elements, each at least `element_bytes` long on the wire, and zeroed room for them. */
static void *
unpack_array(struct dc_reader *r, size_t element_bytes, size_t size_of, uint32_t *count)
{
    uint32_t n = dc_reader_u32le(r);
    *count = 0;
    if (r->failed || n > COUNT_MAX || n > dc_reader_left(r) / element_bytes) {
        r->failed = true;
        return NULL;
    }
    void *p = calloc(n ? n : 1, size_of);
    if (!p)
        r->failed = true;
    else
        *count = n;
    return p;
}

static void
unpack_strings(struct dc_profile *profile, struct dc_reader *r)
{
    for (int i = 0; i < DC_PROFILE_STRING_COUNT; i++) {
        uint32_t size;
        const char *s = dc_reader_string(r, &size);
        free(profile->strings[i]);
        profile->strings[i] = s ? strndup(s, size) : NULL;
        if (!profile->strings[i])
            r->failed = true;
    }
}

static void
unpack_configs(struct dc_profile *profile, struct dc_reader *r)
{
    free(profile->configs);
    profile->configs = unpack_array(r, sizeof(struct dc_profile_config), sizeof(struct dc_profile_config),
                                    &profile->config_count);
    for (uint32_t i = 0; i < profile->config_count; i++) {
        uint32_t fields[CONFIG_FIELDS];
        for (size_t k = 0; k < CONFIG_FIELDS; k++)
            fields[k] = dc_reader_u32le(r);
        memcpy(&profile->configs[i], fields, sizeof(fields));
    }
}

static void
unpack_limits(struct dc_profile_limit **limits, uint32_t *limit_count, struct dc_reader *r)
{
    free(*limits);
    *limits = unpack_array(r, 8, sizeof(struct dc_profile_limit), limit_count);
    for (uint32_t i = 0; i < *limit_count; i++) {
        struct dc_profile_limit *limit = &(*limits)[i];
        limit->pname = dc_reader_u32le(r);
        uint32_t count = dc_reader_u32le(r);
        limit->is_float = count & DC_PROFILE_FLOAT;
        limit->value_count = count & ~DC_PROFILE_FLOAT;
        if (limit->value_count > 4) {
            r->failed = true;
            limit->value_count = 0;
        }
        for (uint32_t v = 0; v < limit->value_count; v++) {
            uint64_t bits = dc_reader_u64le(r);
            uint32_t low = (uint32_t)bits;
            if (limit->is_float)
                memcpy(&limit->f[v], &low, sizeof(low));
            else
                limit->i[v] = (int64_t)bits;
        }
    }
}

static void
unpack_precisions(struct dc_profile *profile, struct dc_reader *r)
{
    free(profile->precisions);
    profile->precisions = unpack_array(r, 20, sizeof(struct dc_profile_precision), &profile->precision_count);
    for (uint32_t i = 0; i < profile->precision_count; i++) {
        struct dc_profile_precision *p = &profile->precisions[i];
        p->shader = dc_reader_u32le(r);
        p->precision_type = dc_reader_u32le(r);
        p->range[0] = (int32_t)dc_reader_u32le(r);
        p->range[1] = (int32_t)dc_reader_u32le(r);
        p->precision = (int32_t)dc_reader_u32le(r);
    }
}

static void
unpack_formats(uint32_t **formats, uint32_t *count, struct dc_reader *r)
{
    free(*formats);
    *formats = unpack_array(r, 4, 4, count);
    for (uint32_t i = 0; i < *count; i++)
        (*formats)[i] = dc_reader_u32le(r);
}

static void
unpack_gles1(struct dc_profile_gles1 *gles1, struct dc_reader *r)
{
    char **strings[] = { &gles1->version, &gles1->extensions };
    for (int i = 0; i < 2; i++) {
        uint32_t size;
        const char *s = dc_reader_string(r, &size);
        free(*strings[i]);
        *strings[i] = s ? strndup(s, size) : NULL;
        if (!*strings[i])
            r->failed = true;
    }
}

static void
unpack_section(struct dc_profile *profile, uint32_t tag, struct dc_reader *r)
{
    switch (tag) {
    case TAG_STRINGS:
        unpack_strings(profile, r);
        break;
    case TAG_CONFIGS:
        unpack_configs(profile, r);
        break;
    case TAG_LIMITS:
        unpack_limits(&profile->limits, &profile->limit_count, r);
        break;
    case TAG_PRECISION:
        unpack_precisions(profile, r);
        break;
    case TAG_FORMATS:
        unpack_formats(&profile->compressed_formats, &profile->compressed_format_count, r);
        break;
    case TAG_GLES1:
        unpack_gles1(&profile->gles1, r);
        break;
    case TAG_GLES1_LIMITS:
        unpack_limits(&profile->gles1.limits, &profile->gles1.limit_count, r);
        break;
    case TAG_GLES1_FORMATS:
        unpack_formats(&profile->gles1.compressed_formats, &profile->gles1.compressed_format_count, r);
        break;
    default:
        break; // written by a newer peer
    }
}

bool
dc_profile_unpack(struct dc_profile *profile, const void *data, size_t size_bytes)
{
    struct dc_reader r;
    dc_profile_init(profile);
    dc_reader_init(&r, data, size_bytes);
    if (dc_reader_u32le(&r) != DC_PROFILE_MAGIC || dc_reader_u32le(&r) != DC_PROFILE_VERSION)
        return false;
    while (dc_reader_left(&r)) {
        uint32_t tag = dc_reader_u32le(&r), size = dc_reader_u32le(&r);
        const void *bytes = dc_reader_bytes(&r, size);
        if (!bytes)
            break;
        struct dc_reader body;
        dc_reader_init(&body, bytes, size);
        unpack_section(profile, tag, &body);
        r.failed |= body.failed;
    }
    for (int i = 0; i < DC_PROFILE_STRING_COUNT; i++)
        r.failed |= !profile->strings[i];
    if (r.failed)
        dc_profile_finish(profile);
    return !r.failed;
}

static const struct dc_profile_limit *
find_limit(const struct dc_profile_limit *limits, uint32_t count, uint32_t pname)
{
    for (uint32_t i = 0; i < count; i++)
        if (limits[i].pname == pname)
            return &limits[i];
    return NULL;
}

const struct dc_profile_limit *
dc_profile_find_limit(const struct dc_profile *profile, uint32_t pname)
{
    return find_limit(profile->limits, profile->limit_count, pname);
}

const struct dc_profile_limit *
dc_profile_find_gles1_limit(const struct dc_profile *profile, uint32_t pname)
{
    return find_limit(profile->gles1.limits, profile->gles1.limit_count, pname);
}
