#include "convert.h"

#include <stddef.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* BT.709 (Kr 0.2126, Kb 0.0722), 8 bit limited range, in units of 2^-15. Each chroma row sums to zero, so that grey has
 * no colour; the luma row sums to 219/255. All fit 16 bits signed, which is what pmaddwd takes. */
enum {
    Y_R = 5983, Y_G = 20127, Y_B = 2032,
    U_R = -3298, U_G = -11094, U_B = 14392,
    V_R = 14392, V_G = -13072, V_B = -1320,
};
#define Y_ROUND ((16 << 15) + (1 << 14))
#define UV_ROUND ((128 << 17) + (1 << 16)) // of the sum of four pixels

/* Two source rows to two rows of luma and one of chroma. `row1` may be `row0` (last row of an odd height). */
struct row_pair {
    const uint8_t *row0, *row1;
    uint8_t *y0, *y1, *uv;
    uint32_t src_width, width;
    bool rgb; // byte 0 is red
};

static void
convert_pixels(const struct row_pair *p, uint32_t first, uint32_t end)
{
    const uint32_t last = p->src_width - 1;
    const int red = p->rgb ? 0 : 2, blue = p->rgb ? 2 : 0;

    for (uint32_t x = first; x < end; x += 2) {
        const uint32_t x0 = x < last ? x : last, x1 = x + 1 < last ? x + 1 : last;
        const uint8_t *in[4] = {p->row0 + 4 * x0, p->row0 + 4 * x1, p->row1 + 4 * x0, p->row1 + 4 * x1};
        uint8_t *out[4] = {p->y0 + x, p->y0 + x + 1, p->y1 + x, p->y1 + x + 1};
        int32_t r = 0, g = 0, b = 0;

        for (int i = 0; i < 4; i++) {
            *out[i] = (uint8_t)((Y_R * in[i][red] + Y_G * in[i][1] + Y_B * in[i][blue] + Y_ROUND) >> 15);
            r += in[i][red];
            g += in[i][1];
            b += in[i][blue];
        }
        p->uv[x] = (uint8_t)((U_R * r + U_G * g + U_B * b + UV_ROUND) >> 17);
        p->uv[x + 1] = (uint8_t)((V_R * r + V_G * g + V_B * b + UV_ROUND) >> 17);
    }
}

#if defined(__SSE2__)
/* A pixel is split into the words (byte 0, byte 2) and (byte 1, 0), so that two pmaddwd make a weighted sum. */
struct pixels4 {
    __m128i even, odd;
};

static inline struct pixels4
load4(const uint8_t *p)
{
    const __m128i mask = _mm_set1_epi32(0x00ff00ff);
    const __m128i v = _mm_loadu_si128((const __m128i *)p);
    return (struct pixels4){_mm_and_si128(v, mask), _mm_and_si128(_mm_srli_epi32(v, 8), _mm_set1_epi32(0xff))};
}

static inline __m128i
weigh(struct pixels4 p, __m128i even, __m128i odd, __m128i round)
{
    return _mm_add_epi32(_mm_add_epi32(_mm_madd_epi16(p.even, even), _mm_madd_epi16(p.odd, odd)), round);
}

static inline __m128i
pair(int low, int high)
{
    return _mm_set1_epi32((int)(((uint32_t)high << 16) | ((uint32_t)low & 0xffff)));
}

/* Adds neighbouring pixels: a holds 0..3, b holds 4..7 → sums of (0,1) (2,3) (4,5) (6,7). */
static inline __m128i
add_neighbours(__m128i a, __m128i b)
{
    const __m128 fa = _mm_castsi128_ps(a), fb = _mm_castsi128_ps(b);
    const __m128i first = _mm_castps_si128(_mm_shuffle_ps(fa, fb, _MM_SHUFFLE(2, 0, 2, 0)));
    const __m128i second = _mm_castps_si128(_mm_shuffle_ps(fa, fb, _MM_SHUFFLE(3, 1, 3, 1)));
    return _mm_add_epi16(first, second);
}

