/* SPDX-License-Identifier: ISC */

/* Songs of which notes are given: frames that are heard, and their plan. */

#include "by_hand.h"
#include "frames.h"

#include <rollsmith/generator.h>

static const RsGenerateSettings plain = {.gibbs_steps = 30, .temperature = 1};

enum { FRAMES = 12 };

/* A model of random weights, and a song of its range. */
static RsModel *model_to_follow(bool onsets) {
  RsSettings settings = small_settings(9, 6, 5);
  settings.roll.articulation = onsets;
  settings.model.counts = settings.model.joint_onsets = onsets;
  RsModel *model = model_of(&settings);
  rs_rnnrbm_initialise(model->net, 3, NULL, model->w);
  return model;
}

static RsRoll song_of(const RsModel *model, uint64_t seed) {
  RsGenerator *generator = NULL;
  RsRoll roll;
  assert_ok(rs_generator_new(model, &plain, seed, &generator, NULL));
  assert_ok(rs_generator_song(generator, NULL, FRAMES, &roll));
  rs_generator_free(generator);
  return roll;
}

/* The next frames after a song was heard, frame by frame or as a prime. */
static void go_on(const RsModel *model, const RsRoll *song, bool follow, RsFrame *frames) {
  RsGenerator *generator = NULL;
  assert_ok(rs_generator_new(model, &plain, 7, &generator, NULL));
  if (follow) {
    assert_ok(rs_generator_follow(generator, song, RS_PART_WHOLE));
  }
  for (size_t n = 0; n < FRAMES; ++n) { /* as many random numbers are used in both cases */
    assert_ok(follow ? rs_generator_prime_frame(generator, song, n)
                     : rs_generator_next(generator, &frames[n], NULL, NULL));
  }
  if (!follow) {
    assert_ok(rs_generator_prime(generator, song));
  }
  for (size_t n = 0; n < FRAMES; ++n) {
    assert_ok(rs_generator_next(generator, &frames[n], NULL, NULL));
  }
  rs_generator_free(generator);
}

static void frames_that_are_heard_are_as_those_of_a_prime(void **state) {
  for (int onsets = 0; onsets < 2; ++onsets) {
    RsModel *model = model_to_follow(onsets);
    RsRoll song = song_of(model, 5);
    RsFrame primed[FRAMES], followed[FRAMES];
    go_on(model, &song, false, primed);
    go_on(model, &song, true, followed);
    assert_memory_equal(primed, followed, sizeof primed);
    rs_roll_clear(&song);
    rs_model_free(model);
  }
}

static void a_song_that_is_followed_begins_anew(void **state) {
  RsModel *model = model_to_follow(true);
  RsRoll song = song_of(model, 5);
  RsGenerator *generators[2];
  for (int i = 0; i < 2; ++i) {
    assert_ok(rs_generator_new(model, &plain, 7, &generators[i], NULL));
    for (size_t n = 0; n < FRAMES; ++n) {
      assert_ok(rs_generator_prime_frame(generators[i], &song, i ? n : 0));
    }
    assert_ok(rs_generator_follow(generators[i], &song, RS_PART_TOP));
  }
  for (size_t n = 0; n < FRAMES; ++n) {
    RsFrame on[2];
    assert_ok(rs_generator_next(generators[0], &on[0], NULL, NULL));
    assert_ok(rs_generator_next(generators[1], &on[1], NULL, NULL));
    assert_true(rs_frame_equal(&on[0], &on[1]));
  }
  rs_generator_free(generators[0]);
  rs_generator_free(generators[1]);
  rs_roll_clear(&song);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_that_are_heard_are_as_those_of_a_prime),
      cmocka_unit_test(a_song_that_is_followed_begins_anew),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
