#include "presents.h"

#include <string.h>

#include <render.pb-c.h>

#define MAX_COORDINATE (1 << 15) // far outside every output; sums stay far from overflow

void
dc_presents_init(struct dc_presents *presents)
{
    memset(presents, 0, sizeof *presents);
    presents->current_answered = true;
}

static bool
same_name(const struct dc_image_name *a, const struct dc_image_name *b)
{
    return a->ring_id == b->ring_id && a->surface_id == b->surface_id && a->seq == b->seq;
}

static bool
names(const struct dc_present *present, const struct dc_image_name *name)
{
    for (uint32_t i = 0; i < present->layer_count; i++) {
        if (same_name(&present->layers[i].name, name))
            return true;
    }
    return false;
}

static void
drop_names(struct dc_presents *presents, const struct dc_present *present)
{
    for (uint32_t i = 0; i < present->layer_count; i++) {
        bool known = false;
        for (uint32_t j = 0; j < presents->dropped_count && !known; j++)
            known = same_name(&presents->dropped[j], &present->layers[i].name);
        if (!known && presents->dropped_count < DC_PRESENTS_MAX_DROPPED)
            presents->dropped[presents->dropped_count++] = present->layers[i].name;
    }
}

static void
supersede(struct dc_presents *presents, const struct dc_present *present)
{
    drop_names(presents, present);
    // Too many that never came: the oldest is answered by the answer of the next, ids mean "up to".
    if (presents->superseded_count == DC_PRESENTS_MAX_SUPERSEDED)
        memmove(presents->superseded, presents->superseded + 1,
                --presents->superseded_count * sizeof presents->superseded[0]);
    struct dc_present_superseded *entry = &presents->superseded[presents->superseded_count++];
    entry->present_id = present->present_id;
    entry->name_count = 0;
    for (uint32_t i = 0; i < present->layer_count; i++) {
        if (present->fresh & 1u << i)
            entry->names[entry->name_count++] = present->layers[i].name;
    }
}

static void
add_inputs(struct dc_frame_meta *meta, const uint64_t *ids, size_t count)
{
    for (size_t i = 0; i < count && meta->input_id_count < DC_FRAME_MAX_INPUT_IDS; i++)
        meta->input_ids[meta->input_id_count++] = ids[i];
}

static int32_t
clamp(int64_t value, int32_t min, int32_t max)
{
    return value < min ? min : value > max ? max : (int32_t)value;
}

static void
copy_layer(struct dc_present_layer *to, const Dc__Render__Layer *from)
{
    memset(to, 0, sizeof *to); // padding too: layers are compared bytewise
    to->name.ring_id = from->ring_id;
    to->name.surface_id = from->surface_id;
    to->name.seq = from->seq;
    to->x = clamp(from->x, -MAX_COORDINATE, MAX_COORDINATE);
    to->y = clamp(from->y, -MAX_COORDINATE, MAX_COORDINATE);
    to->width = (uint32_t)clamp(from->width, 0, MAX_COORDINATE);
    to->height = (uint32_t)clamp(from->height, 0, MAX_COORDINATE);
    to->src_x = from->src_x;
    to->src_y = from->src_y;
    to->src_width = from->src_width;
    to->src_height = from->src_height;
    to->opaque = from->opaque;
    to->y_inverted = from->y_inverted;
}

static uint32_t
find_fresh(const struct dc_present *present, const struct dc_present *before)
{
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < present->layer_count; i++)
        fresh |= names(before, &present->layers[i].name) ? 0 : 1u << i;
    return fresh;
}

/* `presents->next` is this present already. */
static void
owe(struct dc_presents *presents, const struct Dc__Render__Present *present)
{
    // Too many that were never shown: the newest two become one.
    bool merge = presents->owed_count == DC_PRESENTS_MAX_OWED;
    struct dc_present_owed *owed = &presents->owed[merge ? presents->owed_count - 1 : presents->owed_count++];
    if (!merge)
        owed->meta = (struct dc_frame_meta){ 0 };
    owed->present_id = present->present_id;
    owed->name_count = presents->next.layer_count;
    for (uint32_t i = 0; i < owed->name_count; i++)
        owed->names[i] = presents->next.layers[i].name;
    add_inputs(&owed->meta, present->input_ids, present->n_input_ids);
    owed->meta.times = (struct dc_frame_times){
        .first_command_us = present->first_command_us,
        .swap_us = present->swap_us,
        .present_us = present->present_us,
    };
}

