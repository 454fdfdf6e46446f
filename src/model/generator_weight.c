/* SPDX-License-Identifier: ISC */

/* How likely the given notes of a frame are, doc/math.md, equation T35. */

#include "model/generator_internal.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct RsGivenWeight {
  RsAis *ais;
  size_t betas;       /* 0: by enumeration */
  double log_weight;  /* of the last frame */
  float *v;           /* where an annealed chain is */
  double *scratch;    /* of enumeration */
  unsigned char *all; /* states that can follow the frame before */
};

RsStatus rs_given_weight_new(const RsGenerator *generator, size_t betas, RsGivenWeight **out) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  RsGivenWeight *weight = *out = rs_alloc(1, sizeof *weight);
  if (!weight) {
    return RS_ERR_MEMORY;
  }
  weight->betas = betas;
  weight->v = rs_alloc(rbm->visible, sizeof *weight->v);
  weight->scratch = rs_alloc(rbm->visible, sizeof *weight->scratch);
  weight->all = rs_alloc(rs_rbm_notes(rbm), sizeof *weight->all);
  const RsStatus status = rs_ais_new(generator->gibbs, 1, &weight->ais);
  if (status || !weight->v || !weight->scratch || !weight->all) {
    rs_given_weight_free(weight);
    *out = NULL;
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_given_weight_free(RsGivenWeight *weight) {
  if (weight) {
    rs_ais_free(weight->ais);
    free(weight->v);
    free(weight->scratch);
    free(weight->all);
    free(weight);
  }
}

double rs_given_weight_log(const RsGivenWeight *weight) {
  return weight->log_weight;
}

/* log Z of the frames whose notes are in these states: equations H10, E9 and A3. */
static RsStatus log_z(const RsGenerator *generator, const unsigned char *states, double *z) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const float *w = generator->model->w;
  RsGivenWeight *weight = generator->weight;
  if (!weight->betas) {
    return rs_log_z_exact_within(rbm, w, generator->now.biases, states, weight->scratch, z);
  }
  const RsAisRun run = {.count = 1,
                        .biases = generator->now.biases,
                        .betas = weight->betas,
                        .v = weight->v,
                        .rng = {generator->rng.seed, RS_STREAM_LOOK_AHEAD},
                        .first = generator->frame,
                        .states = states};
  double log_w = 0;
  memset(weight->v, 0, rbm->visible * sizeof *weight->v);
  rs_ais_run(generator->gibbs, weight->ais, &run, &log_w);
  *z = rs_log_z_uncoupled_within(rbm, w, generator->now.biases, states) + log_w;
  return RS_OK;
}

RsStatus rs_generator_weigh(RsGenerator *generator) {
  const RsInputs *inputs = &generator->model->inputs;
  RsGivenWeight *weight = generator->weight;
  if (!weight) {
    return RS_OK;
  }
  weight->log_weight = 0;
  if (rs_frame_next(&generator->now.given.known, 0) == RS_NOTES) {
    return RS_OK;
  }
  double given = 0, all = 0;
  if (inputs->joint_onsets) {
    rs_inputs_states(inputs, generator->now.v, NULL, weight->all);
  }
  rs_generator_restrict(generator);
  RsStatus status = log_z(generator, generator->now.states, &given);
  status = status ? status : log_z(generator, inputs->joint_onsets ? weight->all : NULL, &all);
  weight->log_weight = given - all;
  return status;
}
