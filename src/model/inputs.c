/* SPDX-License-Identifier: ISC */

/* Layout of the inputs, doc/math.md, equations I1, I2, I8 and P5. */

#include "model/input_layout.h"

#include <math.h>
#include <string.h>

/* Bars of a short and of a long phrase; one value for each of their bars. */
enum { SHORT_PHRASE = 4, LONG_PHRASE = 8, SECTIONS = 5 };

/* Places of a bar that have a value of their own; those of longer bars share the last one. */
enum { PLACES_MAX = 192 };

/* Length of a bar in whole frames, rounded up, so that each frame has a place. */
static size_t places_of(unsigned frames_per_beat, const RsKnownMeter *meter) {
  const double frames = rs_meter_bar_frames(meter->beats, meter->unit, frames_per_beat);
  const double places = fmin(fmax(ceil(frames), 1), PLACES_MAX);
  return (size_t)places;
}

static double beat_of(unsigned frames_per_beat, const RsKnownMeter *meter) {
  return rs_meter_beat_frames(meter->beats, meter->unit, frames_per_beat);
}

/* Meters whose beats are as long share the values of their places in the beat. */
static size_t beat_values(RsInputs *inputs, size_t meter, size_t at) {
  const double beat = beat_of(inputs->frames_per_beat, inputs->meters + meter);
  for (size_t i = 0; i < meter; ++i) {
    if (beat_of(inputs->frames_per_beat, inputs->meters + i) == beat) {
      inputs->at.beat[meter] = inputs->at.beat[i];
      return at;
    }
  }
  inputs->at.beat[meter] = at;
  return at + (size_t)fmin(fmax(ceil(beat), 1), PLACES_MAX);
}

static size_t lay_out_metre(RsInputs *inputs, size_t at) {
  inputs->at.metre = at;
  at += inputs->meter_count + SHORT_PHRASE + LONG_PHRASE + SECTIONS;
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    inputs->at.place[i] = at;
    at += places_of(inputs->frames_per_beat, inputs->meters + i);
  }
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    at = beat_values(inputs, i, at);
  }
  return at;
}

/* Two shared weights each: to whether a note sounds, and to whether it begins. */
static void lay_out_shared(RsInputs *inputs) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  inputs->shared_at.lookback = inputs->note_age ? 2 * RS_NOTE_AGES * rs_inputs_places(inputs) : 0;
  inputs->shared = inputs->shared_at.lookback;
  inputs->shared += inputs->lookback ? 2 * RS_LOOKBACKS * RS_LOOKBACK_STATES * RS_GATES : 0;
  inputs->shared_at.intervals = inputs->shared;
  inputs->shared +=
      inputs->intervals ? 2 * (RS_INTERVAL_PAIRS + RS_DEGREE_PAIRS + RS_REGISTER_PAIRS) : 0;
  inputs->shared_at.melody = inputs->shared;
  inputs->shared += inputs->melody ? 2 * RS_MELODY_PAIRS : 0;
  inputs->shared_at.contour = inputs->shared;
  inputs->shared += inputs->contour ? 2 * RS_CONTOUR_PAIRS : 0;
  inputs->shared_at.counts = inputs->shared;
  const size_t cases = rs_inputs_places(inputs) + (inputs->lookback ? RS_LOOKBACKS * RS_GATES : 0);
  inputs->shared += inputs->counts ? cases * RS_COUNT_WEIGHTS : 0;
  inputs->links = 2 * notes * ((size_t)inputs->note_age + (inputs->lookback ? RS_LOOKBACKS : 0));
  inputs->links += inputs->intervals ? 2 * (3 * notes + RS_INTERVAL_SOURCES * RS_INTERVALS) : 0;
  inputs->links += 2 * notes * ((size_t)inputs->melody + inputs->contour);
  inputs->links += inputs->counts ? 2 * RS_COUNT_CLASSES * (1 + RS_LOOKBACKS) : 0;
}

RsInputs rs_inputs(const RsIngest *roll, const RsModelSettings *model, size_t count,
                   const RsKnownMeter *meters) {
  const bool of_time = roll->frame_ms > 0;
  RsInputs inputs = {.encoding = rs_encoding(roll),
                     .frames_per_beat = of_time ? 0 : (unsigned)roll->frames_per_beat,
                     .meter_count = of_time ? 0 : count,
                     .note_age = model->note_age};
  for (size_t i = 0; i < inputs.meter_count; ++i) {
    inputs.meters[i] = meters[i];
  }
  inputs.metre = model->metre && inputs.meter_count;
  inputs.lookback = model->lookback && inputs.meter_count;
  const size_t visible = rs_encoding_size(&inputs.encoding);
  size_t at = visible;
  at = inputs.metre ? lay_out_metre(&inputs, at) : at;
  inputs.at.lookback = at;
  at += inputs.lookback ? RS_LOOKBACKS * visible : 0;
  inputs.at.likeness = at;
  at += inputs.lookback ? RS_LOOKBACKS * RS_LIKENESSES : 0;
  inputs.planned = model->plan && inputs.meter_count;
  inputs.at.plan = at;
  at += inputs.planned ? RS_PLAN_INPUTS : 0;
  inputs.at.age = at;
  at += inputs.note_age ? RS_NOTE_AGES * rs_encoding_notes(&inputs.encoding) : 0;
  inputs.intervals = model->intervals;
  inputs.counts = model->counts && model->rbm == RS_RBM_BERNOULLI;
  inputs.joint_onsets = model->joint_onsets && inputs.counts && inputs.encoding.onsets;
  inputs.potentials_at = visible + (size_t)model->hidden;
  inputs.at.counts = at;
  at += inputs.counts ? RS_COUNT_CLASSES : 0;
  inputs.melody = model->melody;
  inputs.at.melody = at;
  at += inputs.melody ? rs_encoding_notes(&inputs.encoding) : 0;
  inputs.contour = model->contour && model->melody;
  inputs.at.contour = at;
  at += inputs.contour ? RS_MELODY_STEPS : 0;
  inputs.size = at;
  lay_out_shared(&inputs);
  return inputs;
}

