#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "keymap.h"

#define MAX_EVENTS DC_SCRIPT_MAX_EVENTS
#define MAX_TIME_S 2e6 // so that dc_script_sort() stays inside 64 bits
#define TAP_S 0.05

struct parser {
    struct dc_script *script;
    const char *name;
    char *line; // start of the current line
    unsigned line_number;
    char *cursor;
    char *word; // the last word taken
    bool failed;
    double offset_s; // of the command within its line: repeat, and the second half of a tap
};

static void
fail(struct parser *p, const char *what)
{
    if (!p->failed)
        fprintf(stderr, "dc-client: %s:%u:%d: %s\n", p->name, p->line_number, (int)(p->word - p->line) + 1, what);
    p->failed = true;
}

/* NULL: the line is over. */
static char *
next_word(struct parser *p)
{
    p->cursor += strspn(p->cursor, " \t\r");
    p->word = p->cursor;
    if (!*p->cursor)
        return NULL;
    p->cursor += strcspn(p->cursor, " \t\r");
    if (*p->cursor)
        *p->cursor++ = '\0';
    return p->word;
}

static const char *
need_word(struct parser *p, const char *what)
{
    const char *word = next_word(p);
    if (!word)
        fail(p, what);
    return word ? word : "";
}

static bool
has_word(const struct parser *p)
{
    return p->cursor[strspn(p->cursor, " \t\r")] != '\0';
}

static double
need_number(struct parser *p, double min, double max, const char *what)
{
    const char *word = need_word(p, what);
    char *end;
    double value = strtod(word, &end);
    if (!*word || *end || !(value >= min && value <= max)) {
        fail(p, what);
        return min;
    }
    return value;
}

static bool
need_choice(struct parser *p, const char *yes, const char *no, const char *what)
{
    const char *word = need_word(p, what);
    if (strcasecmp(word, yes) && strcasecmp(word, no))
        fail(p, what);
    return !strcasecmp(word, yes);
}

static void
add(struct parser *p, double at_s, const struct dc_input_event *input)
{
    struct dc_script *script = p->script;
    if (p->failed)
        return;
    if (at_s + p->offset_s > MAX_TIME_S) {
        fail(p, "later than 2 million seconds");
        return;
    }
    if ((script->count & (script->count - 1)) == 0) { // powers of two: grow
        size_t capacity = script->count ? 2 * script->count : 1;
        struct dc_script_event *events = realloc(script->events, capacity * sizeof(*events));
        if (!events || script->count >= MAX_EVENTS) {
            script->events = events ? events : script->events;
            fail(p, "more than a million events");
            return;
        }
        script->events = events;
    }
    script->events[script->count++] =
        (struct dc_script_event){ .at_us = (int64_t)((at_s + p->offset_s) * 1e6 + 0.5), .input = *input };
}

static int32_t
to_fixed(double pixels)
{
    return (int32_t)(pixels * 256);
}

static uint32_t
need_key(struct parser *p)
{
    uint32_t code = dc_keymap_from_name(need_word(p, "the name of a key is missing"));
    if (!code)
        fail(p, "no such key (names as in dc-client(1))");
    return code;
}

static uint32_t
need_button(struct parser *p)
{
    uint32_t code = dc_keymap_button_from_name(need_word(p, "the name of a button is missing"));
    if (!code)
        fail(p, "a button is one of left, middle, right, side, extra");
    return code;
}

static void
add_press_release(struct parser *p, double at_s, struct dc_input_event input, double held_s)
{
    input.key.pressed = true; // key and button share their layout
    add(p, at_s, &input);
    input.key.pressed = false;
    add(p, at_s + held_s, &input);
}

static void
parse_key(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_KEY, .key.evdev_code = need_key(p) };
    input.key.pressed = need_choice(p, "press", "release", "press or release is missing");
    add(p, at_s, &input);
}

static void
parse_tap(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_KEY, .key.evdev_code = need_key(p) };
    double held_s = has_word(p) ? need_number(p, 0, 3600, "how long: seconds") : TAP_S;
    add_press_release(p, at_s, input, held_s);
}

static void
parse_position(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_POINTER_MOTION };
    input.motion.x = to_fixed(need_number(p, -32768, 32767, "X: output pixels"));
    input.motion.y = to_fixed(need_number(p, -32768, 32767, "Y: output pixels"));
    add(p, at_s, &input);
}

static void
parse_button(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_POINTER_BUTTON, .button.evdev_code = need_button(p) };
    input.button.pressed = need_choice(p, "press", "release", "press or release is missing");
    add(p, at_s, &input);
}

