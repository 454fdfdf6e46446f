/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_MEMORY_H
#define RS_BASE_MEMORY_H

/**
   @file memory.h Memory for arrays: zeroed, aligned, and with sizes checked for overflow.
*/

#include <stdbool.h>
#include <stddef.h>

/** Alignment of rs_alloc(), in bytes: a cache line, and the widest vector register (AVX-512). */
#define RS_ALIGNMENT 64

/**
   Zeroed memory for `count` objects of `size` bytes, aligned to RS_ALIGNMENT.

   @return Memory to be given to free(), also for a count of zero; NULL where memory is out or
   count x size overflows.
*/
void *rs_alloc(size_t count, size_t size);

/** Multiply sizes. @return Whether a x b fits in a size_t; if so, *product is it. */
bool rs_multiply_sizes(size_t a, size_t b, size_t *product);

/**
   Enlarge an array, at least doubling it; new elements are not zeroed.

   @param array     From malloc() or this function, or NULL.
   @param capacity  Number of objects that fit; updated.
   @param needed    Number of objects that must fit.
   @param size      Bytes of an object.
   @return The array, possibly moved; NULL where memory is out or the size overflows: then the old
   array is unchanged.
*/
void *rs_grow(void *array, size_t *capacity, size_t needed, size_t size);

/**
   Physical memory of the machine in bytes; SIZE_MAX where it is unknown. On systems that overcommit
   memory, a process that uses more is killed: larger allocations are to be refused beforehand.
*/
size_t rs_physical_memory(void);

#endif /* RS_BASE_MEMORY_H */
