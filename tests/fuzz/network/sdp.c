/* An offer and the answer to it: neither reads or writes where it must not, and an answer is text of whole lines. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "sdp_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static char out[DC_SDP_ANSWER_MAX_BYTES];
    struct dc_sdp_offer offer;
    const char *reason = NULL;
    uint8_t fingerprint[32] = { 0 };
    struct dc_sdp_answer answer = { .ice_ufrag = "abcd", .ice_password = "0123456789012345678901", .cname = "x",
                                    .fingerprint = fingerprint, .candidate_count = 1,
                                    .candidates = { { "127.0.0.1", 1, false } } };
    if (!dc_sdp_offer_parse((const char *)data, size_bytes, &offer, &reason)) {
        assert(reason);
        return 0;
    }
    size_t length = dc_sdp_answer_build(&offer, &answer, out, sizeof(out));
    assert(length == 0 || (length == strlen(out) && out[length - 1] == '\n'));
    for (size_t i = 0; i < length; i++)
        assert(out[i] != '\n' || (i > 0 && out[i - 1] == '\r'));
    return 0;
}
