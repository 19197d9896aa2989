// What the C library tells only to those who ask for its GNU extensions.
#define _GNU_SOURCE
#include "reel_kernels.h"

#include <sched.h>

intptr_t reel_processor_count(void) {
  cpu_set_t processors;
  if (sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
  return CPU_COUNT(&processors);
}

intptr_t reel_current_processor(void) { return sched_getcpu(); }

void reel_leave_processor(intptr_t processor) {
  cpu_set_t all, others;
  if (processor < 0 || processor >= CPU_SETSIZE || sched_getaffinity(0, sizeof all, &all) != 0) return;
  others = all;
  CPU_CLR(processor, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
  // It has moved; from here on it may go anywhere again.
  sched_setaffinity(0, sizeof all, &all);
}
