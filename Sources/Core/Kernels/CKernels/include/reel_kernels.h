// What the numeric loops need from C: the CPU level of the running machine.
#ifndef REEL_KERNELS_H
#define REEL_KERNELS_H

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

#endif
