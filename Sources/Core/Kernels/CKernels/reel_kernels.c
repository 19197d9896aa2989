// What the C library tells only to those who ask for its GNU extensions.
#define _GNU_SOURCE
#include "reel_kernels.h"

#include <sched.h>

intptr_t reel_processor_count(void) {
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
  return CPU_COUNT(&processors);
}
