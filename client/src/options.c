#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "devices.h"
#include "exit_code.h"
#include "settings_file.h"

#define DEFAULT_WARMUP_S 3.0
#define DEFAULT_RECONNECT_S 30.0

static const char help[] =
    "Usage: dc-client [options] ADDRESS\n"
    "Plays an instance: shows its picture, plays its sound, sends it keyboard, mouse and touch.\n"
    "ADDRESS is what dc-instance prints:\n"
    "  https://HOST:PORT/whep#fp=SHA256&token=HEX   WebRTC over UDP or TCP\n"
    "  dc://HOST:PORT/?token=HEX                    plain TCP, not encrypted\n"
    "\n"
    "Settings, also lines \"name = value\" of $XDG_CONFIG_HOME/droidcloud/client.conf; what is given here wins:\n"
    "  --fullscreen          start in full screen (--no-fullscreen, and so on: do not)\n"
    "  --vsync               present in step with the display (no tearing, more latency)\n"
    "  --relative-mouse      start with a captured, relative mouse\n"
    "  --grab                start with keyboard and pointer kept in the window\n"
    "  --no-local-cursor     do not show this machine's pointer over the picture\n"
    "  --scale HOW           fit the window (fit), by whole numbers (integer), or stretch\n"
    "  --aspect W:H          show the picture with this aspect; auto: its own\n"
    "  --decoder KIND        auto, software, vaapi, vdpau or cuda; what fails is replaced by software\n"
    "  --stats               start with the statistics overlay\n"
    "  --no-audio            no sound\n"
    "  --audio-device NAME   the sound output to play on, as --list-devices names it\n"
    "  --display N           the display to open on, as --list-devices numbers it (0)\n"
    "\n"
    "  --config FILE         read settings from FILE instead; --no-config: from nowhere\n"
    "  --list-devices        print displays, sound devices, game controllers and decoders\n"
    "  --headless            no window: present on the ticks of an emulated display\n"
    "  --refresh HZ          rate of the emulated display (60)\n"
    "  --record FILE.mp4     record picture and sound as they arrive, not encoded again\n"
    "  --dump-frames FILE.y4m   write every decoded picture, not compressed (83 MB/s at 720p60)\n"
    "  --screenshot FILE.png write the last frame shown, or with\n"
    "  --screenshot-at S       the one on screen S seconds after the first\n"
    "  --reconnect S         when the connection breaks try for S seconds to get back to the game (30; 0: not at all)\n"
    "  --script FILE         timed input; see dc-client(1)\n"
    "  --seconds N           end N seconds after the first frame\n"
    "  --warmup S            do not measure the first S seconds (3, at most a quarter of --seconds)\n"
    "  --report FILE.json    write frame rate, latencies, stages, CPU\n"
    "  --csv FILE            write one line per frame\n"
    "  --help, --version\n"
    "\n"
    "Hold Ctrl+Alt+Shift and press Q quit, S statistics, X full screen, Z grab, M mouse mode, C pointer,\n"
    "A scaling, P screenshot, V type the text that is on the clipboard.\n";

enum option_code {
    OPTION_HEADLESS = 256, OPTION_REFRESH, OPTION_RECORD, OPTION_DUMP, OPTION_SCREENSHOT, OPTION_SCREENSHOT_AT, OPTION_SCRIPT,
    OPTION_SECONDS, OPTION_WARMUP, OPTION_REPORT, OPTION_CSV, OPTION_RECONNECT, OPTION_CONFIG, OPTION_NO_CONFIG, OPTION_LIST_DEVICES,
    OPTION_HELP, OPTION_VERSION,
    OPTION_SETTING = 1024, // + 2 × index in the table, + 1: --no-NAME
};

static const struct option run_options[] = {
    { "headless", no_argument, NULL, OPTION_HEADLESS },
    { "refresh", required_argument, NULL, OPTION_REFRESH },
    { "record", required_argument, NULL, OPTION_RECORD },
    { "dump-frames", required_argument, NULL, OPTION_DUMP },
    { "screenshot", required_argument, NULL, OPTION_SCREENSHOT },
    { "screenshot-at", required_argument, NULL, OPTION_SCREENSHOT_AT },
    { "reconnect", required_argument, NULL, OPTION_RECONNECT },
    { "script", required_argument, NULL, OPTION_SCRIPT },
    { "seconds", required_argument, NULL, OPTION_SECONDS },
    { "warmup", required_argument, NULL, OPTION_WARMUP },
    { "report", required_argument, NULL, OPTION_REPORT },
    { "csv", required_argument, NULL, OPTION_CSV },
    { "config", required_argument, NULL, OPTION_CONFIG },
    { "no-config", no_argument, NULL, OPTION_NO_CONFIG },
    { "list-devices", no_argument, NULL, OPTION_LIST_DEVICES },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
};

