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

// AVX-512 with products of bfloat16 and of bytes.
static inline int reel_cpu_has_v4bf16(void) {
#if defined(__x86_64__)
  return reel_cpu_has_v4() && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
#else
  return 0;
#endif
}

// The processors that this process may run on.
intptr_t reel_processor_count(void);

// The processor that this thread runs on.
intptr_t reel_current_processor(void);

// Has this thread go on on another processor than this one, if it may run on any other.
void reel_leave_processor(intptr_t processor);

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

// The greater, or the lesser, in each lane; `y` where one is no number. One instruction each.
static inline __attribute__((always_inline)) ReelVector reel_greater(ReelVector x, ReelVector y) {
  return x > y ? x : y;
}

static inline __attribute__((always_inline)) ReelVector reel_lesser(ReelVector x, ReelVector y) {
  return x < y ? x : y;
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

// Sixteen rows of sixteen words at a pitch, to the columns of sixteen rows at another. Each of four rounds zips the
// upper eight rows with the lower eight, which turns the bits of (row, column) round by one.
static inline __attribute__((always_inline)) void reel_transpose(const float *_Nonnull source, intptr_t pitch,
                                                                 float *_Nonnull target, intptr_t target_pitch) {
  ReelVector rows[16];
  for (int row = 0; row < 16; row++) __builtin_memcpy(&rows[row], source + row * pitch, sizeof rows[row]);
  for (int round = 0; round < 4; round++) {
    ReelVector zipped[16];
    for (int row = 0; row < 8; row++) {
      zipped[2 * row] = __builtin_shufflevector(rows[row], rows[row + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                                22, 7, 23);
      zipped[2 * row + 1] = __builtin_shufflevector(rows[row], rows[row + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                                    29, 14, 30, 15, 31);
    }
    for (int row = 0; row < 16; row++) rows[row] = zipped[row];
  }
  for (int row = 0; row < 16; row++) __builtin_memcpy(target + row * target_pitch, &rows[row], sizeof rows[row]);
}

// To bfloat16, to the nearest even: the upper halves of words.
static inline __attribute__((always_inline)) ReelInts reel_round_bfloat16(ReelVector vector) {
  typedef uint32_t Words __attribute__((ext_vector_type(16)));
  Words bits = (Words)vector;
  Words rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  // A NaN whose payload lies in the lower half must not round to infinity.
  Words isNumber = (Words)(vector == vector);
  return (ReelInts)((rounded & isNumber) | ((bits >> 16 | 0x40) & ~isNumber));
}

// The lower 16 bits of words.
static inline __attribute__((always_inline)) void reel_store_halves(ReelInts words, uint16_t *_Nonnull address) {
  typedef uint16_t Halves __attribute__((ext_vector_type(16)));
  Halves halves = __builtin_convertvector(words, Halves);
  __builtin_memcpy(address, &halves, sizeof halves);
}

#if defined(__AVX512BF16__) && defined(__AVX512VNNI__)
// sum + x₁·y₁ + x₀·y₀ of the two bfloat16 in each word; each addition is rounded.
static inline __attribute__((always_inline)) ReelVector reel_dot_bfloat16(ReelVector sum, ReelVector x,
                                                                           ReelVector y) {
  typedef float Sums __attribute__((vector_size(64)));
  typedef __bf16 Halves __attribute__((vector_size(64)));
  return (ReelVector)__builtin_ia32_dpbf16ps_512((Sums)sum, (Halves)x, (Halves)y);
}

// sum + Σ xᵢ·yᵢ of the four bytes in each word: those of x are unsigned, those of y signed.
static inline __attribute__((always_inline)) ReelInts reel_dot_bytes(ReelInts sum, ReelInts x, ReelInts y) {
  typedef int Words __attribute__((vector_size(64)));
  return (ReelInts)__builtin_ia32_vpdpbusd512((Words)sum, (Words)x, (Words)y);
}
#endif

// How many words of the inner dimension are multiplied at a time. The left operand of `multiply` lies in rows of
// this pitch: a constant, so that a tile addresses all its rows from one register.
enum { reel_panel_depth = 256 };

#pragma clang assume_nonnull begin

// Plain numbers: a Swift enumeration would bring functions into the loops' modules that the linker merges.
typedef intptr_t ReelActivation;
enum { reel_activation_none, reel_activation_gelu, reel_activation_gelu_tanh, reel_activation_silu };

typedef intptr_t ReelOperation;
enum { reel_operation_add, reel_operation_subtract, reel_operation_multiply, reel_operation_divide };

// What is multiplied. The inner dimension is counted in words of 32 bits: one number, two of bfloat16, or four bytes.
//
// A weight lies in panels: panel p holds columns p·panel_columns… as [words][width], where the last panel may be
// narrower: a multiple of 16, filled up with zeros. Panels follow each other.
typedef intptr_t ReelProduct;
enum {
  reel_product_float32,
  // A weight of float16, widened as it is needed; the only panels of half the size.
  reel_product_float16,
  // A weight of bfloat16 and rows of float32: a word of a panel takes two of a row.
  reel_product_widened_bfloat16,
  reel_product_bfloat16,
  // Rows of unsigned bytes, and a weight of signed ones. The sums are integers.
  reel_product_int8,
};

// What becomes of the sums of a product.
typedef struct {
  // [columns]
  const float *_Nullable bias;
  // [columns]; where there are slopes they are the activation: what lies below 0 is multiplied by its column's.
  const float *_Nullable slopes;
  ReelActivation activation;
  // Of a product of bytes: sums are integers; (sum + term)·column scale·row scale is the number.
  const float *_Nullable row_scales;
  const float *_Nullable column_scales;
  const int32_t *_Nullable column_terms;
  // residual + gate·(…), rounded twice; the pitch of a gate that all rows share is 0.
  const float *_Nullable residual;
  intptr_t residual_pitch;
  const float *_Nullable gate;
  intptr_t gate_pitch;
} ReelEpilogue;

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

// Some patches of 2×2 outputs of a convolution by 3×3 windows: `count` of them from `first` on, in the order of
// frames, rows and columns; a frame has height×width of them.
typedef struct {
  intptr_t first, count;
  intptr_t height, width;
} ReelPatchGrid;

// One head of an attention: pointers to its first number, and the pitches of the tokens.
typedef struct {
  const float *query;
  intptr_t query_pitch, query_count;
  // float32 or bfloat16: what queries, keys, values and the weights of the softmax are multiplied as.
  ReelProduct product;
  // What `attention_pack_…` left of this head for the same product.
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
  // into panels. `size` is that of an element: words, or 16-bit numbers, which stay so (float16).
  void (*pack_panels)(intptr_t size, const void *weight, intptr_t columns, intptr_t depth, intptr_t pitch,
                      intptr_t step, void *panels);

  // Rows of `width` numbers, at a pitch, to rows of `words` words at a pitch, filled up with what stands for 0:
  // to bfloat16, to the nearest even;
  void (*round_rows)(intptr_t rows, intptr_t width, const float *x, intptr_t pitch, intptr_t words, float *output,
                     intptr_t output_pitch);
  // to bytes, x/scale + offset to the nearest even.
  void (*quantize_rows)(intptr_t rows, intptr_t width, const float *x, intptr_t pitch, const float *scales,
                        int32_t offset, intptr_t words, float *output, intptr_t output_pitch);
  // The scale of each row for it: the greatest magnitude over 127.
  void (*byte_scales)(intptr_t rows, intptr_t width, const float *x, float *scales);

  // Copies rows [rows, depth] to rows of pitch `reel_panel_depth`.
  void (*copy_rows)(const float *x, intptr_t rows, intptr_t depth, intptr_t pitch, float *block);

  // Gathers the columns from `first_column` on of the rows from `first_row` on, to rows of `reel_panel_depth`.
  void (*gather_rows)(const ReelWindow *window, intptr_t first_row, intptr_t rows, intptr_t first_column,
                      intptr_t depth, float *block);

  // products[rows, columns] (+)= block[rows, depth] · the panels' words first_word… from column first_column on;
  // columns is a multiple of 16, `depth` and `panel_depth` are words. `scratch` holds one panel of
  // reel_panel_depth rows, for panels of float16. With an epilogue these are the last words: the sums become
  // numbers, and the bias is added.
  void (*multiply)(intptr_t rows, intptr_t columns, intptr_t depth, const float *block, ReelProduct product,
                   const void *panels, intptr_t panel_depth, intptr_t first_column, intptr_t first_word,
                   int accumulates, const ReelEpilogue *_Nullable epilogue, float *products, intptr_t pitch,
                   float *_Nullable scratch);

  // output[rows, columns] = what the rest of the epilogue makes of the numbers: slopes, activation, residual. The
  // output may be the products themselves.
  void (*finish)(intptr_t rows, intptr_t columns, const float *products, intptr_t pitch,
                 const ReelEpilogue *epilogue, float *output, intptr_t output_pitch);

  // A convolution by patches (see Winograd.swift), for a multiple of 16 channels: row xi of the places of each patch;
  // what their products add to the outputs; and the outputs to where they belong.
  void (*place_patches)(const ReelWindow *window, const ReelPatchGrid *grid, intptr_t xi, intptr_t chunk_words,
                        intptr_t chunks, const float *zeros, float *blocks);
  void (*add_patch_products)(intptr_t count, intptr_t columns, intptr_t xi, const float *products,
                             const float *_Nullable bias, intptr_t bias_count, float *sums);
  void (*write_patches)(const ReelWindow *window, const ReelPatchGrid *grid, intptr_t columns, const float *sums,
                        const ReelEpilogue *epilogue, intptr_t outputs, float *output);

  // How many queries are attended at a time, and the numbers of scratch for them, or for packing.
  intptr_t attention_rows;
  intptr_t (*attention_scratch)(intptr_t width, intptr_t value_width);
  // The words that packed keys (or values) take, at most: count tokens of a head of `width`.
  intptr_t (*attention_key_size)(intptr_t count, intptr_t width);
  intptr_t (*attention_value_size)(intptr_t count, intptr_t width);
  void (*attention_pack_keys)(ReelProduct product, const float *keys, intptr_t pitch, intptr_t count, intptr_t width,
                              float *packed, float *scratch);
  void (*attention_pack_values)(ReelProduct product, const float *values, intptr_t pitch, intptr_t count,
                                intptr_t width, float *packed);
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
