/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_CLOCK_H
#define ROLLSMITH_CLOCK_H

/**
   @file clock.h Clocks: the machine's, or a simulated one for tests.

   Times are nanoseconds since a fixed but arbitrary time.
*/

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Nanoseconds in a millisecond and in a second. */
#define RS_MILLISECOND INT64_C(1000000)
#define RS_SECOND INT64_C(1000000000) ///< A second in nanoseconds

/** A clock; its functions take the clock itself. */
typedef struct RsClock {
  /** Current time; it never decreases. */
  int64_t (*now)(struct RsClock *clock);
  /** Sleep until `when` or later; return at once if that has passed. */
  void (*sleep_until)(struct RsClock *clock, int64_t when);
} RsClock;

/** CLOCK_MONOTONIC. May be used by all threads. */
RsClock *rs_clock_monotonic(void);

/** A clock that is advanced by sleeping only, at once. */
typedef struct {
  RsClock clock; ///< To be passed to functions
  int64_t time;  ///< Current time
} RsSimulatedClock;

/** Set up a simulated clock. @param time Initial time. For one thread. */
void rs_clock_simulate(RsSimulatedClock *clock, int64_t time);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_CLOCK_H */
