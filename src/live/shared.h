/* SPDX-License-Identifier: ISC */

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

/** An element of the queue of frames. */
typedef struct {
  RsSourceFrame frame;
  RsStatus status;     ///< RS_OK: a frame; else the end of the source
  unsigned generation; ///< Of the source: incremented when it restarts with another seed or prime
  unsigned rewound;    ///< Number of rewinds and locates of the source
  uint64_t number;     ///< Number of the frame, as the source counts them
  unsigned held;       ///< RsHeldNotes.change with which it was made
  bool again;          ///< It replaces the frame that sounds
} RsQueuedFrame;

/** An element of the queue of notes that a person holds. */
typedef struct {
  RsFrame notes;   ///< Notes that are held
  RsFrame pressed; ///< Of these, those that were pressed since the last element
  bool sounds;     ///< Whether a frame sounds that is to be made again for `pressed`
  uint64_t frame;  ///< Its RsQueuedFrame.number
  unsigned change; ///< Number of this element: frames made before are discarded
} RsHeldNotes;

/** An element of the queue of commands. */
typedef struct {
  RsPlayerCommand command;
  unsigned generation; ///< Frames of earlier generations are discarded
  int64_t time;        ///< Time of the command, nanoseconds
} RsQueuedCommand;

/** The shared state, by the thread that writes it. */
typedef struct {
  RsRing frames; ///< RsQueuedFrame: pushed by the source's thread
  RsRing held;   ///< RsHeldNotes: pushed by the real-time thread

  /* From the caller's thread */
  RsRing commands;  ///< RsQueuedCommand
  atomic_bool stop; ///< Request to end

  /* From the source's thread */
  atomic_bool ended; ///< The source has ended

  /* From the real-time thread to the source's thread */
  atomic_uint rewound;             ///< Number of rewinds and locates requested
  atomic_uint_fast64_t song_frame; ///< Frame to locate
  atomic_uint missed_frames;       ///< Number of frames that were not made in time
  atomic_bool slow;                ///< The source is slower than real time

  /* From the real-time thread to the caller's thread: see RsPlayerView */
  RsRing received; ///< RsReceivedMessage
  RsRing sent;     ///< RsSentMessage
  atomic_uint_fast64_t view_frame;
  atomic_uint_fast64_t view_notes[2];
  _Atomic double view_bpm;
  _Atomic double view_lateness; ///< Of the last message, milliseconds
  atomic_bool view_port_lost;   ///< Released after the new name of the port was stored
  atomic_bool view_suspended;
  atomic_bool view_running;
} RsShared;

/** Set up, from all zeroes. @return RS_OK, RS_ERR_MEMORY; to be given to rs_shared_clear() in any
 * case. */
RsStatus rs_shared_init(RsShared *shared);

/** Free the queues. */
void rs_shared_clear(RsShared *shared);

/** The view of the caller's thread. */
RsPlayerView rs_shared_view(RsShared *shared);

#endif /* RS_LIVE_SHARED_H */
