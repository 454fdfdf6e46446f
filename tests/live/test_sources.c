/* SPDX-License-Identifier: ISC */

#include "small.h"

#include "frames.h"

#include "live/transposed_source.h"
#include "live/concat_source.h"

#include <rollsmith/model_source.h>

#include <string.h>

/* Where frames come from: a roll, and a model that is told to change while it plays. */

static void a_roll_is_played_as_it_stands_and_again_from_the_start(void **state) {
  RsRoll roll;
  RsFrameSource *source = NULL;
  RsSourceFrame frame;
  assert_ok(rs_roll_init(&roll, NULL, 3, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  for (size_t f = 0; f < 3; ++f) {
    rs_frame_set(&roll.on[f], 60);
    roll.velocity[f * RS_NOTES + 60] = (uint8_t)(70 + f);
  }
  rs_frame_set(&roll.onset[1], 60);
  assert_ok(rs_frame_source_roll(&roll, true, &source));
  for (size_t f = 0; f < 7; ++f) {
    assert_ok(source->next(source, &frame));
    assert_frame(frame.notes.on, 60);
    assert_true(frame.notes.has_onset && frame.notes.has_velocity);
    // Where it begins again so do its notes
    const RsFrame onset = f % 3 == 1 || (f && f % 3 == 0) ? FRAME(60) : SILENCE;
    assert_memory_equal(&frame.notes.onset, &onset, sizeof onset);
    assert_int_equal(frame.notes.velocity[60], 70 + f % 3);
  }
  rs_frame_source_free(source);
  assert_ok(rs_frame_source_roll(&roll, false, &source));
  for (size_t f = 0; f < 3; ++f) {
    assert_ok(source->next(source, &frame));
  }
  assert_int_equal(source->next(source, &frame), RS_ERR_EMPTY);
  rs_frame_source_free(source);
  rs_roll_clear(&roll);
}

/* ---- Sources in a row ---- */

/* Number `index`: note 60 + index, held. */
static RsStatus held_note(void *context, size_t index, RsFrameSource **out) {
  RsRoll *roll = (RsRoll *)context + index;
  for (size_t f = 0; f < roll->frames; ++f) {
    rs_frame_set(&roll->on[f], 60);
    rs_frame_set(&roll->on[f], 61 + (int)index);
  }
  return rs_frame_source_roll(roll, false, out);
}

static void sources_in_a_row_follow_each_other_and_begin_their_notes_anew(void **state) {
  RsRoll rolls[2];
  RsFrameSource *source = NULL;
  RsSourceFrame frame;
  assert_ok(rs_roll_init(&rolls[0], NULL, 5, RS_PLANE_NONE));
  assert_ok(rs_roll_init(&rolls[1], NULL, 5, RS_PLANE_NONE));
  assert_ok(rs_frame_source_concat(2, 3, held_note, rolls, &source));
  for (size_t f = 0; f < 6; ++f) {
    assert_ok(source->next(source, &frame));
    assert_int_equal(rs_frame_has(&frame.notes.on, 61), f < 3);
    assert_int_equal(rs_frame_has(&frame.notes.on, 62), f >= 3);
    assert_int_equal(frame.notes.has_onset && rs_frame_has(&frame.notes.onset, 60), f == 3);
  }
  assert_int_equal(source->next(source, &frame), RS_ERR_EMPTY);
  assert_int_equal(source->next(source, &frame), RS_ERR_EMPTY);
  rs_frame_source_free(source);
  rs_roll_clear(&rolls[0]);
  rs_roll_clear(&rolls[1]);
}

/* ---- A source that is transposed ---- */

/* A source that keeps what it hears. */
typedef struct {
  RsFrameSource source;
  RsFrame heard;
} Listener;

static RsStatus keep_heard(RsFrameSource *source, const RsRoll *phrase) {
  ((Listener *)source)->heard = phrase->on[0];
  return RS_OK;
}

static void free_nothing(RsFrameSource *source) {}

static void notes_are_moved_with_their_onsets_and_velocities_and_back_into_the_range(void **state) {
  RsRoll roll;
  RsFrameSource *inner = NULL, *source = NULL;
  RsSourceFrame frame;
  uint8_t velocity[RS_NOTES] = {0};
  assert_ok(rs_roll_init(&roll, NULL, 1, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  roll.on[0] = FRAME(60, 100, 120);
  roll.onset[0] = FRAME(60, 120);
  roll.velocity[60] = 70;
  roll.velocity[100] = 90;
  roll.velocity[120] = 80;
  velocity[68] = 70;
  velocity[108] = 90;
  velocity[116] = 80; // An octave below 128
  assert_ok(rs_frame_source_roll(&roll, false, &inner));
  assert_ok(rs_frame_source_transposed(inner, 8, &source));
  assert_ok(source->next(source, &frame));
  assert_frame(frame.notes.on, 68, 108, 116);
  assert_frame(frame.notes.onset, 68, 116);
  assert_true(frame.notes.has_onset && frame.notes.has_velocity);
  assert_memory_equal(frame.notes.velocity, velocity, RS_NOTES);
  assert_int_equal(source->next(source, &frame), RS_ERR_EMPTY);
  source->rewind(source);
  assert_ok(source->next(source, &frame));
  assert_frame(frame.notes.on, 68, 108, 116);
  assert_null(source->set);
  assert_null(source->prime);
  rs_frame_source_free(source);
  rs_roll_clear(&roll);
}

static void a_moved_source_hears_where_it_plays(void **state) {
  Listener listener = {.source = {.prime = keep_heard, .free = free_nothing}};
  RsFrameSource *source = NULL;
  RsRoll phrase;
  assert_ok(rs_roll_init(&phrase, NULL, 1, RS_PLANE_NONE));
  phrase.on[0] = FRAME(62, 1);
  assert_ok(rs_frame_source_transposed(&listener.source, 2, &source));
  assert_ok(source->prime(source, &phrase));
  assert_frame(listener.heard, 60, 11);
  rs_frame_source_free(source);
  rs_roll_clear(&phrase);
}

/* ---- A model ---- */

static RsModel *any_model(void) {
  const RsSettings settings = small_settings(24, 12, 6);
  return random_model(&settings, 0.3);
}

static RsFrameSource *play_model_after(const RsModel *model, const RsRoll *prime, uint64_t seed) {
  RsGenerator *generator = NULL;
  RsFrameSource *source = NULL;
  const RsGenerateSettings settings = model->settings.generate;
  assert_ok(rs_generator_new(model, &settings, seed, &generator, NULL));
  assert_true(!prime || !rs_generator_prime(generator, prime));
  assert_ok(rs_frame_source_model(model, &settings, prime, generator, &source));
  return source;
}

static RsFrameSource *play_model(const RsModel *model, uint64_t seed) {
  return play_model_after(model, NULL, seed);
}

enum { FRAMES = 60 };

/* Notes of the next frames of a source. */
static void take(RsFrameSource *source, RsFrame *notes) {
  for (int f = 0; f < FRAMES; ++f) {
    RsSourceFrame frame;
    assert_ok(source->next(source, &frame));
    notes[f] = frame.notes.on;
  }
}

static bool same(const RsFrame *a, const RsFrame *b) {
  return !memcmp(a, b, FRAMES * sizeof(*a));
}

/* Sure of the note of the frame's place in a bar of 3/4, and of no other. */
static RsModel *counter(void) {
  const RsKnownMeter meter = {3, 4, 1};
  RsSettings settings = small_settings(12, 1, 1);
  settings.model.metre = true;
  RsModel *model = model_with(&settings, 1, &meter);
  const size_t biases = 12 + 1;
  for (size_t i = 0; i < 12; ++i) {
    part_of(model, "output.bias")[i] = -20;
    part_of(model, "direct.weight")[(model->inputs.at.place[0] + i) * biases + i] = 40;
  }
  model->training.meter_beats = 3;
  return model;
}

static void expect_places(RsFrameSource *source, int from) {
  for (int f = from; f < from + 20; ++f) {
    RsSourceFrame frame;
    assert_ok(source->next(source, &frame));
    assert_frame(frame.notes.on, 60 + f % 12);
  }
}

/* Alone, transposed by nothing, and in a row. */
static void a_model_knows_its_place_in_the_bar(void **state) {
  RsModel *model = counter();
  RsFrameSource *source = play_model(model, 1), *moved = NULL;
  assert_ok(rs_frame_source_transposed(source, 0, &moved));
  expect_places(moved, 0);
  for (int place = 100; place > 0; place -= 19) {
    moved->locate(moved, (uint64_t)place);
    expect_places(moved, place);
  }
  rs_frame_source_free(moved);
  rs_model_free(model);
}

static void a_model_without_meters_knows_no_place(void **state) {
  RsModel *model = any_model();
  RsFrameSource *source = play_model(model, 1);
  assert_null(source->locate);
  rs_frame_source_free(source);
  rs_model_free(model);
}

static void each_control_changes_what_a_model_makes(void **state) {
  static const RsSourceChange changes[] = {{RS_SOURCE_TEMPERATURE, {.temperature = 0.3}},
                                           {RS_SOURCE_MAX_POLYPHONY, {.max_polyphony = 1}},
                                           {RS_SOURCE_SEED, {.seed = 9}}};
  RsModel *model = any_model();
  for (int i = 0; i < 3; ++i) {
    RsFrame plain[FRAMES], changed[FRAMES];
    RsFrameSource *one = play_model(model, 5), *other = play_model(model, 5);
    take(one, plain);
    take(other, changed);
    assert_true(same(plain, changed));
    other->set(other, &changes[i]);
    take(one, plain);
    take(other, changed);
    assert_false(same(plain, changed));
    rs_frame_source_free(one);
    rs_frame_source_free(other);
  }
  rs_model_free(model);
}

static void a_new_seed_begins_anew_and_keeps_the_rest(void **state) {
  RsModel *model = any_model();
  RsFrame first[FRAMES], again[FRAMES];
  RsFrameSource *fresh = play_model(model, 9), *source = play_model(model, 5);
  const RsSourceChange density = {RS_SOURCE_MAX_POLYPHONY, {.max_polyphony = 2}};
  const RsSourceChange seed = {RS_SOURCE_SEED, {.seed = 9}};
  fresh->set(fresh, &density);
  source->set(source, &density);
  take(fresh, first);
  take(source, again);
  assert_false(same(first, again));
  source->set(source, &seed);
  take(source, again);
  assert_true(same(first, again));
  for (int f = 0; f < FRAMES; ++f) {
    assert_true(rs_frame_count(&again[f]) <= 2);
  }
  rs_frame_source_free(fresh);
  rs_frame_source_free(source);
  rs_model_free(model);
}

static void a_new_seed_goes_on_from_the_same_prime(void **state) {
  RsModel *model = any_model();
  RsFrame first[FRAMES], again[FRAMES];
  RsRoll prime;
  assert_ok(rs_roll_init(&prime, NULL, 8, RS_PLANE_NONE));
  for (int f = 0; f < 8; ++f) {
    rs_frame_set(&prime.on[f], 60 + f);
  }
  RsFrameSource *fresh = play_model_after(model, &prime, 9);
  RsFrameSource *source = play_model_after(model, &prime, 5), *bare = play_model(model, 9);
  take(fresh, first);
  take(bare, again);
  assert_false(same(first, again));
  take(source, again);
  assert_false(same(first, again));
  source->set(source, &(RsSourceChange){.control = RS_SOURCE_SEED, .seed = 9});
  take(source, again);
  assert_true(same(first, again));
  rs_frame_source_free(fresh);
  rs_frame_source_free(bare);
  rs_frame_source_free(source);
  rs_roll_clear(&prime);
  rs_model_free(model);
}

static void what_it_hears_changes_what_it_makes(void **state) {
  RsModel *model = any_model();
  RsFrame plain[FRAMES], answer[FRAMES];
  RsFrameSource *one = play_model(model, 5), *other = play_model(model, 5);
  RsRoll phrase;
  assert_ok(rs_roll_init(&phrase, NULL, 8, RS_PLANE_NONE));
  for (int f = 0; f < 8; ++f) {
    rs_frame_set(&phrase.on[f], 60 + f);
  }
  assert_ok(other->prime(other, &phrase));
  take(one, plain);
  take(other, answer);
  assert_false(same(plain, answer));
  rs_roll_clear(&phrase);
  rs_frame_source_free(one);
  rs_frame_source_free(other);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_roll_is_played_as_it_stands_and_again_from_the_start),
      cmocka_unit_test(sources_in_a_row_follow_each_other_and_begin_their_notes_anew),
      cmocka_unit_test(a_model_knows_its_place_in_the_bar),
      cmocka_unit_test(a_model_without_meters_knows_no_place),
      cmocka_unit_test(each_control_changes_what_a_model_makes),
      cmocka_unit_test(a_new_seed_begins_anew_and_keeps_the_rest),
      cmocka_unit_test(a_new_seed_goes_on_from_the_same_prime),
      cmocka_unit_test(what_it_hears_changes_what_it_makes),
      cmocka_unit_test(notes_are_moved_with_their_onsets_and_velocities_and_back_into_the_range),
      cmocka_unit_test(a_moved_source_hears_where_it_plays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
