/* SPDX-License-Identifier: ISC */

/* First values of an RNN-RBM, doc/math.md, equations K9, K13 and K14. */

#include "model/rnnrbm_internal.h"

#include <math.h>
#include <string.h>

/* Bias that gives a unit this mean, alone: the logit, equation K9; finite for any mean. */
static double bias_of_mean(RsRbmKind kind, double mean) {
  if (kind == RS_RBM_GAUSSIAN) {
    return mean;
  }
  const double p = fmin(fmax(mean, 0x1p-24), 1 - 0x1p-24);
  return log(p / (1 - p));
}

/* Fill a tensor with normal numbers of this spread. */
static void fill_normal(uint64_t seed, const RsRnnRbmTensor *tensor, double spread, rs_scalar *w) {
  for (size_t r = 0; r < tensor->rows; ++r) {
    for (size_t c = 0; c < tensor->columns; ++c) {
      const size_t at = tensor->offset + r * tensor->columns + c;
      double normal = 0;
      rs_rng_normal((RsRng){seed, RS_STREAM_WEIGHTS}, at, 1, &normal);
      w[at] = (rs_scalar)(spread * normal);
    }
  }
}

void rs_rnnrbm_initialise(const RsRnnRbm *model, uint64_t seed, const rs_scalar *mean,
                          rs_scalar *w) {
  const RsRbm *rbm = &model->shape.rbm;
  memset(w, 0, rs_rnnrbm_parameters(model) * sizeof *w);
  RsRnnRbmTensor tensor;
  for (size_t i = 0; rs_rnnrbm_tensor(model, i, &tensor); ++i) {
    if (!strcmp(tensor.name, "rbm.weight") || !strcmp(tensor.name, "output.weight")) {
      fill_normal(seed, &tensor, 0.01, w);
    } else if (!strcmp(tensor.name, "rnn.weight")) {
      /* Recurrent weights of this size keep a signal's length in a layer of tanh units. */
      fill_normal(seed, &tensor, 1 / sqrt((double)model->shape.recurrent), w);
    } else if (!strcmp(tensor.name, "output.bias") && mean) {
      for (size_t v = 0; v < rbm->visible; ++v) {
        w[tensor.offset + v] = (rs_scalar)bias_of_mean(rbm->kind, (double)mean[v]);
      }
    }
  }
}

static const rs_scalar *tensor_of(const RsRnnRbm *model, const char *name, const rs_scalar *w) {
  RsRnnRbmTensor tensor;
  size_t i = 0;
  while (rs_rnnrbm_tensor(model, i, &tensor) && strcmp(tensor.name, name) != 0) {
    ++i;
  }
  return w + tensor.offset;
}

/* The smallest standard deviation that the bounds allow, or the given one. */
static double allowed_deviation(const RsRnnRbmShape *shape, double deviation) {
  if (!(shape->z_low < shape->z_high)) {
    return fmax(deviation, 1e-3);
  }
  return fmin(fmax(deviation, exp(0.5 * (double)shape->z_low)), exp(0.5 * (double)shape->z_high));
}

/* Hidden units that lift one visible unit: a gate, and what is added to it a standard deviation at
 * a time. */
static size_t steps_of(const RsRbm *rbm) {
  const size_t most = 3;
  const size_t room = rbm->hidden / rbm->visible;
  return room > most ? most : room ? room - 1 : 0;
}

/* Sum over the steps that may be on of C(steps, k) e^{(k^2 - steps k) / 2}: equation K14. */
static double weight_of_steps(size_t steps) {
  double sum = 0;
  double choices = 1;
  for (size_t k = 0; k <= steps; ++k) {
    sum += choices * exp(0.5 * (double)k * ((double)k - (double)steps));
    choices *= (double)(steps - k) / (double)(k + 1);
  }
  return sum;
}

/*
  One visible unit's gate and steps. log p(h) has b'h + q^2 / 2 in it (G10) with q the sum of the
  lifts that are on; the biases take that away, so that the gate is on with probability p, each step
  is off where the gate is, and where it is on any number of steps is about as probable as any
  other.
*/
static void open_gate(const RsRbm *rbm, size_t i, double p, double lift, rs_scalar *w,
                      rs_scalar *b) {
  const size_t steps = steps_of(rbm);
  const double least = lift - 0.5 * (double)steps;
  w[i * rbm->visible + i] = (rs_scalar)least;
  b[i] = (rs_scalar)(log(p / (1 - p)) - 0.5 * least * least - log(weight_of_steps(steps)));
  for (size_t k = 1; k <= steps; ++k) {
    const size_t j = k * rbm->visible + i;
    w[j * rbm->visible + i] = 1;
    b[j] = (rs_scalar)(-least - 0.5 * (double)steps);
  }
}

void rs_rnnrbm_open_gates(const RsRnnRbm *model, const RsRnnRbmUnit *units, rs_scalar *w) {
  const RsRbm *rbm = &model->shape.rbm;
  rs_scalar *a = w + (tensor_of(model, "output.bias", w) - w);
  rs_scalar *b = a + rbm->visible;
  rs_scalar *z = b + rbm->hidden;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const RsRnnRbmUnit *unit = units + i;
    const double p = fmin(fmax(unit->share, 1e-4), 1 - 1e-4);
    const bool gated = i < rbm->hidden;
    /* One variance has to do for silence, which has none, and for sound. */
    const double apart = gated ? 0 : p * (1 - p) * unit->mean * unit->mean;
    const double spread = sqrt(p * unit->deviation * unit->deviation + apart);
    const double deviation = allowed_deviation(&model->shape, spread);
    z[i] = (rs_scalar)(2 * log(deviation));
    a[i] = (rs_scalar)(gated ? 0 : p * unit->mean);
    if (gated) {
      open_gate(rbm, i, p, unit->mean / deviation, w, b);
    }
  }
}
