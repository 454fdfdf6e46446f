#include <rollsmith/generator.h>

#include "base/kernels.h"
#include "base/memory.h"
#include "base/portable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tenths of a chain's sweeps: six at growing couplings, from seven tenths on, and four as it is. */
enum { LOOSE_STAGES = 6, TIGHT_STAGES = 4 };
#define LOOSEST 0.7

struct RsGenerator {
  const RsModel *model;
  RsGenerateSettings settings;
  RsRng rng;
  uint64_t frame; /* number of the next frame, burn-in included */
  RsRnnStep *step;
  RsGibbs *gibbs;
  RsGibbsChains *chain;
  float *state;   /* recurrent state */
  float *v;       /* the frame before, as a vector */
  float *biases;  /* of the frame at hand */
  RsFrame before; /* the frame before, as notes */
};

static const float *rnn_parameters(const RsModel *model) {
  return model->w + rs_rnnrbm_weights(model->net);
}

static RsStatus allocate(RsGenerator *generator) {
  const RsRnnRbm *net = generator->model->net;
  const RsRbm *rbm = rs_rnnrbm_rbm(net);
  generator->state = rs_alloc(rs_rnn_state_size(rs_rnnrbm_rnn(net)), sizeof(float));
  generator->v = rs_alloc(rbm->visible, sizeof(float));
  generator->biases = rs_alloc(rs_rbm_biases(rbm), sizeof(float));
  if (!generator->state || !generator->v || !generator->biases) {
    return RS_ERR_MEMORY;
  }
  RsStatus status = rs_rnn_step_new(rs_rnnrbm_rnn(net), &generator->step);
  status = status ? status : rs_gibbs_new(rbm, false, &generator->gibbs);
  return status ? status : rs_gibbs_chains_new(generator->gibbs, 1, &generator->chain);
}

/* A song begins: with the state that songs begin with, and no frame before. */
static void start_song(RsGenerator *generator) {
  const RsModel *model = generator->model;
  rs_rnn_start(rs_rnnrbm_rnn(model->net), rnn_parameters(model), generator->state);
  memset(generator->v, 0, rs_rnnrbm_rbm(model->net)->visible * sizeof *generator->v);
  generator->before = (RsFrame){{0, 0}};
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
  generator->rng = (RsRng){seed, RS_STREAM_GENERATE};
  RsStatus status = allocate(generator);
  if (!status) {
    rs_gibbs_set_weights(generator->gibbs, model->w);
    start_song(generator);
    status = rs_rnn_step_hold(rs_rnnrbm_rnn(model->net), rnn_parameters(model), generator->step);
    status = status ? status : burn_in(generator);
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
    rs_rnn_step_free(generator->step);
    rs_gibbs_chains_free(generator->chain);
    rs_gibbs_free(generator->gibbs);
    free(generator->state);
    free(generator->v);
    free(generator->biases);
    free(generator);
  }
}

void rs_generator_set(RsGenerator *generator, double temperature, int max_polyphony) {
  generator->settings.temperature = temperature;
  generator->settings.max_polyphony = max_polyphony;
}

/* The biases of the next frame, from the frame before and the state, which moves on. */
static RsStatus next_biases(RsGenerator *generator) {
  const RsModel *model = generator->model;
  const RsStatus status =
      rs_rnn_step(rs_rnnrbm_rnn(model->net), rnn_parameters(model), generator->v, generator->state,
                  generator->biases, generator->step);
  rs_rnnrbm_bound(model->net, 1, generator->biases);
  return status;
}

RsStatus rs_generator_prime(RsGenerator *generator, const RsRoll *roll) {
  RsStatus status = RS_OK;
  start_song(generator);
  for (size_t n = 0; !status && n < roll->frames; ++n) {
    status = next_biases(generator);
    rs_encode_frame(&generator->model->encoding, roll, n, 0, generator->v);
  }
  RsFrame onset;
  rs_decode_frame(&generator->model->encoding, generator->v, &generator->before, &onset, NULL);
  return status;
}

/*
  Turn the biases into those of the machine that plays at temperature T, and give back its coupling:
  equation T12. log-variances grow by log T.
*/
static float heat(const RsRbm *rbm, double temperature, float *biases) {
  const float cold = (float)(1 / temperature);
  float *b = biases + rbm->visible;
  rs_scale(rbm->hidden, cold, b);
  if (rbm->kind == RS_RBM_BERNOULLI) {
    rs_scale(rbm->visible, cold, biases);
    return cold;
  }
  for (size_t i = 0; i < rbm->visible; ++i) {
    b[rbm->hidden + i] += (float)rs_portable_log(temperature);
  }
  return (float)sqrt(1 / temperature);
}

static void run_chain(RsGenerator *generator, double coupling, size_t steps) {
  const RsGibbsRun run = {.count = 1,
                          .biases = generator->biases,
                          .coupling = (float)coupling,
                          .steps = steps,
                          .v = generator->v};
  rs_gibbs_run(generator->gibbs, generator->chain, &run);
}

