#ifndef DC_CLIENT_WHEP_H
#define DC_CLIENT_WHEP_H
/* Offer and answer over HTTP (WHEP, draft-ietf-wish-whep): one POST with the token, by libcurl; one DELETE at the end. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attempt.h"
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
    char location[128]; // path of the session; "": it told none that can be used
    bool has_resume;
    uint8_t resume[DC_SESSION_TOKEN_BYTES]; // takes the token's place from now on
};

/* Blocks for up to ten seconds. `error` (≥ 256 bytes) says what went wrong. */
enum dc_whep_result dc_whep_offer(const struct dc_url *url, const char *offer, const struct dc_attempt *attempt,
                                  struct dc_whep_answer *answer, char *error);
/* Ends the session at this path of the same server. Blocks for up to a second; whether it worked is nobody's concern. */
void dc_whep_delete(const struct dc_url *url, const char *location);
void dc_whep_answer_finish(struct dc_whep_answer *answer);

#endif
