#include <rollsmith/generator.h>

#include "base/kernels.h"
#include "base/memory.h"
#include "base/portable.h"
#include "model/chain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RsGenerator {
  const RsModel *model;
  RsGenerateSettings settings;
  RsRng rng;
  uint64_t frame; /* number of the next frame, burn-in included */
  RsRnnRbmStep *step;
  RsGibbs *gibbs;
  RsGibbsChains *chain;
  RsInputHistory *history;
  RsRoll clock;     /* a roll without frames: the meter map from the song's first frame on */
  size_t heard;     /* frames of the song so far: place of the next one on the clock */
  RsFramePlan plan; /* of the bar at hand */
  size_t planned;   /* bars whose labels are drawn or known */
  float *state;     /* recurrent state */
  float *x;         /* what is known before the frame at hand */
  RsLinks links;    /* of the frame at hand */
  float *v;         /* the frame before, then the frame at hand, as a vector */
  float *biases;    /* of the frame at hand */
  RsFrame before;   /* the frame before, as notes */
};

static RsStatus allocate(RsGenerator *generator) {
  const RsRnnRbm *net = generator->model->net;
  const RsRbm *rbm = rs_rnnrbm_rbm(net);
  generator->state = rs_alloc(rs_rnn_state_size(rs_rnnrbm_rnn(net)), sizeof(float));
  generator->x = rs_alloc(rs_rnnrbm_inputs(net), sizeof(float));
  generator->v = rs_alloc(rbm->visible, sizeof(float));
  generator->biases = rs_alloc(rs_rbm_biases(rbm), sizeof(float));
  if (!generator->state || !generator->x || !generator->v || !generator->biases) {
    return RS_ERR_MEMORY;
  }
  RsStatus status = rs_links_init(&generator->links, 1, generator->model->inputs.links);
  status = status ? status : rs_rnnrbm_step_new(net, generator->model->w, &generator->step);
  status = status ? status : rs_roll_init(&generator->clock, NULL, 0, RS_PLANE_NONE);
  status = status ? status : rs_input_history_new(&generator->model->inputs, &generator->history);
  status = status ? status : rs_gibbs_new(rbm, false, &generator->gibbs);
  return status ? status : rs_gibbs_chains_new(generator->gibbs, 1, &generator->chain);
}

/* A song begins: with the state that songs begin with, and no frame before. */
static void start_song(RsGenerator *generator) {
  const RsModel *model = generator->model;
  rs_rnnrbm_start(model->net, model->w, generator->state);
  rs_input_history_start(generator->history, NULL);
  memset(generator->v, 0, rs_rnnrbm_rbm(model->net)->visible * sizeof *generator->v);
  generator->before = (RsFrame){{0, 0}};
  generator->heard = 0;
}

/* ---- The meter ---- */

static bool knows_meters(const RsModel *model) {
  return model->inputs.meter_count;
}

/* The meter of most songs, as far as it was learned. */
static RsKnownMeter usual_meter(const RsModel *model) {
  const unsigned beats = model->training.meter_beats, unit = model->training.meter_unit;
  const int usual = rs_inputs_meter(&model->inputs, beats, unit);
  return usual < 0 && knows_meters(model) ? model->inputs.meters[0]
                                          : (RsKnownMeter){beats, unit, 1};
}

static RsKnownMeter chosen_meter(const RsGenerator *generator) {
  const RsGenerateSettings *settings = &generator->settings;
  return settings->meter_beats
             ? (RsKnownMeter){(unsigned)settings->meter_beats, (unsigned)settings->meter_unit, 1}
             : usual_meter(generator->model);
}

/* The meters of a model as "4/4, 3/4". */
static void list_meters(const RsInputs *inputs, size_t size, char *text) {
  size_t at = 0;
  for (size_t i = 0; i < inputs->meter_count && at < size; ++i) {
    at += (size_t)snprintf(text + at, size - at, "%s%u/%u", i ? ", " : "", inputs->meters[i].beats,
                           inputs->meters[i].unit);
  }
}

/* A meter that is asked for must have been learned. */
static RsStatus check_meter(const RsModel *model, const RsGenerateSettings *settings,
                            RsError *error) {
  char known[16 * RS_METERS_MAX] = "";
  if (!settings->meter_beats || rs_inputs_meter(&model->inputs, (unsigned)settings->meter_beats,
                                                (unsigned)settings->meter_unit) >= 0) {
    return RS_OK;
  }
  if (!knows_meters(model)) {
    return rs_error(error, RS_ERR_SETTING,
                    "the model has not learned meters: it cannot play in %d/%d; train it on MIDI "
                    "files with model.metre = true",
                    settings->meter_beats, settings->meter_unit);
  }
  list_meters(&model->inputs, sizeof known, known);
  return rs_error(error, RS_ERR_SETTING, "the model has not learned %d/%d; it knows %s",
                  settings->meter_beats, settings->meter_unit, known);
}

