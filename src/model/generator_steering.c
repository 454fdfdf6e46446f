/* SPDX-License-Identifier: ISC */

/* Steering of a generator and its plan, and what it costs: doc/math.md, equations V6 to V8. */

#include "model/generator_internal.h"

#include "base/elementwise.h"
#include "base/memory.h"
#include "base/portable_math.h"
#include "model/chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Chains and steps of the path from the machine as it is to the steered one. */
enum { CHAINS = 4, STEPS = 20 };

struct RsSteeringMeter {
  RsGibbsChains *chains;
  float *before;         /* biases of the frame without offsets */
  float *biases;         /* of a step of the path */
  float *v;              /* CHAINS frames */
  unsigned char *states; /* of the notes of each */
  bool restricted;       /* whether there are any */
  float *drawn;          /* the frame of a Gaussian machine as it was drawn; or NULL */
  uint64_t frames;
  double sum; /* of V6 over these */
};

/* ---- The penalty ---- */

void rs_steering_meter_free(RsSteeringMeter *meter) {
  if (meter) {
    rs_gibbs_chains_free(meter->chains);
    free(meter->before);
    free(meter->biases);
    free(meter->v);
    free(meter->states);
    free(meter->drawn);
    free(meter);
  }
}

RsStatus rs_steering_meter_new(const RsGenerator *generator, RsSteeringMeter **out) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  RsSteeringMeter *meter = *out = rs_alloc(1, sizeof *meter);
  if (!meter) {
    return RS_ERR_MEMORY;
  }
  meter->before = rs_alloc(rs_rbm_biases(rbm), sizeof *meter->before);
  meter->biases = rs_alloc(rs_rbm_biases(rbm), sizeof *meter->biases);
  meter->v = rs_alloc(CHAINS * rbm->visible, sizeof *meter->v);
  meter->states = rs_alloc(CHAINS * rs_rbm_notes(rbm), sizeof *meter->states);
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  meter->drawn = gaussian ? rs_alloc(rbm->visible, sizeof *meter->drawn) : NULL;
  const bool made =
      meter->before && meter->biases && meter->v && meter->states && (meter->drawn || !gaussian);
  const RsStatus status =
      made ? rs_gibbs_chains_new(generator->gibbs, CHAINS, &meter->chains) : RS_ERR_MEMORY;
  if (status) {
    rs_steering_meter_free(meter);
    *out = NULL;
  }
  return status;
}

/* Frames of the machine as it is, from chains that begin at the frame before. */
static void begin_path(const RsGenerator *generator, RsGibbsRun *run) {
  run->biases = generator->meter->before;
  run->steps = (size_t)generator->settings.gibbs_steps;
  rs_chain_run(generator->gibbs, generator->meter->chains, run);
}

/* Where step k of the path is: in small steps at first, where states that are to be impossible lose
 * their weight. */
static double place_of(int k) {
  return (double)(k * k) / (STEPS * STEPS);
}

/* The biases of step k of the path. */
static void path_biases(const RsGenerator *generator, int k) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const RsSteeringMeter *meter = generator->meter;
  memcpy(meter->biases, meter->before, rs_rbm_biases(rbm) * sizeof *meter->biases);
  rs_steerer_add_offsets(generator->steerer, (float)place_of(k), meter->biases);
}

/* log of the mean of e^weight. */
static double log_mean(const double *weights) {
  double most = weights[0], sum = 0;
  for (int c = 1; c < CHAINS; ++c) {
    most = fmax(most, weights[c]);
  }
  for (int c = 0; c < CHAINS; ++c) {
    float share = (float)(weights[c] - most);
    rs_exp(1, &share, &share);
    sum += (double)share;
  }
  return most + rs_portable_log(sum / CHAINS);
}

/* log Z of the steered machine less that of the machine as it is: equation V8. */
static double log_ratio(const RsGenerator *generator) {
  const RsSteeringMeter *meter = generator->meter;
  const size_t visible = rs_rnnrbm_rbm(generator->model->net)->visible;
  RsGibbsRun run = {.count = CHAINS,
                    .coupling = generator->now.coupling,
                    .v = meter->v,
                    .states = meter->restricted ? meter->states : NULL};
  double weights[CHAINS] = {0};
  rs_gibbs_seed(meter->chains, CHAINS, (RsRng){generator->rng.seed, RS_STREAM_EVALUATE},
                generator->frame * CHAINS);
  begin_path(generator, &run);
  run.biases = meter->biases;
  run.steps = 1;
  for (int k = 0; k < STEPS; ++k) {
    if (k) {
      path_biases(generator, k);
      rs_gibbs_run(generator->gibbs, meter->chains, &run);
    }
    for (size_t c = 0; c < CHAINS; ++c) {
      weights[c] += (place_of(k + 1) - place_of(k)) *
                    rs_steerer_log_weight(generator->steerer, meter->v + c * visible);
    }
  }
  return log_mean(weights);
}

