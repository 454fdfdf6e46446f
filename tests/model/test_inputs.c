/* SPDX-License-Identifier: ISC */

/* What is known before a frame: its place in the meter, frames some bars ago, ages of notes. */

#include "small.h"

#include "model/input_layout.h"
#include "model/meters.h"

enum { LOW = 60, NOTES = 12, FRAMES_PER_BEAT = 4, VISIBLE = 2 * NOTES };

/* Bars of 16, 12 and 12 frames, beats of 4, 4 and 6. */
static const RsKnownMeter KNOWN[] = {{4, 4, 0.5}, {3, 4, 0.25}, {6, 8, 0.25}};
enum { KNOWN_COUNT = sizeof KNOWN / sizeof *KNOWN };

static RsIngest frames_of(int frames_per_beat, bool articulation) {
  RsSettings settings = small_settings(NOTES, 1, 1);
  settings.roll.frames_per_beat = frames_per_beat;
  settings.roll.articulation = articulation;
  return settings.roll;
}

static RsInputs inputs_with(RsModelSettings parts) {
  const RsIngest roll = frames_of(FRAMES_PER_BEAT, true);
  return rs_inputs(&roll, &parts, KNOWN_COUNT, KNOWN);
}

static RsInputs all_inputs(void) {
  return inputs_with((RsModelSettings){.metre = true, .lookback = true, .note_age = true});
}

/* A silent roll with marks of onsets. */
static RsRoll silent_roll(size_t frames) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_ONSET));
  roll.frames_per_beat = FRAMES_PER_BEAT;
  return roll;
}

static void add_note(RsRoll *roll, int note, size_t begin, size_t end) {
  rs_frame_set(roll->onset + begin, note);
  for (size_t n = begin; n < end; ++n) {
    rs_frame_set(roll->on + n, note);
  }
}

