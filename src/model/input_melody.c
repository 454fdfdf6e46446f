/* SPDX-License-Identifier: ISC */

/* The last step of the melody, doc/math.md, equation I10. */

#include "model/input_melody.h"

#include <stddef.h>

/* The highest step of each class but the last one, in semitones: down by 5 or more, by 3 or 4, by 1
 * or 2, none, and up likewise. */
static const int STEP_ENDS[] = {-5, -3, -1, 0, 2, 4};

void rs_melody_start(RsMelody *melody) {
  *melody = (RsMelody){.note = -1};
}

void rs_melody_add(RsMelody *melody, int note) {
  const size_t ends = sizeof STEP_ENDS / sizeof *STEP_ENDS;
  size_t class = 0;
  while (class < ends && note - melody->note > STEP_ENDS[class]) {
    ++class;
  }
  melody->step = melody->note < 0 ? 0 : 1 + (int)class;
  melody->note = note;
}
