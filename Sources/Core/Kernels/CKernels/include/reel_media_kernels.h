// The table of the loops over pixels, in which every CPU level's module fills in its own.
//
// Pixels lie row by row, three bytes each (red, green, blue). All results are the same to the bit at all CPU levels:
// those in whole numbers are exact, and those in floating point multiply and add in one order and round each time.
#ifndef REEL_MEDIA_KERNELS_H
#define REEL_MEDIA_KERNELS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

// The fewest pixels of a row that the loops between RGB and Y'CbCr take.
enum { reel_yuv_block = 32 };

// Two frames and the motion between them.
typedef struct {
  intptr_t width, height;
  // Three planes of bytes each: rows of `pitch` bytes, of which `border` lie before the first pixel and no fewer behind
  // the last and repeat it; `plane` bytes from one plane to the next.
  const uint8_t *first, *second;
  intptr_t pitch, plane, border;
  // [rows, columns, 2] A vector a block of `side`² pixels, x and y, from the first frame to the second.
  const float *vectors;
  intptr_t columns, rows, side;
  // The moment between the frames, 0 to 1.
  float fraction;
} ReelMotion;

typedef struct {
  // Two rows of pixels to BT.709 in limited range: luma, and colour differences of half the width, sited on the even
  // columns. With `lower` = `upper` the differences are those of one row (4:2:2), and one row of luma is written.
  // `width` is even and no less than `reel_yuv_block`.
  void (*yuv_rows)(intptr_t width, const uint8_t *upper, const uint8_t *lower, uint8_t *upper_luma,
                   uint8_t *lower_luma, uint8_t *blues, uint8_t *reds);
  // A row of pixels from its luma and the differences of the nearest row and of the next nearest, which weigh 3 to 1;
  // odd columns lie between two differences. `width` as above.
  void (*rgb_row)(intptr_t width, const uint8_t *luma, const uint8_t *near_blues, const uint8_t *far_blues,
                  const uint8_t *near_reds, const uint8_t *far_reds, uint8_t *pixels);

  // target = colour·opacity + target·(1 − cover·opacity), each product over 255 and rounded, the sum at most 255:
  // `colour` is premultiplied, three bytes a pixel, `cover` one byte a pixel.
  void (*blend)(intptr_t count, const uint8_t *colour, const uint8_t *cover, uint8_t opacity, uint8_t *target);

  // Of four rows of `width` pixels the light, side by side: line[width][row][red, green, blue, 0]. `light` has a
  // number for each code.
  void (*light_of_bytes)(intptr_t width, const uint8_t *_Nonnull const *_Nonnull rows, const float *light, float *line);
  void (*light_of_shorts)(intptr_t width, const uint16_t *_Nonnull const *_Nonnull rows, const float *light, float *line);
  // Of four rows of `width` times four numbers: line[width][row][four].
  void (*light_of_floats)(intptr_t width, const float *_Nonnull const *_Nonnull rows, float *line);
  // Each of the four rows of a line resampled to `width` samples: sample x is the sum of `terms` samples from
  // starts[x] on times weights[x·terms]…. An output's samples are `channels` numbers apart, 3 or 4, and there is one
  // number more behind the last.
  void (*resample_line)(intptr_t width, const float *line, const intptr_t *starts, const float *weights,
                        intptr_t terms, intptr_t channels, float *_Nonnull const *_Nonnull outputs);
  // The weighted sum of `terms` rows of `count` numbers, in the order of the rows; whole vectors of 16 are read.
  void (*sum_rows)(intptr_t count, const float *_Nonnull const *_Nonnull rows, const float *weights, intptr_t terms,
                   float *sums);
  // As above, as sRGB codes: `halfways` holds the least light that is nearer to the next code than to this one.
  void (*sum_rows_to_bytes)(intptr_t count, const float *_Nonnull const *_Nonnull rows, const float *weights, intptr_t terms,
                            const float *halfways, uint8_t *codes);
  void (*sum_rows_to_shorts)(intptr_t count, const float *_Nonnull const *_Nonnull rows, const float *weights, intptr_t terms,
                             const float *halfways, uint16_t *codes);
  // The codes of `count` lights by a transfer function, `reel_transfer_…`.
  void (*bytes_of_light)(intptr_t transfer, intptr_t count, const float *light, const float *halfways, uint8_t *codes);

  // The weighted mean difference of two windows of `side`² samples, a multiple of 16, each between four samples of
  // its plane with the weights [this, right, below, below right]; weights of a row and of a column: [side].
  float (*window_difference)(intptr_t side, const float *first, intptr_t first_pitch, const float *first_weights,
                             const float *second, intptr_t second_pitch, const float *second_weights,
                             const float *weights);

  // Row `y` of the frame at the moment, three bytes a pixel. What a vector points to lies within the border, with 19
  // bytes more.
  void (*compensate_row)(const ReelMotion *motion, intptr_t y, uint8_t *pixels);

  // A row of `width` positions of channels·factor² numbers as `factor` rows of width·factor positions:
  // outputs[i][(x·factor + j)·channels + c] = row[x·channels·factor² + (c·factor + i)·factor + j].
  void (*shuffle_row)(intptr_t width, intptr_t channels, intptr_t factor, const float *row, float *outputs);
} ReelMediaKernels;

#pragma clang assume_nonnull end

#endif
