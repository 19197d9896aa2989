// Vectors of small whole numbers, and what Swift's SIMD types have no word for: loads, shuffles, products of pairs.
//
// As in reel_kernels.h these are C because generic functions of Swift would be compiled into every level's module under
// one name. Intrinsics are used where the compiler does not find the instruction by itself; what stands beside them
// says the same in plain C, for all other machines.
#ifndef REEL_BYTES_H
#define REEL_BYTES_H

#include <stdint.h>

typedef uint8_t ReelBytes __attribute__((ext_vector_type(64)));
typedef uint8_t ReelSixteenBytes __attribute__((ext_vector_type(16)));
typedef uint16_t ReelShorts __attribute__((ext_vector_type(32)));
typedef int16_t ReelSignedShorts __attribute__((ext_vector_type(32)));
typedef int32_t ReelInts __attribute__((ext_vector_type(16)));
typedef double ReelDoubles __attribute__((ext_vector_type(16)));

#define REEL_INLINE static inline __attribute__((always_inline))

#pragma clang assume_nonnull begin

REEL_INLINE ReelBytes reel_load_bytes(const uint8_t *address) {
  ReelBytes bytes;
  __builtin_memcpy(&bytes, address, sizeof bytes);
  return bytes;
}

REEL_INLINE void reel_store_bytes(ReelBytes bytes, uint8_t *address) {
  __builtin_memcpy(address, &bytes, sizeof bytes);
}

REEL_INLINE ReelSixteenBytes reel_load_sixteen(const uint8_t *address) {
  ReelSixteenBytes bytes;
  __builtin_memcpy(&bytes, address, sizeof bytes);
  return bytes;
}

// The lowest byte of each number.
REEL_INLINE void reel_store_lowest(ReelInts numbers, uint8_t *address) {
  ReelSixteenBytes bytes = __builtin_convertvector(numbers, ReelSixteenBytes);
  __builtin_memcpy(address, &bytes, sizeof bytes);
}

// a + b, at most 255.
REEL_INLINE ReelBytes reel_add_bounded(ReelBytes a, ReelBytes b) { return __builtin_elementwise_add_sat(a, b); }

// The nearest whole numbers to a·b / 255.
REEL_INLINE ReelBytes reel_products(ReelBytes a, ReelBytes b) {
  // Bytes at even and at odd places each as numbers of 16 bits; with the half added, s / 255 is (s + s / 256) / 256.
  ReelShorts x = (ReelShorts)a, y = (ReelShorts)b;
  ReelShorts even = (x & 255) * (y & 255) + 128;
  ReelShorts odd = (x >> 8) * (y >> 8) + 128;
  return (ReelBytes)((even + (even >> 8)) >> 8 | ((odd + (odd >> 8)) & 0xff00));
}

// Whether all bytes are this one.
REEL_INLINE int reel_are_all(ReelBytes bytes, uint8_t byte) {
  return __builtin_reduce_and((ReelBytes)(bytes == byte)) != 0;
}

// 255 − each byte.
REEL_INLINE ReelBytes reel_complements(ReelBytes bytes) { return ~bytes; }

// Whole numbers towards zero, and back.
REEL_INLINE ReelInts reel_truncated(float __attribute__((ext_vector_type(16))) numbers) {
  return __builtin_convertvector(numbers, ReelInts);
}

REEL_INLINE float __attribute__((ext_vector_type(16))) reel_floats(ReelInts numbers) {
  return __builtin_convertvector(numbers, float __attribute__((ext_vector_type(16))));
}

REEL_INLINE ReelInts reel_truncated_doubles(ReelDoubles numbers) { return __builtin_convertvector(numbers, ReelInts); }

REEL_INLINE ReelDoubles reel_doubles(ReelInts numbers) { return __builtin_convertvector(numbers, ReelDoubles); }

