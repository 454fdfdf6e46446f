/* SPDX-License-Identifier: ISC */

#include "live/frame_queue.h"

static bool is_wanted(const RsFrameQueue *queue, RsShared *shared) {
  return queue->next.generation == queue->generation && queue->next.held == queue->held &&
         queue->next.rewound == atomic_load_explicit(&shared->rewound, memory_order_relaxed);
}

RsNext rs_frame_queue_next(RsFrameQueue *queue, RsShared *shared) {
  size_t margin = rs_ring_count(&shared->frames);
  while (!queue->has_next || !is_wanted(queue, shared)) {
    queue->has_next = rs_ring_pop(&shared->frames, &queue->next);
    if (!queue->has_next) {
      return RS_NEXT_NOT_YET;
    }
    if (is_wanted(queue, shared) && !queue->next.status && margin < queue->least_margin) {
      queue->least_margin = margin;
    }
    --margin;
    if (is_wanted(queue, shared) && queue->next.again) {
      queue->again = queue->next;
      queue->has_again = true;
      queue->has_next = false;
    }
  }
  return queue->next.status ? RS_NEXT_NONE : RS_NEXT_READY;
}

void rs_frame_queue_discard(RsFrameQueue *queue, RsShared *shared) {
  atomic_fetch_add(&shared->rewound, 1);
  do { /* frees the queue at once */
    queue->has_next = false;
  } while (rs_ring_pop(&shared->frames, &queue->next));
}
