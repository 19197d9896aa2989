#include <png.h>
#include <string.h>

// Macros with casts and operators are not imported into Swift.
static const png_uint_32 reel_png_rgb = PNG_FORMAT_RGB;
static const png_uint_32 reel_png_rgba = PNG_FORMAT_RGBA;
static const png_uint_32 reel_png_16bit_srgb = PNG_IMAGE_FLAG_16BIT_sRGB;
static const png_uint_32 reel_png_version = PNG_IMAGE_VERSION;
static inline int reel_png_failed(const png_image *image) { return PNG_IMAGE_FAILED(*image); }
