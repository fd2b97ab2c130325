#include "issue.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capability.h"

static const char usage[] =
    "Usage: dc-render capability --key-file FILE --instance NAME [options]\n"
    "Prints a capability (hex) that admits one link of instance NAME, once.\n"
    "\n"
    "  --key-file FILE      the server's key; created (mode 0600) where absent\n"
    "  --instance NAME      [a-zA-Z0-9._-], at most 63 characters\n"
    "  --tenant NAME        whose instance it is (default: a tenant of its own, with the instance's name)\n"
    "  --ttl SECONDS        valid for so long (default 60, at most 30 days)\n"
    "  --memory-mib N       private memory of the worker (default 4096)\n"
    "  --max-rings N        application processes (default 64)\n"
    "  --max-size WxH       output and surfaces (default 4096x4096)\n";

enum { OPT_KEY = 256, OPT_INSTANCE, OPT_TENANT, OPT_TTL, OPT_MEMORY, OPT_RINGS, OPT_SIZE, OPT_HELP };

static const struct option long_options[] = {
    { "key-file", required_argument, NULL, OPT_KEY },    { "instance", required_argument, NULL, OPT_INSTANCE },
    { "ttl", required_argument, NULL, OPT_TTL },         { "memory-mib", required_argument, NULL, OPT_MEMORY },
    { "max-rings", required_argument, NULL, OPT_RINGS }, { "max-size", required_argument, NULL, OPT_SIZE },
    { "tenant", required_argument, NULL, OPT_TENANT },   { "help", no_argument, NULL, OPT_HELP },
    { 0 },
};

static bool
parse_number(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || end == text || *end || value < min || value > max) {
        fprintf(stderr, "dc-render capability: %s: not a number from %u to %u\n", text, min, max);
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool
parse_size(const char *text, struct dc_quotas *quotas)
{
    unsigned width, height;
    char extra;
    if (sscanf(text, "%ux%u%c", &width, &height, &extra) != 2 || width < 16 || width > 16384 || height < 16 ||
        height > 16384) {
        fprintf(stderr, "dc-render capability: %s: not a size like 1920x1080\n", text);
        return false;
    }
    quotas->max_width = width;
    quotas->max_height = height;
    return true;
}

static bool
take_name(char out[DC_INSTANCE_NAME_MAX + 1], const char *name)
{
    if (!dc_instance_name_is_valid(name)) {
        fprintf(stderr, "dc-render capability: %s: not a name (at most 63 of [a-zA-Z0-9._-], no dot first)\n", name);
        return false;
    }
    strcpy(out, name);
    return true;
}

static int
print_capability(const char *key_file, const struct dc_capability *capability)
{
    struct dc_capability_key key;
    uint8_t bytes[DC_CAPABILITY_MAX_BYTES];
    if (!dc_capability_key_load(&key, key_file))
        return 1;
    size_t size_bytes = dc_capability_seal(&key, capability, bytes);
    if (!size_bytes) {
        fprintf(stderr, "dc-render capability: cannot sign\n");
        return 1;
    }
    for (size_t i = 0; i < size_bytes; i++)
        printf("%02x", bytes[i]);
    return printf("\n") < 0 || fflush(stdout) != 0;
}

int
dc_issue_main(int argc, char **argv)
{
    const char *key_file = NULL, *instance = NULL, *tenant = NULL;
    struct dc_capability capability = { .quotas = dc_quotas_default };
    uint32_t ttl_s = 60;
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        bool ok = true;
        switch (option) {
        case OPT_KEY: key_file = optarg; break;
        case OPT_INSTANCE: instance = optarg; break;
        case OPT_TENANT: tenant = optarg; break;
        case OPT_TTL: ok = parse_number(optarg, 1, DC_CAPABILITY_MAX_TTL_S, &ttl_s); break;
        case OPT_MEMORY: ok = parse_number(optarg, 256, 1u << 20, &capability.quotas.memory_mib); break;
        case OPT_RINGS: ok = parse_number(optarg, 1, 1024, &capability.quotas.rings); break;
        case OPT_SIZE: ok = parse_size(optarg, &capability.quotas); break;
        case OPT_HELP: fputs(usage, stdout); return 0;
        default: ok = false;
        }
        if (!ok)
            return 2;
    }
    if (!key_file || !instance || optind != argc) {
        fputs(usage, stderr);
        return 2;
    }
    if (!take_name(capability.instance, instance) || (tenant && !take_name(capability.tenant, tenant)))
        return 2;
    capability.expiry_s = time(NULL) + ttl_s;
    if (!dc_capability_nonce(capability.nonce))
        return 1;
    return print_capability(key_file, &capability);
}
