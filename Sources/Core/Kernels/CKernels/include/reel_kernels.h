// What the numeric loops share with their callers: the CPU level of the machine, and the table of the loops.
//
// The loops are Swift, compiled once per CPU level into a module each; every module fills in one `ReelKernels`.
// Numbers are contiguous along a row; a `pitch` is the distance from one row to the next, in numbers.
#ifndef REEL_KERNELS_H
#define REEL_KERNELS_H

#include <stdint.h>

#include "reel_bytes.h"
#include "reel_media_kernels.h"

static inline int reel_cpu_has_v3(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v3");
#else
  return 0;
#endif
}

static inline int reel_cpu_has_v4(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4");
#else
  return 0;
#endif
}

// The processors that this process may run on.
intptr_t reel_processor_count(void);

// Tells the processor that this thread waits for another.
static inline void reel_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Sixteen numbers: Swift's SIMD16<Float>. What follows is C because Swift's own generic functions for it would be
// compiled into every level's module under one name, of which the linker keeps any.
typedef float ReelVector __attribute__((ext_vector_type(16)));

static inline __attribute__((always_inline)) ReelVector reel_load(const float *_Nonnull address) {
  ReelVector vector;
  __builtin_memcpy(&vector, address, sizeof vector);
  return vector;
}

static inline __attribute__((always_inline)) void reel_store(ReelVector vector, float *_Nonnull address) {
  __builtin_memcpy(address, &vector, sizeof vector);
}

// The sum of all lanes: halves are added to halves.
static inline __attribute__((always_inline)) float reel_sum(ReelVector vector) {
  float __attribute__((ext_vector_type(8))) eight = vector.lo + vector.hi;
  float __attribute__((ext_vector_type(4))) four = eight.lo + eight.hi;
  float __attribute__((ext_vector_type(2))) two = four.lo + four.hi;
  return two.x + two.y;
}

// The greatest lane.
static inline __attribute__((always_inline)) float reel_greatest(ReelVector vector) {
  float __attribute__((ext_vector_type(8))) eight = __builtin_elementwise_max(vector.lo, vector.hi);
  float __attribute__((ext_vector_type(4))) four = __builtin_elementwise_max(eight.lo, eight.hi);
  float __attribute__((ext_vector_type(2))) two = __builtin_elementwise_max(four.lo, four.hi);
  return two.x > two.y ? two.x : two.y;
}

// How many numbers of the inner dimension are multiplied at a time. The left operand of `multiply` lies in rows of
// this pitch: a constant, so that a tile addresses all its rows from one register.
enum { reel_panel_depth = 256 };

#pragma clang assume_nonnull begin

// Plain numbers: a Swift enumeration would bring functions into the loops' modules that the linker merges.
typedef intptr_t ReelActivation;
enum { reel_activation_none, reel_activation_gelu, reel_activation_gelu_tanh, reel_activation_silu };

typedef intptr_t ReelOperation;
enum { reel_operation_add, reel_operation_subtract, reel_operation_multiply, reel_operation_divide };

// A weight in panels: panel p holds columns p·panel_columns… as [depth][width], where the last panel may be
// narrower: a multiple of 16, filled up with zeros. Panels follow each other.
typedef intptr_t ReelPanelType;
enum { reel_panel_float32, reel_panel_bfloat16, reel_panel_float16 };

// A convolution as a matrix product: a row is an output position, a column a number of the window.
typedef struct {
  // Every input frame in order of time, as [height, width, channels]; null for a frame of zeros.
  const float *_Nullable const *_Nullable frames;
  intptr_t height, width, channels;
  intptr_t output_height, output_width;
  intptr_t window_time, window_height, window_width;
  intptr_t stride_time, stride_height, stride_width;
  intptr_t padding_top, padding_left;
} ReelWindow;

// One head of an attention: pointers to its first number, and the pitches of the tokens.
typedef struct {
  const float *query;
  intptr_t query_pitch, query_count;
  // What `attention_pack` left: keys and values of this head.
  const float *keys, *values;
  intptr_t key_count, width, value_width;
  float scale;
  // Added to the scores: [query_count, key_count] and [key_count].
  const float *_Nullable bias;
  const float *_Nullable key_bias;
  float *output;
  intptr_t output_pitch;
} ReelAttention;

