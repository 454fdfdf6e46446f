/* SPDX-License-Identifier: ISC */

#include "live/pacing.h"

#include <rollsmith/clock.h>

#define LAG (40 * RS_MILLISECOND) /* assumed bound of the lag of a count that cannot be read */

/* Nanoseconds rounded up to milliseconds. */
static int32_t round_up(int64_t time) {
  return time > 0 ? (int32_t)((time + RS_MILLISECOND - 1) / RS_MILLISECOND) : 0;
}

/* Clock time that corresponds to the queue's count. */
static int64_t counted(const RsPacing *pacing, int64_t now, int64_t count) {
  return pacing->counts ? rs_queue_time_clock(&pacing->time, count * RS_MILLISECOND) : now;
}

/* Least time that the queue has counted since the last batch was queued. */
static int64_t passed(const RsPacing *pacing, int64_t now, int64_t count) {
  const int64_t time = pacing->counts ? count * RS_MILLISECOND : now - LAG;
  return time > pacing->written ? time - pacing->written : 0;
}

/* Change between count and clock: of the last batch it is known only that it was queued. */
static void begin(RsPacing *pacing, int64_t now, int64_t count) {
  const bool counts = count >= 0;
  *pacing = (RsPacing){
      .counts = counts, .written = counts ? count * RS_MILLISECOND : now, .delay = pacing->delay};
}

int32_t rs_pacing_delay(RsPacing *pacing, int64_t due, int64_t now, int64_t count) {
  if (pacing->counts != (count >= 0)) {
    begin(pacing, now, count);
  }
  if (pacing->counts) {
    rs_queue_time_read(&pacing->time, now, count * RS_MILLISECOND);
  }
  const int32_t by_due = round_up(due - counted(pacing, now, count));
  const int32_t least = round_up(pacing->delay * RS_MILLISECOND - passed(pacing, now, count));
  return by_due > least ? by_due : least;
}

void rs_pacing_written(RsPacing *pacing, int32_t delay, int64_t now, int64_t count) {
  pacing->delay = delay;
  if (pacing->counts && count < 0) {
    begin(pacing, now, count);
  } else {
    pacing->written = pacing->counts ? count * RS_MILLISECOND : now;
  }
}

int64_t rs_pacing_played(const RsPacing *pacing, int32_t delay, int64_t now, int64_t count) {
  return counted(pacing, now, count) + delay * RS_MILLISECOND;
}
