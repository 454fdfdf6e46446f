/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_RING_H
#define RS_LIVE_RING_H

/**
   @file ring.h A lock-free queue with a single producer and a single consumer.

   One thread pushes, another one pops; both are wait-free.
*/

#include <rollsmith/status.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** The queue. Counts only increase; an index is a count modulo the capacity. */
typedef struct {
  unsigned char *items;
  size_t item_size;
  size_t capacity;      ///< A power of two
  atomic_size_t pushed; ///< Written by the thread that pushes
  atomic_size_t popped; ///< Written by the thread that pops
} RsRing;

/** Allocate a queue. @param capacity Number of items, a power of two. @return RS_OK, RS_ERR_MEMORY.
 */
RsStatus rs_ring_init(RsRing *ring, size_t capacity, size_t item_size);

/** Free what the queue owns; all zeroes are allowed. */
void rs_ring_clear(RsRing *ring);

/** Push a copy of an item. @return false where the queue is full. */
bool rs_ring_push(RsRing *ring, const void *item);

/** Pop the oldest item. @return false where the queue is empty. */
bool rs_ring_pop(RsRing *ring, void *item);

/** Number of items; may be called by any thread. */
size_t rs_ring_count(RsRing *ring);

#endif /* RS_LIVE_RING_H */
