#ifndef RS_LIVE_PREFETCH_H
#define RS_LIVE_PREFETCH_H

/**
   @file prefetch.h The half of the player that owns the source: it makes frames, stays some of them
   ahead, and hands on to the source what it is asked for. Like the output it does no waiting.
*/

#include "live/output.h"

/** The prefetch and all it needs. */
typedef struct {
  RsFrameSource *source; // Borrowed
  RsOutput *output;      // Borrowed: its queue is filled
  RsRing requests;       // From the caller's thread
  size_t ahead;          // Frames that are made in advance
  size_t ahead_at_first;
  unsigned missed;     // Frames that the output has waited for, as last seen
  unsigned generation; // Of the source
  unsigned rewound;    // How often it was
  RsStatus status;     // RS_OK: it goes on
} RsPrefetch;

/** Set up, for an output that is. @return RS_OK, RS_ERR_MEMORY; to be given to rs_prefetch_clear()
    always. */
RsStatus rs_prefetch_init(RsPrefetch *prefetch, RsFrameSource *source, RsOutput *output);

/** Free what it owns; all zeroes are allowed. */
void rs_prefetch_clear(RsPrefetch *prefetch);

/** Obey what is asked for, and make a frame where one is wanted. @return Whether there may be more
    to do at once. */
bool rs_prefetch_step(RsPrefetch *prefetch);

/**
   Ask the source for something, from the caller's thread.

   @param change      What to change; copied. NULL: nothing.
   @param phrase      What it shall hear, in place of a change; taken over. NULL: nothing.
   @param generation  Of the frames that it makes from then on.
   @return false where too many requests are waiting.
*/
bool rs_prefetch_ask(RsPrefetch *prefetch, const RsSourceChange *change, RsRoll *phrase,
                     unsigned generation);

#endif /* RS_LIVE_PREFETCH_H */
