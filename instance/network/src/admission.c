#include "admission.h"

#include <protocol/rtp/channel.h>

static bool
refuse(Dc__Session__Refused *refused, Dc__Session__Refused__Reason reason, const char *text)
{
    refused->reason = reason;
    refused->text = (char *)text; // packed before anybody could free it
    return false;
}

bool
dc_admission_check(const struct dc_token_store *tokens, const Dc__Session__Hello *hello, bool busy, int64_t now_us,
                   Dc__Session__Refused *refused, unsigned *slot)
{
    if (hello->version != DC_SESSION_VERSION)
        return refuse(refused, DC__SESSION__REFUSED__REASON__VERSION, "another version of the protocol");
    switch (dc_token_check(tokens, now_us, hello->token.data, hello->token.len, slot)) {
    case DC_TOKEN_NONE:
        return refuse(refused, DC__SESSION__REFUSED__REASON__NO_TOKEN, "no token");
    case DC_TOKEN_UNKNOWN:
        return refuse(refused, DC__SESSION__REFUSED__REASON__BAD_TOKEN, "the token is not one of this instance");
    case DC_TOKEN_USED:
        return refuse(refused, DC__SESSION__REFUSED__REASON__TOKEN_USED, "the token was used already");
    case DC_TOKEN_EXPIRED:
        return refuse(refused, DC__SESSION__REFUSED__REASON__TOKEN_EXPIRED, "the token has expired");
    case DC_TOKEN_VALID:
        break;
    }
    if (busy)
        return refuse(refused, DC__SESSION__REFUSED__REASON__BUSY, "a client is playing already");
    return true;
}

bool
dc_admission_decide(struct dc_token_store *tokens, const Dc__Session__Hello *hello, bool busy, int64_t now_us,
                    Dc__Session__Refused *refused)
{
    unsigned slot = 0;
    if (!dc_admission_check(tokens, hello, busy, now_us, refused, &slot))
        return false;
    dc_token_use(tokens, slot);
    return true;
}
