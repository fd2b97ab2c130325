#include "capability.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#define DC_LOG_COMPONENT "render"
#include <common/log.h>
#include <common/wire.h>

#define MAGIC 0x50434344u // "DCCP"
#define MAC_BYTES 32u

const struct dc_quotas dc_quotas_default = { .memory_mib = 4096, .rings = 64, .max_width = 4096, .max_height = 4096 };

bool
dc_instance_name_is_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = name ? strlen(name) : 0;
    return length >= 1 && length <= DC_INSTANCE_NAME_MAX && name[0] != '.' && strspn(name, allowed) == length;
}

static bool
create_key(const char *path)
{
    struct dc_capability_key key;
    if (RAND_bytes(key.bytes, sizeof key.bytes) != 1)
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EEXIST; // somebody else was quicker; theirs is read
    bool ok = write(fd, key.bytes, sizeof key.bytes) == (ssize_t)sizeof key.bytes && fsync(fd) == 0;
    close(fd);
    OPENSSL_cleanse(&key, sizeof key);
    if (ok)
        dc_info("key file %s created", path);
    else
        unlink(path);
    return ok;
}

bool
dc_capability_key_load(struct dc_capability_key *key, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && create_key(path))
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        dc_error("key file %s: %s", path, strerror(errno));
        return false;
    }
    struct stat st;
    uint8_t extra;
    bool ok = fstat(fd, &st) == 0 && read(fd, key->bytes, sizeof key->bytes) == (ssize_t)sizeof key->bytes &&
              read(fd, &extra, 1) == 0;
    close(fd);
    if (!ok) {
        dc_error("key file %s: not a key of %u bytes", path, DC_CAPABILITY_KEY_BYTES);
        return false;
    }
    if (st.st_mode & 077)
        dc_warn("key file %s is readable by others (mode %03o): chmod 600", path, (unsigned)st.st_mode & 0777);
    return true;
}

bool
dc_capability_nonce(uint8_t nonce[DC_CAPABILITY_NONCE_BYTES])
{
    return RAND_bytes(nonce, DC_CAPABILITY_NONCE_BYTES) == 1;
}

static bool
sign(const struct dc_capability_key *key, const void *data, size_t size_bytes, uint8_t mac[MAC_BYTES])
{
    unsigned length = 0;
    return HMAC(EVP_sha256(), key->bytes, sizeof key->bytes, data, size_bytes, mac, &length) && length == MAC_BYTES;
}

static void
write_name(struct dc_writer *w, const char *name)
{
    size_t length = strlen(name);
    dc_writer_u8(w, (uint8_t)length);
    dc_writer_bytes(w, name, length);
}

static bool
read_name(struct dc_reader *r, char name[DC_INSTANCE_NAME_MAX + 1])
{
    size_t length = dc_reader_u8(r);
    const void *bytes = dc_reader_bytes(r, length);
    if (r->failed || length > DC_INSTANCE_NAME_MAX)
        return false;
    memcpy(name, bytes, length);
    name[length] = '\0';
    return dc_instance_name_is_valid(name);
}

size_t
dc_capability_seal(const struct dc_capability_key *key, const struct dc_capability *capability,
                   uint8_t out[DC_CAPABILITY_MAX_BYTES])
{
    const char *tenant = capability->tenant[0] ? capability->tenant : capability->instance;
    if (!dc_instance_name_is_valid(capability->instance) || !dc_instance_name_is_valid(tenant))
        return 0;
    size_t size_bytes = 0;
    uint8_t mac[MAC_BYTES];
    struct dc_writer w;
    dc_writer_init(&w);
    dc_writer_u32le(&w, MAGIC);
    dc_writer_u32le(&w, DC_CAPABILITY_VERSION);
    dc_writer_u64le(&w, (uint64_t)capability->expiry_s);
    dc_writer_bytes(&w, capability->nonce, sizeof capability->nonce);
    dc_writer_u32le(&w, capability->quotas.memory_mib);
    dc_writer_u32le(&w, capability->quotas.rings);
    dc_writer_u32le(&w, capability->quotas.max_width);
    dc_writer_u32le(&w, capability->quotas.max_height);
    write_name(&w, capability->instance);
    write_name(&w, tenant);
    if (!w.failed && sign(key, w.data, w.size_bytes, mac)) {
        dc_writer_bytes(&w, mac, sizeof mac);
        if (!w.failed && w.size_bytes <= DC_CAPABILITY_MAX_BYTES) {
            memcpy(out, w.data, w.size_bytes);
            size_bytes = w.size_bytes;
        }
    }
    dc_writer_finish(&w);
    return size_bytes;
}

const char *
dc_capability_open(const struct dc_capability_key *key, const void *data, size_t size_bytes, const char *instance,
                   int64_t now_s, struct dc_capability *capability)
{
    uint8_t mac[MAC_BYTES];
    if (size_bytes == 0)
        return "no capability";
    if (size_bytes <= MAC_BYTES || size_bytes > DC_CAPABILITY_MAX_BYTES)
        return "malformed capability";
    size_t body_bytes = size_bytes - MAC_BYTES;
    // The signature comes first: nothing that we did not write ourselves is looked at.
    if (!sign(key, data, body_bytes, mac) || CRYPTO_memcmp(mac, (const uint8_t *)data + body_bytes, MAC_BYTES) != 0)
        return "capability was not issued with this server's key";

    struct dc_reader r;
    dc_reader_init(&r, data, body_bytes);
    uint32_t magic = dc_reader_u32le(&r), version = dc_reader_u32le(&r);
    *capability = (struct dc_capability){ .expiry_s = (int64_t)dc_reader_u64le(&r) };
    const void *nonce = dc_reader_bytes(&r, DC_CAPABILITY_NONCE_BYTES);
    capability->quotas.memory_mib = dc_reader_u32le(&r);
    capability->quotas.rings = dc_reader_u32le(&r);
    capability->quotas.max_width = dc_reader_u32le(&r);
    capability->quotas.max_height = dc_reader_u32le(&r);
    if (magic == MAGIC && version != DC_CAPABILITY_VERSION)
        return "capability of another version";
    if (r.failed || magic != MAGIC || !read_name(&r, capability->instance) || !read_name(&r, capability->tenant) ||
        dc_reader_left(&r) != 0)
        return "malformed capability";
    memcpy(capability->nonce, nonce, DC_CAPABILITY_NONCE_BYTES);
    if (strcmp(capability->instance, instance) != 0)
        return "capability belongs to another instance";
    if (capability->expiry_s <= now_s)
        return "capability has expired";
    return NULL;
}
