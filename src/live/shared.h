#ifndef RS_LIVE_SHARED_H
#define RS_LIVE_SHARED_H

/**
   @file shared.h All that the real-time thread, which owns the sink, shares with other threads.

   Nothing else of the output (output.h) may be touched by another thread while it plays. The
   real-time thread does not allocate, lock or wait for another thread: queues have one thread at
   each end (ring.h), and all else is atomic.
*/

#include "live/ring.h"

#include <rollsmith/player.h>

/** An item of the queue of frames. */
typedef struct {
  RsSourceFrame frame;
  RsStatus status;     // RS_OK: a frame; anything else: the end
  unsigned generation; // Of the source: up by one each time it begins anew
  unsigned rewound;    // How often it was rewound
} RsQueuedFrame;

/** An item of the queue of commands. */
typedef struct {
  RsPlayerCommand command;
  unsigned generation; // Frames of an earlier one are thrown away
  int64_t time;        // When it was given
} RsQueuedCommand;

/** What is shared, and by whom it is written. */
typedef struct {
  RsRing frames; // RsQueuedFrame: pushed by the source's thread

  /* From the caller's thread */
  RsRing commands;  // RsQueuedCommand
  atomic_bool stop; // Asked for

  /* From the source's thread */
  atomic_bool ended; // The source has no more

  /* To the source's thread */
  atomic_uint rewound;             // How often it is to be rewound, or placed
  atomic_uint_fast64_t song_frame; // Where it is to be placed
  atomic_uint seen_missed;         // Frames that were not made in time
  atomic_bool slow;                // Frames come more slowly than they are played

  /* To the caller's thread */
  RsRing received; // RsReceived
  atomic_uint_fast64_t seen_frame;
  atomic_uint_fast64_t seen_notes[2];
  _Atomic double seen_bpm;
  _Atomic double seen_lateness; // Milliseconds, of the last message
  atomic_bool seen_gone;        // With what the port is called
  atomic_bool seen_held;
  atomic_bool seen_running;
} RsShared;

/** Set up, of all zeroes. @return RS_OK, RS_ERR_MEMORY; to be given to rs_shared_clear() always. */
RsStatus rs_shared_init(RsShared *shared);

/** Free the queues. */
void rs_shared_clear(RsShared *shared);

/** What the caller's thread sees, and may call. */
RsPlayerView rs_shared_view(RsShared *shared);

#endif /* RS_LIVE_SHARED_H */
