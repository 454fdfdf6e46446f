/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_INPUTS_KIT_H
#define RS_TESTS_INPUTS_KIT_H

/* Inputs with a small range, rolls, and a history with what it is given. */

#include "small.h"

#include "model/input_layout.h"
#include "model/meters.h"

enum { LOW = 60, NOTES = 12, FRAMES_PER_BEAT = 4, VISIBLE = 2 * NOTES };

/* Bars of 16, 12 and 12 frames, beats of 4, 4 and 6. */
static const RsKnownMeter KNOWN[] = {{4, 4, 0.5}, {3, 4, 0.25}, {6, 8, 0.25}};
enum { KNOWN_COUNT = sizeof KNOWN / sizeof *KNOWN };

static inline RsIngest frames_of(int frames_per_beat, bool articulation) {
  RsSettings settings = small_settings(NOTES, 1, 1);
  settings.roll.frames_per_beat = frames_per_beat;
  settings.roll.articulation = articulation;
  return settings.roll;
}

static inline RsInputs inputs_with(RsModelSettings parts) {
  const RsIngest roll = frames_of(FRAMES_PER_BEAT, true);
  return rs_inputs(&roll, &parts, KNOWN_COUNT, KNOWN);
}

static inline RsInputs all_inputs(void) {
  return inputs_with((RsModelSettings){.metre = true, .lookback = true, .note_age = true});
}

/* A silent roll with marks of onsets. */
static inline RsRoll silent_roll(size_t frames) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_ONSET));
  roll.frames_per_beat = FRAMES_PER_BEAT;
  return roll;
}

static inline void add_note(RsRoll *roll, int note, size_t begin, size_t end) {
  rs_frame_set(roll->onset + begin, note);
  for (size_t n = begin; n < end; ++n) {
    rs_frame_set(roll->on + n, note);
  }
}

/* Notes of random pitch and length, from 62 to 68, so that they may be moved. */
static inline RsRoll random_roll(uint64_t seed, size_t frames) {
  RsRoll roll = silent_roll(frames);
  for (size_t n = 0; n < frames; ++n) {
    uint32_t words[4];
    rs_rng_words((RsRng){seed, RS_STREAM_TEST}, n, 4, words);
    const size_t end = n + 1 + words[2] % 5;
    if (words[0] % 3) {
      add_note(&roll, 62 + (int)(words[1] % 7), n, end < frames ? end : frames);
    }
  }
  return roll;
}

/* A history, and what it makes of the next frame. */
typedef struct {
  const RsInputs *inputs;
  RsInputHistory *history;
  float *x;
  RsLinks links;
} Past;

static inline Past past_of(const RsInputs *inputs) {
  Past past = {.inputs = inputs, .x = test_calloc(inputs->size, sizeof *past.x)};
  assert_ok(rs_input_history_new(inputs, &past.history));
  assert_ok(rs_links_init(&past.links, 1, inputs->links));
  return past;
}

static inline void past_free(Past *past) {
  rs_input_history_free(past->history);
  rs_links_clear(&past->links);
  test_free(past->x);
}

/* x(n) and links of the next frame, which is then added. */
static inline void add_vector(Past *past, const RsInputPlace *place, const float *v) {
  memset(past->x, 0xFF, past->inputs->size * sizeof *past->x);
  rs_input_history_fill(past->history, place, past->x, past->links);
  rs_input_history_add(past->history, place, v, v);
}

static inline void add_roll_frame(Past *past, const RsRoll *roll, size_t n, int transpose) {
  float v[VISIBLE];
  RsInputPlace place;
  const bool placed = rs_input_place(past->inputs, roll, n, &place);
  rs_encode_frame(&past->inputs->encoding, roll, n, transpose, v);
  add_vector(past, placed ? &place : NULL, v);
}

static inline RsRoll roll_in(unsigned beats, unsigned unit) {
  RsRoll roll = silent_roll(1000);
  assert_ok(rs_roll_add_meter(&roll, 0, beats, unit));
  return roll;
}

#endif /* RS_TESTS_INPUTS_KIT_H */
