#ifndef DC_CLIENT_WHEP_H
#define DC_CLIENT_WHEP_H
/* Offer and answer over HTTP (WHEP, draft-ietf-wish-whep): one POST with the token, by libcurl. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "url.h"

enum dc_whep_result {
    DC_WHEP_ANSWERED,
    DC_WHEP_REFUSED,     // by the instance: 4xx
    DC_WHEP_UNREACHABLE, // nobody there, another certificate, no answer to understand
};

struct dc_whep_answer {
    char *text; // owned; terminated
    size_t size_bytes;
    char address[64]; // numeric; where the answer came from
};

/* Blocks for up to ten seconds; a signal ends the process meanwhile. `error` (≥ 256 bytes) says what went wrong. */
enum dc_whep_result dc_whep_offer(const struct dc_url *url, const char *offer, struct dc_whep_answer *answer,
                                  char *error);
void dc_whep_answer_finish(struct dc_whep_answer *answer);

#endif
