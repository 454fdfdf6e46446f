/* SPDX-License-Identifier: ISC */

#include "live/ring.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

RsStatus rs_ring_init(RsRing *ring, size_t capacity, size_t item_size) {
  ring->items = rs_alloc(capacity, item_size);
  ring->item_size = item_size;
  ring->capacity = capacity;
  atomic_init(&ring->pushed, 0);
  atomic_init(&ring->popped, 0);
  return ring->items ? RS_OK : RS_ERR_MEMORY;
}

void rs_ring_clear(RsRing *ring) {
  free(ring->items);
  ring->items = NULL;
}

static void *place(const RsRing *ring, size_t number) {
  return ring->items + (number & (ring->capacity - 1)) * ring->item_size;
}

/* An item is written before `pushed` is released, and read before `popped` is released. */

bool rs_ring_push(RsRing *ring, const void *item) {
  const size_t pushed = atomic_load_explicit(&ring->pushed, memory_order_relaxed);
  if (pushed - atomic_load_explicit(&ring->popped, memory_order_acquire) == ring->capacity) {
    return false;
  }
  memcpy(place(ring, pushed), item, ring->item_size);
  atomic_store_explicit(&ring->pushed, pushed + 1, memory_order_release);
  return true;
}

bool rs_ring_pop(RsRing *ring, void *item) {
  const size_t popped = atomic_load_explicit(&ring->popped, memory_order_relaxed);
  if (popped == atomic_load_explicit(&ring->pushed, memory_order_acquire)) {
    return false;
  }
  memcpy(item, place(ring, popped), ring->item_size);
  atomic_store_explicit(&ring->popped, popped + 1, memory_order_release);
  return true;
}

size_t rs_ring_count(RsRing *ring) {
  const size_t popped = atomic_load_explicit(&ring->popped, memory_order_acquire);
  return atomic_load_explicit(&ring->pushed, memory_order_acquire) - popped;
}
