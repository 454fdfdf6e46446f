/* SPDX-License-Identifier: ISC */

/* Notes that may be in given states, doc/math.md, equations H7 to H10, one note after the other. */

#include "rbm/counts.h"
#include "rbm/note_states.h"

#include <math.h>

/* Weights of the states of a note, of sum 1 and, in *log_sum, what log of the sum was. */
static RsStateWeights weights_of(double sounds, double begins, unsigned states, double *log_sum) {
  const double off = states & RS_STATE_OFF ? 0 : -INFINITY;
  const double on = states & RS_STATE_ON ? sounds : -INFINITY;
  const double begun = states & RS_STATE_BEGUN ? begins : -INFINITY;
  const double highest = fmax(off, fmax(on, begun));
  const RsStateWeights weights = {exp(off - highest), exp(on - highest), exp(begun - highest)};
  const double sum = weights.off + weights.on + weights.begun;
  *log_sum = highest + log(sum);
  return (RsStateWeights){weights.off / sum, weights.on / sum, weights.begun / sum};
}

static double bounded(double field) {
  return fmin(fmax(field, -RS_COUNT_FIELD_MAX), RS_COUNT_FIELD_MAX);
}

/* States of a note of a machine of one plane or two. */
static unsigned states_of(const RsRbm *rbm, unsigned states) {
  const unsigned all = RS_STATE_OFF | RS_STATE_ON | (rbm->planes > 1 ? RS_STATE_BEGUN : 0);
  return states & all;
}

/* e^potential of each class of a plane; of a plane that is not there 1. */
static void fill_factors(const RsRbm *rbm, const rs_scalar *potentials, size_t plane,
                         double factors[RS_STATE_CLASSES]) {
  for (size_t c = 0; c < RS_STATE_CLASSES; ++c) {
    factors[c] = plane < rbm->planes ? exp((double)potentials[plane * RS_STATE_CLASSES + c]) : 1;
  }
}

static double field_at(const rs_scalar *biases, const double *field, size_t unit) {
  return (double)biases[unit] + (field ? field[unit] : 0);
}

double rs_state_sum(const RsRbm *rbm, const rs_scalar *biases, const double *field,
                    const unsigned char *states) {
  const size_t notes = rs_counts_units(rbm);
  const rs_scalar *potentials = biases + rs_rbm_potentials(rbm);
  double rows[2][RS_STATE_CELLS], sounding[RS_STATE_CLASSES], beginning[RS_STATE_CLASSES];
  double log_sum = 0, sum = 0;
  rs_state_row_start(0, 0, rows[0]);
  for (size_t i = 0; i < notes; ++i) {
    const double first = field_at(biases, field, i);
    const double both = rbm->planes > 1 ? first + field_at(biases, field, notes + i) : 0;
    double part = 0;
    const RsStateWeights weights = weights_of(first, both, states_of(rbm, states[i]), &part);
    log_sum += part;
    rs_state_row_add(rows[i % 2], i, weights, rows[(i + 1) % 2]);
  }
  fill_factors(rbm, potentials, 0, sounding);
  fill_factors(rbm, potentials, 1, beginning);
  for (size_t c = 0; c < RS_STATE_CELLS; ++c) {
    sum += rows[notes % 2][c] * sounding[c / RS_STATE_CLASSES] * beginning[c % RS_STATE_CLASSES];
  }
  return log_sum + log(sum);
}

static RsStateWeights weights_to_draw(const RsRbm *rbm, const rs_scalar *field, size_t note,
                                      const unsigned char *states) {
  const size_t notes = rs_counts_units(rbm);
  const double first = (double)field[note];
  const double both = rbm->planes > 1 ? first + (double)field[notes + note] : 0;
  double log_sum;
  return weights_of(bounded(first), bounded(both), states_of(rbm, states[note]), &log_sum);
}

void rs_states_draw(const RsRbm *rbm, const rs_scalar *field, const rs_scalar *potentials,
                    const unsigned char *states, const rs_scalar *uniform, double *scratch,
                    rs_scalar *v) {
  const size_t notes = rs_counts_units(rbm);
  double sounding[RS_STATE_CLASSES], beginning[RS_STATE_CLASSES];
  rs_state_row_start(0, 0, scratch);
  for (size_t i = 0; i < notes; ++i) {
    double *row = scratch + i * RS_STATE_CELLS;
    rs_state_row_add(row, i, weights_to_draw(rbm, field, i, states), row + RS_STATE_CELLS);
  }
  fill_factors(rbm, potentials, 0, sounding);
  fill_factors(rbm, potentials, 1, beginning);
  size_t cell = rs_state_draw_cell(scratch + notes * RS_STATE_CELLS, notes, sounding, beginning,
                                   (double)uniform[rbm->visible]);
  for (size_t i = notes; i--;) {
    const RsStateStep step =
        rs_state_step_back(scratch + i * RS_STATE_CELLS, weights_to_draw(rbm, field, i, states),
                           cell, (double)uniform[i]);
    v[i] = (rs_scalar)step.sounds;
    if (rbm->planes > 1) {
      v[notes + i] = (rs_scalar)step.begins;
    }
    cell = step.cell;
  }
}
