#ifndef RS_TESTS_ALLOCATIONS_H
#define RS_TESTS_ALLOCATIONS_H

/**
   @file allocations.h Counts what our own objects ask memory for. A test that includes this is
   linked with `link_args: count_allocations`, which sends their calls here; those inside of shared
   libraries are not seen.
*/

#include "kit.h"

static size_t allocations;        // Number of calls
static size_t largest_allocation; // Bytes

static inline void count_allocation(size_t size) {
  ++allocations;
  largest_allocation = size > largest_allocation ? size : largest_allocation;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
  count_allocation(size);
  return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
  count_allocation(count * size);
  return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size) {
  count_allocation(size);
  return __real_realloc(memory, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  count_allocation(size);
  return __real_aligned_alloc(alignment, size);
}

#endif /* RS_TESTS_ALLOCATIONS_H */
