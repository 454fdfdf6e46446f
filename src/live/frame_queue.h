#ifndef RS_LIVE_FRAME_QUEUE_H
#define RS_LIVE_FRAME_QUEUE_H

/**
   @file frame_queue.h The frames that the source's thread has made, as the real-time thread takes
   them.
*/

#include "live/shared.h"

/** What there is to be played next. */
typedef enum {
  RS_NEXT_READY,   // A frame
  RS_NEXT_NOT_YET, // It is still being made
  RS_NEXT_NONE,    // The music is at its end
} RsNext;

/** The queue. */
typedef struct {
  RsQueuedFrame next; // The next frame, if `has_next`
  bool has_next;
  unsigned generation; // Frames of another one are thrown away
  size_t enough;       // Frames that are ready before the music begins
  int64_t ready_at;    // When the first one was; 0: not yet
  size_t least_margin; // Frames that were ready when one was taken, the fewest
  bool rewinds;        // The source can be rewound
  bool places;         // It cannot, but knows places
} RsFrameQueue;

/** Make the next frame `queue->next`, unless there is one; where there is none, its status says
 * why. */
RsNext rs_frame_queue_next(RsFrameQueue *queue, RsShared *shared);

/** Throw away the frames that were made: the source is to make others. */
void rs_frame_queue_discard(RsFrameQueue *queue, RsShared *shared);

#endif /* RS_LIVE_FRAME_QUEUE_H */
