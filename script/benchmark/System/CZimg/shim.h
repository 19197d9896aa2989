#include <stddef.h>
#include <zimg.h>

// A macro with a cast is not imported into Swift.
static const unsigned reel_zimg_version = ZIMG_API_VERSION;

// Runs a graph over pictures of three planes, one behind the other. Nameless types are not imported into Swift.
static inline zimg_error_code_e reel_zimg_process(const zimg_filter_graph *graph, const char *source,
                                                  ptrdiff_t source_pitch, ptrdiff_t source_height, char *target,
                                                  ptrdiff_t target_pitch, ptrdiff_t target_height, void *scratch) {
  zimg_image_buffer_const from = {ZIMG_API_VERSION};
  zimg_image_buffer to = {ZIMG_API_VERSION};
  for (int plane = 0; plane < 3; plane++) {
    from.plane[plane].data = source + plane * source_pitch * source_height;
    from.plane[plane].stride = source_pitch;
    from.plane[plane].mask = ZIMG_BUFFER_MAX;
    to.plane[plane].data = target + plane * target_pitch * target_height;
    to.plane[plane].stride = target_pitch;
    to.plane[plane].mask = ZIMG_BUFFER_MAX;
  }
  return zimg_filter_graph_process(graph, &from, &to, scratch, NULL, NULL, NULL, NULL);
}
