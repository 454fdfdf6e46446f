/* SPDX-License-Identifier: ISC */

/* Logistic regression with a hidden layer, doc/math.md, equation T40. */

#include "train/discriminator_fit.h"

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "train/bar_pairs.h"

#include <rollsmith/loss.h>
#include <rollsmith/net.h>
#include <rollsmith/optimiser.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pairs of a step, half of them of songs, and steps: 6000 choose bars hardly better. */
enum { HALF = 128, BATCH = 2 * HALF, STEPS = 3000 };

/* Songs of fewer pairs than this say too little, and have no discriminator. */
enum { LEAST_PAIRS = 256 };

/* First step size, which falls evenly to 0. */
#define RATE 1e-3F

/* Share of the weights in their gradient, times the pairs of the songs: what a normal prior on the
   weights has in a mean over so many. Without it the net overfits to single songs: held-out ones
   are classified worse after 300 steps (58 and 694 songs). */
#define DECAY_PAIRS 26.0F

enum { INPUTS = RS_DISCRIMINATOR_INPUTS, HIDDEN = RS_DISCRIMINATOR_HIDDEN };

/* What a fit needs. */
typedef struct {
  const RsBarPairs *pairs; /* of free runs, of songs */
  RsNet *net;
  RsNetWork *work;
  RsOptimiser *optimiser;
  float *w, *g; /* parameters and their gradient */
  float decay;  /* share of the weights in their gradient */
  float x[BATCH * INPUTS], t[BATCH], dv[BATCH];
} Fit;

/* ---- Pairs ---- */

/* The pairs of the songs, then as many of the model, at most. @return Also RS_ERR_EMPTY where they
 * are too few. */
static RsStatus collect(const RsModel *model, const RsSongs *songs, RsThreadPool *pool,
                        const RsStop *stop, RsBarPairs pairs[2]) {
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < songs->count; ++i) {
    const int shift = -songs->rolls[i].to_common;
    status = rs_bar_pairs_add(songs->rolls + i, shift, shift, pairs + 1);
  }
  if (status || pairs[1].count < LEAST_PAIRS) {
    return status ? status : RS_ERR_EMPTY;
  }
  return rs_bar_pairs_generate(model, pairs[1].count / RS_BAR_PAIRS_BARS, pool, stop, pairs);
}

/* Mean and scale of each input, songs and free runs with the same weight. */
static void find_scale(const RsBarPairs pairs[2], RsDiscriminator *to) {
  for (size_t i = 0; i < INPUTS; ++i) {
    double sum = 0, square = 0;
    for (int kind = 0; kind < 2; ++kind) {
      const double weight = 0.5 / (double)pairs[kind].count;
      for (size_t n = 0; n < pairs[kind].count; ++n) {
        const double value = (double)pairs[kind].rows[n * INPUTS + i];
        sum += weight * value;
        square += weight * value * value;
      }
    }
    const double variance = square - sum * sum;
    to->mean[i] = (float)sum;
    to->scale[i] = variance > 1e-8 ? (float)(1 / sqrt(variance)) : 0;
  }
}

static void apply_scale(const RsDiscriminator *d, RsBarPairs *pairs) {
  for (size_t k = 0; k < pairs->count * INPUTS; ++k) {
    pairs->rows[k] = (pairs->rows[k] - d->mean[k % INPUTS]) * d->scale[k % INPUTS];
  }
}

/* ---- The fit ---- */

static RsStatus make(Fit *fit, uint64_t seed) {
  const RsLayerSpec layers[] = {
      {.outputs = HIDDEN, .activation = RS_RELU, .bias = RS_BIAS_OWN},
      {.outputs = 1, .activation = RS_IDENTITY, .bias = RS_BIAS_OWN},
  };
  const RsOptimiserSpec adam = {RS_ADAM, RATE, 0.9F, 0.999F, 1e-8F};
  RsStatus status = rs_net_new(INPUTS, 2, layers, &fit->net, NULL);
  status = status ? status : rs_net_work_new(fit->net, BATCH, &fit->work, NULL);
  const size_t count = status ? 0 : rs_net_parameters(fit->net);
  status = status ? status : rs_optimiser_new(&adam, count, &fit->optimiser, NULL);
  fit->w = rs_alloc(count, sizeof *fit->w);
  fit->g = rs_alloc(count, sizeof *fit->g);
  if (status || !fit->w || !fit->g) {
    return status ? status : RS_ERR_MEMORY;
  }
  rs_net_initialise(fit->net, (RsRng){seed, RS_STREAM_DISCRIMINATOR}, 1, fit->w);
  return RS_OK;
}

