#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "exit_code.h"

#define DEFAULT_WARMUP_S 3.0

static const char help[] =
    "Usage: dc-client [options] ADDRESS\n"
    "Plays an instance: shows its picture, plays its sound, sends it keyboard, mouse and touch.\n"
    "ADDRESS is what dc-instance prints:\n"
    "  https://HOST:PORT/whep#fp=SHA256&token=HEX   WebRTC over UDP or TCP\n"
    "  dc://HOST:PORT/?token=HEX                    plain TCP, not encrypted\n"
    "\n"
    "  --fullscreen          start in full screen\n"
    "  --vsync               present in step with the display (no tearing, more latency)\n"
    "  --relative-mouse      start with a captured, relative mouse\n"
    "  --stats               start with the statistics overlay\n"
    "  --no-audio            no sound\n"
    "  --headless            no window: present on the ticks of an emulated display\n"
    "  --refresh HZ          rate of the emulated display (60)\n"
    "  --record FILE.mp4     record picture and sound as they arrive, not encoded again\n"
    "  --screenshot FILE.png write the last frame shown, or with\n"
    "  --screenshot-at S       the one on screen S seconds after the first\n"
    "  --script FILE         timed input; see dc-client(1)\n"
    "  --seconds N           end N seconds after the first frame\n"
    "  --warmup S            do not measure the first S seconds (3, at most a quarter of --seconds)\n"
    "  --report FILE.json    write frame rate, latencies, stages, CPU\n"
    "  --csv FILE            write one line per frame\n"
    "  --help, --version\n"
    "\n"
    "Hold Ctrl+Alt+Shift and press Q quit, S statistics, X full screen, Z grab, M mouse mode.\n";

enum option_code {
    OPTION_FULLSCREEN = 256, OPTION_VSYNC, OPTION_RELATIVE, OPTION_STATS, OPTION_NO_AUDIO, OPTION_HEADLESS,
    OPTION_REFRESH, OPTION_RECORD, OPTION_SCREENSHOT, OPTION_SCREENSHOT_AT, OPTION_SCRIPT, OPTION_SECONDS,
    OPTION_WARMUP, OPTION_REPORT, OPTION_CSV, OPTION_HELP, OPTION_VERSION,
};

static const struct option long_options[] = {
    { "fullscreen", no_argument, NULL, OPTION_FULLSCREEN },
    { "vsync", no_argument, NULL, OPTION_VSYNC },
    { "relative-mouse", no_argument, NULL, OPTION_RELATIVE },
    { "stats", no_argument, NULL, OPTION_STATS },
    { "no-audio", no_argument, NULL, OPTION_NO_AUDIO },
    { "headless", no_argument, NULL, OPTION_HEADLESS },
    { "refresh", required_argument, NULL, OPTION_REFRESH },
    { "record", required_argument, NULL, OPTION_RECORD },
    { "screenshot", required_argument, NULL, OPTION_SCREENSHOT },
    { "screenshot-at", required_argument, NULL, OPTION_SCREENSHOT_AT },
    { "script", required_argument, NULL, OPTION_SCRIPT },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "warmup", required_argument, NULL, OPTION_WARMUP },
    { "report", required_argument, NULL, OPTION_REPORT },
    { "csv", required_argument, NULL, OPTION_CSV },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static bool
parse_number(const char *name, const char *text, double min, double max, double *value)
{
    char *end;
    *value = strtod(text, &end);
    if (*text && !*end && *value >= min && *value <= max)
        return true;
    fprintf(stderr, "dc-client: --%s: '%s' is not a number between %g and %g\n", name, text, min, max);
    return false;
}

/* false: wrong, printed. */
static bool
handle_option(struct dc_options *options, int option)
{
    double hz;
    switch (option) {
    case OPTION_FULLSCREEN: options->fullscreen = true; return true;
    case OPTION_VSYNC: options->vsync = true; return true;
    case OPTION_RELATIVE: options->relative_mouse = true; return true;
    case OPTION_STATS: options->stats = true; return true;
    case OPTION_NO_AUDIO: options->no_audio = true; return true;
    case OPTION_HEADLESS: options->headless = true; return true;
    case OPTION_REFRESH:
        if (!parse_number("refresh", optarg, 1, 480, &hz))
            return false;
        options->refresh_mhz = (uint32_t)(hz * 1000 + 0.5);
        return true;
    case OPTION_RECORD: options->record = optarg; return true;
    case OPTION_SCREENSHOT: options->screenshot = optarg; return true;
    case OPTION_SCREENSHOT_AT: return parse_number("screenshot-at", optarg, 0, 1e6, &options->screenshot_at_s);
    case OPTION_SCRIPT: options->script = optarg; return true;
    case OPTION_SECONDS: return parse_number("seconds", optarg, 0.1, 1e7, &options->seconds);
    case OPTION_WARMUP: return parse_number("warmup", optarg, 0, 1e6, &options->warmup_s);
    case OPTION_REPORT: options->report = optarg; return true;
    case OPTION_CSV: options->csv = optarg; return true;
    default: fprintf(stderr, "Try 'dc-client --help'.\n"); return false;
    }
}

static void
choose_warmup(struct dc_options *options)
{
    options->warmup_s = DEFAULT_WARMUP_S;
    if (options->seconds > 0 && options->seconds / 4 < options->warmup_s)
        options->warmup_s = options->seconds / 4;
}

int
dc_options_parse(struct dc_options *options, int argc, char **argv)
{
    const char *error;
    int option;
    *options = (struct dc_options){ .screenshot_at_s = -1, .warmup_s = -1, .refresh_mhz = 60000 };
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            fputs(option == OPTION_HELP ? help : "dc-client " DC_VERSION "\n", stdout);
            return DC_EXIT_OK;
        }
        if (!handle_option(options, option))
            return DC_EXIT_USAGE;
    }
    if (optind + 1 != argc) {
        fprintf(stderr, "dc-client: one address is needed: dc-client [options] https://HOST:PORT/whep#fp=SHA256&token=HEX\n");
        return DC_EXIT_USAGE;
    }
    if (!dc_url_parse(argv[optind], &options->url, &error)) {
        fprintf(stderr, "dc-client: address '%s': %s\n", argv[optind], error);
        return DC_EXIT_USAGE;
    }
    if (options->screenshot_at_s >= 0 && !options->screenshot) {
        fprintf(stderr, "dc-client: --screenshot-at needs --screenshot FILE.png\n");
        return DC_EXIT_USAGE;
    }
    if (options->warmup_s < 0)
        choose_warmup(options);
    if (options->seconds > 0 && options->warmup_s >= options->seconds) {
        fprintf(stderr, "dc-client: --warmup must be shorter than --seconds\n");
        return DC_EXIT_USAGE;
    }
    return -1;
}
