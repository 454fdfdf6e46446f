/* SPDX-License-Identifier: ISC */

/* Life of a generator, and whole songs, doc/math.md, section T. */

#include "model/generator_internal.h"

#include "base/linear_algebra.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A generator that makes the candidates for the bars of another one. */
static RsStatus new_candidate(RsGenerator *generator) {
  RsGenerateSettings settings = generator->settings;
  settings.candidates = 1;
  settings.burn_in = 0;
  return rs_generator_new(generator->model, &settings, generator->plan.seed, &generator->candidate,
                          NULL);
}

static RsStatus allocate(RsGenerator *generator) {
  const RsRnnRbm *net = generator->model->net;
  const RsRbm *rbm = rs_rnnrbm_rbm(net);
  generator->state = rs_alloc(rs_rnn_state_size(rs_rnnrbm_rnn(net)), sizeof(float));
  generator->now.x = rs_alloc(rs_rnnrbm_inputs(net), sizeof(float));
  generator->now.v = rs_alloc(rbm->visible, sizeof(float));
  generator->now.biases = rs_alloc(rs_rbm_biases(rbm), sizeof(float));
  generator->now.states = rs_alloc(rs_rbm_notes(rbm), sizeof *generator->now.states);
  if (!generator->state || !generator->now.x || !generator->now.v || !generator->now.biases ||
      !generator->now.states) {
    return RS_ERR_MEMORY;
  }
  RsStatus status = rs_links_init(&generator->now.links, 1, generator->model->inputs.links);
  status = status ? status : rs_rnnrbm_step_new(net, generator->model->w, &generator->step);
  status = status ? status : rs_roll_init(&generator->clock, NULL, 0, RS_PLANE_NONE);
  status = status ? status : rs_input_history_new(&generator->model->inputs, &generator->history);
  status = status ? status : rs_gibbs_new(rbm, false, &generator->gibbs);
  status = status ? status
                  : rs_steerer_new(&generator->model->inputs.encoding, rbm, &generator->steerer);
  if (!status && generator->settings.no_copy) {
    status = rs_copy_guard_new(generator->model, &generator->guard);
  }
  if (!status && generator->model->discriminator && generator->settings.candidates > 1) {
    status = new_candidate(generator);
  }
  if (!status && generator->settings.replicas) {
    status = rs_tempered_new(generator->gibbs, (size_t)generator->settings.replicas,
                             &generator->tempered);
  }
  return status ? status : rs_gibbs_chains_new(generator->gibbs, 1, &generator->chain);
}

void rs_generator_start_song(RsGenerator *generator) {
  const RsModel *model = generator->model;
  rs_rnnrbm_start(model->net, model->w, generator->state);
  rs_input_history_start(generator->history, NULL);
  memset(generator->now.v, 0, rs_rnnrbm_rbm(model->net)->visible * sizeof *generator->now.v);
  generator->now.before = (RsFrame){{0, 0}};
  generator->position = 0;
  if (generator->guard) {
    rs_copy_guard_start(generator->guard);
  }
  rs_generated_bars_start(&generator->bars);
}

/* What is not to be copied must be known. */
static RsStatus check_runs(const RsModel *model, const RsGenerateSettings *settings,
                           RsError *error) {
  const size_t length = (size_t)settings->no_copy;
  return !length || (model->runs && model->run_length == length)
             ? RS_OK
             : rs_error(
                   error, RS_ERR_SETTING,
                   "runs of %zu frames are not to be copied, and rs_model_index_runs() has not "
                   "indexed them",
                   length);
}

/* Replicas are for units that are on or off. */
static RsStatus check_replicas(const RsModel *model, const RsGenerateSettings *settings,
                               RsError *error) {
  const int most = RS_TEMPERED_RUNGS_MAX, fewest = RS_TEMPERED_RUNGS_MIN;
  if (!settings->replicas) {
    return RS_OK;
  }
  if (settings->replicas < fewest || settings->replicas > most) {
    return rs_error(error, RS_ERR_SETTING, "generate.replicas = %d: must be 0, or %d to %d",
                    settings->replicas, fewest, most);
  }
  return rs_rnnrbm_rbm(model->net)->kind == RS_RBM_BERNOULLI
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "generate.replicas = %d: must be 0 for a model of velocities",
                        settings->replicas);
}

static RsStatus burn_in(RsGenerator *generator) {
  RsStatus status = RS_OK;
  RsFrame on;
  for (int i = 0; !status && i < generator->settings.burn_in; ++i) {
    status = rs_generator_next(generator, &on, NULL, NULL);
  }
  return status;
}