size_t rs_inputs_places(const RsInputs *inputs) {
  size_t places = 1;
  for (size_t i = 0; inputs->metre && i < inputs->meter_count; ++i) {
    places += places_of(inputs->frames_per_beat, inputs->meters + i);
  }
  return places;
}

size_t rs_inputs_place(const RsInputs *inputs, const RsInputPlace *place) {
  if (!inputs->metre || !place || place->meter < 0) {
    return 0;
  }
  const size_t places = places_of(inputs->frames_per_beat, inputs->meters + place->meter);
  const size_t in_bar = place->frame_in_bar < places ? place->frame_in_bar : places - 1;
  return 1 + inputs->at.place[place->meter] - inputs->at.place[0] + in_bar;
}

size_t rs_inputs_beat_place(const RsInputs *inputs, const RsInputPlace *place) {
  if (!inputs->metre || !place || place->meter < 0) {
    return RS_BEAT_PLACES - 1;
  }
  const double beat = beat_of(inputs->frames_per_beat, inputs->meters + place->meter);
  const double in_beat = fmod((double)place->frame_in_bar, beat);
  return in_beat < 1 ? 0 : in_beat <= beat / 2 && beat / 2 < in_beat + 1 ? 1 : 2;
}

int rs_inputs_meter(const RsInputs *inputs, unsigned beats, unsigned unit) {
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    if (inputs->meters[i].beats == beats && inputs->meters[i].unit == unit) {
      return (int)i;
    }
  }
  return -1;
}

bool rs_input_place(const RsInputs *inputs, const RsRoll *roll, size_t frame, RsInputPlace *place) {
  RsBarPlace bar;
  if (!rs_roll_bar(roll, frame, &bar)) {
    return false;
  }
  const double length = rs_meter_bar_frames(bar.beats, bar.unit, roll->frames_per_beat);
  const size_t since = bar.bar_start - roll->meters[bar.change].frame;
  *place = (RsInputPlace){.meter = rs_inputs_meter(inputs, bar.beats, bar.unit),
                          .bar = bar.bar,
                          .phrase = (size_t)llround((double)since / length),
                          .frame_in_bar = bar.frame_in_bar};
  return true;
}

void rs_inputs_states(const RsInputs *inputs, const float *before, const float *v,
                      unsigned char *states) {
  const size_t notes = rs_encoding_notes(&inputs->encoding);
  for (size_t i = 0; i < notes; ++i) {
    const bool on = v && v[i] > 0 && !(v[notes + i] > 0);
    states[i] = RS_STATE_OFF | RS_STATE_BEGUN | (before[i] > 0 || on ? RS_STATE_ON : 0);
  }
}

size_t rs_inputs_quarter(const RsInputs *inputs, const RsInputPlace *place) {
  return place->frame_in_bar / inputs->frames_per_beat;
}

void rs_inputs_fill_metre(const RsInputs *inputs, const RsInputPlace *place, float *x) {
  if (!inputs->metre || place->meter < 0) {
    return;
  }
  const RsKnownMeter *meter = inputs->meters + place->meter;
  const size_t places = places_of(inputs->frames_per_beat, meter);
  const size_t in_bar = place->frame_in_bar < places ? place->frame_in_bar : places - 1;
  const double beat = beat_of(inputs->frames_per_beat, meter);
  const size_t in_beat = (size_t)fmin(fmod((double)place->frame_in_bar, beat), PLACES_MAX - 1);
  const size_t section = place->phrase / LONG_PHRASE;
  float *phrase = x + inputs->at.metre + inputs->meter_count;
  x[inputs->at.metre + (size_t)place->meter] = 1;
  phrase[place->phrase % SHORT_PHRASE] = 1;
  phrase[SHORT_PHRASE + place->phrase % LONG_PHRASE] = 1;
  phrase[SHORT_PHRASE + LONG_PHRASE + (section < SECTIONS ? section : SECTIONS - 1)] = 1;
  x[inputs->at.place[place->meter] + in_bar] = 1;
  x[inputs->at.beat[place->meter] + in_beat] = 1;
}

void rs_inputs_fill_plan(const RsInputs *inputs, const RsFramePlan *plan, float *x) {
  x += inputs->at.plan;
  x[plan->label] = 1;
  x += RS_PLAN_LABELS;
  x[plan->density] = 1;
  x += RS_PLAN_CLASSES;
  x[plan->polyphony] = 1;
  x += RS_PLAN_CLASSES;
  x[plan->returns] = 1;
  x += RS_PLAN_RETURNS;
  x[plan->pitches] = 1;
  x += RS_PLAN_PITCHES;
  x[plan->key] = 1;
}

unsigned rs_inputs_plan_meter(const RsInputs *inputs, unsigned beats, unsigned unit) {
  const int meter = rs_inputs_meter(inputs, beats, unit);
  return meter < 0 ? RS_PLAN_METERS - 1 : (unsigned)meter;
}
