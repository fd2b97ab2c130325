#ifndef DC_PROTOCOL_WEBRTC_IDENTITY_H
#define DC_PROTOCOL_WEBRTC_IDENTITY_H
/*
 * Who one end of a WebRTC session is: a key and a certificate that signs itself. Nobody vouches for the certificate; its
 * SHA-256 fingerprint travels in the SDP (RFC 8122) or, for HTTPS, in the URL, and is compared with what DTLS shows.
 *
 * Constant after creation, so any number of threads and peers may share one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DC_WEBRTC_FINGERPRINT_BYTES 32
#define DC_WEBRTC_FINGERPRINT_TEXT_BYTES 96 // "AB:CD:…" and its NUL

struct dc_webrtc_identity;

/* A fresh ECDSA P-256 key, valid for a year from now. NULL: logged. */
struct dc_webrtc_identity *dc_webrtc_identity_create(void);
/* From PEM files, which must belong together; any key that OpenSSL takes for TLS. NULL: logged with the file's name. */
struct dc_webrtc_identity *dc_webrtc_identity_load(const char *certificate_path, const char *key_path);
void dc_webrtc_identity_destroy(struct dc_webrtc_identity *identity); // NULL is fine

/* SHA-256 of the certificate's DER form, 32 bytes. */
const uint8_t *dc_webrtc_identity_fingerprint(const struct dc_webrtc_identity *identity);
/* Both as PEM text, for a server of HTTPS that shows the same certificate; owned by the identity. */
const char *dc_webrtc_identity_certificate_pem(const struct dc_webrtc_identity *identity);
const char *dc_webrtc_identity_key_pem(const struct dc_webrtc_identity *identity);

/* As in SDP: upper case, colons between bytes. `text` has DC_WEBRTC_FINGERPRINT_TEXT_BYTES. */
void dc_webrtc_fingerprint_format(const uint8_t *fingerprint, char *text);
/* Either case, with colons or without; exactly 32 bytes up to the NUL. */
bool dc_webrtc_fingerprint_parse(const char *text, uint8_t *fingerprint);

#endif
