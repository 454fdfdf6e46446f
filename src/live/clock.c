/* SPDX-License-Identifier: ISC */

#include <rollsmith/clock.h>

#include <errno.h>
#include <time.h>

static int64_t monotonic_now(RsClock *clock) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * RS_SECOND + time.tv_nsec;
}

static void monotonic_sleep_until(RsClock *clock, int64_t when) {
  const struct timespec time = {when / RS_SECOND, when % RS_SECOND};
  while (when > 0 && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {
  }
}

static RsClock monotonic = {monotonic_now, monotonic_sleep_until};

RsClock *rs_clock_monotonic(void) {
  return &monotonic;
}

static int64_t simulated_now(RsClock *clock) {
  return ((RsSimulatedClock *)clock)->time;
}

static void simulated_sleep_until(RsClock *clock, int64_t when) {
  RsSimulatedClock *simulated = (RsSimulatedClock *)clock;
  simulated->time = when > simulated->time ? when : simulated->time;
}

void rs_clock_simulate(RsSimulatedClock *clock, int64_t time) {
  *clock = (RsSimulatedClock){{simulated_now, simulated_sleep_until}, time};
}
