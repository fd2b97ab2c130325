#include "overlay.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "font.h"

#define CELL_WIDTH (DC_FONT_WIDTH + 1)
#define CELL_HEIGHT (DC_FONT_HEIGHT + 2)
#define SCALE 2
#define MARGIN 8
#define UPDATE_US 500000
#define WINDOW_US 1000000

bool
dc_overlay_init(struct dc_overlay *overlay, SDL_Renderer *renderer)
{
    static uint32_t pixels[CELL_HEIGHT][DC_FONT_COUNT * CELL_WIDTH];
    *overlay = (struct dc_overlay){ .renderer = renderer };
    memset(pixels, 0, sizeof(pixels));
    for (int glyph = 0; glyph < DC_FONT_COUNT; glyph++) {
        for (int x = 0; x < DC_FONT_WIDTH; x++) {
            for (int y = 0; y < DC_FONT_HEIGHT; y++) {
                if (dc_font[glyph][x] >> y & 1)
                    pixels[y][glyph * CELL_WIDTH + x] = 0xffffffff;
            }
        }
    }
    overlay->glyphs = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC,
                                        DC_FONT_COUNT * CELL_WIDTH, CELL_HEIGHT);
    if (!overlay->glyphs)
        return false;
    SDL_UpdateTexture(overlay->glyphs, NULL, pixels, sizeof(pixels[0]));
    SDL_SetTextureBlendMode(overlay->glyphs, SDL_BLENDMODE_BLEND);
    return true;
}

void
dc_overlay_finish(struct dc_overlay *overlay)
{
    if (overlay->glyphs)
        SDL_DestroyTexture(overlay->glyphs);
    *overlay = (struct dc_overlay){ 0 };
}

static void
append(struct dc_overlay *overlay, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
append(struct dc_overlay *overlay, const char *format, ...)
{
    size_t length = strlen(overlay->text);
    va_list args;
    va_start(args, format);
    vsnprintf(overlay->text + length, sizeof(overlay->text) - length, format, args);
    va_end(args);
}

static double
or_zero(double value)
{
    return isnan(value) ? 0 : value;
}

static void
update_text(struct dc_overlay *overlay, struct dc_client *client, int64_t now_us)
{
    const struct dc_player_welcome *welcome = &client->player.welcome;
    struct dc_summary s;
    struct dc_audio_stats audio;
    uint64_t bytes = client->player.received_bytes;
    double seconds = overlay->updated_us ? (double)(now_us - overlay->updated_us) / 1e6 : 1;
    dc_measure_summarise(&client->measure, now_us - WINDOW_US, now_us, &s);
    dc_audio_get_stats(&client->audio, &audio);
    overlay->text[0] = '\0';
    const char *decoder = client->decoder.decodes_with;
    append(overlay, "%s  %ux%u  decoder %s\n", welcome->instance, welcome->width, welcome->height, decoder ? decoder : "none");
    append(overlay, "%.1f FPS  1%% low %.1f  frame %.1f ms\n", s.fps_mean, s.fps_1pct_low, or_zero(s.frame_time_p50_ms));
    append(overlay, "frames dropped: network %llu  pacing %llu\n", (unsigned long long)client->player.dropped_frames,
           (unsigned long long)client->measure.skipped);
    append(overlay, "input to present %.1f ms (%llu)\n", or_zero(s.input_p50_ms), (unsigned long long)s.input_count);
    for (int i = 0; i < DC_STAGE_COUNT; i++)
        append(overlay, "%s %.1f%s", dc_stage_names[i], or_zero(s.stages[i].p50_ms),
               i == 4 || i == DC_STAGE_COUNT - 1 ? " ms\n" : "  ");
    append(overlay, "%.0f kb/s  round trip %.1f ms\n", (double)(bytes - overlay->last_bytes) * 8 / 1000 / seconds,
           (double)client->player.round_trip_us / 1000);
    append(overlay, "packets: lost %llu  FEC recovered %llu  sent again %llu\n",
           (unsigned long long)client->player.lost_packets, (unsigned long long)client->player.recovered_packets,
           (unsigned long long)client->player.resent_packets);
    append(overlay, "audio %u ms  underruns %llu", audio.buffered_ms, (unsigned long long)audio.underruns);
    overlay->last_bytes = bytes;
    overlay->updated_us = now_us;
}

static void
draw_background(struct dc_overlay *overlay)
{
    int columns = 0, column = 0, rows = 1;
    for (const char *c = overlay->text; *c; c++) {
        rows += *c == '\n';
        column = *c == '\n' ? 0 : column + 1;
        columns = column > columns ? column : columns;
    }
    SDL_Rect box = { MARGIN / 2, MARGIN / 2, columns * CELL_WIDTH * SCALE + MARGIN, rows * CELL_HEIGHT * SCALE + MARGIN };
    SDL_SetRenderDrawBlendMode(overlay->renderer, SDL_BLENDMODE_BLEND);
    SDL_SetRenderDrawColor(overlay->renderer, 0, 0, 0, 170);
    SDL_RenderFillRect(overlay->renderer, &box);
}

static void
draw_text(struct dc_overlay *overlay)
{
    int x = MARGIN, y = MARGIN;
    draw_background(overlay);
    for (const char *c = overlay->text; *c; c++) {
        int glyph = (unsigned char)*c - DC_FONT_FIRST;
        if (*c == '\n') {
            x = MARGIN;
            y += CELL_HEIGHT * SCALE;
            continue;
        }
        if (glyph > 0 && glyph < DC_FONT_COUNT) {
            SDL_Rect from = { glyph * CELL_WIDTH, 0, CELL_WIDTH, CELL_HEIGHT };
            SDL_Rect to = { x, y, CELL_WIDTH * SCALE, CELL_HEIGHT * SCALE };
            SDL_RenderCopy(overlay->renderer, overlay->glyphs, &from, &to);
        }
        x += CELL_WIDTH * SCALE;
    }
}

void
dc_overlay_draw_notice(struct dc_overlay *overlay, const char *text)
{
    snprintf(overlay->text, sizeof(overlay->text), "%s", text);
    overlay->updated_us = 0; // statistics are made anew
    draw_text(overlay);
}

void
dc_overlay_draw(struct dc_overlay *overlay, struct dc_client *client, int64_t now_us)
{
    if (now_us - overlay->updated_us > UPDATE_US)
        update_text(overlay, client, now_us);
    draw_text(overlay);
}
