// Twelve independent chains of multiply-add, at each CPU level's full width: more than any unit's latency needs.
#include "peak.h"

#define CHAINS 12

#define PEAK(name, attributes, bytes)                                                    \
  typedef float name##_vector __attribute__((vector_size(bytes)));                       \
  attributes int64_t name(int64_t iterations, float *sink) {                             \
    name##_vector sums[CHAINS];                                                          \
    name##_vector factor, term;                                                          \
    for (int lane = 0; lane < bytes / 4; lane++) factor[lane] = sink[0], term[lane] = sink[1]; \
    for (int chain = 0; chain < CHAINS; chain++) sums[chain] = term * (float)chain;      \
    for (int64_t round = 0; round < iterations; round++) {                               \
      _Pragma("unroll") for (int chain = 0; chain < CHAINS; chain++)                     \
          sums[chain] = sums[chain] * factor + term;                                     \
    }                                                                                    \
    for (int chain = 1; chain < CHAINS; chain++) sums[0] += sums[chain];                 \
    sink[2] = sums[0][0];                                                                \
    return iterations * CHAINS * (bytes / 4) * 2;                                        \
  }

#if defined(__x86_64__)
PEAK(reel_peak_baseline, , 16)
PEAK(reel_peak_v3, __attribute__((target("avx2,fma"))), 32)
PEAK(reel_peak_v4, __attribute__((target("avx512f,avx512vl,fma"))), 64)
#else
PEAK(reel_peak_baseline, , 16)
int64_t reel_peak_v3(int64_t iterations, float *sink) { return reel_peak_baseline(iterations, sink); }
int64_t reel_peak_v4(int64_t iterations, float *sink) { return reel_peak_baseline(iterations, sink); }
#endif