static void clear(Fit *fit) {
  rs_net_free(fit->net);
  rs_net_work_free(fit->work);
  rs_optimiser_free(fit->optimiser);
  free(fit->w);
  free(fit->g);
}

/* Draw the pairs of a step: the first half of free runs, the second of songs. */
static void draw_batch(Fit *fit, RsRng rng, uint64_t step) {
  uint32_t words[BATCH];
  rs_rng_words(rng, step, BATCH, words);
  for (size_t i = 0; i < BATCH; ++i) {
    const RsBarPairs *pairs = fit->pairs + i / HALF;
    const size_t row = (size_t)((uint64_t)words[i] * pairs->count >> 32);
    memcpy(fit->x + i * INPUTS, pairs->rows + row * INPUTS, INPUTS * sizeof *fit->x);
    fit->t[i] = i < HALF ? 0 : 1;
  }
}

static RsStatus step(Fit *fit, RsRng rng, uint64_t number) {
  const size_t count = rs_net_parameters(fit->net);
  draw_batch(fit, rng, number);
  for (size_t k = 0; k < count; ++k) {
    fit->g[k] = fit->decay * fit->w[k];
  }
  RsStatus status = rs_net_forward(fit->net, fit->w, BATCH, fit->x, fit->work, NULL);
  status = status ? status
                  : rs_loss_delta(RS_LOSS_LOGISTIC, BATCH, 1, rs_net_field(fit->work), fit->t, NULL,
                                  fit->dv, NULL);
  for (size_t i = 0; i < BATCH; ++i) {
    fit->dv[i] /= BATCH;
  }
  status = status ? status
                  : rs_net_backward_delta(fit->net, fit->w, fit->work, fit->dv, fit->g, NULL, NULL);
  rs_optimiser_set_rate(fit->optimiser, RATE * (float)(STEPS + 1 - number) / STEPS);
  return status ? status : rs_optimiser_step(fit->optimiser, fit->g, fit->w);
}

/* The parameters of the net lie as the discriminator has them: W1, b1, W2, b2. */
static void take(const Fit *fit, RsDiscriminator *to) {
  const float *w = fit->w;
  memcpy(to->hidden, w, sizeof to->hidden);
  w += HIDDEN * INPUTS;
  memcpy(to->bias, w, sizeof to->bias);
  memcpy(to->output, w + HIDDEN, sizeof to->output);
}

static RsStatus fit_to(RsBarPairs pairs[2], uint64_t seed, RsDiscriminator *to) {
  const RsRng rng = {seed, RS_STREAM_DISCRIMINATOR};
  Fit *fit = rs_alloc(1, sizeof *fit);
  if (!fit) {
    return RS_ERR_MEMORY;
  }
  fit->pairs = pairs;
  fit->decay = DECAY_PAIRS / (float)pairs[1].count;
  find_scale(pairs, to);
  apply_scale(to, pairs);
  apply_scale(to, pairs + 1);
  RsStatus status = make(fit, seed);
  for (uint64_t n = 0; !status && n < STEPS; ++n) {
    status = step(fit, rng, n + 1);
  }
  if (!status) {
    take(fit, to);
  }
  clear(fit);
  free(fit);
  return status;
}

RsStatus rs_discriminator_fit(RsModel *model, const RsSongs *songs, RsThreadPool *pool,
                              const RsStop *stop) {
  RsBarPairs pairs[2] = {[0] = {.count = 0}};
  rs_blas_one_thread(); /* threads are ours, over songs; products are small */
  free(model->discriminator);
  model->discriminator = NULL;
  RsStatus status =
      model->inputs.meter_count ? collect(model, songs, pool, stop, pairs) : RS_ERR_EMPTY;
  if (!status) {
    RsDiscriminator *made = rs_alloc(1, sizeof *made);
    status = made ? fit_to(pairs, model->settings.train.seed, made) : RS_ERR_MEMORY;
    if (status) {
      free(made);
    } else {
      model->discriminator = made;
    }
  }
  rs_bar_pairs_clear(pairs);
  rs_bar_pairs_clear(pairs + 1);
  return status == RS_ERR_EMPTY ? RS_OK : status;
}
