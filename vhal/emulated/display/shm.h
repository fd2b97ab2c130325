#ifndef DC_DISPLAY_SHM_H
#define DC_DISPLAY_SHM_H
/* Shared-memory clients: each surface has an image on the worker, its damage is uploaded. */
struct dc_content;
struct dc_display;
struct dc_surface;
struct wl_resource;

/* Uploads what the commit damaged of `buffer` (a wl_shm buffer) and makes it the surface's content. */
void dc_shm_image_commit(struct dc_surface *surface, struct wl_resource *buffer);
void dc_shm_image_destroy(struct dc_display *display, const struct dc_content *content);

#endif
