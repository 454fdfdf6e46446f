/* SPDX-License-Identifier: ISC */

/* Meter, plan and key of a song that is generated, doc/math.md, section P and equation T33. */

#include "model/generator_internal.h"

#include "model/meters.h"

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

/* A meter that is set must be one of the model. */
RsStatus rs_generator_check_meter(const RsModel *model, const RsGenerateSettings *settings,
                                  RsError *error) {
  char known[RS_METER_NAMES_SIZE];
  if (!settings->meter_beats || rs_inputs_meter(&model->inputs, (unsigned)settings->meter_beats,
                                                (unsigned)settings->meter_unit) >= 0) {
    return RS_OK;
  }
  if (!knows_meters(model)) {
    return rs_error(error, RS_ERR_SETTING,
                    "the model was not trained on meters: it cannot play in %d/%d; train it on MIDI "
                    "files with model.metre = true",
                    settings->meter_beats, settings->meter_unit);
  }
  rs_meter_names(&model->inputs, known);
  return rs_error(error, RS_ERR_SETTING, "the model was not trained on %d/%d, only on %s",
                  settings->meter_beats, settings->meter_unit, known);
}

/* From this frame of the song on the meter is another one. */
static RsStatus change_meter(RsGenerator *generator, size_t frame, RsKnownMeter meter) {
  return rs_roll_add_meter(&generator->clock, frame, meter.beats, meter.unit);
}

/* The meter that is chosen, or the usual one, from the first frame on. */
RsStatus rs_generator_start_clock(RsGenerator *generator) {
  const RsModel *model = generator->model;
  rs_roll_clear_meters(&generator->clock);
  generator->clock.frames_per_beat = model->inputs.frames_per_beat;
  return model->inputs.frames_per_beat ? change_meter(generator, 0, chosen_meter(generator))
                                       : RS_OK;
}

/* ---- The plan ---- */

/* Bars after which phrases and sections are counted anew. */
enum { PART_BARS = 32 };

/* Steps of the numbers for the register, beyond those of all bars. */
#define REGISTER_STEP ((uint64_t)1 << 40)

/* Steps of the numbers for the quarter notes of bars. */
#define QUARTERS_STEP ((uint64_t)1 << 41)

/* Step of the number for the key. */
#define KEY_STEP ((uint64_t)1 << 42)

/* Steps of the numbers for a texture around a part, and how often it is drawn. */
#define AROUND_STEP ((uint64_t)1 << 43)
enum { AROUND_DRAWS = 256 };

enum { OCTAVE = 12 };

/* A random number for the texture (step 0), the register, or the label of a bar (step 1 and up) and
 * its quarter notes: all candidates for a bar have the same plan. */
static double plan_number(const RsGenerator *generator, uint64_t step) {
  return rs_rng_uniform((RsRng){generator->plan.seed, RS_STREAM_PLAN}, step);
}

static void draw_texture(RsGenerator *generator) {
  const RsInputs *inputs = &generator->model->inputs;
  const RsMeterChange *meter = generator->clock.meters;
  if (inputs->plan && meter) {
    const unsigned number = rs_inputs_plan_meter(inputs, meter->beats, meter->unit);
    generator->plan.now = rs_plan_draw_texture(inputs->plan, number, plan_number(generator, 0));
    const double places[2] = {plan_number(generator, REGISTER_STEP),
                              plan_number(generator, REGISTER_STEP + 1)};
    rs_plan_draw_register(inputs->plan, places, &generator->plan.now);
  }
  generator->plan.bars = 0;
}

int rs_generator_key(const RsModel *model, const RsGenerateSettings *settings, uint64_t seed) {
  const double number = rs_rng_uniform((RsRng){seed, RS_STREAM_PLAN}, KEY_STEP);
  const RsTrainSettings *train = &model->settings.train;
  const bool drawn = settings->song_keys && model->inputs.plan;
  const int key = drawn ? rs_plan_draw_key(model->inputs.plan, number) : 0;
  for (int same = key - OCTAVE; same <= key + OCTAVE; same += OCTAVE) {
    if (same >= train->transpose_low && same <= train->transpose_high) {
      return same;
    }
  }
  return 0;
}

void rs_generator_draw_plan(RsGenerator *generator) {
  const int key = rs_generator_key(generator->model, &generator->settings, generator->plan.seed);
  draw_texture(generator);
  generator->plan.now.key = (unsigned char)((key + OCTAVE) % OCTAVE);
}

RsFramePlan rs_generator_draw_around(const RsGenerator *generator, RsFramePlan given, RsPart part) {
  const RsPlanPrior *prior = generator->model->inputs.plan;
  const RsMeterChange *meter = generator->clock.meters;
  const unsigned number =
      meter ? rs_inputs_plan_meter(&generator->model->inputs, meter->beats, meter->unit)
            : RS_PLAN_METERS - 1;
  const unsigned least = given.polyphony + (given.polyphony + 1u < RS_PLAN_CLASSES);
  const double places[2] = {plan_number(generator, REGISTER_STEP),
                            plan_number(generator, REGISTER_STEP + 1)};
  RsFramePlan drawn = given;
  bool found = false;
  for (uint64_t i = 0; !found && i < AROUND_DRAWS; ++i) {
    drawn = rs_plan_draw_texture(prior, number, plan_number(generator, AROUND_STEP + i));
    found = drawn.returns == given.returns && drawn.polyphony >= least &&
            drawn.density >= given.density;
  }
  drawn.returns = given.returns;
  drawn.key = given.key;
  drawn.polyphony = drawn.polyphony > least ? drawn.polyphony : (unsigned char)least;
  drawn.density = drawn.density > given.density ? drawn.density : given.density;
  rs_plan_draw_register(prior, places, &drawn);
  if (part == RS_PART_TOP || drawn.top < given.top) {
    drawn.top = given.top;
  }
  if (part == RS_PART_BOTTOM || drawn.bottom > given.bottom) {
    drawn.bottom = given.bottom;
  }
  return drawn;
}

