#ifndef DC_COMMON_LOG_H
#define DC_COMMON_LOG_H
/*
 * Logging to stderr, one line per event: "12.345678 error render: instance demo: ...".
 *
 * DC_LOG selects what is shown: "info", "info,encoder:trace,link:debug". The part before the colon is the component
 * that the source file names with DC_LOG_COMPONENT before it includes this header.
 * Thread-safe: each line is one write(2).
 */
#include <stdbool.h>

#ifndef DC_LOG_COMPONENT
#define DC_LOG_COMPONENT "main"
#endif

enum dc_log_level {
    DC_LOG_ERROR,
    DC_LOG_WARN,
    DC_LOG_INFO,
    DC_LOG_DEBUG,
    DC_LOG_TRACE,
};

/* Parses DC_LOG once; called implicitly by the first log line. */
void dc_log_init(void);

/* Prefix of every line after the component, e.g. "instance demo"; copied. Set before threads start. */
void dc_log_set_subject(const char *subject);

bool dc_log_enabled(enum dc_log_level level, const char *component);

void dc_log_write(enum dc_log_level level, const char *component, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define dc_log_at(level, ...)                                                                                           \
    do {                                                                                                                \
        if (dc_log_enabled(level, DC_LOG_COMPONENT))                                                                    \
            dc_log_write(level, DC_LOG_COMPONENT, __VA_ARGS__);                                                         \
    } while (0)

#define dc_error(...) dc_log_at(DC_LOG_ERROR, __VA_ARGS__)
#define dc_warn(...) dc_log_at(DC_LOG_WARN, __VA_ARGS__)
#define dc_info(...) dc_log_at(DC_LOG_INFO, __VA_ARGS__)
#define dc_debug(...) dc_log_at(DC_LOG_DEBUG, __VA_ARGS__)
#define dc_trace(...) dc_log_at(DC_LOG_TRACE, __VA_ARGS__)

#endif