void
dc_presents_push(struct dc_presents *presents, const struct Dc__Render__Present *present)
{
    const struct dc_present before = presents->has_next ? presents->next : presents->current;
    if (presents->has_next)
        supersede(presents, &presents->next);
    struct dc_present *next = &presents->next;
    *next = (struct dc_present){ .present_id = present->present_id };
    size_t skip = present->n_layers > DC_PRESENT_MAX_LAYERS ? present->n_layers - DC_PRESENT_MAX_LAYERS : 0;
    for (size_t i = skip; i < present->n_layers; i++)
        copy_layer(&next->layers[next->layer_count++], present->layers[i]);
    next->fresh = find_fresh(next, &before);
    owe(presents, present);
    presents->has_next = true;
}

bool
dc_presents_take(struct dc_presents *presents)
{
    if (!presents->has_next)
        return false;
    if (presents->current_answered)
        drop_names(presents, &presents->current);
    else
        supersede(presents, &presents->current);
    presents->current = presents->next;
    presents->has_next = false;
    presents->current_answered = false;
    for (uint32_t i = 0; i < presents->owed_count; i++) {
        if (presents->owed[i].present_id == presents->current.present_id)
            presents->current_times = presents->owed[i].meta.times;
    }
    return true;
}

size_t
dc_presents_collect_releases(struct dc_presents *presents,
                             bool (*is_late)(void *user, uint32_t ring_id, uint32_t surface_id), void *user,
                             struct dc_image_name *out, size_t max)
{
    size_t count = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < presents->dropped_count; i++) {
        const struct dc_image_name name = presents->dropped[i];
        if (names(&presents->current, &name) || (presents->has_next && names(&presents->next, &name)))
            continue; // needed again: it is dropped again with that scene
        if (count == max || is_late(user, name.ring_id, name.surface_id))
            presents->dropped[kept++] = name;
        else
            out[count++] = name;
    }
    presents->dropped_count = kept;
    return count;
}

static bool
all_shown(const struct dc_image_name *list, uint32_t count,
          bool (*is_shown)(void *user, const struct dc_image_name *name), void *user)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_shown(user, &list[i]))
            return false;
    }
    return true;
}

size_t
dc_presents_collect_superseded(struct dc_presents *presents,
                               bool (*is_there)(void *user, const struct dc_image_name *name), void *user, uint64_t *ids,
                               size_t max)
{
    size_t count = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < presents->superseded_count; i++) {
        const struct dc_present_superseded *entry = &presents->superseded[i];
        if (count < max && all_shown(entry->names, entry->name_count, is_there, user))
            ids[count++] = entry->present_id;
        else
            presents->superseded[kept++] = *entry;
    }
    presents->superseded_count = kept;
    return count;
}

struct dc_frame_meta
dc_presents_take_meta(struct dc_presents *presents, bool (*is_shown)(void *user, const struct dc_image_name *name),
                      void *user, bool *fresh)
{
    struct dc_frame_meta meta = { .times.present_us = presents->current_times.present_us };
    uint32_t taken = 0;
    // In order: what an earlier present still owes is not overtaken.
    while (taken < presents->owed_count && presents->owed[taken].present_id <= presents->current.present_id &&
           all_shown(presents->owed[taken].names, presents->owed[taken].name_count, is_shown, user)) {
        const struct dc_present_owed *owed = &presents->owed[taken++];
        add_inputs(&meta, owed->meta.input_ids, owed->meta.input_id_count);
        meta.times = owed->meta.times;
    }
    presents->owed_count -= taken;
    memmove(presents->owed, presents->owed + taken, presents->owed_count * sizeof presents->owed[0]);
    *fresh = taken > 0;
    return meta;
}
