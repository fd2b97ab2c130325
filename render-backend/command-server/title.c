#include "title.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

static char *space;
static size_t space_bytes;

void
dc_title_init(int argc, char **argv)
{
    if (argc < 1)
        return;
    // The kernel lays the arguments out in one piece; /proc/PID/cmdline is that piece.
    char *end = argv[0];
    for (int i = 0; i < argc && argv[i] == end; i++)
        end = argv[i] + strlen(argv[i]) + 1;
    space = argv[0];
    space_bytes = (size_t)(end - argv[0]);
}

void
dc_title_set(const char *title)
{
    prctl(PR_SET_NAME, title, 0, 0, 0);
    if (space_bytes < 2)
        return;
    size_t length = strlen(title);
    if (length > space_bytes - 1)
        length = space_bytes - 1;
    memset(space, 0, space_bytes);
    memcpy(space, title, length);
}