/* From this frame of the song on the meter is another one. */
static RsStatus change_meter(RsGenerator *generator, size_t frame, RsKnownMeter meter) {
  return rs_roll_add_meter(&generator->clock, frame, meter.beats, meter.unit);
}

/* The meter that is chosen, or the usual one, from the first frame on. */
static RsStatus start_clock(RsGenerator *generator) {
  const RsModel *model = generator->model;
  rs_roll_clear_meters(&generator->clock);
  generator->clock.frames_per_beat = model->inputs.frames_per_beat;
  return model->inputs.frames_per_beat ? change_meter(generator, 0, chosen_meter(generator))
                                       : RS_OK;
}

/* ---- The plan ---- */

/* A random number for the texture (step 0) or for the label of a bar (1 and up). */
static double plan_number(const RsGenerator *generator, size_t step) {
  return rs_rng_uniform((RsRng){generator->rng.seed, RS_STREAM_PLAN}, step);
}

static void draw_texture(RsGenerator *generator) {
  const RsInputs *inputs = &generator->model->inputs;
  const RsMeterChange *meter = generator->clock.meters;
  if (inputs->plan && meter) {
    const unsigned number = rs_inputs_plan_meter(inputs, meter->beats, meter->unit);
    generator->plan = rs_plan_draw_texture(inputs->plan, number, plan_number(generator, 0));
  }
  generator->planned = 0;
}

/* Draw the labels of the bars up to this one. */
static void plan_bar(RsGenerator *generator, size_t bar) {
  const RsPlanPrior *prior = generator->model->inputs.plan;
  for (; prior && generator->planned <= bar; ++generator->planned) {
    const size_t b = generator->planned;
    generator->plan.label =
        rs_plan_draw_label(prior, generator->plan, b, plan_number(generator, b + 1));
  }
}

/* The place of the next frame. @return false where there is no meter. */
static bool next_place(RsGenerator *generator, RsInputPlace *place) {
  const RsInputs *inputs = &generator->model->inputs;
  if (!rs_input_place(inputs, &generator->clock, generator->heard, place)) {
    return false;
  }
  plan_bar(generator, place->bar);
  place->plan = generator->plan;
  return true;
}

/* ---- Beginning ---- */

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
  RsStatus status = check_meter(model, settings, error);
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
  generator->rng = (RsRng){seed, RS_STREAM_GENERATE};
  status = allocate(generator);
  status = status ? status : start_clock(generator);
  if (!status) {
    rs_gibbs_set_weights(generator->gibbs, model->w);
    start_song(generator);
    draw_texture(generator);
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
    rs_gibbs_free(generator->gibbs);
    free(generator->state);
    free(generator->x);
    rs_links_clear(&generator->links);
    free(generator->v);
    free(generator->biases);
    free(generator);
  }
}

void rs_generator_set(RsGenerator *generator, double temperature, int max_polyphony) {
  generator->settings.temperature = temperature;
  generator->settings.max_polyphony = max_polyphony;
}

/* The biases of the next frame, from what was heard and the state, which moves on. */
static RsStatus next_biases(RsGenerator *generator, const RsInputPlace *place) {
  rs_input_history_fill(generator->history, place, generator->x, generator->links);
  return rs_rnnrbm_step(generator->step, generator->x, &generator->links, generator->state,
                        generator->biases);
}

/* Frame v is heard, the next one is at hand. */
static void hear(RsGenerator *generator, const RsInputPlace *place) {
  rs_input_history_add(generator->history, place, generator->v, generator->v);
  ++generator->heard;
}

/* The meter of the song that was heard goes on, unless another one was asked for. */
static RsStatus go_on_in_meter(RsGenerator *generator, const RsRoll *roll) {
  const RsKnownMeter meter = chosen_meter(generator);
  RsBarPlace last;
  RsStatus status = RS_OK;
  if (!roll->meters || !roll->frames) {
    return RS_OK;
  }
  rs_roll_clear_meters(&generator->clock);
  for (size_t i = 0; !status && i < roll->meter_count; ++i) {
    const RsMeterChange *change = roll->meters + i;
    status = change_meter(generator, change->frame, (RsKnownMeter){change->beats, change->unit, 1});
  }
  if (!status && generator->settings.meter_beats && rs_roll_bar(roll, roll->frames - 1, &last) &&
      (last.beats != meter.beats || last.unit != meter.unit)) {
    status = change_meter(generator, roll->frames, meter);
  }
  return status;
}

/* Hear a frame of a song. */
static RsStatus hear_frame(RsGenerator *generator, const RsRoll *roll, size_t n,
                           const RsSongPlan *plan) {
  const RsInputs *inputs = &generator->model->inputs;
  RsInputPlace place;
  const bool placed = rs_input_place(inputs, &generator->clock, n, &place);
  if (placed) {
    place.plan = rs_song_plan_at(plan, place.bar);
  }
  const RsStatus status = next_biases(generator, placed ? &place : NULL);
  rs_encode_frame(&inputs->encoding, roll, n, 0, generator->v);
  hear(generator, placed ? &place : NULL);
  return status;
}

