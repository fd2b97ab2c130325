#include "relay.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: dc-udp-relay --listen HOST:PORT --to HOST:PORT [OPTION]...\n"
    "Relays UDP and makes the network worse on the way, the same way for the same seed and datagrams.\n"
    "\n"
    "  --seed N             of all that is random (1)\n"
    "  --seconds N          ends after N seconds (otherwise at SIGINT or SIGTERM)\n"
    "  --json FILE          writes counters at the end; - is standard output\n"
    "\n"
    "What follows holds for both directions, or for one of them behind --up (to the target), --down (from it); --both:\n"
    "  --loss P             share of the datagrams that are lost, 0 to 1\n"
    "  --burst N            losses come in runs of N on average (Gilbert model)\n"
    "  --delay-ms N         one way\n"
    "  --jitter-ms N        0 to N more, order kept\n"
    "  --reorder P          share of the datagrams that come --reorder-ms N later than others behind them\n"
    "  --rate-kbps N        of the line; what does not fit waits\n"
    "  --rate-at S:N        N kb/s from S seconds after the first datagram on (0: unlimited); several, ascending\n"
    "  --queue-ms N         what would wait longer is dropped (1000)\n"
    "  --outage S:N         everything is dropped for N ms, S seconds after the first datagram\n"
    "  --help\n";

enum { SEED, SECONDS, JSON, LISTEN, TO, UP, DOWN, BOTH, LOSS, BURST, DELAY, JITTER, REORDER, REORDER_MS, RATE, RATE_AT, QUEUE,
       OUTAGE, HELP };

static bool
parse_address(const char *text, struct sockaddr_storage *address, socklen_t *size)
{
    char host[256];
    const char *colon = strrchr(text, ':');
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV }, *info;
    if (!colon || (size_t)(colon - text) >= sizeof(host))
        return false;
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    if (getaddrinfo(host, colon + 1, &hints, &info))
        return false;
    memcpy(address, info->ai_addr, info->ai_addrlen);
    *size = info->ai_addrlen;
    freeaddrinfo(info);
    return true;
}

static bool
parse_number(const char *text, double most, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value) && *value >= 0 && *value <= most;
}

static bool
parse_pair(const char *text, double *first, double *second)
{
    char before[32];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof(before))
        return false;
    snprintf(before, sizeof(before), "%.*s", (int)(colon - text), text);
    return parse_number(before, 1e6, first) && parse_number(colon + 1, 1e8, second);
}

static bool
add_rate(struct dc_line_config *line, double from_s, double kbps)
{
    int64_t from_us = (int64_t)(from_s * 1e6);
    if (line->rate_count == DC_LINE_MAX_RATES || (line->rate_count && line->rates[line->rate_count - 1].from_us >= from_us))
        return false;
    line->rates[line->rate_count++] = (struct dc_line_rate){ from_us, (uint64_t)(kbps * 1000) };
    return true;
}

static bool
parse_line_option(int option, const char *text, struct dc_line_config *line)
{
    double value, second;
    switch (option) {
    case LOSS: return parse_number(text, 1, &line->loss);
    case BURST: return parse_number(text, 1e4, &line->burst);
    case REORDER: return parse_number(text, 1, &line->reorder);
    case RATE_AT: return parse_pair(text, &value, &second) && add_rate(line, value, second);
    case OUTAGE:
        if (!parse_pair(text, &value, &second))
            return false;
        line->outage_from_us = (int64_t)(value * 1e6);
        line->outage_us = (int64_t)(second * 1000);
        return true;
    default: break;
    }
    if (!parse_number(text, 1e8, &value))
        return false;
    switch (option) {
    case DELAY: line->delay_us = (int64_t)(value * 1000); return true;
    case JITTER: line->jitter_us = (int64_t)(value * 1000); return true;
    case REORDER_MS: line->reorder_us = (int64_t)(value * 1000); return true;
    case QUEUE: line->queue_us = (int64_t)(value * 1000); return true;
    case RATE: return add_rate(line, 0, value);
    default: return false;
    }
}

static bool
parse_option(int option, const char *text, struct dc_relay_options *options, unsigned *directions)
{
    double value;
    switch (option) {
    case SEED:
        if (!parse_number(text, 9e15, &value))
            return false;
        options->seed = (uint64_t)value;
        return true;
    case SECONDS: return parse_number(text, 1e6, &options->seconds);
    case JSON: options->json_path = text; return true;
    case LISTEN: return parse_address(text, &options->listen, &options->listen_size);
    case TO: return parse_address(text, &options->to, &options->to_size);
    case UP: *directions = 1 << DC_RELAY_UP; return true;
    case DOWN: *directions = 1 << DC_RELAY_DOWN; return true;
    case BOTH: *directions = 3; return true;
    default: break;
    }
    for (unsigned i = 0; i < 2; i++)
        if (*directions >> i & 1 && !parse_line_option(option, text, &options->lines[i]))
            return false;
    return true;
}

bool
dc_relay_parse_options(int argc, char **argv, struct dc_relay_options *options, int *status)
{
    static const struct option known[] = {
        { "seed", 1, NULL, SEED }, { "seconds", 1, NULL, SECONDS }, { "json", 1, NULL, JSON }, { "listen", 1, NULL, LISTEN },
        { "to", 1, NULL, TO }, { "up", 0, NULL, UP }, { "down", 0, NULL, DOWN }, { "both", 0, NULL, BOTH },
        { "loss", 1, NULL, LOSS }, { "burst", 1, NULL, BURST }, { "delay-ms", 1, NULL, DELAY },
        { "jitter-ms", 1, NULL, JITTER }, { "reorder", 1, NULL, REORDER }, { "reorder-ms", 1, NULL, REORDER_MS },
        { "rate-kbps", 1, NULL, RATE }, { "rate-at", 1, NULL, RATE_AT }, { "queue-ms", 1, NULL, QUEUE },
        { "outage", 1, NULL, OUTAGE }, { "help", 0, NULL, HELP }, { 0 },
    };
    unsigned directions = 3;
    int option, index = 0;
    *options = (struct dc_relay_options){ .seed = 1 };
    *status = 2;
    while ((option = getopt_long(argc, argv, "", known, &index)) != -1) {
        if (option == HELP) {
            fputs(help, stdout);
            *status = 0;
            return false;
        }
        if (option == '?')
            return false;
        if (!parse_option(option, optarg, options, &directions)) {
            fprintf(stderr, "dc-udp-relay: --%s: cannot use \"%s\"\n", known[index].name, optarg);
            return false;
        }
    }
    if (optind != argc || !options->listen_size || !options->to_size) {
        fputs(help, stderr);
        return false;
    }
    return true;
}