/* Notes of random pitch and length, from 62 to 68, so that they may be moved. */
static RsRoll random_roll(uint64_t seed, size_t frames) {
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

/* ---- Histories ---- */

/* A history, and what it makes of the next frame. */
typedef struct {
  const RsInputs *inputs;
  RsInputHistory *history;
  float *x;
  RsLinks links;
} Ear;

static Ear ear_of(const RsInputs *inputs) {
  Ear ear = {.inputs = inputs, .x = test_calloc(inputs->size, sizeof *ear.x)};
  assert_ok(rs_input_history_new(inputs, &ear.history));
  assert_ok(rs_links_init(&ear.links, 1, inputs->links));
  return ear;
}

static void ear_free(Ear *ear) {
  rs_input_history_free(ear->history);
  rs_links_clear(&ear->links);
  test_free(ear->x);
}

/* x(n) and links of the next frame, which then is heard. */
static void hear(Ear *ear, const RsInputPlace *place, const float *v) {
  memset(ear->x, 0xFF, ear->inputs->size * sizeof *ear->x);
  rs_input_history_fill(ear->history, place, ear->x, ear->links);
  rs_input_history_add(ear->history, place, v, v);
}

static void hear_frame(Ear *ear, const RsRoll *roll, size_t n, int transpose) {
  float v[VISIBLE];
  RsInputPlace place;
  const bool placed = rs_input_place(ear->inputs, roll, n, &place);
  rs_encode_frame(&ear->inputs->encoding, roll, n, transpose, v);
  hear(ear, placed ? &place : NULL, v);
}

/* ---- Layout ---- */

static void every_part_has_its_values(void **state) {
  const RsInputs inputs = all_inputs();
  const size_t metre = KNOWN_COUNT + 4 + 8 + 5 + (16 + 12 + 12) + (4 + 6);
  assert_int_equal(inputs.at.metre, VISIBLE);
  assert_int_equal(inputs.at.lookback, VISIBLE + metre);
  assert_int_equal(inputs.at.likeness, inputs.at.lookback + RS_LOOKBACKS * VISIBLE);
  assert_int_equal(inputs.at.age, inputs.at.likeness + RS_LOOKBACKS * RS_LIKENESSES);
  assert_int_equal(inputs.size, inputs.at.age + RS_NOTE_AGES * NOTES);
  assert_int_equal(inputs.at.place[0], VISIBLE + KNOWN_COUNT + 4 + 8 + 5);
  assert_int_equal(inputs.at.place[1], inputs.at.place[0] + 16);
  assert_int_equal(inputs.at.place[2], inputs.at.place[1] + 12);
  assert_int_equal(inputs.at.beat[0], inputs.at.place[2] + 12);
  assert_int_equal(inputs.at.beat[1], inputs.at.beat[0]); /* beats of the same length */
  assert_int_equal(inputs.at.beat[2], inputs.at.beat[0] + 4);
}

static void a_part_that_is_off_has_none(void **state) {
  const RsInputs none = inputs_with((RsModelSettings){.metre = false});
  const RsInputs metre = inputs_with((RsModelSettings){.metre = true});
  const RsInputs lookback = inputs_with((RsModelSettings){.lookback = true});
  const RsInputs age = inputs_with((RsModelSettings){.note_age = true});
  assert_int_equal(none.size, VISIBLE);
  assert_int_equal(none.shared, 0);
  assert_int_equal(none.links, 0);
  assert_int_equal(metre.size, all_inputs().at.lookback);
  assert_int_equal(metre.shared, 0);
  assert_int_equal(lookback.size, VISIBLE + RS_LOOKBACKS * (VISIBLE + RS_LIKENESSES));
  assert_int_equal(age.size, VISIBLE + RS_NOTE_AGES * NOTES);
  assert_int_equal(age.shared, 2 * RS_NOTE_AGES); /* no place is known: all are one */
}

static void without_meters_there_is_neither_metre_nor_lookback(void **state) {
  const RsModelSettings parts = {.metre = true, .lookback = true};
  RsIngest roll = frames_of(FRAMES_PER_BEAT, true);
  const RsInputs none = rs_inputs(&roll, &parts, 0, NULL);
  roll.frame_ms = 20;
  const RsInputs of_time = rs_inputs(&roll, &parts, KNOWN_COUNT, KNOWN);
  assert_int_equal(none.size, VISIBLE);
  assert_int_equal(of_time.size, VISIBLE);
  assert_int_equal(of_time.meter_count, 0);
}

static void a_meter_has_its_number(void **state) {
  const RsInputs inputs = all_inputs();
  assert_int_equal(rs_inputs_meter(&inputs, 4, 4), 0);
  assert_int_equal(rs_inputs_meter(&inputs, 6, 8), 2);
  assert_int_equal(rs_inputs_meter(&inputs, 6, 4), -1);
  assert_int_equal(rs_inputs_meter(&inputs, 4, 8), -1);
}

/* ---- Metre ---- */

/* Expect the values of a frame's metre: all zero but those of its meter, phrase and places. */
/* By the length of the bar, then of the beat, then the order. */
static void the_nearest_meter_has_a_bar_of_about_its_length(void **state) {
  const RsKnownMeter known[] = {{3, 4, 0.4}, {6, 8, 0.3}, {4, 4, 0.2}, {9, 8, 0.1}};
  const unsigned wanted[][3] = {{3, 4, 0}, {6, 8, 1},  {2, 2, 2},   {12, 8, 3}, {7, 8, 0},
                                {3, 8, 0}, {6, 16, 0}, {12, 16, 0}, {5, 4, 3},  {15, 8, 3}};
  RsInputs inputs = {.meter_count = 0};
  assert_int_equal(rs_nearest_meter(&inputs, 4, 4), -1);
  inputs.meter_count = sizeof known / sizeof *known;
  memcpy(inputs.meters, known, sizeof known);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i) {
    assert_int_equal(rs_nearest_meter(&inputs, wanted[i][0], wanted[i][1]), wanted[i][2]);
  }
  inputs.meters[1] = (RsKnownMeter){12, 8, 1}; /* as far from 9/8 as 3/4 is */
  inputs.meter_count = 2;
  assert_int_equal(rs_nearest_meter(&inputs, 9, 8), 1);
}

static void expect_metre(const RsInputs *inputs, const RsRoll *roll, size_t frame, int meter,
                         size_t bar_of_meter, size_t in_bar, size_t in_beat) {
  float *x = test_calloc(inputs->size, sizeof *x), *wanted = test_calloc(inputs->size, sizeof *x);
  RsInputPlace place;
  const size_t short_at = inputs->at.metre + inputs->meter_count;
  const size_t section = bar_of_meter / 8 < 4 ? bar_of_meter / 8 : 4;
  assert_true(rs_input_place(inputs, roll, frame, &place));
  assert_int_equal(place.meter, meter);
  if (meter >= 0) {
    assert_int_equal(place.phrase, bar_of_meter);
    assert_int_equal(place.frame_in_bar, in_bar);
    wanted[inputs->at.metre + (size_t)meter] = 1;
    wanted[short_at + bar_of_meter % 4] = 1;
    wanted[short_at + 4 + bar_of_meter % 8] = 1;
    wanted[short_at + 12 + section] = 1;
    wanted[inputs->at.place[meter] + in_bar] = 1;
    wanted[inputs->at.beat[meter] + in_beat] = 1;
  }
  rs_inputs_fill_metre(inputs, &place, x);
  assert_memory_equal(x, wanted, inputs->size * sizeof *x);
  test_free(x);
  test_free(wanted);
}

