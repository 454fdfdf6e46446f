#ifndef ROLLSMITH_CLOCK_H
#define ROLLSMITH_CLOCK_H

/**
   @file clock.h The clock by which music is played: the machine's, or one that a test moves.

   Times are nanoseconds from some beginning that a clock keeps for its life.
*/

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Nanoseconds in a millisecond and in a second. */
#define RS_MILLISECOND INT64_C(1000000)
#define RS_SECOND INT64_C(1000000000)

/** A clock; its functions get the clock itself. */
typedef struct RsClock {
  /** Time, never less than it was. */
  int64_t (*now)(struct RsClock *clock);
  /** Come back at `when` or later; at once if that is past. */
  void (*sleep_until)(struct RsClock *clock, int64_t when);
} RsClock;

/** The machine's clock that nobody sets, CLOCK_MONOTONIC. May be used by all threads. */
RsClock *rs_clock_monotonic(void);

/** A clock that stands still until someone sleeps: then it is at once as late as was asked for. */
typedef struct {
  RsClock clock; ///< To be handed on
  int64_t time;  ///< What it shows
} RsSimulatedClock;

/** Set up a simulated clock. @param time What it shows. For one thread. */
void rs_clock_simulate(RsSimulatedClock *clock, int64_t time);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_CLOCK_H */