static uint32_t
convert_pixels_sse2(const struct row_pair *p)
{
    const __m128i y_even = p->rgb ? pair(Y_R, Y_B) : pair(Y_B, Y_R), y_odd = pair(Y_G, 0);
    const __m128i u_even = p->rgb ? pair(U_R, U_B) : pair(U_B, U_R), u_odd = pair(U_G, 0);
    const __m128i v_even = p->rgb ? pair(V_R, V_B) : pair(V_B, V_R), v_odd = pair(V_G, 0);
    const __m128i y_round = _mm_set1_epi32(Y_ROUND), uv_round = _mm_set1_epi32(UV_ROUND);
    uint32_t x = 0;

    for (; x + 8 <= p->src_width; x += 8) {
        const struct pixels4 a0 = load4(p->row0 + 4 * x), b0 = load4(p->row0 + 4 * x + 16);
        const struct pixels4 a1 = load4(p->row1 + 4 * x), b1 = load4(p->row1 + 4 * x + 16);
        const __m128i y0 = _mm_packs_epi32(_mm_srli_epi32(weigh(a0, y_even, y_odd, y_round), 15),
                                           _mm_srli_epi32(weigh(b0, y_even, y_odd, y_round), 15));
        const __m128i y1 = _mm_packs_epi32(_mm_srli_epi32(weigh(a1, y_even, y_odd, y_round), 15),
                                           _mm_srli_epi32(weigh(b1, y_even, y_odd, y_round), 15));
        const struct pixels4 sum = {
            add_neighbours(_mm_add_epi16(a0.even, a1.even), _mm_add_epi16(b0.even, b1.even)),
            add_neighbours(_mm_add_epi16(a0.odd, a1.odd), _mm_add_epi16(b0.odd, b1.odd)),
        };
        const __m128i u = _mm_srli_epi32(weigh(sum, u_even, u_odd, uv_round), 17);
        const __m128i v = _mm_srli_epi32(weigh(sum, v_even, v_odd, uv_round), 17);
        const __m128i uv = _mm_packs_epi32(_mm_unpacklo_epi32(u, v), _mm_unpackhi_epi32(u, v));

        _mm_storel_epi64((__m128i *)(p->y0 + x), _mm_packus_epi16(y0, y0));
        _mm_storel_epi64((__m128i *)(p->y1 + x), _mm_packus_epi16(y1, y1));
        _mm_storel_epi64((__m128i *)(p->uv + x), _mm_packus_epi16(uv, uv));
    }
    return x;
}
#else
static uint32_t
convert_pixels_sse2(const struct row_pair *p)
{
    return 0;
}
#endif

static void
convert(const struct dc_frame *frame, const struct dc_nv12 *out, uint32_t (*fast)(const struct row_pair *))
{
    for (uint32_t y = 0; y < out->height; y += 2) {
        const uint32_t y1 = y + 1 < frame->height ? y + 1 : y;
        const struct row_pair p = {
            .row0 = frame->planes[0] + (ptrdiff_t)y * frame->strides[0],
            .row1 = frame->planes[0] + (ptrdiff_t)y1 * frame->strides[0],
            .y0 = out->y + (ptrdiff_t)y * out->y_stride,
            .y1 = out->y + (ptrdiff_t)(y + 1) * out->y_stride,
            .uv = out->uv + (ptrdiff_t)(y / 2) * out->uv_stride,
            .src_width = frame->width,
            .width = out->width,
            .rgb = frame->kind == DC_FRAME_CPU_RGBX,
        };
        convert_pixels(&p, fast ? fast(&p) : 0, out->width);
    }
}

void
dc_convert_to_nv12(const struct dc_frame *frame, const struct dc_nv12 *out)
{
    convert(frame, out, convert_pixels_sse2);
}

void
dc_convert_to_nv12_reference(const struct dc_frame *frame, const struct dc_nv12 *out)
{
    convert(frame, out, NULL);
}
