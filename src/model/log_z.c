/* SPDX-License-Identifier: ISC */

/* Estimates of log Z of frames, doc/math.md, equations A5 and A13. */

#include "model/log_z.h"

#include "base/memory.h"

#include <rollsmith/likelihood.h>
#include <rollsmith/tempered.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sweeps of a replica in a round; of so many rounds that count, one more is made before them to
 * find means, or for burn-in. */
enum { SWEEPS = 2, PILOT_SHARE = 5, BURN_IN_SHARE = 10 };

/* Beyond the numbers of all other chains of an evaluation. */
#define REPLICAS (UINT64_C(1) << 38)

struct RsLogZ {
  RsLogZMachine machine;
  RsAis *ais;
  RsGibbsChains *chains; /* before a reverse path */
  float *sample;         /* most x V */
  double *log_w;         /* (most + 1) x chains */
  RsTempered *tempered;  /* NULL: annealed importance sampling */
  size_t measured;       /* frames since the ladder was last spaced */
  size_t until;          /* frames after which it is spaced again: ever more */
};

void rs_log_z_free(RsLogZ *estimate) {
  if (estimate) {
    rs_ais_free(estimate->ais);
    rs_gibbs_chains_free(estimate->chains);
    rs_tempered_free(estimate->tempered);
    free(estimate->sample);
    free(estimate->log_w);
    free(estimate);
  }
}

static RsStatus new_tempered(RsLogZ *estimate) {
  const RsLogZMachine *machine = &estimate->machine;
  const RsStatus status =
      rs_tempered_new(machine->gibbs, machine->settings->replicas, &estimate->tempered);
  if (!status) {
    rs_tempered_set_weights(estimate->tempered, machine->w);
  }
  return status;
}

RsStatus rs_log_z_new(const RsLogZMachine *machine, size_t most, RsLogZ **out) {
  RsLogZ *estimate = rs_alloc(1, sizeof *estimate);
  if (!estimate) {
    return RS_ERR_MEMORY;
  }
  estimate->machine = *machine;
  estimate->until = 1;
  estimate->sample = rs_alloc(most, machine->rbm->visible * sizeof *estimate->sample);
  estimate->log_w = rs_alloc(machine->settings->chains, (most + 1) * sizeof *estimate->log_w);
  RsStatus status = estimate->sample && estimate->log_w ? RS_OK : RS_ERR_MEMORY;
  status = status ? status : rs_ais_new(machine->gibbs, most, &estimate->ais);
  status = status ? status : rs_gibbs_chains_new(machine->gibbs, most, &estimate->chains);
  if (!status && machine->settings->replicas) {
    status = new_tempered(estimate);
  }
  if (status) {
    rs_log_z_free(estimate);
    return status;
  }
  *out = estimate;
  return RS_OK;
}

/* States of the notes of a frame; NULL: any. */
static const unsigned char *states_of(const RsLogZ *estimate, const RsLogZFrames *frames,
                                      size_t n) {
  return frames->states ? frames->states + n * rs_rbm_notes(estimate->machine.rbm) : NULL;
}

/* Chains of different uses and frames never share random numbers. Uses 0 and 1 are the callers'. */
static uint64_t chain_number(const RsLogZFrames *frames, size_t use) {
  return ((uint64_t)use << 28) + frames->number;
}

/* Run the samples for some sweeps of the machine. */
static void warm_up(RsLogZ *estimate, const RsLogZFrames *frames, uint64_t number) {
  const RsLogZMachine *machine = &estimate->machine;
  rs_gibbs_seed(estimate->chains, frames->count,
                (RsRng){machine->settings->seed, RS_STREAM_EVALUATE}, number);
  rs_gibbs_run(machine->gibbs, estimate->chains,
               &(RsGibbsRun){frames->count, frames->biases, rs_rbm_biases(machine->rbm), 1,
                             machine->settings->gibbs_steps, estimate->sample, frames->states});
}

