#include <common/log.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <common/clock.h>

#define MAX_RULES 16

struct rule {
    char component[32];
    enum dc_log_level level;
};

static const char *const level_names[] = { "error", "warn", "info", "debug", "trace" };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum dc_log_level default_level = DC_LOG_INFO;
static struct rule rules[MAX_RULES];
static unsigned rule_count;
static char subject[96];

static bool
parse_level(const char *name, enum dc_log_level *level)
{
    for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (!strcmp(name, level_names[i])) {
            *level = (enum dc_log_level)i;
            return true;
        }
    }
    return false;
}

static void
parse_rule(char *item)
{
    enum dc_log_level level;
    char *colon = strchr(item, ':');
    if (!colon) {
        if (parse_level(item, &level))
            default_level = level;
        return;
    }
    *colon = '\0';
    if (rule_count == MAX_RULES || !parse_level(colon + 1, &level))
        return;
    snprintf(rules[rule_count].component, sizeof(rules[0].component), "%s", item);
    rules[rule_count++].level = level;
}

static void
parse_environment(void)
{
    const char *env = getenv("DC_LOG");
    char copy[512];
    char *save = NULL;
    if (!env)
        return;
    snprintf(copy, sizeof(copy), "%s", env);
    for (char *item = strtok_r(copy, ",", &save); item; item = strtok_r(NULL, ",", &save))
        parse_rule(item);
}

void
dc_log_init(void)
{
    pthread_once(&once, parse_environment);
}

void
dc_log_set_subject(const char *text)
{
    snprintf(subject, sizeof(subject), "%s", text);
}

bool
dc_log_enabled(enum dc_log_level level, const char *component)
{
    dc_log_init();
    for (unsigned i = 0; i < rule_count; i++) {
        if (!strcmp(rules[i].component, component))
            return level <= rules[i].level;
    }
    return level <= default_level;
}

void
dc_log_write(enum dc_log_level level, const char *component, const char *format, ...)
{
    char line[1024];
    int64_t now_us = dc_clock_now_us();
    int n = snprintf(line, sizeof(line) - 1, "%lld.%06lld %s %s: %s%s", (long long)(now_us / 1000000),
                     (long long)(now_us % 1000000), level_names[level], component, subject, subject[0] ? ": " : "");
    va_list args;
    va_start(args, format);
    int m = vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, format, args);
    va_end(args);
    size_t length = (size_t)n + (m > 0 ? (size_t)m : 0);
    if (length > sizeof(line) - 2)
        length = sizeof(line) - 2;
    line[length++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written; // nowhere to report it
}