/* The plan of the song that was heard goes on; of a short one, only what returns is known. */
static void go_on_in_plan(RsGenerator *generator, const RsSongPlan *plan) {
  enum { SHORT = 4 };
  draw_texture(generator);
  if (plan->bars) {
    const RsFramePlan drawn = generator->plan;
    generator->plan = rs_song_plan_at(plan, plan->bars - 1);
    generator->planned = plan->bars;
    if (plan->bars < SHORT) {
      generator->plan.density = drawn.density;
      generator->plan.polyphony = drawn.polyphony;
      generator->plan.returns = drawn.returns;
      generator->plan.pitches = drawn.pitches;
    }
  }
}

RsStatus rs_generator_prime(RsGenerator *generator, const RsRoll *roll) {
  const RsInputs *inputs = &generator->model->inputs;
  RsSongPlan plan = {.bars = 0};
  start_song(generator);
  RsStatus status = go_on_in_meter(generator, roll);
  if (!status && inputs->plan) {
    status = rs_song_plan(inputs->plan, roll, &plan);
  }
  for (size_t n = 0; !status && n < roll->frames; ++n) {
    status = hear_frame(generator, roll, n, &plan);
  }
  RsFrame onset;
  rs_decode_frame(&inputs->encoding, generator->v, &generator->before, &onset, NULL);
  go_on_in_plan(generator, &plan);
  rs_song_plan_clear(&plan);
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

/* The next frame, by a chain from the frame before. */
static void sample(RsGenerator *generator) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const float coupling = heat(rbm, generator->settings.temperature, generator->biases);
  const RsGibbsRun run = {.count = 1,
                          .biases = generator->biases,
                          .coupling = coupling,
                          .steps = (size_t)generator->settings.gibbs_steps,
                          .v = generator->v};
  rs_gibbs_seed(generator->chain, 1, generator->rng, generator->frame);
  rs_chain_run(generator->gibbs, generator->chain, &run);
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
  const RsEncoding *encoding = &model->inputs.encoding;
  const size_t notes = rs_encoding_notes(encoding);
  const size_t size = rs_encoding_size(encoding);
  for (size_t i = 0; rs_rnnrbm_rbm(model->net)->kind == RS_RBM_GAUSSIAN && i < size; ++i) {
    if (encoding->velocities && i < notes) {
      v[i] = v[i] > RS_ENCODING_GAP ? fminf(v[i], 1) : 0;
    } else {
      v[i] = v[i] > 0.5f;
    }
  }
}

RsStatus rs_generator_next(RsGenerator *generator, RsFrame *on, RsFrame *onset, uint8_t *velocity) {
  const RsInputs *inputs = &generator->model->inputs;
  const RsEncoding *encoding = &inputs->encoding;
  RsInputPlace place;
  const bool placed = next_place(generator, &place);
  const RsStatus status = next_biases(generator, placed ? &place : NULL);
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
  hear(generator, placed ? &place : NULL);
  ++generator->frame;
  return RS_OK;
}

/*
  The meter map of the frames to come. A bar that was begun before them stands there as a short bar
  of its own.
*/
static RsStatus write_meters(const RsGenerator *generator, RsRoll *roll) {
  const RsKnownMeter usual = usual_meter(generator->model);
  RsBarPlace bar;
  roll->meter_beats = usual.beats;
  roll->meter_unit = usual.unit;
  if (!rs_roll_bar(&generator->clock, generator->heard, &bar)) {
    return RS_OK;
  }
  roll->meter_beats = bar.beats;
  roll->meter_unit = bar.unit;
  const size_t rest = bar.frame_in_bar ? bar.bar_start + bar.bar_frames - generator->heard : 0;
  RsStatus status = RS_OK;
  if (rest) {
    status = rs_roll_add_meter(roll, 0, (unsigned)rest, 4 * roll->frames_per_beat);
  }
  return status ? status : rs_roll_add_meter(roll, rest, bar.beats, bar.unit);
}

RsStatus rs_generator_song(RsGenerator *generator, const char *name, size_t frames, RsRoll *roll) {
  const RsModel *model = generator->model;
  RsStatus status = rs_roll_init(roll, name, frames, rs_encoding_planes(&model->inputs.encoding));
  if (status) {
    return status;
  }
  roll->bpm = model->training.bpm;
  roll->frame_ms = model->settings.roll.frame_ms;
  roll->frames_per_beat = model->inputs.frames_per_beat;
  status = write_meters(generator, roll);
  for (size_t n = 0; !status && n < frames; ++n) {
    status = rs_generator_next(generator, &roll->on[n], roll->onset ? &roll->onset[n] : NULL,
                               roll->velocity ? roll->velocity + n * RS_NOTES : NULL);
  }
  if (status) {
    rs_roll_clear(roll);
  }
  return status;
}
