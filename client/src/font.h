#ifndef DC_CLIENT_FONT_H
#define DC_CLIENT_FONT_H
#include <stdint.h>

#define DC_FONT_WIDTH 5
#define DC_FONT_HEIGHT 7
#define DC_FONT_FIRST 32
#define DC_FONT_COUNT 95

/* Printable ASCII; each byte is a column, bit 0 its top pixel. */
extern const uint8_t dc_font[DC_FONT_COUNT][DC_FONT_WIDTH];

#endif
