/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_NOTE_STATES_H
#define RS_RBM_NOTE_STATES_H

/**
   @file note_states.h Sums over the states that notes may have, class by class of how many sound
   and how many begin: doc/math.md, equations H7 to H9.

   A row is a table of RS_STATE_CELLS numbers: cell 8 s + b belongs to the states of some notes in
   which s sound and b begin, 7 standing for all higher numbers. Everything is done in double, one
   operation at a time, so that all kernels draw the same.
*/

#include <rollsmith/rbm.h>

#include <stddef.h>
#include <string.h>

/** Classes of each of the two numbers: RS_COUNT_CLASSES of rbm.h. */
#define RS_STATE_CLASSES 8
#define RS_STATE_CELLS (RS_STATE_CLASSES * RS_STATE_CLASSES)

/** Weights of the states of a note; 0: it cannot have this state. */
typedef struct {
  double off;   /**< Of RS_STATE_OFF */
  double on;    /**< Of RS_STATE_ON */
  double begun; /**< Of RS_STATE_BEGUN */
} RsStateWeights;

static inline size_t rs_state_class(size_t count) {
  return count < RS_STATE_CLASSES ? count : RS_STATE_CLASSES - 1;
}

/** The row of no note, or of notes of one state each, of which so many sound and begin. */
static inline void rs_state_row_start(size_t sounding, size_t beginning, double *row) {
  memset(row, 0, RS_STATE_CELLS * sizeof *row);
  row[rs_state_class(sounding) * RS_STATE_CLASSES + rs_state_class(beginning)] = 1;
}

/**
   A row with one note more: equation H8.

   @param most  No state of the notes of `row` has more of them sounding.
*/
static inline void rs_state_row_add(const double *row, size_t most, RsStateWeights weights,
                                    double *next) {
  const size_t last = rs_state_class(most);
  memset(next, 0, RS_STATE_CELLS * sizeof *next);
  for (size_t s = 0; s <= last; ++s) {
    for (size_t b = 0; b <= s; ++b) {
      const double x = row[s * RS_STATE_CLASSES + b];
      double *more = next + rs_state_class(s + 1) * RS_STATE_CLASSES;
      next[s * RS_STATE_CLASSES + b] += weights.off * x;
      more[b] += weights.on * x;
      more[rs_state_class(b + 1)] += weights.begun * x;
    }
  }
}

/** A step back from a cell: the state of the last note, and the cell of the notes before it. */
typedef struct {
  size_t cell;
  unsigned sounds, begins; /**< 0 or 1 */
} RsStateStep;

/**
   Draw the state of the last of some notes, given the cell of all of them: equation H8.

   @param row      Of the notes before it.
   @param cell     Of all of them.
   @param uniform  Between 0 and 1.
*/
static inline RsStateStep rs_state_step_back(const double *row, RsStateWeights weights, size_t cell,
                                             double uniform) {
  const size_t s = cell / RS_STATE_CLASSES, b = cell % RS_STATE_CLASSES;
  const size_t last = RS_STATE_CLASSES - 1;
  RsStateStep steps[7];
  double below[7], sum = weights.off * row[cell];
  size_t count = 0, chosen = 0;
  steps[count] = (RsStateStep){cell, 0, 0};
  below[count++] = sum;
  for (size_t from = s ? s - 1 : s; s && from <= s && (from < s || s == last); ++from) {
    sum += weights.on * row[from * RS_STATE_CLASSES + b];
    steps[count] = (RsStateStep){from * RS_STATE_CLASSES + b, 1, 0};
    below[count++] = sum;
    for (size_t begun = b ? b - 1 : b; b && begun <= b && (begun < b || b == last); ++begun) {
      sum += weights.begun * row[from * RS_STATE_CLASSES + begun];
      steps[count] = (RsStateStep){from * RS_STATE_CLASSES + begun, 1, 1};
      below[count++] = sum;
    }
  }
  while (chosen + 1 < count && !(uniform * sum < below[chosen])) {
    ++chosen;
  }
  return steps[chosen];
}

/**
   Draw a cell with probability proportional to row x sounding[s] x beginning[b]: equation H8.

   @param most                 As for rs_state_row_add().
   @param sounding, beginning  RS_STATE_CLASSES factors each.
*/
static inline size_t rs_state_draw_cell(const double *row, size_t most, const double *sounding,
                                        const double *beginning, double uniform) {
  double below[RS_STATE_CELLS], sum = 0;
  const size_t end = (rs_state_class(most) + 1) * RS_STATE_CLASSES;
  size_t cell = 0;
  for (size_t i = 0; i < end; ++i) {
    sum += row[i] * sounding[i / RS_STATE_CLASSES] * beginning[i % RS_STATE_CLASSES];
    below[i] = sum;
  }
  while (cell + 1 < end && !(uniform * sum < below[cell])) {
    ++cell;
  }
  return cell;
}

#endif /* RS_RBM_NOTE_STATES_H */
