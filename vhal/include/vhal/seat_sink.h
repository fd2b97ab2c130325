#ifndef DC_VHAL_SEAT_SINK_H
#define DC_VHAL_SEAT_SINK_H
/* Remote keyboard, pointer and touch: from the hub to the display's wl_seat. */
#include <stdbool.h>

#include <vhal/hub.h>

struct dc_display;

/* The display must outlive the hub's last event. */
bool dc_seat_sink_add(struct dc_hub *hub, struct dc_display *display);

#endif