// The loops at one CPU level.
typedef struct {
  // The width of a panel.
  intptr_t panel_columns;

  // Packs `columns` rows of [columns, depth] (a weight as PyTorch stores it; element (n, k) at n·pitch + k·step)
  // into panels of 32-bit numbers; `size` is 4, or 2 for 16-bit numbers, which stay as they are.
  void (*pack_panels)(intptr_t size, const void *weight, intptr_t columns, intptr_t depth, intptr_t pitch,
                      intptr_t step, void *panels);

  // Copies rows [rows, depth] to rows of pitch `reel_panel_depth`.
  void (*copy_rows)(const float *x, intptr_t rows, intptr_t depth, intptr_t pitch, float *block);

  // Gathers the columns from `first_column` on of the rows from `first_row` on, to rows of `reel_panel_depth`.
  void (*gather_rows)(const ReelWindow *window, intptr_t first_row, intptr_t rows, intptr_t first_column,
                      intptr_t depth, float *block);

  // products[rows, columns] (+)= block[rows, depth] · the panels' rows first_depth… of panel first_panel…; columns
  // is a multiple of 16. `scratch` holds one panel of reel_panel_depth rows, for 16-bit panels.
  void (*multiply)(intptr_t rows, intptr_t columns, intptr_t depth, const float *block, ReelPanelType type,
                   const void *panels, intptr_t panel_depth, intptr_t first_column, intptr_t first_depth,
                   int accumulates, float *products, intptr_t pitch, float *scratch);

  // output[rows, columns] = activation(products + bias); where there are slopes, one a column, they are the
  // activation: what lies below 0 is multiplied by its column's.
  void (*finish)(intptr_t rows, intptr_t columns, const float *products, intptr_t pitch,
                 const float *_Nullable bias, const float *_Nullable slopes, ReelActivation activation, float *output,
                 intptr_t output_pitch);

  // How many queries are attended at a time, and the numbers of scratch for them.
  intptr_t attention_rows;
  intptr_t (*attention_scratch)(intptr_t width, intptr_t value_width);
  // The numbers that packed keys (or values) take: count tokens of a head of `width`.
  intptr_t (*attention_key_size)(intptr_t count, intptr_t width);
  intptr_t (*attention_value_size)(intptr_t count, intptr_t width);
  void (*attention_pack_keys)(const float *keys, intptr_t pitch, intptr_t count, intptr_t width, float *packed);
  void (*attention_pack_values)(const float *values, intptr_t pitch, intptr_t count, intptr_t width,
                                float *packed);
  // The queries from `first` on, at most `attention_rows` of them.
  void (*attend)(const ReelAttention *attention, intptr_t first, intptr_t rows, float *scratch);

  // Over rows of `width` numbers; weight, bias, gamma have `width`. A scale's (or shift's) pitch is 0 where all
  // rows share one.
  void (*layer_norm)(intptr_t rows, intptr_t width, const float *x, const float *_Nullable weight,
                     const float *_Nullable bias, float epsilon, float *output);
  void (*modulated_norm)(intptr_t rows, intptr_t width, const float *x, const float *scale, intptr_t scale_pitch,
                         const float *shift, intptr_t shift_pitch, float epsilon, float *output);
  void (*rms_norm)(intptr_t rows, intptr_t width, const float *x, const float *_Nullable weight, float epsilon,
                   float *output);
  void (*channel_norm)(intptr_t rows, intptr_t width, const float *x, const float *gamma,
                       ReelActivation activation, float *output);
  void (*softmax)(intptr_t rows, intptr_t width, const float *x, float *output);

  // Turns the pairs of each head: heads times pairs angles in [cosines, sines].
  void (*rotate)(intptr_t heads, intptr_t pairs, const float *x, const float *cosines, const float *sines,
                 float *output);
  void (*activate)(intptr_t count, const float *x, ReelActivation activation, float *output);
  // output = left (operation) right; an operand with step 0 is one number.
  void (*combine)(ReelOperation operation, intptr_t count, const float *left, intptr_t left_step,
                  const float *right, intptr_t right_step, float *output);
  // output = x·factor + term, rounded twice.
  void (*scale)(intptr_t count, const float *x, float factor, float term, float *output);
  // sum += x·gate, rounded twice; a gate with step 0 is one number.
  void (*add_gated)(intptr_t count, const float *x, const float *gate, intptr_t gate_step, float *sum);
} ReelKernels;

#pragma clang assume_nonnull end

#endif
