#ifndef RS_BASE_MEMORY_H
#define RS_BASE_MEMORY_H

/**
   @file memory.h Memory for arrays: zeroed, aligned for vectors, and with sizes that cannot wrap
   around.
*/

#include <stdbool.h>
#include <stddef.h>

/** Alignment of what rs_alloc() gives, in bytes: a cache line, and the widest vector there is. */
#define RS_ALIGNMENT 64

/**
   Zeroed memory for `count` objects of `size` bytes, aligned to RS_ALIGNMENT.

   @return Memory to be given to free(), never NULL for a count of zero; NULL where memory is out or
   count x size overflows.
*/
void *rs_alloc(size_t count, size_t size);

/** Whether a x b fits in a size_t; if so, *product is it. */
bool rs_multiply(size_t a, size_t b, size_t *product);

/**
   Make room in a growing array; new room is not zeroed.

   @param array     From malloc() or this function, or NULL.
   @param capacity  For how many objects there is room; updated.
   @param needed    For how many there has to be.
   @param size      Bytes of an object.
   @return The array, perhaps elsewhere; NULL where memory is out or the size overflows: then the
   old one stands as it was.
*/
void *rs_grow(void *array, size_t *capacity, size_t needed, size_t size);

/**
   Bytes of memory in the machine; SIZE_MAX where nobody knows. Systems that give away more than
   there is kill whoever uses it: what is sure to need more is to be refused before it is taken.
*/
size_t rs_memory_there_is(void);

#endif /* RS_BASE_MEMORY_H */
