#ifndef DC_WEBRTC_IDENTITY_INTERNAL_H
#define DC_WEBRTC_IDENTITY_INTERNAL_H
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <protocol/webrtc/identity.h>

struct dc_webrtc_identity {
    EVP_PKEY *key;                         // owned, as all below
    X509 *certificate;
    char *certificate_pem, *key_pem;
    uint8_t fingerprint[DC_WEBRTC_FINGERPRINT_BYTES];
};

/* SHA-256 of the certificate's DER form. */
bool dc_webrtc_fingerprint_of(const X509 *certificate, uint8_t *fingerprint);

#endif
