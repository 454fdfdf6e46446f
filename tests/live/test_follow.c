/* SPDX-License-Identifier: ISC */

/* Accompaniment of a person, by a model as a source of frames. */

#include "small.h"

#include "frames.h"

#include "live/concat_source.h"
#include "live/follow.h"
#include "live/transposed_source.h"

#include <rollsmith/model_source.h>

enum { PATIENCE = 8 };

static const RsFrame none = {{0, 0}};

static RsModel *model_with_onsets(void) {
  RsSettings settings = small_settings(9, 6, 5);
  settings.roll.articulation = settings.model.counts = settings.model.joint_onsets = true;
  RsModel *model = model_of(&settings);
  rs_rnnrbm_initialise(model->net, 3, NULL, model->w);
  return model;
}

static RsFrameSource *accompany(const RsModel *model, RsWhenSilent when_silent) {
  RsGenerator *generator = NULL;
  RsFrameSource *source = NULL;
  const RsGenerateSettings settings = {.gibbs_steps = 5, .temperature = 1};
  assert_ok(rs_generator_new(model, &settings, 7, &generator, NULL));
  assert_ok(rs_frame_source_model(model, &settings, NULL, generator, &source));
  assert_ok(rs_frame_source_accompany(source, when_silent, PATIENCE));
  return source;
}

static RsNoteFrame take(RsFrameSource *source) {
  RsSourceFrame frame;
  assert_ok(source->next(source, &frame));
  return frame.notes;
}

static size_t count_taken(RsFrameSource *source) {
  const RsNoteFrame frame = take(source);
  return (size_t)rs_frame_count(&frame.on);
}

static void expect_same(const RsNoteFrame *a, const RsNoteFrame *b) {
  assert_memory_equal(&a->on, &b->on, sizeof a->on);
  assert_memory_equal(&a->onset, &b->onset, sizeof a->onset);
}

static bool overlap(const RsFrame *a, const RsFrame *b) {
  return (a->bits[0] & b->bits[0]) | (a->bits[1] & b->bits[1]);
}

/* Every frame's notes begin where they did not sound, whatever the person has held in between. */
static void held_notes_are_the_persons_own(void **state) {
  RsModel *model = model_with_onsets();
  RsFrameSource *source = accompany(model, RS_WHEN_SILENT_LEAD);
  RsFrame before = none;
  size_t sounding = 0;
  for (int n = 0; n < 200; ++n) {
    RsFrame held = none;
    rs_frame_set(&held, 60 + n / 5 % 9);
    source->set_held(source, &held, n % 5 ? &none : &held);
    const RsNoteFrame frame = take(source);
    assert_false(overlap(&frame.on, &held));
    for (int i = 0; i < 2; ++i) {
      assert_int_equal(frame.on.bits[i] & ~before.bits[i] & ~frame.onset.bits[i], 0);
      assert_int_equal(frame.onset.bits[i] & ~frame.on.bits[i], 0);
    }
    before = frame.on;
    sounding += (size_t)rs_frame_count(&frame.on);
  }
  assert_true(sounding > 0);
  source->free(source);
  rs_model_free(model);
}

/* From any of the last frames: with the same notes the same frames, with others the others follow
 * from them. */
static void frames_are_made_again(void **state) {
  RsModel *model = model_with_onsets();
  RsFrameSource *source = accompany(model, RS_WHEN_SILENT_LEAD);
  RsNoteFrame frames[2 * RS_FOLLOW_FRAMES];
  RsFrame key = none;
  rs_frame_set(&key, 64);
  for (size_t n = 0; n < 2 * RS_FOLLOW_FRAMES; ++n) {
    frames[n] = take(source);
  }
  for (uint64_t back = 1; back <= RS_FOLLOW_FRAMES; ++back) {
    assert_true(source->back(source, 2 * RS_FOLLOW_FRAMES - back));
    source->set_held(source, &key, &key);
    const RsNoteFrame again = take(source);
    assert_false(rs_frame_has(&again.on, 64));
    assert_true(source->back(source, 2 * RS_FOLLOW_FRAMES - back));
    source->set_held(source, &none, &none);
    for (uint64_t n = 2 * RS_FOLLOW_FRAMES - back; n < 2 * RS_FOLLOW_FRAMES; ++n) {
      const RsNoteFrame same = take(source);
      expect_same(&same, &frames[n]);
    }
  }
  assert_false(source->back(source, RS_FOLLOW_FRAMES - 1));
  assert_false(source->back(source, 2 * RS_FOLLOW_FRAMES));
  source->free(source);
  rs_model_free(model);
}

