#ifndef DC_RENDERER_PRESENTS_H
#define DC_RENDERER_PRESENTS_H
/*
 * Bookkeeping of presents, without GL and without locks (compositor.c has them): which scene is current, which waits,
 * which images the screen needs no more, which presents are to be answered, and what the next frame carries.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <common/frame.h>

#define DC_PRESENT_MAX_LAYERS 32
#define DC_PRESENTS_MAX_DROPPED 512
#define DC_PRESENTS_MAX_SUPERSEDED 64
#define DC_PRESENTS_MAX_OWED 16

struct Dc__Render__Present;

struct dc_image_name {
    uint32_t ring_id, surface_id;
    uint64_t seq;
};

struct dc_present_layer {
    struct dc_image_name name;
    int32_t x, y; // output pixels
    uint32_t width, height;
    int32_t src_x, src_y; // 24.8
    uint32_t src_width, src_height; // 24.8, 0: whole image
    bool opaque, y_inverted;
};

struct dc_present {
    uint64_t present_id;
    uint32_t layer_count;
    struct dc_present_layer layers[DC_PRESENT_MAX_LAYERS]; // back to front
    uint32_t fresh; // a bit for each layer whose image the present before did not name
};

/* A present that was replaced before all its images were there. It is answered when those that came with it are: an
 * earlier answer would make a slow renderer look idle, and the application would draw into a queue. */
struct dc_present_superseded {
    uint64_t present_id;
    uint32_t name_count;
    struct dc_image_name names[DC_PRESENT_MAX_LAYERS];
};

/* What the first frame that shows a present's images will carry: with a renderer that is a frame behind all the time, each
 * present is replaced before its own images are there, and yet every one of them is shown. */
struct dc_present_owed {
    uint64_t present_id;
    uint32_t name_count;
    struct dc_image_name names[DC_PRESENT_MAX_LAYERS];
    struct dc_frame_meta meta; // input ids and times
};

struct dc_presents {
    struct dc_present current, next;
    bool has_next, current_answered;
    struct dc_present_owed owed[DC_PRESENTS_MAX_OWED]; // oldest first
    uint32_t owed_count;
    struct dc_frame_times current_times;
    struct dc_image_name dropped[DC_PRESENTS_MAX_DROPPED]; // not named any more, perhaps still on screen
    uint32_t dropped_count;
    struct dc_present_superseded superseded[DC_PRESENTS_MAX_SUPERSEDED]; // to be answered without a frame, in order
    uint32_t superseded_count;
};

void dc_presents_init(struct dc_presents *presents);
/* Replaces what waits. Layers beyond the maximum are cut from the back. */
void dc_presents_push(struct dc_presents *presents, const struct Dc__Render__Present *present);
/* What waits becomes current. false: nothing waits. */
bool dc_presents_take(struct dc_presents *presents);
/* Images that the screen needs no more. `is_late(user, ring, surface)`: the current scene still shows an older image of
 * it. At most `max`; call again while it returns `max`. */
size_t dc_presents_collect_releases(struct dc_presents *presents,
                                    bool (*is_late)(void *user, uint32_t ring_id, uint32_t surface_id), void *user,
                                    struct dc_image_name *out, size_t max);
/* Takes the ids of superseded presents that are due for their answer, in order. `is_there(user, name)`: this image or a
 * newer one of its surface is finished, or nobody waits for it any more. At most `max`. */
size_t dc_presents_collect_superseded(struct dc_presents *presents,
                                      bool (*is_there)(void *user, const struct dc_image_name *name), void *user,
                                      uint64_t *ids, size_t max);
/* What the frame being made carries: the input ids of every present whose images it shows, the times of the newest of
 * them. `is_shown(user, name)`: the frame shows this image or a newer one of its surface, or the surface is not in the
 * scene any more. `*fresh` false: it is the first frame of no present, its times are the current present's own. */
struct dc_frame_meta dc_presents_take_meta(struct dc_presents *presents,
                                           bool (*is_shown)(void *user, const struct dc_image_name *name), void *user,
                                           bool *fresh);

#endif
