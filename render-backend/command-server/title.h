#ifndef DC_COMMAND_SERVER_TITLE_H
#define DC_COMMAND_SERVER_TITLE_H
/* What ps shows. One per process by nature: the space is that of main()'s argv. */

/* Once, in main(), before anything else; the strings of argv must not be used afterwards beyond `argc`, `argv` copies
 * that the caller made. */
void dc_title_init(int argc, char **argv);
/* Process title, and the name of the calling thread (its first 15 bytes). */
void dc_title_set(const char *title);

#endif
