#ifndef DC_FRONTEND_GLES_PUSH_H
#define DC_FRONTEND_GLES_PUSH_H
/* What the worker tells unasked: compiles, links, fences, errors, resets, query results. */
#include "../core/context.h"

#endif
