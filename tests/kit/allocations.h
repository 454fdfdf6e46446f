/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_ALLOCATIONS_H
#define RS_TESTS_ALLOCATIONS_H

/**
   @file allocations.h Counts what our own objects ask memory for, and makes it fail. A test that
   includes this is linked with `link_args: count_allocations`, which sends their calls here; those
   inside of shared libraries are not seen.
*/

#include "kit.h"

#include <stdbool.h>

static size_t allocations;        /* Calls so far */
static size_t largest_allocation; /* Bytes */
static size_t failing;            /* Number of the call that fails, from 1; 0 for none */
static size_t living;             /* Blocks that are not freed */

/* Whether an allocation of this size may succeed. */
static inline bool allow(size_t size) {
  largest_allocation = size > largest_allocation ? size : largest_allocation;
  return ++allocations != failing;
}

static inline void *count_living(void *memory) {
  living += memory != NULL;
  return memory;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size) {
  return allow(size) ? count_living(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t n, size_t size) {
  return allow(n * size) ? count_living(__real_calloc(n, size)) : NULL;
}

void *__wrap_realloc(void *memory, size_t size) {
  if (!allow(size)) {
    return NULL;
  }
  living -= memory != NULL;
  return count_living(__real_realloc(memory, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return allow(size) ? count_living(__real_aligned_alloc(alignment, size)) : NULL;
}

void __wrap_free(void *memory) {
  living -= memory != NULL;
  __real_free(memory);
}

#endif /* RS_TESTS_ALLOCATIONS_H */
