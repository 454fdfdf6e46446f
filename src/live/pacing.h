/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PACING_H
#define RS_LIVE_PACING_H

/**
   @file pacing.h Delays of batches of messages in PortMidi, so that each is played at its due time
   and none overtakes the one before.

   PortMidi gives ALSA's queue a delay relative to the moment at which the batch is queued. The
   queue counts milliseconds, and on a busy machine its count lags by an amount that varies from
   batch to batch. If the count can be read, the lag is compensated; if not, a bound on it is
   assumed.
*/

#include "live/queue_time.h"

#include <stdbool.h>

/** State of a queue; all zeroes is the initial one. */
typedef struct {
  bool counts;      ///< The count can be read
  RsQueueTime time; ///< Count and clock
  int64_t written;  ///< Count, or time, after the last batch was queued, nanoseconds
  int32_t delay;    ///< Delay of the last batch, milliseconds
} RsPacing;

/**
   Delay of a batch in milliseconds.

   @param due    Due time, nanoseconds.
   @param now    Current time, nanoseconds.
   @param count  Count of the queue at this time, milliseconds; below 0: not known.
*/
int32_t rs_pacing_delay(RsPacing *pacing, int64_t due, int64_t now, int64_t count);

/** Record that a batch was queued. @param count Count of the queue afterwards, or below 0. */
void rs_pacing_written(RsPacing *pacing, int32_t delay, int64_t now, int64_t count);

/** Time at which a batch is played that is queued now with a delay. @param count As above. */
int64_t rs_pacing_played(const RsPacing *pacing, int32_t delay, int64_t now, int64_t count);

#endif /* RS_LIVE_PACING_H */