/* Quarter notes that begin in the bar of the next frame. */
static size_t quarters_of_bar(const RsGenerator *generator) {
  const size_t quarter = generator->model->inputs.frames_per_beat;
  RsBarPlace bar = {.bar_frames = 0};
  rs_roll_bar(&generator->clock, generator->position, &bar);
  return (bar.bar_frames + quarter - 1) / quarter;
}

/* Draw the labels of the bars up to this one. */
static void plan_bar(RsGenerator *generator, size_t bar) {
  const RsPlanPrior *prior = generator->model->inputs.plan;
  for (; prior && generator->plan.bars <= bar; ++generator->plan.bars) {
    const size_t b = generator->plan.bars;
    double places[RS_PLAN_QUARTERS];
    for (size_t q = 0; q < RS_PLAN_QUARTERS; ++q) {
      places[q] = plan_number(generator, QUARTERS_STEP + b * RS_PLAN_QUARTERS + q);
    }
    generator->plan.now.label =
        rs_plan_draw_label(prior, generator->plan.now, b, plan_number(generator, b + 1));
    generator->plan.exact =
        rs_plan_draw_exact(prior, generator->plan.now.label, quarters_of_bar(generator), places);
  }
}

/* The place of the next frame. @return false where there is no meter. */
bool rs_generator_next_place(RsGenerator *generator, RsInputPlace *place) {
  const RsInputs *inputs = &generator->model->inputs;
  if (!rs_input_place(inputs, &generator->clock, generator->position, place)) {
    return false;
  }
  place->phrase %= PART_BARS; /* equation T33 */
  if (generator->plan.song.bars) {
    place->plan =
        rs_song_plan_at(&generator->plan.song, place->bar, rs_inputs_quarter(inputs, place));
    return true;
  }
  plan_bar(generator, place->bar);
  place->plan = rs_generator_steered_plan(generator);
  place->plan.label = rs_plan_label_at(generator->plan.now.label, generator->plan.exact,
                                       rs_inputs_quarter(inputs, place));
  return true;
}

/* ---- After a primer ---- */

/* Continue in the meter of the primer, unless another one is set. */
RsStatus rs_generator_go_on_in_meter(RsGenerator *generator, const RsRoll *roll) {
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

/* Continue the plan of the primer; of a short one, only what returns is known. */
void rs_generator_go_on_in_plan(RsGenerator *generator, const RsSongPlan *plan) {
  enum { SHORT = 4 };
  draw_texture(generator);
  if (plan->bars) {
    const RsFramePlan drawn = generator->plan.now;
    const RsBarPlan *last = plan->bar + plan->bars - 1;
    generator->plan.now = plan->texture;
    generator->plan.now.label = last->label;
    generator->plan.exact = last->exact;
    generator->plan.bars = plan->bars;
    if (plan->bars < SHORT) {
      generator->plan.now.density = drawn.density;
      generator->plan.now.polyphony = drawn.polyphony;
      generator->plan.now.returns = drawn.returns;
      generator->plan.now.pitches = drawn.pitches;
      generator->plan.now.top = drawn.top;
      generator->plan.now.bottom = drawn.bottom;
    }
  }
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
  if (!rs_roll_bar(&generator->clock, generator->position, &bar)) {
    return RS_OK;
  }
  roll->meter_beats = bar.beats;
  roll->meter_unit = bar.unit;
  const size_t rest = bar.frame_in_bar ? bar.bar_start + bar.bar_frames - generator->position : 0;
  RsStatus status = RS_OK;
  if (rest) {
    status = rs_roll_add_meter(roll, 0, (unsigned)rest, 4 * roll->frames_per_beat);
  }
  return status ? status : rs_roll_add_meter(roll, rest, bar.beats, bar.unit);
}

RsStatus rs_generator_describe(const RsGenerator *generator, RsRoll *roll) {
  const RsModel *model = generator->model;
  roll->bpm = model->training.bpm;
  roll->frame_ms = model->settings.roll.frame_ms;
  roll->frames_per_beat = model->inputs.frames_per_beat;
  return write_meters(generator, roll);
}

/* ---- A clock that is followed ---- */

RsStatus rs_generator_go_to(RsGenerator *generator, size_t frame) {
  RsBarPlace here, there;
  if (frame == generator->position || !rs_roll_bar(&generator->clock, generator->position, &here)) {
    return RS_OK;
  }
  rs_roll_clear_meters(&generator->clock);
  const RsStatus status = change_meter(generator, 0, (RsKnownMeter){here.beats, here.unit, 1});
  if (status) {
    return status;
  }
  rs_roll_bar(&generator->clock, frame, &there);
  rs_input_history_jump(generator->history);
  rs_generated_bars_start(&generator->bars);
  generator->position = frame;
  generator->plan.bars = there.bar;
  generator->plan.now.label = 0;
  return RS_OK;
}
