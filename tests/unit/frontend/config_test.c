/* eglChooseConfig: EGL 1.5 §3.4.1, on a list made up here. */
#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <egl/config.h>

static struct dc_profile_config configs[] = {
    { .id = 1, .red = 10, .green = 10, .blue = 10, .alpha = 2, .depth = 24 },
    { .id = 2, .red = 8, .green = 8, .blue = 8, .alpha = 8, .depth = 24, .samples = 4, .sample_buffers = 1 },
    { .id = 3, .red = 8, .green = 8, .blue = 8, .alpha = 8, .depth = 24, .stencil = 8 },
    { .id = 4, .red = 8, .green = 8, .blue = 8, .alpha = 8 },
    { .id = 5, .red = 8, .green = 8, .blue = 8 },
    { .id = 6, .red = 5, .green = 6, .blue = 5, .depth = 16 },
    { .id = 7, .red = 8, .green = 8, .blue = 8, .caveat = EGL_SLOW_CONFIG },
    { .id = 8, .red = 16, .green = 16, .blue = 16, .alpha = 16,
      .color_component_type = EGL_COLOR_COMPONENT_TYPE_FLOAT_EXT },
};
#define COUNT (sizeof(configs) / sizeof(configs[0]))

static struct dc_config *made;

static int
setup(void **state)
{
    for (size_t i = 0; i < COUNT; i++) {
        configs[i].surface_type = EGL_WINDOW_BIT | EGL_PBUFFER_BIT;
        configs[i].renderable_type = EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT | EGL_OPENGL_BIT;
        if (!configs[i].caveat)
            configs[i].caveat = EGL_NONE;
        if (!configs[i].color_component_type)
            configs[i].color_component_type = EGL_COLOR_COMPONENT_TYPE_FIXED_EXT;
    }
    struct dc_profile profile = { .configs = configs, .config_count = COUNT };
    made = dc_configs_create(&profile, true, 0);
    return made ? 0 : -1;
}

static int
teardown(void **state)
{
    free(made);
    return 0;
}

static void
expect(const EGLint *attribs, const EGLint *ids, EGLint id_count)
{
    const struct dc_config *chosen[COUNT];
    EGLint count = -1;
    assert_true(dc_config_choose(made, COUNT, attribs, chosen, COUNT, &count));
    assert_int_equal(count, id_count);
    for (EGLint i = 0; i < count; i++)
        assert_int_equal(chosen[i]->config_id, ids[i]);
}

#define EXPECT(attribs, ...) expect(attribs, (EGLint[]){ __VA_ARGS__ }, sizeof((EGLint[]){ __VA_ARGS__ }) / sizeof(EGLint))

static void
smallest_colour_buffer_comes_first_when_no_colour_is_asked_for(void **state)
{
    EXPECT(NULL, 6, 5, 4, 1, 3, 2, 7); // 16, 24, 32 bit (no depth, no stencil, both), multisampled, slow
}

static void
deepest_colour_comes_first_for_the_components_asked_for(void **state)
{
    const EGLint rgb[] = { EGL_RED_SIZE, 5, EGL_GREEN_SIZE, 1, EGL_BLUE_SIZE, 1, EGL_NONE };
    EXPECT(rgb, 1, 5, 4, 3, 2, 6, 7);
    const EGLint rgba[] = { EGL_RED_SIZE, 1, EGL_GREEN_SIZE, 1, EGL_BLUE_SIZE, 1, EGL_ALPHA_SIZE, 1, EGL_NONE };
    EXPECT(rgba, 4, 1, 3, 2);
    const EGLint red_only[] = { EGL_RED_SIZE, 8, EGL_ALPHA_SIZE, 8, EGL_DEPTH_SIZE, 1, EGL_NONE };
    EXPECT(red_only, 3, 2);
}

static void
config_id_alone_counts(void **state)
{
    const EGLint by_id[] = { EGL_CONFIG_ID, 8, EGL_RED_SIZE, 99, EGL_NONE };
    EXPECT(by_id, 8);
}

static void
masks_and_exact_values(void **state)
{
    const EGLint pixmap[] = { EGL_SURFACE_TYPE, EGL_PIXMAP_BIT, EGL_NONE };
    expect(pixmap, NULL, 0);
    const EGLint floats[] = { EGL_COLOR_COMPONENT_TYPE_EXT, EGL_COLOR_COMPONENT_TYPE_FLOAT_EXT, EGL_NONE };
    EXPECT(floats, 8);
    const EGLint slow[] = { EGL_CONFIG_CAVEAT, EGL_SLOW_CONFIG, EGL_NONE };
    EXPECT(slow, 7);
    const EGLint desktop[] = { EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE };
    expect(desktop, NULL, 0); // the driver has it, we do not carry it
    const EGLint samples[] = { EGL_SAMPLES, 2, EGL_NONE };
    EXPECT(samples, 2);
}

static void
nonsense_is_a_bad_attribute(void **state)
{
    const EGLint bad[][3] = {
        { EGL_WIDTH, 1, EGL_NONE },
        { EGL_RED_SIZE, -2, EGL_NONE },
        { EGL_SAMPLE_BUFFERS, 2, EGL_NONE },
        { EGL_CONFIG_CAVEAT, 5, EGL_NONE },
        { EGL_LEVEL, EGL_DONT_CARE, EGL_NONE },
        { EGL_CONFIG_ID, 0, EGL_NONE },
        { EGL_SURFACE_TYPE, 0x40000000, EGL_NONE },
        { EGL_NATIVE_RENDERABLE, 2, EGL_NONE },
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        EGLint count;
        assert_false(dc_config_choose(made, COUNT, bad[i], NULL, 0, &count));
    }
    const EGLint fine[] = { EGL_RED_SIZE, EGL_DONT_CARE, EGL_NONE };
    EGLint count;
    assert_true(dc_config_choose(made, COUNT, fine, NULL, 0, &count));
}

static void
attributes_are_what_we_carry(void **state)
{
    EGLint value = 0;
    assert_true(dc_config_get(&made[0], EGL_RENDERABLE_TYPE, &value));
    assert_int_equal(value, EGL_OPENGL_ES2_BIT | EGL_OPENGL_ES3_BIT);
    assert_true(dc_config_get(&made[0], EGL_BUFFER_SIZE, &value));
    assert_int_equal(value, 32);
    assert_false(dc_config_get(&made[0], EGL_MATCH_NATIVE_PIXMAP, &value));
    assert_false(dc_config_get(&made[0], EGL_HEIGHT, &value));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smallest_colour_buffer_comes_first_when_no_colour_is_asked_for),
        cmocka_unit_test(deepest_colour_comes_first_for_the_components_asked_for),
        cmocka_unit_test(config_id_alone_counts),
        cmocka_unit_test(masks_and_exact_values),
        cmocka_unit_test(nonsense_is_a_bad_attribute),
        cmocka_unit_test(attributes_are_what_we_carry),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