RsStatus rs_generator_new(const RsModel *model, const RsGenerateSettings *settings, uint64_t seed,
                          RsGenerator **out, RsError *error) {
  RsStatus status = rs_generator_check_meter(model, settings, error);
  status = status ? status : check_runs(model, settings, error);
  status = status ? status : check_replicas(model, settings, error);
  if (status) {
    return status;
  }
  if (!rs_all_finite(rs_rnnrbm_parameters(model->net), model->w)) {
    return rs_error(error, RS_ERR_NONFINITE, "a generator cannot be made: %s",
                    rs_status_text(RS_ERR_NONFINITE));
  }
  RsGenerator *generator = rs_alloc(1, sizeof *generator);
  if (!generator) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a generator");
  }
  generator->model = model;
  generator->settings = *settings;
  generator->plan.seed = seed;
  generator->rng = (RsRng){seed, RS_STREAM_GENERATE};
  status = allocate(generator);
  status = status ? status : rs_generator_start_clock(generator);
  if (!status) {
    rs_gibbs_set_weights(generator->gibbs, model->w);
    if (generator->tempered) {
      rs_tempered_set_weights(generator->tempered, model->w);
    }
    rs_generator_start_song(generator);
    rs_generator_draw_plan(generator);
    status = burn_in(generator);
  }
  if (status) {
    rs_generator_free(generator);
    return rs_error(error, status, "a generator cannot be made: %s", rs_status_text(status));
  }
  *out = generator;
  return RS_OK;
}

void rs_generator_free(RsGenerator *generator) {
  if (generator) {
    rs_rnnrbm_step_free(generator->step);
    rs_input_history_free(generator->history);
    rs_roll_clear(&generator->clock);
    rs_gibbs_chains_free(generator->chain);
    rs_tempered_free(generator->tempered);
    rs_gibbs_free(generator->gibbs);
    rs_copy_guard_free(generator->guard);
    rs_generator_free(generator->candidate);
    rs_song_plan_clear(&generator->plan.song);
    rs_steering_meter_free(generator->meter);
    rs_steerer_free(generator->steerer);
    rs_given_weight_free(generator->weight);
    free(generator->state);
    free(generator->now.x);
    rs_links_clear(&generator->now.links);
    free(generator->now.v);
    free(generator->now.biases);
    free(generator->now.states);
    free(generator);
  }
}

void rs_generator_set(RsGenerator *generator, double temperature, int max_polyphony) {
  generator->settings.temperature = temperature;
  generator->settings.max_polyphony = max_polyphony;
}

/* Take a frame from a song. */
static RsStatus prime_frame(RsGenerator *generator, const RsRoll *roll, size_t n,
                            const RsSongPlan *plan) {
  const RsInputs *inputs = &generator->model->inputs;
  RsInputPlace place;
  const bool placed = rs_input_place(inputs, &generator->clock, n, &place);
  if (placed) {
    place.plan = rs_song_plan_at(plan, place.bar, rs_inputs_quarter(inputs, &place));
  }
  const RsStatus status = rs_generator_next_biases(generator, placed ? &place : NULL);
  rs_encode_frame(&inputs->encoding, roll, n, 0, generator->now.v);
  rs_generator_add_frame(generator, placed ? &place : NULL);
  return status;
}

RsStatus rs_generator_prime(RsGenerator *generator, const RsRoll *roll) {
  const RsInputs *inputs = &generator->model->inputs;
  RsSongPlan plan = {.bars = 0};
  rs_song_plan_clear(&generator->plan.song);
  rs_generator_start_song(generator);
  RsStatus status = rs_generator_go_on_in_meter(generator, roll);
  if (!status && inputs->plan) {
    status = rs_song_plan(inputs->plan, roll, &plan);
  }
  for (size_t n = 0; !status && n < roll->frames; ++n) {
    status = prime_frame(generator, roll, n, &plan);
  }
  RsFrame onset;
  rs_decode_frame(&inputs->encoding, generator->now.v, &generator->now.before, &onset, NULL);
  rs_generator_go_on_in_plan(generator, &plan);
  rs_song_plan_clear(&plan);
  return status;
}

RsStatus rs_generator_next(RsGenerator *generator, RsFrame *on, RsFrame *onset, uint8_t *velocity) {
  const RsStatus status = generator->candidate ? rs_candidates_choose(generator) : RS_OK;
  return status ? status : rs_generator_make_frame(generator, on, onset, velocity);
}

RsStatus rs_generator_song(RsGenerator *generator, const char *name, size_t frames, RsRoll *roll) {
  const RsModel *model = generator->model;
  RsStatus status = rs_roll_init(roll, name, frames, rs_encoding_planes(&model->inputs.encoding));
  if (status) {
    return status;
  }
  status = rs_generator_describe(generator, roll);
  for (size_t n = 0; !status && n < frames; ++n) {
    status = rs_generator_next(generator, &roll->on[n], roll->onset ? &roll->onset[n] : NULL,
                               roll->velocity ? roll->velocity + n * RS_NOTES : NULL);
  }
  if (status) {
    rs_roll_clear(roll);
  }
  return status;
}