static RsRoll roll_in(unsigned beats, unsigned unit) {
  RsRoll roll = silent_roll(1000);
  assert_ok(rs_roll_add_meter(&roll, 0, beats, unit));
  return roll;
}

static void a_place_is_one_of_each_kind(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll four = roll_in(4, 4), three = roll_in(3, 4), six = roll_in(6, 8);
  expect_metre(&inputs, &four, 0, 0, 0, 0, 0);
  expect_metre(&inputs, &four, 37, 0, 2, 5, 1);
  expect_metre(&inputs, &four, 16 * 13 + 15, 0, 13, 15, 3);
  expect_metre(&inputs, &three, 37, 1, 3, 1, 1);
  expect_metre(&inputs, &three, 12 * 9 + 11, 1, 9, 11, 3);
  expect_metre(&inputs, &six, 12 * 5 + 7, 2, 5, 7, 1);
  expect_metre(&inputs, &six, 12 * 5 + 5, 2, 5, 5, 5);
  expect_metre(&inputs, &four, 16 * 600 + 3, 0, 600, 3, 3); /* beyond the end of the song */
  rs_roll_clear(&four);
  rs_roll_clear(&three);
  rs_roll_clear(&six);
}

static void phrases_count_from_the_pickups_end(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(500);
  RsInputPlace place;
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4)); /* not learned */
  assert_ok(rs_roll_add_meter(&roll, 4, 4, 4));
  expect_metre(&inputs, &roll, 3, -1, 0, 3, 3);
  expect_metre(&inputs, &roll, 4, 0, 0, 0, 0);
  expect_metre(&inputs, &roll, 4 + 16 * 9 + 3, 0, 9, 3, 3);
  assert_true(rs_input_place(&inputs, &roll, 4 + 16 * 9, &place));
  assert_int_equal(place.bar, 10);
  rs_roll_clear(&roll);
}

static void a_change_of_meter_begins_a_phrase(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(500);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  assert_ok(rs_roll_add_meter(&roll, 40, 3, 4)); /* cuts the third bar */
  assert_ok(rs_roll_add_meter(&roll, 76, 6, 8));
  assert_ok(rs_roll_add_meter(&roll, 88, 4, 4));
  expect_metre(&inputs, &roll, 39, 0, 2, 7, 3);
  expect_metre(&inputs, &roll, 40, 1, 0, 0, 0);
  expect_metre(&inputs, &roll, 75, 1, 2, 11, 3);
  expect_metre(&inputs, &roll, 83, 2, 0, 7, 1);
  expect_metre(&inputs, &roll, 88 + 16 + 5, 0, 1, 5, 1);
  rs_roll_clear(&roll);
}

static void bars_of_no_whole_length_have_a_place_for_each_frame(void **state) {
  const RsIngest settings = frames_of(3, true);
  const RsModelSettings parts = {.metre = true};
  const RsKnownMeter meter = {3, 8, 1}; /* 4.5 frames: bars begin at 0, 5, 9, 14 */
  const RsInputs inputs = rs_inputs(&settings, &parts, 1, &meter);
  RsRoll roll = roll_in(3, 8);
  roll.frames_per_beat = 3;
  assert_int_equal(inputs.at.beat[0] - inputs.at.place[0], 5);
  expect_metre(&inputs, &roll, 4, 0, 0, 4, 1);
  expect_metre(&inputs, &roll, 5, 0, 1, 0, 0);
  expect_metre(&inputs, &roll, 13, 0, 2, 4, 1);
  expect_metre(&inputs, &roll, 14, 0, 3, 0, 0);
  rs_roll_clear(&roll);
}

