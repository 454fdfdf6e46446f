/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PREFETCH_H
#define RS_LIVE_PREFETCH_H

/**
   @file prefetch.h The part of the player that owns the source: it makes frames in advance, and
   applies requests to the source. It never waits; the source's thread calls it again.
*/

#include "live/output.h"

/** The state of prefetching. */
typedef struct {
  RsFrameSource *source; ///< Borrowed
  RsOutput *output;      ///< Borrowed; its queue of frames is filled
  RsRing requests;       ///< From the caller's thread
  size_t ahead;          ///< Number of frames made in advance
  size_t ahead_at_first; ///< Its initial value
  unsigned missed;       ///< Late frames of the output, as last read
  unsigned generation;   ///< Of the source
  unsigned rewound;      ///< Number of rewinds and locates carried out
  uint64_t made;         ///< Number of the next frame
  unsigned held;         ///< RsHeldNotes.change, as last read
  RsStatus status;       ///< RS_OK, or that of the end of the source
} RsPrefetch;

/** Set up, after the output. @return RS_OK, RS_ERR_MEMORY; to be given to rs_prefetch_clear() in
   any case. */
RsStatus rs_prefetch_init(RsPrefetch *prefetch, RsFrameSource *source, RsOutput *output);

/** Free what it owns; all zeroes are allowed. */
void rs_prefetch_clear(RsPrefetch *prefetch);

/** Apply requests, and make a frame if the queue is not full. @return Whether there may be more to
    do at once. */
bool rs_prefetch_step(RsPrefetch *prefetch);

/**
   Add a request, from the caller's thread.

   @param change      Change of the source, copied; or NULL.
   @param prime       Roll to prime the source with in place of a change, ownership passes; or NULL.
   @param generation  Generation of the frames made afterwards.
   @return false where the queue of requests is full.
*/
bool rs_prefetch_request(RsPrefetch *prefetch, const RsSourceChange *change, RsRoll *prime,
                         unsigned generation);

#endif /* RS_LIVE_PREFETCH_H */