static void
parse_click(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_POINTER_BUTTON, .button.evdev_code = need_button(p) };
    if (has_word(p))
        parse_position(p, at_s);
    add_press_release(p, at_s, input, TAP_S);
}

static void
parse_wheel(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_POINTER_AXIS };
    double right = need_number(p, -1000, 1000, "notches to the right");
    double down = need_number(p, -1000, 1000, "notches down");
    input.axis.dx_120 = (int32_t)(right * 120);
    input.axis.dy_120 = (int32_t)(down * 120);
    input.axis.dx = to_fixed(right * 10); // what a wheel's notch is in libinput: 15 degrees, 10 units
    input.axis.dy = to_fixed(down * 10);
    add(p, at_s, &input);
}

static void
parse_touch(struct parser *p, double at_s)
{
    static const char what[] = "down, move or up is missing";
    struct dc_input_event input = { .kind = DC_INPUT_TOUCH };
    const char *kind = need_word(p, what);
    if (!strcasecmp(kind, "down"))
        input.touch.kind = DC_TOUCH_DOWN;
    else if (!strcasecmp(kind, "move"))
        input.touch.kind = DC_TOUCH_MOTION;
    else if (!strcasecmp(kind, "up"))
        input.touch.kind = DC_TOUCH_UP;
    else
        fail(p, what);
    input.touch.id = (uint32_t)need_number(p, 0, 31, "the finger: 0 to 31");
    if (input.touch.kind != DC_TOUCH_UP) {
        input.touch.x = to_fixed(need_number(p, -32768, 32767, "X: output pixels"));
        input.touch.y = to_fixed(need_number(p, -32768, 32767, "Y: output pixels"));
    }
    add(p, at_s, &input);
}

static void
parse_focus(struct parser *p, double at_s)
{
    struct dc_input_event input = { .kind = DC_INPUT_FOCUS };
    input.focus.active = need_choice(p, "on", "off", "on or off is missing");
    add(p, at_s, &input);
}

static const struct {
    const char *name;
    void (*parse)(struct parser *p, double at_s);
} commands[] = {
    { "key", parse_key },       { "tap", parse_tap },     { "move", parse_position }, { "button", parse_button },
    { "click", parse_click },   { "wheel", parse_wheel }, { "touch", parse_touch },   { "focus", parse_focus },
};

static void
parse_command(struct parser *p, double at_s)
{
    const char *word = need_word(p, "a command is missing");
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!strcmp(commands[i].name, word)) {
            commands[i].parse(p, at_s);
            return;
        }
    }
    fail(p, "no such command (key, tap, move, button, click, wheel, touch, focus, repeat)");
}

/* The command's events are made once, then copied with later times. */
static void
parse_repeat(struct parser *p, double at_s)
{
    unsigned count = (unsigned)need_number(p, 1, MAX_EVENTS, "how often");
    double every_s = need_number(p, 0.001, 3600, "every so many seconds (at least 0.001)");
    size_t first = p->script->count;
    parse_command(p, at_s);
    size_t events = p->script->count - first;
    for (unsigned i = 1; i < count && !p->failed; i++) {
        p->offset_s = i * every_s;
        for (size_t k = 0; k < events && !p->failed; k++) {
            struct dc_script_event event = p->script->events[first + k];
            add(p, (double)event.at_us / 1e6, &event.input);
        }
    }
    p->offset_s = 0;
}

static void
parse_line(struct parser *p)
{
    p->cursor = p->line;
    p->cursor[strcspn(p->cursor, "#")] = '\0';
    if (!has_word(p))
        return;
    double at_s = need_number(p, 0, 1e6, "the line must begin with a time in seconds");
    char *before = p->cursor;
    char *word = next_word(p);
    if (word && !strcmp(word, "repeat")) {
        parse_repeat(p, at_s);
    } else {
        if (word && p->cursor > word && p->cursor[-1] == '\0') // take the word back
            p->cursor[-1] = ' ';
        p->cursor = before;
        parse_command(p, at_s);
    }
    if (!p->failed && next_word(p))
        fail(p, "nothing more was expected here");
}

bool
dc_script_parse(struct dc_script *script, const char *name, char *text)
{
    struct parser p = { .script = script, .name = name, .line_number = 1 };
    *script = (struct dc_script){ .count = 0 };
    while (text && !p.failed) {
        char *end = strchr(text, '\n');
        if (end)
            *end++ = '\0';
        p.line = p.word = text;
        parse_line(&p);
        p.line_number++;
        text = end;
    }
    if (p.failed) {
        dc_script_finish(script);
        return false;
    }
    dc_script_sort(script);
    return true;
}
