/* SPDX-License-Identifier: ISC */

#include "live/clock_follower.h"

#include "music/midi.h"

#include <rollsmith/clock.h>

#include <math.h>

enum { WIDE_TICKS = 12 }; /* ticks with a wide bandwidth at the beginning: an eighth note */

#define WIDE                                                                                       \
  0.5 /* share of the error by which the time is corrected at first: locks in a few ticks */
#define NARROW 0.12 /* and later: averages jitter over about 8 ticks */
#define SLOWEST_TICK                                                                               \
  (RS_SECOND / 2) /* 5 quarter notes a minute: below, the clock has restarted                      \
                   */
#define JUMP 0.5  /* a larger error, in periods, is a new tempo and not jitter */

static void begin(RsClockFollower *follow, int64_t time) {
  follow->next = (double)time;
  follow->period = 0;
  follow->seen = 1;
  follow->smooth = time;
}

/* The second tick gives the first period. */
static void first_period(RsClockFollower *follow, int64_t time) {
  follow->period = (double)(time - follow->last);
  follow->next = (double)time + follow->period;
  follow->seen = 2;
  follow->smooth = time;
}

static void correct(RsClockFollower *follow, int64_t time) {
  const double share = follow->seen < WIDE_TICKS ? WIDE : NARROW;
  const double error = (double)time - follow->next;
  if (fabs(error) > JUMP * follow->period) {
    first_period(follow, time);
    return;
  }
  follow->smooth = (int64_t)(follow->next + share * error);
  follow->next += share * error + follow->period;
  follow->period += share * share / 2 * error;
  follow->next += share * share / 2 * error;
  follow->seen += follow->seen < WIDE_TICKS;
}

void rs_clock_follower_tick(RsClockFollower *follow, int64_t time) {
  if (time <= follow->last) {
    time = follow->last + 1; /* two ticks read together */
  }
  if (!follow->seen || time - follow->last > SLOWEST_TICK) {
    begin(follow, time);
  } else if (follow->period <= 0) {
    first_period(follow, time);
  } else {
    correct(follow, time);
  }
  follow->last = time;
}

double rs_clock_follower_bpm(const RsClockFollower *follow) {
  return follow->period > 0 ? 60e9 / (follow->period * RS_CLOCKS_A_QUARTER) : 0;
}