// 0, 1, 2… 15.
REEL_INLINE float __attribute__((ext_vector_type(16))) reel_lanes(void) {
  return (float __attribute__((ext_vector_type(16)))){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

// Sixteen bytes as numbers.
REEL_INLINE ReelInts reel_load_as_ints(const uint8_t *address) {
  return __builtin_convertvector(reel_load_sixteen(address), ReelInts);
}

// Whether any number is greater than the bound.
REEL_INLINE int reel_any_exceeds(float __attribute__((ext_vector_type(16))) numbers, float bound) {
  ReelInts isGreater = numbers > bound;
  return __builtin_reduce_or(isGreater) != 0;
}

// Transfer functions, between light and code values.
typedef intptr_t ReelTransfer;
enum { reel_transfer_srgb, reel_transfer_bt709 };

// For the exponents e from −15 to 0, of which each is given by its lowest four bits as in the bits of a float:
// 255 · 1.055 · 2^(5e/12), of sRGB, or 255 · 1.099 · 2^(9e/20), of BT.709.
REEL_INLINE float __attribute__((ext_vector_type(16))) reel_power_of_exponent(ReelTransfer transfer, ReelInts exponents) {
  static const float curves[2][16] = {
      {3.53473122f, 4.71828676f, 6.29815721f, 8.40703125f, 11.2220404f, 14.9796267f, 19.9954028f, 26.6906604f,
       35.6277574f, 47.5573505f, 63.4814467f, 84.7375651f, 113.111079f, 150.985176f, 201.541031f, 269.025f},
      {2.60366678f, 3.55671358f, 4.85861397f, 6.63706255f, 9.06649399f, 12.3851967f, 16.9186764f, 23.1115932f,
       31.5713673f, 43.127758f, 58.9142532f, 80.4792404f, 109.937881f, 150.179581f, 205.151352f, 280.244995f}};
  const float *powers = curves[transfer];
  float __attribute__((ext_vector_type(16))) chosen;
#if defined(__AVX512F__)
  __builtin_memcpy(&chosen, powers, sizeof chosen);
  return __builtin_ia32_permvarsf512(chosen, exponents);
#elif defined(__AVX2__)
  float __attribute__((ext_vector_type(8))) low, high;
  __builtin_memcpy(&low, powers, sizeof low);
  __builtin_memcpy(&high, powers + 8, sizeof high);
  chosen.lo = exponents.lo > 7 ? __builtin_ia32_permvarsf256(high, exponents.lo)
                               : __builtin_ia32_permvarsf256(low, exponents.lo);
  chosen.hi = exponents.hi > 7 ? __builtin_ia32_permvarsf256(high, exponents.hi)
                               : __builtin_ia32_permvarsf256(low, exponents.hi);
  return chosen;
#else
  for (int lane = 0; lane < 16; lane++) chosen[lane] = powers[exponents[lane]];
  return chosen;
#endif
}

// Each pair of neighbours of `a` times the pair of `b`, both products added.
REEL_INLINE ReelInts reel_pair_products(ReelSignedShorts a, ReelSignedShorts b) {
#if defined(__AVX512BW__)
  return __builtin_ia32_pmaddwd512(a, b);
#elif defined(__AVX2__)
  ReelInts sums;
  sums.lo = __builtin_ia32_pmaddwd256(a.lo, b.lo);
  sums.hi = __builtin_ia32_pmaddwd256(a.hi, b.hi);
  return sums;
#elif defined(__SSE2__)
  ReelInts sums;
  sums.lo.lo = __builtin_ia32_pmaddwd128(a.lo.lo, b.lo.lo);
  sums.lo.hi = __builtin_ia32_pmaddwd128(a.lo.hi, b.lo.hi);
  sums.hi.lo = __builtin_ia32_pmaddwd128(a.hi.lo, b.hi.lo);
  sums.hi.hi = __builtin_ia32_pmaddwd128(a.hi.hi, b.hi.hi);
  return sums;
#else
  return __builtin_convertvector(a.even, ReelInts) * __builtin_convertvector(b.even, ReelInts) +
         __builtin_convertvector(a.odd, ReelInts) * __builtin_convertvector(b.odd, ReelInts);
#endif
}

// ⌊x·factor / 2³²⌋ of numbers that are not negative.
REEL_INLINE ReelInts reel_high_products(ReelInts x, uint32_t factor) {
  typedef uint64_t Longs __attribute__((ext_vector_type(8)));
  union {
    ReelInts ints;
    Longs longs;
  } pairs = {x}, result;
  Longs even = (pairs.longs & 0xffffffff) * (uint64_t)factor;
  Longs odd = (pairs.longs >> 32) * (uint64_t)factor;
  result.longs = (even >> 32) | (odd & 0xffffffff00000000);
  return result.ints;
}

// Sixteen pixels of three bytes, read as 48 bytes.
REEL_INLINE ReelBytes reel_load_pixels(const uint8_t *address) {
  typedef uint8_t Half __attribute__((ext_vector_type(32)));
  Half first, last = 0;
  ReelSixteenBytes rest;
  __builtin_memcpy(&first, address, sizeof first);
  __builtin_memcpy(&rest, address + 32, sizeof rest);
  last.lo = rest;
  ReelBytes pixels;
  pixels.lo = first;
  pixels.hi = last;
  return pixels;
}

// Of sixteen pixels the first two colours, as pairs of numbers.
REEL_INLINE ReelSignedShorts reel_red_green(ReelBytes pixels) {
  // Four pixels to each quarter, so that the bytes then stay in theirs.
  ReelInts spread = __builtin_shufflevector((ReelInts)pixels, (ReelInts)pixels, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9,
                                            10, 11, 11);
#define REEL_QUARTER(q) q, 64, q + 1, 64, q + 3, 64, q + 4, 64, q + 6, 64, q + 7, 64, q + 9, 64, q + 10, 64
  return (ReelSignedShorts)__builtin_shufflevector((ReelBytes)spread, (ReelBytes)(0), REEL_QUARTER(0), REEL_QUARTER(16),
                                                   REEL_QUARTER(32), REEL_QUARTER(48));
#undef REEL_QUARTER
}

// The third, and 0.
REEL_INLINE ReelSignedShorts reel_blue(ReelBytes pixels) {
  ReelInts spread = __builtin_shufflevector((ReelInts)pixels, (ReelInts)pixels, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9,
                                            10, 11, 11);
#define REEL_QUARTER(q) q + 2, 64, 64, 64, q + 5, 64, 64, 64, q + 8, 64, 64, 64, q + 11, 64, 64, 64
  return (ReelSignedShorts)__builtin_shufflevector((ReelBytes)spread, (ReelBytes)(0), REEL_QUARTER(0), REEL_QUARTER(16),
                                                   REEL_QUARTER(32), REEL_QUARTER(48));
#undef REEL_QUARTER
}

// The pairs with even and with odd numbers of 32.
REEL_INLINE ReelSignedShorts reel_even_pairs(ReelSignedShorts a, ReelSignedShorts b) {
  return (ReelSignedShorts)__builtin_shufflevector((ReelInts)a, (ReelInts)b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22,
                                                   24, 26, 28, 30);
}

REEL_INLINE ReelSignedShorts reel_odd_pairs(ReelSignedShorts a, ReelSignedShorts b) {
  return (ReelSignedShorts)__builtin_shufflevector((ReelInts)a, (ReelInts)b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23,
                                                   25, 27, 29, 31);
}

// The pairs one place further on: the last of `before`, and all of `pairs` but the last.
REEL_INLINE ReelSignedShorts reel_following(ReelSignedShorts before, ReelSignedShorts pairs) {
  return (ReelSignedShorts)__builtin_shufflevector((ReelInts)before, (ReelInts)pairs, 15, 16, 17, 18, 19, 20, 21, 22,
                                                   23, 24, 25, 26, 27, 28, 29, 30);
}

// The numbers one place before: all but the first, and then the first of `after`.
REEL_INLINE ReelInts reel_preceding(ReelInts numbers, ReelInts after) {
  return __builtin_shufflevector(numbers, after, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
}

// The numbers of both in turn: the first eight of each, and the last eight.
REEL_INLINE ReelInts reel_interleaved_first(ReelInts a, ReelInts b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

REEL_INLINE ReelInts reel_interleaved_last(ReelInts a, ReelInts b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

// Sixteen pixels of three colours, each a number from 0 to 255, as 48 bytes.
REEL_INLINE void reel_store_pixels(ReelInts red, ReelInts green, ReelInts blue, uint8_t *address) {
  ReelInts packed = red | green << 8 | blue << 16;
  // Four pixels from each quarter, then the quarters together.
#define REEL_QUARTER(q) q, q + 1, q + 2, q + 4, q + 5, q + 6, q + 8, q + 9, q + 10, q + 12, q + 13, q + 14, 64, 64, 64, 64
  ReelInts spread = (ReelInts)__builtin_shufflevector((ReelBytes)packed, (ReelBytes)(0), REEL_QUARTER(0),
                                                      REEL_QUARTER(16), REEL_QUARTER(32), REEL_QUARTER(48));
#undef REEL_QUARTER
  int32_t __attribute__((ext_vector_type(8))) first =
      __builtin_shufflevector(spread, spread, 0, 1, 2, 4, 5, 6, 8, 9);
  int32_t __attribute__((ext_vector_type(4))) last = __builtin_shufflevector(spread, spread, 10, 12, 13, 14);
  __builtin_memcpy(address, &first, sizeof first);
  __builtin_memcpy(address + 32, &last, sizeof last);
}

// Each of 64 bytes three times.
#define REEL_THRICE(i) i, i, i
#define REEL_FOUR_THRICE(i) REEL_THRICE(i), REEL_THRICE(i + 1), REEL_THRICE(i + 2), REEL_THRICE(i + 3)
#define REEL_TWENTY_THRICE(i)                                                                        \
  REEL_FOUR_THRICE(i), REEL_FOUR_THRICE(i + 4), REEL_FOUR_THRICE(i + 8), REEL_FOUR_THRICE(i + 12), \
      REEL_FOUR_THRICE(i + 16)

REEL_INLINE ReelBytes reel_first_thrice(ReelBytes bytes) {
  return __builtin_shufflevector(bytes, bytes, REEL_TWENTY_THRICE(0), REEL_THRICE(20), 21);
}

REEL_INLINE ReelBytes reel_middle_thrice(ReelBytes bytes) {
  return __builtin_shufflevector(bytes, bytes, 21, 21, REEL_TWENTY_THRICE(22), 42, 42);
}

REEL_INLINE ReelBytes reel_last_thrice(ReelBytes bytes) {
  return __builtin_shufflevector(bytes, bytes, 42, REEL_THRICE(43), REEL_TWENTY_THRICE(44));
}

// Puts each quarter into its own place; there, three of the four numbers count, the fourth may be written over later.
REEL_INLINE void reel_store_quarters(float __attribute__((ext_vector_type(16))) vector, float *first, float *second,
                                     float *third, float *fourth) {
  float __attribute__((ext_vector_type(4))) quarters[4] = {vector.lo.lo, vector.lo.hi, vector.hi.lo, vector.hi.hi};
  __builtin_memcpy(first, &quarters[0], sizeof quarters[0]);
  __builtin_memcpy(second, &quarters[1], sizeof quarters[1]);
  __builtin_memcpy(third, &quarters[2], sizeof quarters[2]);
  __builtin_memcpy(fourth, &quarters[3], sizeof quarters[3]);
}

#pragma clang assume_nonnull end

#endif
