// What Swift's module of the C library leaves out.
#ifndef REEL_MEMORY_H
#define REEL_MEMORY_H

#include <malloc.h>

/// Gives the system the memory that was freed and that the allocator keeps.
static inline void reel_release_freed_memory(void) { malloc_trim(0); }

#endif
