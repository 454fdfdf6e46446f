/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_BY_HAND_H
#define RS_TESTS_BY_HAND_H

/**
   @file by_hand.h The probabilities of frames of a tiny model with a learned start, written out in
   double as the equations of doc/math.md have them: nothing in common with the library but the
   names of the tensors. A frame is a set of bits.
*/

#include "small.h"

enum { NOTES = 4, HIDDEN = 3, RECURRENT = 3, CELLS = 1 << NOTES, HIDDEN_CELLS = 1 << HIDDEN };

static inline RsModel *tiny_model(bool gaussian) {
  RsSettings settings = small_settings(NOTES, HIDDEN, RECURRENT);
  settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.model.learned_start = true;
  settings.model.deviation_low = 1e-3; /* so wide that no bound is touched */
  settings.model.deviation_high = 1e3;
  return random_model(&settings, 0.9);
}

/* r(0). */
static inline void start_by_hand(const RsModel *model, double *r) {
  for (size_t i = 0; i < RECURRENT; ++i) {
    r[i] = (double)part_of(model, "rnn.start")[i];
  }
}

/* r(n) from r(n-1) and v(n-1), equation K1. */
static inline void state_by_hand(const RsModel *model, unsigned v, double *r) {
  double field[RECURRENT];
  for (size_t i = 0; i < RECURRENT; ++i) {
    const float *row = part_of(model, "rnn.weight") + i * (NOTES + RECURRENT);
    field[i] = (double)part_of(model, "rnn.bias")[i];
    for (size_t k = 0; k < NOTES; ++k) {
      field[i] += v >> k & 1 ? (double)row[k] : 0;
    }
    for (size_t k = 0; k < RECURRENT; ++k) {
      field[i] += (double)row[NOTES + k] * r[k];
    }
  }
  for (size_t i = 0; i < RECURRENT; ++i) {
    r[i] = tanh(field[i]);
  }
}

/* u(n) from r(n), equation K2. @param u  Output, up to 2 NOTES + HIDDEN values. */
static inline void biases_by_hand(const RsModel *model, const double *r, double *u) {
  for (size_t i = 0; i < rs_rbm_biases(rs_rnnrbm_rbm(model->net)); ++i) {
    u[i] = (double)part_of(model, "output.bias")[i];
    for (size_t k = 0; k < RECURRENT; ++k) {
      u[i] += (double)part_of(model, "output.weight")[i * RECURRENT + k] * r[k];
    }
  }
}

/* (W'h)_i, for h as bits. */
static inline double field_by_hand(const RsModel *model, unsigned h, size_t i) {
  double sum = 0;
  for (size_t j = 0; j < HIDDEN; ++j) {
    sum += h >> j & 1 ? (double)part_of(model, "rbm.weight")[j * NOTES + i] : 0;
  }
  return sum;
}

/* b'h, for h as bits. */
static inline double bias_by_hand(const double *b, unsigned h) {
  double sum = 0;
  for (size_t j = 0; j < HIDDEN; ++j) {
    sum += h >> j & 1 ? b[j] : 0;
  }
  return sum;
}

/* p(v) of every frame v: equations E1 and E2 summed over h, energies divided by the temperature. */
static inline void bernoulli_by_hand(const RsModel *model, const double *u, double temperature,
                                     double *p) {
  double z = 0;
  for (unsigned v = 0; v < CELLS; ++v) {
    p[v] = 0;
    for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
      double minus_e = bias_by_hand(u + NOTES, h);
      for (size_t i = 0; i < NOTES; ++i) {
        minus_e += v >> i & 1 ? u[i] + field_by_hand(model, h, i) : 0;
      }
      p[v] += exp(minus_e / temperature);
    }
    z += p[v];
  }
  for (unsigned v = 0; v < CELLS; ++v) {
    p[v] /= z;
  }
}

/* p(h) of a Gaussian machine, by G10 with its exponents divided by the temperature. */
static inline void gaussian_hidden_by_hand(const RsModel *model, const double *u,
                                           double temperature, double *p) {
  const double *b = u + NOTES, *z = b + HIDDEN;
  double sum = 0;
  for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
    double exponent = bias_by_hand(b, h);
    for (size_t i = 0; i < NOTES; ++i) {
      const double q = field_by_hand(model, h, i);
      exponent += q * q / 2 + u[i] * exp(-z[i] / 2) * q;
    }
    p[h] = exp(exponent / temperature);
    sum += p[h];
  }
  for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
    p[h] /= sum;
  }
}

/* Mean of Gaussian unit i given h, equation G4. */
static inline double gaussian_mean_by_hand(const RsModel *model, const double *u, unsigned h,
                                           size_t i) {
  return u[i] + exp(u[NOTES + HIDDEN + i] / 2) * field_by_hand(model, h, i);
}

#endif /* RS_TESTS_BY_HAND_H */
