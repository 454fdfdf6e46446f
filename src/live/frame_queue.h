/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_FRAME_QUEUE_H
#define RS_LIVE_FRAME_QUEUE_H

/**
   @file frame_queue.h The consumer of the queue of frames, in the real-time thread.
*/

#include "live/shared.h"

/** State of the next frame. */
typedef enum {
  RS_NEXT_READY,   ///< It is available
  RS_NEXT_NOT_YET, ///< The source has not made it yet
  RS_NEXT_NONE,    ///< The source has ended
} RsNext;

/** The queue. */
typedef struct {
  RsQueuedFrame next; ///< The next frame, if `has_next`
  bool has_next;
  RsQueuedFrame again; ///< A frame that replaces the one that sounds, if `has_again`
  bool has_again;
  unsigned held;       ///< Frames that were made with other held notes are discarded
  unsigned generation; ///< Frames of other generations are discarded
  size_t prebuffer;    ///< Frames that are available before the music begins
  int64_t ready_at;    ///< Time of the first available frame; 0: none yet
  size_t least_margin; ///< Fewest frames that were available when one was taken
  bool can_rewind;     ///< The source can be rewound
  bool can_locate;     ///< It cannot, but can be located
} RsFrameQueue;

/** Take the next frame into `queue->next`, unless it is there already, and one before it that
 * replaces the frame that sounds into `queue->again`. At the end, its status is
 * that of the source. */
RsNext rs_frame_queue_next(RsFrameQueue *queue, RsShared *shared);

/** Discard all frames of the queue; the source then makes others. */
void rs_frame_queue_discard(RsFrameQueue *queue, RsShared *shared);

#endif /* RS_LIVE_FRAME_QUEUE_H */
