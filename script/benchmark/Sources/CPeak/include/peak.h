// The arithmetic that the machine can do at best: multiplications and additions that wait for nothing.
#ifndef REEL_PEAK_H
#define REEL_PEAK_H

#include <stdint.h>

// Each runs `iterations` rounds and gives the number of floating-point operations; `sink` keeps the results alive.
int64_t reel_peak_baseline(int64_t iterations, float *sink);
int64_t reel_peak_v3(int64_t iterations, float *sink);
int64_t reel_peak_v4(int64_t iterations, float *sink);

#endif
