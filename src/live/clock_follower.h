/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_CLOCK_FOLLOWER_H
#define RS_LIVE_CLOCK_FOLLOWER_H

/**
   @file clock_follower.h A delay-locked loop that follows a MIDI clock: times of ticks without
   jitter, and tempo.

   It is of second order (F. Adriaensen, "Using a DLL to filter time", 2005): the time of the next
   tick is predicted, and prediction and period are corrected by a share of the error.
*/

#include <stdbool.h>
#include <stdint.h>

/** The loop; all zeroes is its initial state. */
typedef struct {
  bool running;   ///< Between Start or Continue and Stop
  uint64_t ticks; ///< Since Start or Continue
  unsigned seen;  ///< Ticks since the loop began, counted up to the change of bandwidth
  double next;    ///< Predicted time of the next tick, nanoseconds
  double period;  ///< Nanoseconds between ticks; 0: not known
  int64_t last;   ///< Arrival of the last tick, nanoseconds
  int64_t smooth; ///< Its time without jitter, nanoseconds
} RsClockFollower;

/** Update the loop for a tick that arrived at `time`. */
void rs_clock_follower_tick(RsClockFollower *follow, int64_t time);

/** Tempo in quarter notes a minute; 0 if not known. */
double rs_clock_follower_bpm(const RsClockFollower *follow);

#endif /* RS_LIVE_CLOCK_FOLLOWER_H */
