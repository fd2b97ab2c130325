/* The commands that the renderer proper executes do nothing here: these tests bring a context of their own. */
#include <gles_decode.h>
#include "exec.h"

#define NOTHING(Name)                                                                                                   \
    void dc_exec_##Name(struct dc_exec *x, const struct dc_cmd_##Name *c)                                               \
    {                                                                                                                   \
    }

NOTHING(dcContextCreate)
NOTHING(dcContextDestroy)
NOTHING(dcSurfaceCreate)
NOTHING(dcSurfaceResize)
NOTHING(dcSurfaceDestroy)
NOTHING(dcSurfaceKeep)
NOTHING(dcMakeCurrent)
NOTHING(dcSwap)
NOTHING(dcImageCreate)
NOTHING(dcImageUpload)
NOTHING(dcImageCommit)
NOTHING(dcImageDestroy)
NOTHING(dcEglImageCreate)
NOTHING(dcEglImageImport)
NOTHING(dcEglImageDestroy)
NOTHING(EGLImageTargetTexture2DOES)
NOTHING(EGLImageTargetRenderbufferStorageOES)
NOTHING(EGLImageTargetTexStorageEXT)
