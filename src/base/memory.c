/* SPDX-License-Identifier: ISC */

#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool rs_multiply_sizes(size_t a, size_t b, size_t *product) {
  if (b && a > SIZE_MAX / b) {
    return false;
  }
  *product = a * b;
  return true;
}

void *rs_alloc(size_t count, size_t size) {
  size_t bytes = 0;
  if (!rs_multiply_sizes(count, size, &bytes) || bytes > PTRDIFF_MAX - RS_ALIGNMENT) {
    return NULL;
  }
  /* aligned_alloc() requires a multiple of the alignment, and zero bytes must not give NULL. */
  bytes = (bytes / RS_ALIGNMENT + 1) * RS_ALIGNMENT;
  void *memory = aligned_alloc(RS_ALIGNMENT, bytes);
  return memory ? memset(memory, 0, bytes) : NULL;
}

void *rs_grow(void *array, size_t *capacity, size_t needed, size_t size) {
  if (array && needed <= *capacity) {
    return array;
  }
  /* Doubled each time: the cost of copying is linear. */
  const size_t wanted = needed > SIZE_MAX / 2 ? needed : needed + *capacity + 16;
  size_t bytes = 0;
  void *moved = rs_multiply_sizes(wanted, size, &bytes) && bytes <= PTRDIFF_MAX
                    ? realloc(array, bytes)
                    : NULL;
  if (moved) {
    *capacity = wanted;
  }
  return moved;
}

size_t rs_physical_memory(void) {
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  size_t bytes = 0;
  const bool known =
      pages > 0 && size > 0 && rs_multiply_sizes((size_t)pages, (size_t)size, &bytes);
  return known ? bytes : SIZE_MAX;
}
