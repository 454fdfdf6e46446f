#ifndef RS_LIVE_PACING_H
#define RS_LIVE_PACING_H

/**
   @file pacing.h By how much a batch of messages is to be delayed, so that it is played when it is
   due, and never overtakes the one before.

   PortMidi tells the sequencer's queue how long a batch is to wait from the moment at which it gets
   there. The queue counts in milliseconds, and on a busy machine its count is behind: by how much
   differs from batch to batch. Where the count can be read, it is allowed for; where not, the time
   that has passed is trusted less.
*/

#include <stdbool.h>
#include <stdint.h>

/** What is known of a queue. All zeroes is the beginning. */
typedef struct {
  bool counts;     // Its count can be read
  int64_t ahead;   // Of the count before the clock where it was least behind, nanoseconds
  int64_t read_at; // When the count was read last; 0: never
  int64_t written; // Count, or time, when the batch before had got there, nanoseconds
  int32_t delay;   // Of the batch before, milliseconds
} RsPacing;

/**
   The delay of a batch, in milliseconds.

   @param due    When it is due, on the clock.
   @param now    Time.
   @param count  Milliseconds that the queue has counted, read just now; below 0: not known.
*/
int32_t rs_pacing_delay(RsPacing *pacing, int64_t due, int64_t now, int64_t count);

/** The batch has got there. @param count As above, read since. */
void rs_pacing_written(RsPacing *pacing, int32_t delay, int64_t now, int64_t count);

/** When a batch with a delay is played that is sent now, on the clock. @param count As above. */
int64_t rs_pacing_played(const RsPacing *pacing, int32_t delay, int64_t now, int64_t count);

#endif /* RS_LIVE_PACING_H */
