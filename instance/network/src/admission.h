#ifndef DC_INSTANCE_NETWORK_ADMISSION_H
#define DC_INSTANCE_NETWORK_ADMISSION_H
/* Who may play: version, token and whether somebody plays already. */
#include <stdbool.h>
#include <stdint.h>

#include <session.pb-c.h>

#include "token.h"

/* true: would be admitted, by the token in `slot`, which is not used up. false: `refused` says why. */
bool dc_admission_check(const struct dc_token_store *tokens, const Dc__Session__Hello *hello, bool busy, int64_t now_us,
                        Dc__Session__Refused *refused, unsigned *slot);
/* true: admitted, the token is used up. false: `refused` says why; a valid token survives BUSY. */
bool dc_admission_decide(struct dc_token_store *tokens, const Dc__Session__Hello *hello, bool busy, int64_t now_us,
                         Dc__Session__Refused *refused);

#endif