#define RUN_OPTIONS (sizeof(run_options) / sizeof(run_options[0]))
#define MAX_SETTINGS 32
#define NAME_BYTES 32

struct option_table {
    struct option entries[RUN_OPTIONS + 2 * MAX_SETTINGS + 1];
    char negated[MAX_SETTINGS][NAME_BYTES];
};

/* A yes or no is --NAME and --no-NAME, anything else --NAME VALUE. */
static void
build_table(struct option_table *table)
{
    size_t n = 0;
    *table = (struct option_table){ 0 };
    for (; n < RUN_OPTIONS; n++)
        table->entries[n] = run_options[n];
    for (size_t i = 0; i < dc_settings_count() && i < MAX_SETTINGS; i++) {
        const struct dc_setting *setting = dc_settings_get(i);
        bool is_bool = setting->kind == DC_SETTING_BOOL;
        int code = OPTION_SETTING + 2 * (int)i;
        table->entries[n++] = (struct option){ setting->name, is_bool ? no_argument : required_argument, NULL, code };
        if (!is_bool)
            continue;
        snprintf(table->negated[i], NAME_BYTES, "no-%s", setting->name);
        table->entries[n++] = (struct option){ table->negated[i], no_argument, NULL, code + 1 };
    }
}

static bool
handle_setting(struct dc_settings *settings, int option)
{
    const struct dc_setting *setting = dc_settings_get((size_t)(option - OPTION_SETTING) / 2);
    const char *value = setting->kind != DC_SETTING_BOOL ? optarg : (option - OPTION_SETTING) % 2 ? "no" : "yes";
    char error[384];
    if (dc_setting_set(settings, setting, value, error, sizeof(error)))
        return true;
    fprintf(stderr, "dc-client: --%s: %s\n", setting->name, error);
    return false;
}

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
    if (option >= OPTION_SETTING)
        return handle_setting(&options->settings, option);
    switch (option) {
    case OPTION_CONFIG:
    case OPTION_NO_CONFIG: return true; // read_settings() has seen it
    case OPTION_HEADLESS: options->headless = true; return true;
    case OPTION_REFRESH:
        if (!parse_number("refresh", optarg, 1, 480, &hz))
            return false;
        options->refresh_mhz = (uint32_t)(hz * 1000 + 0.5);
        return true;
    case OPTION_RECORD: options->record = optarg; return true;
    case OPTION_DUMP: options->dump_frames = optarg; return true;
    case OPTION_SCREENSHOT: options->screenshot = optarg; return true;
    case OPTION_SCREENSHOT_AT: return parse_number("screenshot-at", optarg, 0, 1e6, &options->screenshot_at_s);
    case OPTION_SCRIPT: options->script = optarg; return true;
    case OPTION_RECONNECT: return parse_number("reconnect", optarg, 0, 86400, &options->reconnect_s);
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

/* The file comes before all options, wherever among them it is named. */
static bool
read_settings(struct dc_settings *settings, int argc, char **argv, const struct option *entries)
{
    const char *path = NULL;
    bool wanted = true;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "", entries, NULL)) != -1) {
        if (option == OPTION_CONFIG || option == OPTION_NO_CONFIG) {
            wanted = option == OPTION_CONFIG;
            path = wanted ? optarg : NULL;
        } else if (option == OPTION_HELP || option == OPTION_VERSION || option == OPTION_LIST_DEVICES) {
            wanted = false; // these work whatever stands in a file
            break;
        }
    }
    opterr = 1;
    optind = 0; // anew, in glibc and musl alike
    return !wanted || dc_settings_file_read(settings, path);
}

/* -1: go on. */
static int
read_options(struct dc_options *options, int argc, char **argv)
{
    struct option_table table;
    int option;
    build_table(&table);
    if (!read_settings(&options->settings, argc, argv, table.entries))
        return DC_EXIT_USAGE;
    while ((option = getopt_long(argc, argv, "", table.entries, NULL)) != -1) {
        if (option == OPTION_HELP || option == OPTION_VERSION) {
            fputs(option == OPTION_HELP ? help : "dc-client " DC_VERSION "\n", stdout);
            return DC_EXIT_OK;
        }
        if (option == OPTION_LIST_DEVICES) {
            dc_devices_print();
            return DC_EXIT_OK;
        }
        if (!handle_option(options, option))
            return DC_EXIT_USAGE;
    }
    return -1;
}

int
dc_options_parse(struct dc_options *options, int argc, char **argv)
{
    const char *error;
    *options = (struct dc_options){ .screenshot_at_s = -1, .warmup_s = -1, .reconnect_s = DEFAULT_RECONNECT_S, .refresh_mhz = 60000 };
    dc_settings_init(&options->settings);
    int exit_code = read_options(options, argc, argv);
    if (exit_code >= 0)
        return exit_code;
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
