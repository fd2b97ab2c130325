#ifndef DC_JOURNAL_IMAGE_H
#define DC_JOURNAL_IMAGE_H
/* Storage and contents of a texture or a shared-memory image: the commands that still matter, oldest first. */
#include <stdbool.h>
#include <stdint.h>

#include "content.h"

enum dc_image_step_kind {
    DC_IMAGE_WHOLE,   // glTexImage and the like: one level anew
    DC_IMAGE_PART,    // glTexSubImage: a box of a level
    DC_IMAGE_STORAGE, // glTexStorage: all of it anew
    DC_IMAGE_MIPMAP,  // glGenerateMipmap
    DC_IMAGE_CLEAR,   // glClearTexImageEXT of a level, or of a box of one
    DC_IMAGE_SHARED,  // the storage is that of `ref`: an EGLImage, or the texture of which this is a view
};

struct dc_object;

struct dc_image_box {
    uint32_t target; // GL_TEXTURE_2D, or a cube's face
    int32_t level;
    int32_t x, y, z, width, height, depth;
};

#define DC_IMAGE_STEP_WORDS 16
struct dc_image_step {
    struct dc_image_step *next;
    enum dc_image_step_kind kind;
    struct dc_image_box box;
    uint64_t order;
    uint32_t words[DC_IMAGE_STEP_WORDS]; // header and scalars of the command
    uint32_t word_count;
    bool has_blob;
    struct dc_content *content; // owned reference; NULL: no data, undefined or none
    uint32_t format, type;      // of uncompressed texels, else 0
    uint32_t pixel_bytes;       // likewise
    uint32_t box_at, box_axes;  // parts: the word with x, after it the other positions and then the sizes
    bool names_itself;          // word 1 has the texture's name
    struct dc_object *ref;      // owned reference; NULL: none
    uint32_t name_at;           // the word with ref's name
};

struct dc_image {
    struct dc_image_step *first, *last; // owned
    uint32_t count;
};

void dc_image_finish(struct dc_image *image);
/* The step comes to the end and what it makes needless goes. Takes step->content and step->ref; the rest is copied. false: out of
 * memory. */
bool dc_image_add(struct dc_image *image, struct dc_contents *contents, const struct dc_image_step *step);
/* Something that it should have is lost. */
bool dc_image_is_incomplete(const struct dc_image *image);

#endif