/*
  The next frame, by a chain from the frame before. It begins with units that are loosely coupled,
  so that it leaves that frame where the song is to move on: equation T14.
*/
static void sample(RsGenerator *generator) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const double coupling = heat(rbm, generator->settings.temperature, generator->biases);
  const size_t steps = (size_t)generator->settings.gibbs_steps;
  const size_t loose = steps * LOOSE_STAGES / (LOOSE_STAGES + TIGHT_STAGES);
  size_t done = 0;
  rs_gibbs_seed(generator->chain, 1, generator->rng, generator->frame);
  for (size_t i = 0; i < LOOSE_STAGES; ++i) {
    const size_t end = ((i + 1) * loose + LOOSE_STAGES - 1) / LOOSE_STAGES;
    const double share = LOOSEST + (1 - LOOSEST) * (double)i / LOOSE_STAGES;
    run_chain(generator, coupling * share, end - done);
    done = end;
  }
  run_chain(generator, coupling, steps - loose);
}

/* The inner note that is nearest to a neighbour: the one that thinning takes first. */
static int most_crowded(const RsFrame *on) {
  int best = -1;
  int best_gap = RS_NOTES;
  int below = rs_frame_next(on, 0);
  int note = rs_frame_next(on, below + 1);
  for (int above = rs_frame_next(on, note + 1); above < RS_NOTES;
       above = rs_frame_next(on, above + 1)) {
    const int gap = note - below < above - note ? note - below : above - note;
    if (gap < best_gap) {
      best = note;
      best_gap = gap;
    }
    below = note;
    note = above;
  }
  return best >= 0 ? best : note < RS_NOTES ? below : -1;
}

/* Keep the outer voices and thin out the inner ones until `most` notes are left. */
static void thin_out(const RsEncoding *encoding, int most, RsFrame *on, float *v) {
  for (int left = rs_frame_count(on); most > 0 && left > most; --left) {
    const int note = most_crowded(on);
    if (note < 0) {
      return;
    }
    rs_frame_clear(on, note);
    const size_t place = (size_t)(note - encoding->low);
    v[place] = 0;
    if (encoding->onsets) {
      v[rs_encoding_notes(encoding) + place] = 0;
    }
  }
}

/*
  Gaussian units are real numbers, frames of songs are not: a velocity is between 0 and 1, and
  silence is exactly 0; any other value is 0 or 1.
*/
static void settle(const RsModel *model, float *v) {
  const size_t notes = rs_encoding_notes(&model->encoding);
  const size_t size = rs_encoding_size(&model->encoding);
  for (size_t i = 0; rs_rnnrbm_rbm(model->net)->kind == RS_RBM_GAUSSIAN && i < size; ++i) {
    if (model->encoding.velocities && i < notes) {
      v[i] = v[i] > RS_ENCODING_GAP ? fminf(v[i], 1) : 0;
    } else {
      v[i] = v[i] > 0.5f;
    }
  }
}

RsStatus rs_generator_next(RsGenerator *generator, RsFrame *on, RsFrame *onset, uint8_t *velocity) {
  const RsEncoding *encoding = &generator->model->encoding;
  const RsStatus status = next_biases(generator);
  if (status) {
    return status;
  }
  sample(generator);
  settle(generator->model, generator->v);
  RsFrame begins;
  rs_decode_frame(encoding, generator->v, on, &begins, NULL);
  thin_out(encoding, generator->settings.max_polyphony, on, generator->v);
  rs_decode_frame(encoding, generator->v, on, &begins, encoding->velocities ? velocity : NULL);
  for (int i = 0; i < 2 && onset; ++i) {
    const uint64_t fresh = on->bits[i] & ~generator->before.bits[i];
    onset->bits[i] = encoding->onsets ? begins.bits[i] | fresh : fresh;
  }
  generator->before = *on;
  ++generator->frame;
  return RS_OK;
}

RsStatus rs_generator_song(RsGenerator *generator, const char *name, size_t frames, RsRoll *roll) {
  const RsModel *model = generator->model;
  RsStatus status = rs_roll_init(roll, name, frames, rs_encoding_planes(&model->encoding));
  if (status) {
    return status;
  }
  roll->bpm = model->training.bpm;
  roll->meter_beats = model->training.meter_beats;
  roll->meter_unit = model->training.meter_unit;
  roll->frame_ms = model->settings.roll.frame_ms;
  roll->frames_per_beat = roll->frame_ms > 0 ? 0 : (unsigned)model->settings.roll.frames_per_beat;
  for (size_t n = 0; !status && n < frames; ++n) {
    status = rs_generator_next(generator, &roll->on[n], roll->onset ? &roll->onset[n] : NULL,
                               roll->velocity ? roll->velocity + n * RS_NOTES : NULL);
  }
  if (status) {
    rs_roll_clear(roll);
  }
  return status;
}