static void a_roll_without_meters_has_no_place(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(8);
  RsInputPlace place = {.meter = 77};
  assert_false(rs_input_place(&inputs, &roll, 3, &place));
  assert_int_equal(place.meter, 77);
  Ear ear = ear_of(&inputs);
  hear_frame(&ear, &roll, 0, 0);
  hear_frame(&ear, &roll, 1, 0);
  for (size_t i = 0; i < inputs.size; ++i) {
    assert_float_equal(ear.x[i], 0, 0);
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

/* ---- Lookback ---- */

/* The frame some bars before a frame, or -1: from the list of the bars' first frames alone. */
static long bars_ago(const size_t *starts, size_t frames, size_t n, size_t bars) {
  size_t bar = 0;
  while (starts[bar + 1] <= n) {
    ++bar;
  }
  if (bar < bars) {
    return -1;
  }
  const size_t then = starts[bar - bars] + n - starts[bar];
  return then < starts[bar - bars + 1] && n - then <= frames ? (long)then : -1;
}

/* The first frames of bars, and last one that is beyond all. */
static void list_bars(const RsRoll *roll, size_t *starts) {
  size_t count = 0;
  for (size_t n = 0; n < roll->frames; ++n) {
    RsBarPlace bar;
    assert_true(rs_roll_bar(roll, n, &bar));
    if (!bar.frame_in_bar) {
      starts[count++] = n;
    }
  }
  starts[count] = SIZE_MAX;
}

/* Expect lookback of a frame to be what stood in the song. @return Distances that are there. */
static size_t expect_lookback(const Ear *ear, const RsRoll *roll, const size_t *starts, size_t n) {
  static const size_t bars[RS_LOOKBACKS] = {1, 2, 4, 8};
  static const float zeroes[RS_LIKENESSES];
  const RsInputs *inputs = ear->inputs;
  size_t there = 0;
  for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
    const long then = bars_ago(starts, rs_inputs_frames(inputs), n, bars[k]);
    const float *like = ear->x + inputs->at.likeness + k * RS_LIKENESSES;
    float wanted[VISIBLE] = {0};
    if (then >= 0) {
      rs_encode_frame(&inputs->encoding, roll, (size_t)then, 0, wanted);
    }
    assert_memory_equal(ear->x + inputs->at.lookback + k * VISIBLE, wanted, sizeof wanted);
    assert_int_equal(memcmp(like, zeroes, sizeof zeroes) != 0, then >= 0);
    there += then >= 0;
  }
  return there;
}

/* @return How many frames some bars ago there are, of all frames together. */
static size_t look_back_through(const RsRoll *roll) {
  const RsInputs inputs = all_inputs();
  Ear ear = ear_of(&inputs);
  size_t *starts = test_calloc(roll->frames + 1, sizeof *starts), there = 0;
  list_bars(roll, starts);
  for (size_t n = 0; n < roll->frames; ++n) {
    hear_frame(&ear, roll, n, 0);
    there += expect_lookback(&ear, roll, starts, n);
  }
  test_free(starts);
  ear_free(&ear);
  return there;
}

static void lookback_is_what_stood_some_bars_ago(void **state) {
  for (size_t i = 0; i < KNOWN_COUNT; ++i) {
    const size_t bar = i ? 12 : 16;
    RsRoll roll = random_roll(i, 20 * bar + 5);
    assert_ok(rs_roll_add_meter(&roll, 0, KNOWN[i].beats, KNOWN[i].unit));
    assert_int_equal(look_back_through(&roll), (19 + 18 + 16 + 12) * bar + 4 * 5);
    rs_roll_clear(&roll);
  }
}

static void lookback_goes_over_pickups_and_changes_of_meter(void **state) {
  RsRoll roll = random_roll(5, 600);
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 4, 4));
  assert_ok(rs_roll_add_meter(&roll, 4 + 160, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 4 + 160 + 125, 4, 4)); /* cuts a bar */
  assert_ok(rs_roll_add_meter(&roll, 450, 6, 8));
  assert_true(look_back_through(&roll) > 1000);
  rs_roll_clear(&roll);
}

/* 8 bars of 28 frames are more than are kept for meters of 16 at most. */
static void bars_that_are_too_long_are_looked_back_on_less_far(void **state) {
  RsRoll roll = random_roll(6, 28 * 12);
  assert_ok(rs_roll_add_meter(&roll, 0, 7, 4));
  assert_int_equal(look_back_through(&roll), (11 + 10 + 8) * 28);
  rs_roll_clear(&roll);
}

