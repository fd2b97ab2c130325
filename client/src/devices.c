#include "devices.h"

#include <stdbool.h>
#include <stdio.h>

#include <SDL.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>

/* Each part of SDL on its own: a machine without a display may well have sound. */
static bool
begin(const char *title, Uint32 subsystem)
{
    printf("%s:\n", title);
    if (SDL_InitSubSystem(subsystem) == 0)
        return true;
    printf("  none: %s\n", SDL_GetError());
    return false;
}

static void
print_displays(void)
{
    if (!begin("Displays (--display)", SDL_INIT_VIDEO))
        return;
    for (int i = 0; i < SDL_GetNumVideoDisplays(); i++) {
        SDL_DisplayMode mode;
        const char *name = SDL_GetDisplayName(i);
        if (SDL_GetDesktopDisplayMode(i, &mode) == 0)
            printf("  %d  %s, %dx%d, %d Hz\n", i, name ? name : "no name", mode.w, mode.h, mode.refresh_rate);
    }
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

static void
print_sound(const char *title, int is_capture)
{
    if (!begin(title, SDL_INIT_AUDIO))
        return;
    int count = SDL_GetNumAudioDevices(is_capture);
    for (int i = 0; i < count; i++)
        printf("  %s\n", SDL_GetAudioDeviceName(i, is_capture));
    if (count <= 0)
        printf("  none by name\n");
    SDL_QuitSubSystem(SDL_INIT_AUDIO);
}

static void
print_controllers(void)
{
    if (!begin("Game controllers", SDL_INIT_GAMECONTROLLER))
        return;
    int count = SDL_NumJoysticks(), known = 0;
    for (int i = 0; i < count; i++) {
        const char *name = SDL_JoystickNameForIndex(i);
        bool is_known = SDL_IsGameController(i);
        printf("  %d  %s%s\n", i, name ? name : "no name", is_known ? "" : " (without a mapping: not used)");
        known += is_known;
    }
    if (!count)
        printf("  none\n");
    SDL_QuitSubSystem(SDL_INIT_GAMECONTROLLER);
}

static void
print_hardware(const AVCodec *codec)
{
    const AVCodecHWConfig *config;
    for (int i = 0; (config = avcodec_get_hw_config(codec, i)); i++) {
        AVBufferRef *device = NULL;
        if (!(config->methods & AV_CODEC_HW_CONFIG_METHOD_HW_DEVICE_CTX))
            continue;
        int error = av_hwdevice_ctx_create(&device, config->device_type, NULL, NULL, 0);
        printf("  %s: %s\n", av_hwdevice_get_type_name(config->device_type), error ? "no device" : "there is a device");
        av_buffer_unref(&device);
    }
}

static void
print_decoders(void)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    printf("H.264 decoders:\n");
    if (!codec) {
        printf("  none: libavcodec was built without one\n");
        return;
    }
    av_log_set_level(AV_LOG_QUIET); // that there is no device is no error here
    printf("  software: %s\n", codec->name);
    print_hardware(codec);
}

void
dc_devices_print(void)
{
    print_displays();
    print_sound("Sound outputs (--audio-device)", 0);
    print_sound("Sound inputs", 1);
    print_controllers();
    print_decoders();
    SDL_Quit();
}
