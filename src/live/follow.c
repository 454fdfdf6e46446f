#include "live/follow.h"

#include "music/midi.h"

#include <rollsmith/clock.h>

#include <math.h>

enum { QUICK_TICKS = 12 }; // So long it learns quickly

#define QUICK 0.5 // Share of the error that corrects the time
#define SLOW 0.12
#define SLOWEST_TICK (RS_SECOND / 2) // 5 quarter notes a minute
#define JUMP 0.5                     // An error of so many periods is a new tempo, not jitter

static void begin(RsFollow *follow, int64_t time) {
  follow->next = (double)time;
  follow->period = 0;
  follow->seen = 1;
  follow->smooth = time;
}

/// The second tick gives the first period
static void first_period(RsFollow *follow, int64_t time) {
  follow->period = (double)(time - follow->last);
  follow->next = (double)time + follow->period;
  follow->seen = 2;
  follow->smooth = time;
}

static void correct(RsFollow *follow, int64_t time) {
  const double share = follow->seen < QUICK_TICKS ? QUICK : SLOW;
  const double error = (double)time - follow->next;
  if (fabs(error) > JUMP * follow->period) {
    first_period(follow, time);
    return;
  }
  follow->smooth = (int64_t)(follow->next + share * error);
  follow->next += share * error + follow->period;
  follow->period += share * share / 2 * error;
  follow->next += share * share / 2 * error;
  follow->seen += follow->seen < QUICK_TICKS;
}

void rs_follow_tick(RsFollow *follow, int64_t time) {
  if (time <= follow->last) {
    time = follow->last + 1; // Two that were read together
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

double rs_follow_bpm(const RsFollow *follow) {
  return follow->period > 0 ? 60e9 / (follow->period * RS_CLOCKS_A_QUARTER) : 0;
}