/* Chain number c of each frame. */
static void anneal(RsLogZ *estimate, const RsLogZFrames *frames, bool reverse, size_t c) {
  const RsLogZMachine *machine = &estimate->machine;
  const size_t use = 2 + 2 * (2 * c + reverse);
  memcpy(estimate->sample, frames->v, frames->count * machine->rbm->visible * sizeof(float));
  if (reverse) {
    warm_up(estimate, frames, chain_number(frames, use + 1));
  }
  const RsAisRun run = {.count = frames->count,
                        .biases = frames->biases,
                        .stride = rs_rbm_biases(machine->rbm),
                        .betas = machine->settings->betas,
                        .reverse = reverse,
                        .v = estimate->sample,
                        .rng = {machine->settings->seed, RS_STREAM_EVALUATE},
                        .first = chain_number(frames, use),
                        .states = frames->states};
  rs_ais_run(machine->gibbs, estimate->ais, &run, estimate->log_w + c * frames->count);
}

/* Equation A5. */
static void by_annealing(RsLogZ *estimate, const RsLogZFrames *frames, bool reverse,
                         double *log_z) {
  const RsLogZMachine *machine = &estimate->machine;
  const size_t chains = machine->settings->chains, row = rs_rbm_biases(machine->rbm);
  const double sign = reverse ? -1 : 1;
  double *one = estimate->log_w + chains * frames->count; /* a frame's chains, gathered */
  for (size_t c = 0; c < chains; ++c) {
    anneal(estimate, frames, reverse, c);
  }
  for (size_t n = 0; n < frames->count; ++n) {
    for (size_t c = 0; c < chains; ++c) {
      one[c] = estimate->log_w[c * frames->count + n];
    }
    log_z[n] = rs_log_z_uncoupled_within(machine->rbm, machine->w, frames->biases + n * row,
                                         states_of(estimate, frames, n)) +
               sign * rs_log_mean_exp(chains, sign, one);
  }
}

/* Space the ladder by what was learned of it, after 1, 2, 4, ... frames more. */
static void space(RsLogZ *estimate) {
  if (++estimate->measured == estimate->until) {
    rs_tempered_space(estimate->tempered);
    estimate->measured = 0;
    estimate->until *= 2;
  }
}

/* Equation A13. */
static RsStatus by_tempering(RsLogZ *estimate, const RsLogZFrames *frames, bool reverse,
                             double *log_z) {
  const RsLogZMachine *machine = &estimate->machine;
  const size_t rounds = machine->settings->rounds, visible = machine->rbm->visible;
  RsStatus status = RS_OK;
  memcpy(estimate->sample, frames->v, frames->count * visible * sizeof(float));
  for (size_t n = 0; !status && n < frames->count; ++n) {
    const uint64_t number = 2 * (frames->number + n) + reverse;
    const RsTemperedRun run = {.biases = frames->biases + n * rs_rbm_biases(machine->rbm),
                               .coupling = 1,
                               .states = states_of(estimate, frames, n),
                               .sweeps = SWEEPS,
                               .pilot = 1 + rounds / PILOT_SHARE,
                               .burn_in = rounds / BURN_IN_SHARE,
                               .rounds = rounds,
                               .from_v = reverse,
                               .v = estimate->sample + n * visible,
                               .rng = {machine->settings->seed, RS_STREAM_EVALUATE},
                               .first = REPLICAS + number * RS_TEMPERED_RUNGS_MAX};
    space(estimate);
    status = rs_tempered_run(machine->gibbs, estimate->tempered, &run, log_z + n);
  }
  return status;
}

RsStatus rs_log_z_estimate(RsLogZ *estimate, const RsLogZFrames *frames, bool reverse,
                           double *log_z) {
  if (estimate->tempered) {
    return by_tempering(estimate, frames, reverse, log_z);
  }
  by_annealing(estimate, frames, reverse, log_z);
  return RS_OK;
}

double rs_log_z_swap_rate(const RsLogZ *estimate) {
  double lowest = estimate->tempered ? 1 : NAN;
  for (size_t k = 0; estimate->tempered && k + 1 < estimate->machine.settings->replicas; ++k) {
    lowest = fmin(lowest, rs_tempered_swap_rate(estimate->tempered, k));
  }
  return lowest;
}
