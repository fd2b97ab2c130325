#ifndef DC_RENDERER_RASTER_THREADS_H
#define DC_RENDERER_RASTER_THREADS_H
/*
 * llvmpipe's rasterizer threads share each frame evenly and wake together. Linux often wakes both on one CPU and leaves
 * them there until the next tick (4 ms at 250 Hz) although another CPU is idle: at 1280×720 on two cores one frame in
 * twenty took 3 ms and more longer. So each gets a CPU of its own among those that the process may use, beginning at another
 * one in each worker. They are not moved where there are more threads than CPUs.
 *
 * Call once a context exists, before the sandbox closes /proc. Quietly does nothing with other drivers.
 */
void dc_raster_threads_spread(void);

#endif