/* After a leap to bar 20, a bar is looked back on again when one has been heard there. */
static void nothing_before_a_leap_is_looked_back_on(void **state) {
  const RsInputs inputs = all_inputs();
  Ear ear = ear_of(&inputs);
  RsRoll roll = random_roll(8, 400);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t n = 0; n < 70; ++n) {
    hear_frame(&ear, &roll, n, 0);
  }
  rs_input_history_leave(ear.history);
  for (size_t n = 16 * 20 + 5; n < 16 * 23; ++n) {
    hear_frame(&ear, &roll, n, 0);
    const bool known = n >= 16 * 21 + 5;
    float then[VISIBLE];
    rs_encode_frame(&inputs.encoding, &roll, n - 16, 0, then);
    for (size_t i = 0; i < VISIBLE; ++i) {
      assert_true(ear.x[inputs.at.lookback + i] == (known ? then[i] : 0));
    }
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

static void the_frame_before_is_the_first_part(void **state) {
  const RsInputs inputs = all_inputs();
  Ear ear = ear_of(&inputs);
  RsRoll roll = random_roll(7, 100);
  float v[VISIBLE] = {0};
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    assert_memory_equal(rs_input_history_last(ear.history), v, sizeof v);
    hear_frame(&ear, &roll, n, 0);
    assert_memory_equal(ear.x, v, sizeof v);
    rs_encode_frame(&inputs.encoding, &roll, n, 0, v);
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

static void a_song_knows_nothing_of_the_last_one(void **state) {
  const RsInputs inputs = all_inputs();
  Ear used = ear_of(&inputs), fresh = ear_of(&inputs);
  RsRoll one = random_roll(8, 300), two = random_roll(9, 200);
  float before[VISIBLE] = {0, 1};
  assert_ok(rs_roll_add_meter(&one, 0, 3, 4));
  assert_ok(rs_roll_add_meter(&two, 0, 4, 4));
  for (size_t n = 0; n < one.frames; ++n) {
    hear_frame(&used, &one, n, 0);
  }
  rs_input_history_start(used.history, before);
  rs_input_history_start(fresh.history, before);
  for (size_t n = 0; n < two.frames; ++n) {
    hear_frame(&used, &two, n, 0);
    hear_frame(&fresh, &two, n, 0);
    assert_memory_equal(used.x, fresh.x, inputs.size * sizeof *used.x);
    assert_true(n || !memcmp(used.x, before, sizeof before));
  }
  ear_free(&used);
  ear_free(&fresh);
  rs_roll_clear(&one);
  rs_roll_clear(&two);
}

/* ---- Likeness ---- */

static double jaccard(const RsFrame *a, const RsFrame *b) {
  double both = 0, either = 0;
  for (int note = 0; note < RS_NOTES; ++note) {
    both += rs_frame_has(a, note) && rs_frame_has(b, note);
    either += rs_frame_has(a, note) || rs_frame_has(b, note);
  }
  return either > 0 ? both / either : 1;
}

static int top_of(const RsFrame *frame) {
  int top = -1;
  for (int note = 0; note < RS_NOTES; ++note) {
    top = rs_frame_has(frame, note) ? note : top;
  }
  return top;
}

/* The class of a likeness, -1 where rounding may decide. */
static int class_of(double like) {
  static const double ends[] = {0.3, 0.6, 0.85};
  int class = 0;
  for (int i = 0; i < 3; ++i) {
    if (fabs(like - ends[i]) < 1e-5) {
      return -1;
    }
    class += like > ends[i];
  }
  return class;
}

/* A song of which some bars come back, changed a little. */
static RsRoll returning_roll(size_t bars) {
  RsRoll roll = random_roll(10, bars * 16), other = random_roll(11, bars * 16);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t n = 32; n < roll.frames; ++n) {
    if (n / 16 % 3) {
      const bool same = n / 16 % 3 == 1 || n % 5;
      roll.on[n] = same ? roll.on[n - 16] : other.on[n];
      roll.onset[n] = same ? roll.onset[n - 16] : other.onset[n];
    }
  }
  rs_roll_clear(&other);
  return roll;
}

static void likeness_is_a_running_mean_of_what_was_alike(void **state) {
  static const size_t bars[RS_LOOKBACKS] = {1, 2, 4, 8};
  const RsInputs inputs = all_inputs();
  Ear ear = ear_of(&inputs);
  RsRoll roll = returning_roll(40);
  double like[RS_LOOKBACKS][2] = {{0}};
  size_t seen[2][4] = {{0}};
  for (size_t n = 0; n < roll.frames; ++n) {
    hear_frame(&ear, &roll, n, 0);
    for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
      const bool there = n >= 16 * bars[k];
      const RsFrame *now = roll.on + n, *then = now - (there ? 16 * bars[k] : 0);
      const double alike[2] = {there ? jaccard(now, then) : 0,
                               there && top_of(now) == top_of(then)};
      for (size_t kind = 0; kind < 2; ++kind) {
        const float *x = ear.x + inputs.at.likeness + k * RS_LIKENESSES + 4 * kind;
        const int wanted = class_of(like[k][kind]);
        for (int i = 0; there && wanted >= 0 && i < 4; ++i) {
          assert_true(x[i] == (i == wanted));
        }
        seen[kind][wanted < 0 ? 0 : wanted] += there;
        like[k][kind] += 0.25 * (alike[kind] - like[k][kind]);
      }
    }
  }
  for (size_t i = 0; i < 8; ++i) {
    assert_true(seen[i / 4][i % 4] > 20);
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

/* ---- Ages ---- */

/* Class of a note's age, from 1 frame on. */
static size_t age_class(size_t age) {
  return age <= 4 ? age - 1 : age <= 8 ? 4 : age <= 16 ? 5 : 6;
}

/* Expect the note at `place` to have this age, 0 being silence, and all other notes to be silent.
 */
static void expect_age(const Ear *ear, size_t place, size_t age) {
  const float *ages = ear->x + ear->inputs->at.age;
  for (size_t i = 0; i < RS_NOTE_AGES * NOTES; ++i) {
    assert_true(ages[i] == (age && i == age_class(age) * NOTES + place));
  }
}

static void ages_are_counted_from_the_onset(void **state) {
  const RsInputs inputs = inputs_with((RsModelSettings){.note_age = true});
  Ear ear = ear_of(&inputs);
  RsRoll roll = silent_roll(60);
  add_note(&roll, LOW + 5, 3, 40);
  rs_frame_set(roll.onset + 30, LOW + 5); /* begins again */
  for (size_t n = 0; n < roll.frames; ++n) {
    hear_frame(&ear, &roll, n, 0);
    expect_age(&ear, 5, n <= 3 || n > 40 ? 0 : n <= 30 ? n - 3 : n - 30);
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

static void without_onsets_ages_are_counted_from_silence(void **state) {
  const RsModelSettings parts = {.note_age = true};
  const RsIngest settings = frames_of(FRAMES_PER_BEAT, false);
  const RsInputs inputs = rs_inputs(&settings, &parts, 0, NULL);
  Ear ear = ear_of(&inputs);
  RsRoll roll = silent_roll(30);
  add_note(&roll, LOW, 2, 20);
  rs_frame_set(roll.onset + 10, LOW);
  for (size_t n = 0; n < roll.frames; ++n) {
    hear_frame(&ear, &roll, n, 0);
    expect_age(&ear, 0, n <= 2 || n > 20 ? 0 : n - 2);
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
}

/* ---- Links ---- */

/* Expect the links of two ears to be the same, one note apart. */
static void expect_same_links(const Ear *a, const Ear *b) {
  const size_t count = *a->links.count;
  assert_int_equal(*b->links.count, count);
  assert_true(count <= a->inputs->links);
  for (size_t i = 0; i < count; ++i) {
    const RsLink one = a->links.links[i], other = b->links.links[i];
    assert_int_equal(one.weight, other.weight);
    assert_int_equal(one.bias + 1, other.bias);
    assert_true(one.weight < a->inputs->shared && other.bias < VISIBLE);
    assert_int_equal(one.weight % 2, one.bias >= NOTES); /* the second of a pair is for onsets */
  }
}

static void notes_share_their_weights(void **state) {
  const RsInputs inputs = all_inputs();
  Ear low = ear_of(&inputs), high = ear_of(&inputs);
  RsRoll roll = random_roll(12, 400);
  size_t links = 0;
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 120, 4, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    hear_frame(&low, &roll, n, 0);
    hear_frame(&high, &roll, n, 1);
    expect_same_links(&low, &high);
    links += *low.links.count;
  }
  assert_true(links > 400 * 2);
  ear_free(&low);
  ear_free(&high);
  rs_roll_clear(&roll);
}

/* The weight that a note of this age is linked to at this place of a bar of 4/4. */
static uint32_t age_weight(size_t age, size_t in_bar) {
  const RsInputs inputs = inputs_with((RsModelSettings){.metre = true, .note_age = true});
  Ear ear = ear_of(&inputs);
  RsRoll roll = roll_in(4, 4);
  add_note(&roll, LOW + 3, 32 + in_bar - age, 32 + in_bar);
  for (size_t n = 0; n <= 32 + in_bar; ++n) {
    hear_frame(&ear, &roll, n, 0);
  }
  assert_int_equal(*ear.links.count, 2);
  assert_int_equal(ear.links.links[0].bias, 3);
  assert_int_equal(ear.links.links[1].bias, NOTES + 3);
  assert_int_equal(ear.links.links[1].weight, ear.links.links[0].weight + 1);
  const uint32_t weight = ear.links.links[0].weight;
  ear_free(&ear);
  rs_roll_clear(&roll);
  return weight;
}

static void each_age_at_each_place_has_weights_of_its_own(void **state) {
  static const size_t ages[RS_NOTE_AGES] = {1, 2, 3, 4, 6, 12, 20};
  uint32_t seen[RS_NOTE_AGES * 16];
  size_t count = 0;
  for (size_t in_bar = 0; in_bar < 16; ++in_bar) {
    for (size_t i = 0; i < RS_NOTE_AGES; ++i) {
      const uint32_t weight = age_weight(ages[i], in_bar);
      for (size_t k = 0; k < count; ++k) {
        assert_int_not_equal(seen[k], weight);
      }
      seen[count++] = weight;
    }
  }
  assert_int_equal(age_weight(7, 5), age_weight(5, 5)); /* of the same class */
}

/* The states of notes at all distances that are linked while some music is heard, as bits. */
static unsigned states_heard(bool articulation) {
  const RsIngest how = frames_of(FRAMES_PER_BEAT, articulation);
  const RsInputs inputs = rs_inputs(&how, &(RsModelSettings){.lookback = true}, KNOWN_COUNT, KNOWN);
  Ear ear = ear_of(&inputs);
  RsRoll roll = random_roll(3, 400);
  unsigned states = 0;
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    hear_frame(&ear, &roll, n, 0);
    for (size_t i = 0; i < *ear.links.count; ++i) {
      const size_t pair = (ear.links.links[i].weight - inputs.shared_at.lookback) / 2;
      states |= 1u << pair / RS_GATES % RS_LOOKBACK_STATES;
    }
  }
  ear_free(&ear);
  rs_roll_clear(&roll);
  return states;
}

/* Held or begun then, and silent then: without onsets what is silent now counts as begun then, and
   what sounds as held. What is silent then and now is linked where something is planned alone. */
static void without_onsets_notes_have_fewer_states(void **state) {
  assert_int_equal(states_heard(true), 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
  assert_int_equal(states_heard(false), 1 << 1 | 1 << 2 | 1 << 4);
}

/* ---- Shared weights of intervals and counts ---- */

/* How often a shared weight is linked to a bias. */
static size_t links_between(const RsLinks *links, size_t weight, size_t bias) {
  size_t count = 0;
  for (size_t i = 0; i < *links->count; ++i) {
    count += links->links[i].weight == weight && links->links[i].bias == bias;
  }
  return count;
}

/* Two notes, the upper one begun in frame 5 of a bar of 4/4: frame 6 is the middle of its beat. */
static void intervals_and_counts_are_linked_by_voice_and_place(void **state) {
  const RsInputs inputs =
      inputs_with((RsModelSettings){.metre = true, .counts = true, .intervals = true, .hidden = 9});
  RsRoll roll = roll_in(4, 4);
  Ear ear = ear_of(&inputs);
  add_note(&roll, LOW + 3, 0, 16);
  add_note(&roll, LOW + 7, 5, 16);
  for (size_t n = 0; n < 7; ++n) {
    hear_frame(&ear, &roll, n, 0);
  }
  const size_t top = 25 * (3 * 1 + 1), bottom = 25 * (3 * 2 + 1);
  assert_int_equal(*ear.links.count, 2 * 2 * NOTES + 2 * RS_COUNT_CLASSES);
  for (size_t j = 0; j < NOTES; ++j) {
    assert_int_equal(links_between(&ear.links, 2 * (top + j + 12 - 7), j), 1);
    assert_int_equal(links_between(&ear.links, 2 * (bottom + j + 12 - 3) + 1, NOTES + j), 1);
  }
  const size_t first = 2 * (300 + 144 + 82) + 14 * (1 + 6), kappa = VISIBLE + 9;
  assert_int_equal(links_between(&ear.links, first + 3, kappa + 2), 1); /* as many sound */
  assert_int_equal(links_between(&ear.links, first + 1, kappa + 0), 1); /* two fewer */
  assert_int_equal(links_between(&ear.links, first + 6, kappa + 7), 1); /* three more or more */
  assert_int_equal(links_between(&ear.links, first + 7 + 2, kappa + 8 + 1), 1); /* one begins */
  assert_float_equal(ear.x[inputs.at.counts + 2], 1, 0);
  assert_int_equal(inputs.shared, 2 * (300 + 144 + 82) + 14 * (1 + 40));
  ear_free(&ear);
  rs_roll_clear(&roll);
}

/* Whether all notes, and nothing else, are linked by their distance from one of the melody. */
static void assert_melody(const RsInputs *inputs, const Ear *ear, size_t note, size_t number) {
  assert_int_equal(*ear->links.count, 2 * NOTES);
  for (size_t j = 0; j < NOTES; ++j) {
    const size_t pair = 41 * number + 20 + j - note;
    assert_int_equal(links_between(&ear->links, 2 * pair, j), 1);
    assert_int_equal(links_between(&ear->links, 2 * pair + 1, NOTES + j), 1);
    assert_float_equal(ear->x[inputs->at.melody + j], j == note, 0);
  }
}

/* A low note under the highest one is none of the melody, nor is one that goes on when that ends.
 */
static void the_melody_is_the_line_of_the_highest_notes(void **state) {
  const RsInputs inputs = inputs_with((RsModelSettings){.metre = true, .melody = true});
  RsRoll roll = roll_in(4, 4);
  Ear ear = ear_of(&inputs);
  add_note(&roll, LOW + 8, 1, 5);
  add_note(&roll, LOW + 2, 3, 9);
  hear_frame(&ear, &roll, 0, 0);
  hear_frame(&ear, &roll, 1, 0);
  assert_int_equal(*ear.links.count, 0); /* of frame 1: nothing has begun before */
  hear_frame(&ear, &roll, 2, 0);
  assert_melody(&inputs, &ear, 8, 3 + 1); /* it sounds, and frame 2 is the middle of its beat */
  hear_frame(&ear, &roll, 3, 0);
  hear_frame(&ear, &roll, 4, 0);
  assert_melody(&inputs, &ear, 8, 3 + 0);
  hear_frame(&ear, &roll, 5, 0);
  hear_frame(&ear, &roll, 6, 0);
  assert_melody(&inputs, &ear, 8, 0 + 1); /* it has ended */
  assert_int_equal(inputs.shared, 2 * 6 * 41);
  ear_free(&ear);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_part_has_its_values),
      cmocka_unit_test(a_part_that_is_off_has_none),
      cmocka_unit_test(without_meters_there_is_neither_metre_nor_lookback),
      cmocka_unit_test(a_meter_has_its_number),
      cmocka_unit_test(the_nearest_meter_has_a_bar_of_about_its_length),
      cmocka_unit_test(a_place_is_one_of_each_kind),
      cmocka_unit_test(phrases_count_from_the_pickups_end),
      cmocka_unit_test(a_change_of_meter_begins_a_phrase),
      cmocka_unit_test(bars_of_no_whole_length_have_a_place_for_each_frame),
      cmocka_unit_test(a_roll_without_meters_has_no_place),
      cmocka_unit_test(lookback_is_what_stood_some_bars_ago),
      cmocka_unit_test(lookback_goes_over_pickups_and_changes_of_meter),
      cmocka_unit_test(bars_that_are_too_long_are_looked_back_on_less_far),
      cmocka_unit_test(nothing_before_a_leap_is_looked_back_on),
      cmocka_unit_test(the_frame_before_is_the_first_part),
      cmocka_unit_test(a_song_knows_nothing_of_the_last_one),
      cmocka_unit_test(likeness_is_a_running_mean_of_what_was_alike),
      cmocka_unit_test(ages_are_counted_from_the_onset),
      cmocka_unit_test(without_onsets_ages_are_counted_from_silence),
      cmocka_unit_test(notes_share_their_weights),
      cmocka_unit_test(without_onsets_notes_have_fewer_states),
      cmocka_unit_test(each_age_at_each_place_has_weights_of_its_own),
      cmocka_unit_test(intervals_and_counts_are_linked_by_voice_and_place),
      cmocka_unit_test(the_melody_is_the_line_of_the_highest_notes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
