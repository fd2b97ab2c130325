#ifndef DC_FRONTEND_GLES_GL_H
#define DC_FRONTEND_GLES_GL_H
/* The GL types and enumerants that gles/ uses, without a prototype of an exported name getting in the way. */
#include <protocol/gles/gles1.h>

#endif
