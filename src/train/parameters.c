/* SPDX-License-Identifier: ISC */

#include "train/parameters.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static RsOptimiserSpec optimiser_of(const RsTrainSettings *settings) {
  const bool adam = settings->optimiser == RS_OPTIMISER_ADAM;
  return (RsOptimiserSpec){.kind = adam ? RS_ADAM : RS_MOMENTUM,
                           .rate = (float)settings->learning_rate,
                           .momentum = (float)(adam ? settings->beta1 : settings->momentum),
                           .square = (float)settings->beta2,
                           .epsilon = 1e-8f};
}

static RsStatus make_optimisers(const RsTrainSettings *settings, RsParameters *p, RsError *error) {
  const RsOptimiserSpec spec = optimiser_of(settings);
  const size_t weights = rs_rnnrbm_weights(p->net);
  RsStatus status = rs_optimiser_new(&spec, weights, &p->optimisers[0], error);
  if (!status) {
    status = rs_optimiser_new(&spec, p->count - weights, &p->optimisers[1], error);
  }
  if (!status) {
    p->good = rs_alloc(rs_parameters_good_size(p), sizeof *p->good);
    status = p->good ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory for optimisers");
  }
  return status;
}

RsStatus rs_parameters_init(const RsTrainSettings *settings, const RsRnnRbm *net, RsParameters *out,
                            RsError *error) {
  const size_t count = rs_rnnrbm_parameters(net);
  *out = (RsParameters){.net = net, .count = count};
  out->w = rs_alloc(count, sizeof *out->w);
  out->g = rs_alloc(count, sizeof *out->g);
  out->average = rs_alloc(count, sizeof *out->average);
  out->before = rs_alloc(count, sizeof *out->before);
  out->offset = rs_alloc(rs_rnnrbm_rbm(net)->visible, sizeof *out->offset);
  if (!out->w || !out->g || !out->average || !out->before || !out->offset) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu parameters", count);
  }
  return make_optimisers(settings, out, error);
}

void rs_parameters_clear(RsParameters *p) {
  free(p->w);
  free(p->g);
  free(p->average);
  free(p->before);
  free(p->good);
  free(p->offset);
  rs_optimiser_free(p->optimisers[0]);
  rs_optimiser_free(p->optimisers[1]);
}

size_t rs_parameters_good_size(const RsParameters *p) {
  return 2 * p->count + rs_optimiser_state_size(p->optimisers[0]) +
         rs_optimiser_state_size(p->optimisers[1]);
}

/* Copy what a recovery needs into p->good, or back out of it. */
static void copy_good(RsParameters *p, bool back) {
  const size_t sizes[] = {p->count, p->count, rs_optimiser_state_size(p->optimisers[0]),
                          rs_optimiser_state_size(p->optimisers[1])};
  float *const parts[] = {p->w, p->average, rs_optimiser_state(p->optimisers[0]),
                          rs_optimiser_state(p->optimisers[1])};
  float *good = p->good;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; good += sizes[i++]) {
    memcpy(back ? parts[i] : good, back ? good : parts[i], sizes[i] * sizeof *good);
  }
}

void rs_parameters_remember(RsParameters *p) {
  copy_good(p, false);
}

void rs_parameters_restore(RsParameters *p) {
  copy_good(p, true);
}

float *rs_parameters_biases(const RsRnnRbm *net, float *parameters) {
  RsRnnRbmTensor part;
  size_t i = 0;
  while (rs_rnnrbm_tensor(net, i, &part) && strcmp(part.name, "output.bias") != 0) {
    ++i;
  }
  return parameters + part.offset;
}
