#define DC_LOG_COMPONENT "webrtc"
#include "identity_internal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <common/log.h>

#define DAY_S 86400L
#define VALID_DAYS 365

static const char *
openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "no reason given";
}

bool
dc_webrtc_fingerprint_of(const X509 *certificate, uint8_t *fingerprint)
{
    unsigned size_bytes = 0;
    return X509_digest(certificate, EVP_sha256(), fingerprint, &size_bytes) == 1 &&
           size_bytes == DC_WEBRTC_FINGERPRINT_BYTES;
}

/* Copies what a memory BIO holds, with a NUL; frees the BIO. */
static char *
take_text(BIO *bio)
{
    char *data = NULL, *text = NULL;
    long size_bytes = BIO_get_mem_data(bio, &data);
    if (size_bytes > 0 && (text = malloc((size_t)size_bytes + 1))) {
        memcpy(text, data, (size_t)size_bytes);
        text[size_bytes] = '\0';
    }
    BIO_free(bio);
    return text;
}

/* Fills what follows from key and certificate. */
static bool
complete(struct dc_webrtc_identity *identity)
{
    BIO *certificate = BIO_new(BIO_s_mem()), *key = BIO_new(BIO_s_secmem());
    bool ok = certificate && key && PEM_write_bio_X509(certificate, identity->certificate) == 1 &&
              PEM_write_bio_PrivateKey(key, identity->key, NULL, NULL, 0, NULL, NULL) == 1;
    identity->certificate_pem = certificate ? take_text(certificate) : NULL;
    identity->key_pem = key ? take_text(key) : NULL;
    return ok && identity->certificate_pem && identity->key_pem &&
           dc_webrtc_fingerprint_of(identity->certificate, identity->fingerprint);
}

/* A random serial number, so that certificates of one name stay apart; positive, as RFC 5280 wants it. */
static bool
set_serial(X509 *certificate)
{
    uint8_t bytes[16];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return ok;
}

static bool
sign_certificate(struct dc_webrtc_identity *identity)
{
    X509 *certificate = identity->certificate = X509_new();
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;
    return name && X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"droidcloud", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           // Clocks of two machines differ: a day of grace.
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_DAYS * DAY_S) &&
           X509_set_pubkey(certificate, identity->key) == 1 &&
           X509_sign(certificate, identity->key, EVP_sha256()) != 0;
}

struct dc_webrtc_identity *
dc_webrtc_identity_create(void)
{
    struct dc_webrtc_identity *identity = calloc(1, sizeof(*identity));
    if (!identity)
        return NULL;
    identity->key = EVP_EC_gen("P-256");
    if (identity->key && sign_certificate(identity) && complete(identity))
        return identity;
    dc_error("no certificate could be made: %s", openssl_reason());
    dc_webrtc_identity_destroy(identity);
    return NULL;
}

/* `read` gets an open BIO on the file. */
static bool
load_file(struct dc_webrtc_identity *identity, const char *path,
          bool (*read_pem)(struct dc_webrtc_identity *identity, BIO *bio))
{
    BIO *bio = BIO_new_file(path, "r");
    bool ok = bio && read_pem(identity, bio);
    if (!ok)
        dc_error("%s: %s", path, openssl_reason());
    BIO_free(bio);
    return ok;
}

static bool
read_certificate(struct dc_webrtc_identity *identity, BIO *bio)
{
    identity->certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    return identity->certificate;
}

/* An encrypted key cannot be asked for here: nobody sits in front of a daemon. */
static int
no_password(char *buffer, int size, int is_for_writing, void *user)
{
    (void)buffer, (void)size, (void)is_for_writing, (void)user;
    return -1;
}

static bool
read_key(struct dc_webrtc_identity *identity, BIO *bio)
{
    identity->key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    return identity->key;
}

struct dc_webrtc_identity *
dc_webrtc_identity_load(const char *certificate_path, const char *key_path)
{
    struct dc_webrtc_identity *identity = calloc(1, sizeof(*identity));
    if (!identity)
        return NULL;
    if (!load_file(identity, certificate_path, read_certificate) || !load_file(identity, key_path, read_key))
        goto fail;
    if (X509_check_private_key(identity->certificate, identity->key) != 1) {
        dc_error("%s is not the key of %s: %s", key_path, certificate_path, openssl_reason());
        goto fail;
    }
    if (!complete(identity))
        goto fail;
    return identity;
fail:
    dc_webrtc_identity_destroy(identity);
    return NULL;
}

void
dc_webrtc_identity_destroy(struct dc_webrtc_identity *identity)
{
    if (!identity)
        return;
    if (identity->key_pem)
        OPENSSL_cleanse(identity->key_pem, strlen(identity->key_pem));
    free(identity->key_pem);
    free(identity->certificate_pem);
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    free(identity);
}

const uint8_t *
dc_webrtc_identity_fingerprint(const struct dc_webrtc_identity *identity)
{
    return identity->fingerprint;
}

const char *
dc_webrtc_identity_certificate_pem(const struct dc_webrtc_identity *identity)
{
    return identity->certificate_pem;
}

const char *
dc_webrtc_identity_key_pem(const struct dc_webrtc_identity *identity)
{
    return identity->key_pem;
}
