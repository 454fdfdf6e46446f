/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_INPUT_MELODY_H
#define RS_MODEL_INPUT_MELODY_H

/**
   @file input_melody.h The melody of the frames so far: its last note and its last step, equations
   I9 and I10 of doc/math.md.
*/

/** A melody. */
typedef struct {
  int note; /**< Its last note in the range, -1 before the first */
  int step; /**< Class of its last step, below RS_MELODY_STEPS; 0 before the second note */
} RsMelody;

/** Start a song. */
void rs_melody_start(RsMelody *melody);

/** The melody goes on to a note. */
void rs_melody_add(RsMelody *melody, int note);

#endif /* RS_MODEL_INPUT_MELODY_H */
