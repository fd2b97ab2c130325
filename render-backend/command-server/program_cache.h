#ifndef DC_COMMAND_SERVER_PROGRAM_CACHE_H
#define DC_COMMAND_SERVER_PROGRAM_CACHE_H
/*
 * Compiled shaders, kept between workers of one tenant: DIRECTORY/TENANT holds Mesa's cache in its single-file form, whose
 * files are opened when the driver initialises, before the sandbox closes the file system, and appended to from then on.
 * A worker can write anything into it, also machine code: so it never serves another tenant. Other drivers than Mesa's
 * keep no programs here.
 */
#include <stdbool.h>

/* Where it is by default: /var/cache/droidcloud/programs for root, else in the user's cache directory. false: there is
 * no such place. */
bool dc_program_cache_default(char *path, unsigned long path_bytes);

/* Makes the tenant's directory, for the user that workers become. Before privileges are dropped. false: logged. */
bool dc_program_cache_create(const char *directory, const char *tenant);
/* Has the driver use it; one that has grown too large is emptied first. After privileges are dropped, before the driver
 * initialises. NULL directory: no cache. */
void dc_program_cache_use(const char *directory, const char *tenant);
/* The tenant's directory that dc_program_cache_use() chose; NULL: no cache. */
const char *dc_program_cache_directory(void);

#endif
