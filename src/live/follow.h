#ifndef RS_LIVE_FOLLOW_H
#define RS_LIVE_FOLLOW_H

/**
   @file follow.h Follows a MIDI clock: when each tick would have come without jitter, and how fast
   they come.

   A loop of second order (F. Adriaensen, "Using a DLL to filter time", 2005): the time of the next
   tick is predicted, and both prediction and period are corrected by a share of the error.
*/

#include <stdbool.h>
#include <stdint.h>

/** The loop. All zeroes is the beginning. */
typedef struct {
  bool running;   // Between Start or Continue and Stop
  uint64_t ticks; // Since Start or Continue
  unsigned seen;  // Ticks since the loop began, up to when it is slow
  double next;    // When the next tick is predicted, nanoseconds
  double period;  // Nanoseconds from tick to tick; 0: not known
  int64_t last;   // When the last tick came
  int64_t smooth; // When it would have come
} RsFollow;

/** A tick at `time`. */
void rs_follow_tick(RsFollow *follow, int64_t time);

/** Tempo in quarter notes a minute; 0 if not known. */
double rs_follow_bpm(const RsFollow *follow);

#endif /* RS_LIVE_FOLLOW_H */
