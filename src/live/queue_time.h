/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_QUEUE_TIME_H
#define RS_LIVE_QUEUE_TIME_H

/**
   @file queue_time.h Relation between the clock and the time that a MIDI system's queue counts.

   The count may lag by an amount that varies, on a busy machine, but never leads: the reading with
   the smallest lag is the best estimate.
*/

#include <stdint.h>

/** All zeroes: no reading yet. */
typedef struct {
  int64_t ahead;   ///< Count less clock time, where its lag was smallest, nanoseconds
  int64_t read_at; ///< Time of the last reading; 0: none
} RsQueueTime;

/** Take a reading. @param now Time of the clock. @param count Count at this time. Nanoseconds. */
void rs_queue_time_read(RsQueueTime *time, int64_t now, int64_t count);

/** Count at a time of the clock, nanoseconds. */
int64_t rs_queue_time_count(const RsQueueTime *time, int64_t clock);

/** Time of the clock at a count, nanoseconds. */
int64_t rs_queue_time_clock(const RsQueueTime *time, int64_t count);

#endif /* RS_LIVE_QUEUE_TIME_H */
