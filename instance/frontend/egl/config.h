#ifndef DC_FRONTEND_EGL_CONFIG_H
#define DC_FRONTEND_EGL_CONFIG_H
/* EGLConfig: served locally from the profile, with EGL's selection and sorting rules (EGL 1.5 §3.4.1). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <EGL/egl.h>
#include <EGL/eglext.h>

#include <protocol/gles/profile.h>

/* Every attribute is an EGLint, in the order of the table in config.c. */
struct dc_config {
    EGLint buffer_size, red_size, green_size, blue_size, luminance_size, alpha_size, alpha_mask_size;
    EGLint bind_to_texture_rgb, bind_to_texture_rgba;
    EGLint color_buffer_type, config_caveat, config_id, conformant, depth_size, level;
    EGLint max_pbuffer_width, max_pbuffer_height, max_pbuffer_pixels;
    EGLint max_swap_interval, min_swap_interval;
    EGLint native_renderable, native_visual_id, native_visual_type, renderable_type, sample_buffers, samples;
    EGLint stencil_size, surface_type, transparent_type;
    EGLint transparent_red_value, transparent_green_value, transparent_blue_value;
    EGLint match_native_pixmap; // in a request only
    EGLint color_component_type;
};

/* `windows`: the platform has them; without, configs lose what only windows have. `visual_id`: of every config, 0: as the
 * profile says. Returns an owned array or NULL. */
struct dc_config *dc_configs_create(const struct dc_profile *profile, bool windows, uint32_t visual_id);
/* false: EGL_BAD_ATTRIBUTE. */
bool dc_config_get(const struct dc_config *config, EGLint attribute, EGLint *value);
/* eglChooseConfig's whole algorithm. Writes at most `size` pointers, in order; *count is how many there are (were there
 * room). false: EGL_BAD_ATTRIBUTE. */
bool dc_config_choose(const struct dc_config *configs, uint32_t config_count, const EGLint *attribs,
                      const struct dc_config **chosen, EGLint size, EGLint *count);

#endif
