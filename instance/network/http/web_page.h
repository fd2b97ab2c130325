#ifndef DC_INSTANCE_NETWORK_HTTP_WEB_PAGE_H
#define DC_INSTANCE_NETWORK_HTTP_WEB_PAGE_H
/* The files of ../web, put into the program when it is built. */
#include <stddef.h>

struct dc_web_file {
    const char *path; // of the URL
    const char *content_type;
    const unsigned char *data;
    size_t size_bytes;
};

/* NULL: there is no such file. */
const struct dc_web_file *dc_web_page_find(const char *path);

#endif