/* A frame that is made again has the polyphony cap and the temperature of now: the same frames as
 * of a model that was set so from the beginning. */
static void frames_are_made_again_with_the_settings_of_now(void **state) {
  RsModel *model = model_with_onsets();
  RsFrameSource *source = accompany(model, RS_WHEN_SILENT_LEAD);
  RsFrameSource *cold = accompany(model, RS_WHEN_SILENT_LEAD);
  const RsSourceChange cap = {.control = RS_SOURCE_MAX_POLYPHONY, .max_polyphony = 1};
  const RsSourceChange chill = {.control = RS_SOURCE_TEMPERATURE, .temperature = 0.05};
  size_t uncapped = 0;
  cold->set(cold, &chill);
  for (int n = 0; n < RS_FOLLOW_FRAMES; ++n) {
    const size_t count = count_taken(source);
    uncapped = count > uncapped ? count : uncapped;
  }
  assert_true(uncapped > 1);
  source->set(source, &cap);
  for (uint64_t n = 0; n < RS_FOLLOW_FRAMES; ++n) {
    assert_true(source->back(source, 0));
    for (uint64_t m = 0; m <= n; ++m) {
      assert_true(count_taken(source) <= 1);
    }
  }
  source->set(source, &(RsSourceChange){.control = RS_SOURCE_MAX_POLYPHONY});
  source->set(source, &chill);
  assert_true(source->back(source, 0));
  for (int n = 0; n < RS_FOLLOW_FRAMES; ++n) {
    const RsNoteFrame now = take(source), chilled = take(cold);
    expect_same(&now, &chilled);
  }
  source->free(source);
  cold->free(cold);
  rs_model_free(model);
}

/* It rests until a key is pressed, and again when the person has been silent for long enough. */
static void a_model_rests_while_nobody_plays(void **state) {
  RsModel *model = model_with_onsets();
  RsFrameSource *source = accompany(model, RS_WHEN_SILENT_REST);
  RsFrame key = none;
  size_t played = 0;
  rs_frame_set(&key, 64);
  for (int n = 0; n < 20; ++n) {
    assert_int_equal(count_taken(source), 0);
  }
  source->set_held(source, &key, &key);
  for (int n = 0; n < 50; ++n) {
    played += count_taken(source);
  }
  assert_true(played > 0);
  source->set_held(source, &none, &none);
  for (size_t n = 0; n < 3 * PATIENCE; ++n) {
    const size_t count = count_taken(source);
    assert_true(n < PATIENCE || !count);
  }
  source->free(source);
  rs_model_free(model);
}

static RsStatus make_accompanying(void *context, size_t index, RsFrameSource **out) {
  RsFrameSource *source = accompany(context, RS_WHEN_SILENT_LEAD);
  return rs_frame_source_transposed(source, 5, out);
}

/* Behind a transposition and a row of sources: a note is held where the person holds it. */
static void notes_are_given_where_they_sound(void **state) {
  RsModel *model = model_with_onsets();
  RsFrameSource *source = NULL;
  RsNoteFrame first, second;
  RsFrame key = none;
  rs_frame_set(&key, 69); /* 64 of the model */
  assert_ok(rs_frame_source_concat(1, SIZE_MAX, make_accompanying, model, &source));
  for (int n = 0; n < 40; ++n) {
    source->set_held(source, &key, &none);
    first = take(source);
    assert_false(rs_frame_has(&first.on, 69));
    assert_true(source->back(source, (uint64_t)n));
    second = take(source);
    expect_same(&first, &second);
  }
  source->free(source);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(held_notes_are_the_persons_own),
      cmocka_unit_test(frames_are_made_again),
      cmocka_unit_test(frames_are_made_again_with_the_settings_of_now),
      cmocka_unit_test(a_model_rests_while_nobody_plays),
      cmocka_unit_test(notes_are_given_where_they_sound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