/* ---- The plan ---- */

/* The class of a value among classes that end at these values. */
static unsigned char class_of(const float end[RS_PLAN_CLASSES - 1], double value) {
  unsigned char class = 0;
  while (class < RS_PLAN_CLASSES - 1 && value >= (double)end[class]) {
    ++class;
  }
  return class;
}

/* A note of the plan, moved so that the middle of the register is the mean pitch. */
static unsigned char moved(unsigned char note, double by) {
  return (unsigned char)fmin(fmax(note + floor(by + 0.5), 0), RS_NOTES - 1);
}

RsFramePlan rs_generator_steered_plan(const RsGenerator *generator) {
  const RsPlanPrior *prior = generator->model->inputs.plan;
  const RsSteering *target = rs_steerer_target(generator->steerer);
  RsFramePlan plan = generator->plan.now;
  if (!prior) {
    return plan;
  }
  if (target->density > 0) {
    plan.density = class_of(prior->density, target->density);
  }
  const unsigned char low = class_of(prior->polyphony, target->polyphony_low);
  const unsigned char high = class_of(prior->polyphony, target->polyphony_high);
  plan.polyphony = target->polyphony_low && plan.polyphony < low ? low : plan.polyphony;
  plan.polyphony = target->polyphony_high && plan.polyphony > high ? high : plan.polyphony;
  if (target->pitch > 0) {
    const double by = target->pitch - (plan.top + plan.bottom) / 2.0;
    plan.top = moved(plan.top, by);
    plan.bottom = moved(plan.bottom, by);
  }
  return plan;
}

/* ---- The generator ---- */

void rs_generator_steer(RsGenerator *generator, const RsSteering *steering) {
  static const RsSteering nothing = {.density = 0};
  const RsPlanPrior *prior = generator->model->inputs.plan;
  const double usual = prior ? (double)prior->density[RS_PLAN_CLASSES / 2 - 1] : 0;
  rs_steerer_set(generator->steerer, steering ? steering : &nothing, usual);
  if (generator->meter) {
    generator->meter->frames = 0;
    generator->meter->sum = 0;
  }
}

const RsSteering *rs_generator_steering(const RsGenerator *generator) {
  return rs_steerer_target(generator->steerer);
}

RsStatus rs_generator_measure_steering(RsGenerator *generator) {
  return generator->meter ? RS_OK : rs_steering_meter_new(generator, &generator->meter);
}

RsSteeringReport rs_generator_steering_report(const RsGenerator *generator) {
  const RsSteeringMeter *meter = generator->meter;
  RsSteeringReport report = rs_steerer_report(generator->steerer);
  report.measured = meter ? meter->frames : 0;
  report.penalty = report.measured ? meter->sum / (double)report.measured : 0;
  return report;
}

/* Keep where the chains of the current frame begin, and what they are restricted to. */
static void keep_frame(RsGenerator *generator) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const size_t notes = rs_rbm_notes(rbm);
  RsSteeringMeter *meter = generator->meter;
  memcpy(meter->before, generator->now.biases, rs_rbm_biases(rbm) * sizeof *meter->before);
  meter->restricted = rs_generator_restrict(generator);
  for (size_t c = 0; c < CHAINS; ++c) {
    memcpy(meter->v + c * rbm->visible, generator->now.v, rbm->visible * sizeof *meter->v);
    memcpy(meter->states + c * notes, generator->now.states, notes);
  }
}

void rs_generator_steer_biases(RsGenerator *generator) {
  if (generator->meter) {
    keep_frame(generator);
  }
  rs_steerer_apply(generator->steerer, &generator->now.before, generator->now.biases);
}

void rs_generator_keep_drawn(RsGenerator *generator) {
  RsSteeringMeter *meter = generator->meter;
  if (meter && meter->drawn) {
    const size_t visible = rs_rnnrbm_rbm(generator->model->net)->visible;
    memcpy(meter->drawn, generator->now.v, visible * sizeof *meter->drawn);
  }
}

void rs_generator_steered(RsGenerator *generator, const RsFrame *on, const RsFrame *begun) {
  RsSteeringMeter *meter = generator->meter;
  if (meter) {
    const float *v = meter->drawn ? meter->drawn : generator->now.v;
    meter->sum += log_ratio(generator) - rs_steerer_log_weight(generator->steerer, v);
    ++meter->frames;
  }
  rs_steerer_observe(generator->steerer, on, begun);
}
