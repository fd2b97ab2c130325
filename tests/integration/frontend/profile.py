#!/usr/bin/env python3
"""profile.py BUILD_ROOT: whatever an implementation may choose (versions, strings, limits, precisions, formats, configs) is
answered from the profile that was fixed at the instance's start: an application asks for all of it, and not one command
that wants an answer goes to the worker."""
import ctypes
import glob
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

GL_XML = "/usr/share/khronos-api/gl.xml"
# No limits although their names look like it, or parameters of objects.
NOT_LIMITS = {"GL_MAX", "GL_MIN", "GL_MAX_NAME_LENGTH", "GL_MAX_NUM_ACTIVE_VARIABLES", "GL_MAX_HEIGHT", "GL_MAX_WIDTH",
              "GL_MAX_COMPUTE_WORK_GROUP_COUNT", "GL_MAX_COMPUTE_WORK_GROUP_SIZE", "GL_MIN_SAMPLE_SHADING_VALUE"}
OTHERS = ["GL_ALIASED_LINE_WIDTH_RANGE", "GL_ALIASED_POINT_SIZE_RANGE", "GL_SUBPIXEL_BITS", "GL_SHADER_COMPILER",
          "GL_NUM_EXTENSIONS", "GL_MAJOR_VERSION", "GL_MINOR_VERSION", "GL_NUM_COMPRESSED_TEXTURE_FORMATS",
          "GL_COMPRESSED_TEXTURE_FORMATS", "GL_NUM_SHADER_BINARY_FORMATS", "GL_NUM_PROGRAM_BINARY_FORMATS",
          "GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT", "GL_SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT", "GL_CONTEXT_FLAGS",
          "GL_TEXTURE_BUFFER_OFFSET_ALIGNMENT", "GL_FRAGMENT_INTERPOLATION_OFFSET_BITS", "GL_LAYER_PROVOKING_VERTEX",
          "GL_MULTISAMPLE_LINE_WIDTH_RANGE", "GL_MULTISAMPLE_LINE_WIDTH_GRANULARITY", "GL_RESET_NOTIFICATION_STRATEGY",
          "GL_PRIMITIVE_RESTART_FOR_PATCHES_SUPPORTED"]
EXTENSIONS = ["GL_MAX_TEXTURE_MAX_ANISOTROPY_EXT", "GL_MAX_DUAL_SOURCE_DRAW_BUFFERS_EXT", "GL_MAX_CLIP_DISTANCES_EXT"]


def limits():
    """{name: value} of all limits of GLES 2.0 to 3.2."""
    root = ElementTree.parse(GL_XML).getroot()
    values = {e.get("name"): int(e.get("value"), 0) for b in root.findall("enums") for e in b.findall("enum")}
    names = {e.get("name") for f in root.findall("feature") if f.get("api") == "gles2" for e in f.findall("require/enum")}
    wanted = {n for n in names if n.startswith(("GL_MAX_", "GL_MIN_"))} - NOT_LIMITS
    return {n: values[n] for n in sorted(wanted) + OTHERS + EXTENSIONS}


def ask():
    """In the instance: asks for everything."""
    egl, gl = ctypes.CDLL("libEGL.so.1"), ctypes.CDLL("libGLESv2.so.2")
    for name in ("eglGetPlatformDisplay", "eglCreateContext", "eglQueryString"):
        getattr(egl, name).restype = ctypes.c_void_p
    gl.glGetString.restype = gl.glGetStringi.restype = ctypes.c_char_p
    display = ctypes.c_void_p(egl.eglGetPlatformDisplay(0x31DD, None, None))
    egl.eglInitialize(display, None, None)
    configs, count, value = (ctypes.c_void_p * 512)(), ctypes.c_int(), ctypes.c_int()
    egl.eglGetConfigs(display, configs, 512, ctypes.byref(count))
    for config in configs[:count.value]:
        for attribute in range(0x3020, 0x3043):
            egl.eglGetConfigAttrib(display, ctypes.c_void_p(config), attribute, ctypes.byref(value))
    egl.eglQueryString(display, 0x3055)
    attributes = (ctypes.c_int * 3)(0x3098, 3, 0x3038)
    context = ctypes.c_void_p(egl.eglCreateContext(display, None, None, attributes))
    egl.eglMakeCurrent(display, None, None, context)
    version = gl.glGetString(0x1F02)
    for name in (0x1F00, 0x1F01, 0x1F03, 0x8B8C):
        gl.glGetString(name)
    room = (ctypes.c_int64 * 256)()
    for name, pname in limits().items():
        for function in (gl.glGetIntegerv, gl.glGetFloatv, gl.glGetBooleanv, gl.glGetInteger64v):
            if name != "GL_COMPRESSED_TEXTURE_FORMATS" or function == gl.glGetIntegerv:
                function(pname, room)
    for axis in range(3):
        for pname in (0x91BE, 0x91BF):
            gl.glGetIntegeri_v(pname, axis, room)
    gl.glGetIntegerv(0x821D, room)
    for i in range(room[0] & 0xffffffff):
        gl.glGetStringi(0x1F03, i)
    ranges, precision = (ctypes.c_int * 2)(), ctypes.c_int()
    for shader in (0x8B30, 0x8B31):
        for kind in range(0x8DF0, 0x8DF6):
            gl.glGetShaderPrecisionFormat(shader, kind, ranges, ctypes.byref(precision))
    print(f"asked {version.decode()}, {count.value} configs, {len(limits())} limits", flush=True)
    egl.eglMakeCurrent(display, None, None, None)
    egl.eglTerminate(display)


def main():
    build = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dc-profile-") as directory:
        capture = os.path.join(directory, "capture")
        command = [os.path.join(build, "instance/supervisor/dc-instance"), "--name", "profile", "--no-client", "--", "env",
                   f"DC_CAPTURE_GL={capture}", sys.executable, os.path.abspath(__file__), "--ask"]
        done = subprocess.run(command, env=dict(os.environ, XDG_RUNTIME_DIR=directory), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=100)
        if done.returncode or "asked OpenGL ES 3" not in done.stdout:
            sys.exit(f"exit status {done.returncode}\n{done.stdout}\n{done.stderr}")
        print(done.stdout.strip())
        files = glob.glob(capture + ".*")
        stream = "".join(subprocess.run([os.path.join(build, "tools/gldump/dc-gldump"), f], stdout=subprocess.PIPE, text=True,
                                        check=True).stdout for f in files)
        if "dcContextCreate" not in stream:
            sys.exit(f"nothing was captured:\n{stream}")
        asked = [line for line in stream.splitlines() if "serial" in line]
        if asked:
            sys.exit("the worker was asked:\n" + "\n".join(asked))


if __name__ == "__main__":
    ask() if sys.argv[1:] == ["--ask"] else main()
