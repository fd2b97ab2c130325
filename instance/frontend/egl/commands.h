#ifndef DC_FRONTEND_EGL_COMMANDS_H
#define DC_FRONTEND_EGL_COMMANDS_H
/* Our own commands that belong to no context: each goes to the ring at once, in a batch of context 0. */
#include <stdbool.h>
#include <stdint.h>

struct dc_process;

void dc_command_context_create(struct dc_process *process, uint32_t context, uint32_t share, uint32_t config,
                               uint32_t major, uint32_t minor, uint32_t flags);
void dc_command_context_destroy(struct dc_process *process, uint32_t context);
/* kind: 0 window, 1 pbuffer. flags: 1 sRGB. */
void dc_command_surface_create(struct dc_process *process, uint32_t surface, uint32_t config, uint32_t width,
                               uint32_t height, uint32_t kind, uint32_t flags);
void dc_command_egl_image_create(struct dc_process *process, uint32_t serial, uint32_t image, uint32_t context,
                                 uint32_t target, uint32_t name, uint32_t level, uint32_t zoffset);
void dc_command_egl_image_import(struct dc_process *process, uint32_t image, uint32_t ring, uint32_t surface,
                                 uint64_t seq, bool opaque);
void dc_command_egl_image_destroy(struct dc_process *process, uint32_t image);
void dc_command_surface_destroy(struct dc_process *process, uint32_t surface);

#endif
