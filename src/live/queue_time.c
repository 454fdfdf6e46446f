/* SPDX-License-Identifier: ISC */

#include "live/queue_time.h"

#define DRIFT 40 /* the count may be slower than the clock by 1/40: ticks get lost under load */

void rs_queue_time_read(RsQueueTime *time, int64_t now, int64_t count) {
  const int64_t ahead = count - now;
  const int64_t least = time->ahead - (now - time->read_at) / DRIFT;
  time->ahead = time->read_at && least > ahead ? least : ahead;
  time->read_at = now;
}

int64_t rs_queue_time_count(const RsQueueTime *time, int64_t clock) {
  return clock + time->ahead;
}

int64_t rs_queue_time_clock(const RsQueueTime *time, int64_t count) {
  return count - time->ahead;
}
