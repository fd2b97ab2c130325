#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity_internal.h"

static void
write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

struct files {
    char directory[32], certificate[48], key[48];
};

static void
make_files(struct files *files, const struct dc_webrtc_identity *certificate, const struct dc_webrtc_identity *key)
{
    strcpy(files->directory, "/tmp/dc-identity-XXXXXX");
    assert_non_null(mkdtemp(files->directory));
    snprintf(files->certificate, sizeof(files->certificate), "%s/cert.pem", files->directory);
    snprintf(files->key, sizeof(files->key), "%s/key.pem", files->directory);
    write_file(files->certificate, dc_webrtc_identity_certificate_pem(certificate));
    write_file(files->key, dc_webrtc_identity_key_pem(key));
}

static void
remove_files(struct files *files)
{
    unlink(files->certificate);
    unlink(files->key);
    assert_int_equal(rmdir(files->directory), 0);
}

static void
test_made(void **state)
{
    struct dc_webrtc_identity *a = dc_webrtc_identity_create(), *b = dc_webrtc_identity_create();
    assert_non_null(a);
    assert_non_null(b);
    assert_memory_not_equal(dc_webrtc_identity_fingerprint(a), dc_webrtc_identity_fingerprint(b), 32);
    assert_int_equal(X509_verify(a->certificate, a->key), 1);
    assert_int_equal(EVP_PKEY_get_bits(a->key), 256);
    assert_int_equal(X509_cmp_current_time(X509_get0_notBefore(a->certificate)), -1);
    assert_int_equal(X509_cmp_current_time(X509_get0_notAfter(a->certificate)), 1);
    dc_webrtc_identity_destroy(a);
    dc_webrtc_identity_destroy(b);
    dc_webrtc_identity_destroy(NULL);
}

static void
test_loaded(void **state)
{
    struct files files;
    struct dc_webrtc_identity *a = dc_webrtc_identity_create();
    make_files(&files, a, a);
    struct dc_webrtc_identity *b = dc_webrtc_identity_load(files.certificate, files.key);
    assert_non_null(b);
    assert_memory_equal(dc_webrtc_identity_fingerprint(a), dc_webrtc_identity_fingerprint(b), 32);
    assert_string_equal(dc_webrtc_identity_key_pem(a), dc_webrtc_identity_key_pem(b));
    remove_files(&files);
    dc_webrtc_identity_destroy(a);
    dc_webrtc_identity_destroy(b);
}

static void
test_refuses_what_does_not_belong_together(void **state)
{
    struct files files;
    struct dc_webrtc_identity *a = dc_webrtc_identity_create(), *b = dc_webrtc_identity_create();
    make_files(&files, a, b);
    assert_null(dc_webrtc_identity_load(files.certificate, files.key));
    assert_null(dc_webrtc_identity_load(files.key, files.certificate));
    assert_null(dc_webrtc_identity_load("/nonexistent/cert.pem", files.key));
    write_file(files.certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_null(dc_webrtc_identity_load(files.certificate, files.key));
    remove_files(&files);
    dc_webrtc_identity_destroy(a);
    dc_webrtc_identity_destroy(b);
}

static void
test_fingerprint_is_of_the_der(void **state)
{
    struct dc_webrtc_identity *a = dc_webrtc_identity_create();
    uint8_t *der = NULL, digest[32];
    int der_bytes = i2d_X509(a->certificate, &der);
    assert_true(der_bytes > 0);
    assert_int_equal(EVP_Digest(der, (size_t)der_bytes, digest, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(digest, dc_webrtc_identity_fingerprint(a), 32);
    OPENSSL_free(der);
    dc_webrtc_identity_destroy(a);
}

static void
test_fingerprint_text(void **state)
{
    uint8_t bytes[32], parsed[32];
    char text[DC_WEBRTC_FINGERPRINT_TEXT_BYTES];
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(i * 37 + 5);
    dc_webrtc_fingerprint_format(bytes, text);
    assert_int_equal(strlen(text), 95);
    assert_memory_equal(text, "05:2A:4F:", 9);
    assert_true(dc_webrtc_fingerprint_parse(text, parsed));
    assert_memory_equal(bytes, parsed, 32);
    assert_true(dc_webrtc_fingerprint_parse("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", parsed));
    assert_int_equal(parsed[31], 0xff);
    assert_false(dc_webrtc_fingerprint_parse("", parsed));
    assert_false(dc_webrtc_fingerprint_parse("0", parsed));
    assert_false(dc_webrtc_fingerprint_parse("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEE", parsed));
    assert_false(dc_webrtc_fingerprint_parse("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF0", parsed));
    assert_false(dc_webrtc_fingerprint_parse(":0112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", parsed));
    text[2] = '-';
    assert_false(dc_webrtc_fingerprint_parse(text, parsed));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made),
        cmocka_unit_test(test_loaded),
        cmocka_unit_test(test_refuses_what_does_not_belong_together),
        cmocka_unit_test(test_fingerprint_is_of_the_der),
        cmocka_unit_test(test_fingerprint_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
