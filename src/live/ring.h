#ifndef RS_LIVE_RING_H
#define RS_LIVE_RING_H

/**
   @file ring.h A queue from one thread to one other, without locks.

   One thread pushes, one thread pops; neither ever waits.
*/

#include <rollsmith/status.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** The queue. Counts go up for ever and are taken modulo the capacity. */
typedef struct {
  unsigned char *items;
  size_t item_size;
  size_t capacity;      // A power of two
  atomic_size_t pushed; // Written by the thread that pushes
  atomic_size_t popped; // Written by the thread that pops
} RsRing;

/** Room for `capacity` items, a power of two. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_ring_init(RsRing *ring, size_t capacity, size_t item_size);

/** Free what the ring owns; one of all zeroes is allowed. */
void rs_ring_clear(RsRing *ring);

/** Add a copy of an item. @return false where it is full. */
bool rs_ring_push(RsRing *ring, const void *item);

/** Take the oldest item. @return false where it is empty. */
bool rs_ring_pop(RsRing *ring, void *item);

/** Number of items, as any thread sees it. */
size_t rs_ring_count(RsRing *ring);

#endif /* RS_LIVE_RING_H */
