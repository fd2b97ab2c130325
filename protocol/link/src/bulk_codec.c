#include <protocol/link/bulk_codec.h>

#include <stdlib.h>

#include <openssl/evp.h>
#include <zstd.h>

#define PACK_LEVEL 1

struct dc_bulk_codec {
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
    uint8_t raw[DC_BULK_CHUNK_MAX_BYTES];
    uint8_t packed[DC_BULK_CHUNK_MAX_BYTES];
};

struct dc_bulk_codec *
dc_bulk_codec_create(void)
{
    struct dc_bulk_codec *codec = calloc(1, sizeof(*codec));
    if (!codec)
        return NULL;
    codec->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    codec->digest = EVP_MD_CTX_new();
    codec->pack = ZSTD_createCCtx();
    codec->unpack = ZSTD_createDCtx();
    if (codec->sha256 && codec->digest && codec->pack && codec->unpack)
        return codec;
    dc_bulk_codec_destroy(codec);
    return NULL;
}

void
dc_bulk_codec_destroy(struct dc_bulk_codec *codec)
{
    if (!codec)
        return;
    EVP_MD_free(codec->sha256);
    EVP_MD_CTX_free(codec->digest);
    ZSTD_freeCCtx(codec->pack);
    ZSTD_freeDCtx(codec->unpack);
    free(codec);
}

bool
dc_bulk_digest(struct dc_bulk_codec *codec, const void *data, size_t size_bytes, struct dc_digest *digest)
{
    return EVP_DigestInit_ex2(codec->digest, codec->sha256, NULL) == 1 &&
           EVP_DigestUpdate(codec->digest, data, size_bytes) == 1 &&
           EVP_DigestFinal_ex(codec->digest, digest->bytes, NULL) == 1;
}

const uint8_t *
dc_bulk_pack(struct dc_bulk_codec *codec, const void *data, size_t size_bytes, size_t *packed_bytes)
{
    if (size_bytes > DC_BULK_CHUNK_MAX_BYTES)
        return NULL;
    // Too little room is an error of zstd's, and means that packing does not pay.
    size_t n = ZSTD_compressCCtx(codec->pack, codec->packed, size_bytes - size_bytes / 16, data, size_bytes, PACK_LEVEL);
    if (ZSTD_isError(n))
        return NULL;
    *packed_bytes = n;
    return codec->packed;
}

const uint8_t *
dc_bulk_unpack(struct dc_bulk_codec *codec, const struct dc_bulk_chunk *chunk)
{
    // One call into a buffer of fixed size: no window is allocated, whatever the frame's header asks for.
    size_t n = ZSTD_decompressDCtx(codec->unpack, codec->raw, chunk->raw_bytes, chunk->bytes, chunk->size_bytes);
    return ZSTD_isError(n) || n != chunk->raw_bytes ? NULL : codec->raw;
}
