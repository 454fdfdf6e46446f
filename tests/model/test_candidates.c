/* SPDX-License-Identifier: ISC */

/* Bars that are chosen among candidates: the distribution. */

#include "folder.h"
#include "frames.h"
#include "small.h"

#include "model/discriminator.h"
#include "model/generator_internal.h"

#include <rollsmith/generator.h>
#include <rollsmith/net.h>

#include <math.h>
#include <stdlib.h>

enum { NOTES = 6, BAR = 4, BARS = 3000 };

static const RsGenerateSettings one = {.gibbs_steps = 2, .temperature = 1, .candidates = 1};

/* A model of notes that do not depend on each other or on what was before, in bars of four frames.
 */
static RsModel *independent_model(void) {
  RsSettings settings = small_settings(NOTES, 2, 2);
  settings.model.metre = true;
  RsModel *model = model_with(&settings, 1, &(RsKnownMeter){1, 4, 1});
  for (size_t i = 0; i < NOTES; ++i) {
    part_of(model, "output.bias")[i] = 0.5f * (float)i - 1.5f;
  }
  return model;
}

/* A discriminator whose log-odds are `slope` times a feature of a bar. */
static RsDiscriminator *of_feature(size_t feature, float slope) {
  RsDiscriminator *made = calloc(1, sizeof *made);
  assert_non_null(made);
  for (size_t i = 0; i < RS_DISCRIMINATOR_INPUTS; ++i) {
    made->scale[i] = 1;
  }
  made->hidden[RS_BAR_FEATURES + feature] = 1;
  made->output[0] = slope;
  return made;
}

/* The feature is the mean number of notes. */
static RsDiscriminator *of_polyphony(float slope) {
  return of_feature(RS_FEATURE_POLYPHONY, slope);
}

static RsGenerator *generator_of(const RsModel *model, int candidates, uint64_t seed) {
  RsGenerateSettings settings = one;
  RsGenerator *generator = NULL;
  settings.candidates = candidates;
  assert_ok(rs_generator_new(model, &settings, seed, &generator, NULL));
  return generator;
}

static RsFrame next(RsGenerator *generator) {
  RsFrame on;
  assert_ok(rs_generator_next(generator, &on, NULL, NULL));
  return on;
}

/* Mean number of notes of a frame, without the first bar, which is not chosen. */
static double polyphony(const RsModel *model, int candidates) {
  RsGenerator *generator = generator_of(model, candidates, seed_of(5));
  double sum = 0;
  for (size_t n = 0; n < (size_t)BAR * (BARS + 1); ++n) {
    const RsFrame on = next(generator);
    sum += n < BAR ? 0 : rs_frame_count(&on);
  }
  rs_generator_free(generator);
  return sum / (BAR * BARS);
}

/* ---- The distribution ---- */

/* Log-odds c of the mean number of notes multiply the odds of each note of a bar of four frames by
   e^(c/4): equation T41 where there are many candidates. */
static void bars_are_chosen_by_their_odds(void **state) {
  RsModel *model = independent_model();
  for (int sign = -1; sign <= 1; ++sign) {
    double wanted = 0;
    for (size_t i = 0; i < NOTES; ++i) {
      wanted += 1 / (1 + exp(-(0.5 * (double)i - 1.5) - 0.5 * sign));
    }
    model->discriminator = of_polyphony(2.0f * (float)sign);
    assert_close(polyphony(model, RS_CANDIDATES_MAX), wanted, 0.08);
    free(model->discriminator);
    model->discriminator = NULL;
  }
  rs_model_free(model);
}

static void one_candidate_is_what_the_model_generates(void **state) {
  RsModel *model = independent_model();
  RsGenerator *plain = generator_of(model, 1, 3);
  model->discriminator = of_polyphony(5);
  RsGenerator *same = generator_of(model, 1, 3), *chosen = generator_of(model, 8, 3);
  bool differs = false;
  for (size_t n = 0; n < 400; ++n) {
    const RsFrame a = next(plain), b = next(same), c = next(chosen);
    assert_true(rs_frame_equal(&a, &b));
    assert_true(n >= BAR || rs_frame_equal(&a, &c)); /* no bar is before the first one */
    differs = differs || !rs_frame_equal(&a, &c);
  }
  assert_true(differs);
  rs_generator_free(plain);
  rs_generator_free(same);
  rs_generator_free(chosen);
  rs_model_free(model);
}

/* Root mean square, over bars, of the sum of relative errors of a density that is steered to. */
static double steered_error(const RsModel *model, int candidates) {
  const RsSteering steering = {.density = 0.05};
  RsGenerator *generator = generator_of(model, candidates, 5);
  double sum = 0, squares = 0;
  rs_generator_steer(generator, &steering);
  for (size_t n = 1; n <= (size_t)BAR * BARS; ++n) {
    RsFrame on, begun;
    assert_ok(rs_generator_next(generator, &on, &begun, NULL));
    sum += 1 - rs_frame_count(&begun) / steering.density;
    squares += n % BAR ? 0 : sum * sum;
  }
  rs_generator_free(generator);
  return sqrt(squares / BARS);
}

/* Equation V9: among equally likely bars, those that make up for errors are chosen. */
static void chosen_bars_are_near_to_what_is_steered_to(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(0);
  const double made = steered_error(model, 1), chosen = steered_error(model, 16);
  print_message("sum of errors: %.2f of bars as they come, %.2f of chosen ones\n", made, chosen);
  assert_true(chosen < 0.75 * made);
  rs_model_free(model);
}

/* ---- A generator in use ---- */

static void a_copy_in_the_middle_of_a_bar_makes_the_same_frames(void **state) {
  RsModel *model = independent_model();
  randomise(model, 0.5);
  model->discriminator = of_polyphony(3);
  RsGenerator *from = generator_of(model, 4, 3), *to = generator_of(model, 4, 99);
  for (size_t n = 0; n < 5 * BAR + 2; ++n) {
    next(from);
  }
  assert_ok(rs_generator_copy(to, from));
  for (size_t n = 0; n < 100; ++n) {
    const RsFrame a = next(from), b = next(to);
    assert_true(rs_frame_equal(&a, &b));
  }
  rs_generator_free(from);
  rs_generator_free(to);
  rs_model_free(model);
}

static void given_notes_come_out_as_they_are_given(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(-5);
  RsGenerator *generator = generator_of(model, 8, 3);
  const RsGivenNotes given = {.known = FRAME(60, 62), .on = FRAME(60)};
  for (size_t n = 0; n < 100; ++n) {
    rs_generator_clamp(generator, &given);
    const RsFrame on = next(generator);
    assert_true(rs_frame_has(&on, 60) && !rs_frame_has(&on, 62));
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

static void bars_with_given_notes_are_not_chosen(void **state) {
  static const int notes[] = {60, 64}; /* in both words of a frame */
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(5);
  for (size_t i = 0; i < 2; ++i) {
    RsGenerator *plain = generator_of(model, 1, 3), *same = generator_of(model, 8, 3);
    RsGivenNotes given = {.on = SILENCE};
    rs_frame_set(&given.known, notes[i]);
    for (size_t n = 0; n < 10 * BAR; ++n) {
      rs_generator_clamp(plain, &given);
      rs_generator_clamp(same, &given);
      const RsFrame a = next(plain), b = next(same);
      assert_true(rs_frame_equal(&a, &b));
    }
    rs_generator_free(plain);
    rs_generator_free(same);
  }
  rs_model_free(model);
}

enum { RUNS = 200 };

/* Mean number of notes of the first frame behind a prime of whole bars. */
static double polyphony_after(const RsModel *model, const char *prime) {
  RsSongs songs = songs_of(prime);
  double sum = 0;
  assert_ok(rs_roll_add_meter(&songs.rolls[0], 0, 1, 4));
  for (uint64_t seed = 0; seed < RUNS; ++seed) {
    RsGenerator *generator = generator_of(model, RS_CANDIDATES_MAX, seed_of(seed));
    assert_ok(rs_generator_prime(generator, &songs.rolls[0]));
    const RsFrame on = next(generator);
    sum += rs_frame_count(&on);
    rs_generator_free(generator);
  }
  rs_songs_clear(&songs);
  return sum / RUNS;
}

#define CHOSEN 3.8 /* notes in a frame of bars that are chosen by 40 times their mean number */
#define USUAL 2.71 /* of those that are not */

/* A prime that ends with a bar is the bar before the first one that is chosen. */
static void the_bar_after_a_prime_is_chosen(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(40);
  assert_true(polyphony_after(model, "60 62\n60 62\n64\n64\n") > CHOSEN);
  rs_model_free(model);
}

/* The log-odds are 0 if a feature of the bar before is above a limit. */
static void what_is_before_is_the_last_bar_of_a_prime(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(40);
  model->discriminator->hidden[RS_FEATURE_POLYPHONY] = -100;
  model->discriminator->bias[0] = 100;
  assert_true(polyphony_after(model, "60 61 62\n60 61 62\n60 61 62\n60 61 62\n"
                                     "60\n60\n60\n60\n") > CHOSEN);
  assert_close(polyphony_after(model, "60 61\n60 61\n60\n60\n"), USUAL, 0.3);
  rs_model_free(model);
}

/* Notes that are held in a prime begin once. */
static void notes_of_a_prime_begin_where_they_did_not_sound(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(40);
  model->discriminator->hidden[RS_FEATURE_BEGINS + 4] = -100; /* off the beat, one note */
  assert_true(polyphony_after(model, "60\n60\n60\n60\n") > CHOSEN);
  assert_close(polyphony_after(model, "60\n62\n60\n60\n"), USUAL, 0.3);
  rs_model_free(model);
}

static void behind_a_jump_no_bar_is_before(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(40);
  RsGenerator *generator = generator_of(model, RS_CANDIDATES_MAX, 3);
  double sum = 0;
  for (size_t run = 0; run < RUNS; ++run) {
    assert_ok(rs_generator_go_to(generator, (10 * run + 7) * BAR));
    const RsFrame on = next(generator);
    sum += rs_frame_count(&on);
    for (size_t n = 1; n < 2 * BAR; ++n) {
      next(generator);
    }
  }
  assert_close(sum / RUNS, USUAL, 0.3);
  rs_generator_free(generator);
  rs_model_free(model);
}

/* ---- Candidates ---- */

/* Bars of one frame, which are to be like the frame before: that is what a candidate goes on from.
 */
static void candidates_go_on_from_the_frame_before(void **state) {
  RsSettings settings = small_settings(NOTES, 2, 2);
  settings.model.metre = true;
  RsModel *model = model_with(&settings, 1, &(RsKnownMeter){1, 16, 1});
  model->discriminator = of_feature(RS_FEATURE_CHANGES, -40);
  RsGenerator *generator = generator_of(model, RS_CANDIDATES_MAX, 3);
  size_t same = 0;
  RsFrame before = next(generator);
  for (size_t n = 0; n < RUNS; ++n) {
    const RsFrame on = next(generator);
    same += rs_frame_count(&on) && rs_frame_equal(&on, &before);
    before = on;
  }
  assert_true(same > RUNS / 4); /* 1 of 64 by chance */
  rs_generator_free(generator);
  rs_model_free(model);
}

static void pitch_classes_are_counted_from_the_key(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_feature(RS_FEATURE_CLASSES, 40);
  RsGenerator *generator = generator_of(model, RS_CANDIDATES_MAX, 3);
  size_t begun = 0;
  RsFrame before = {{0, 0}};
  generator->plan.now.key = 1;
  for (size_t n = 0; n < RUNS * BAR; ++n) {
    const RsFrame on = next(generator);
    begun += rs_frame_has(&on, 61) && !rs_frame_has(&before, 61);
    before = on;
  }
  assert_true(begun > RUNS * BAR / 3); /* 0.2 of the frames where it is not asked for */
  rs_generator_free(generator);
  rs_model_free(model);
}

static void each_bar_has_candidates_of_its_own(void **state) {
  RsModel *model = independent_model();
  model->discriminator = of_polyphony(0);
  RsGenerator *generator = generator_of(model, 2, 3);
  uint64_t seeds[RUNS];
  for (size_t bar = 0; bar < RUNS; ++bar) {
    for (size_t n = 0; n < BAR; ++n) {
      next(generator);
    }
    seeds[bar] = generator->rng.seed;
    for (size_t i = 0; i < bar; ++i) {
      assert_true(seeds[i] != seeds[bar]);
    }
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bars_are_chosen_by_their_odds),
      cmocka_unit_test(chosen_bars_are_near_to_what_is_steered_to),
      cmocka_unit_test(one_candidate_is_what_the_model_generates),
      cmocka_unit_test(a_copy_in_the_middle_of_a_bar_makes_the_same_frames),
      cmocka_unit_test(given_notes_come_out_as_they_are_given),
      cmocka_unit_test(bars_with_given_notes_are_not_chosen),
      cmocka_unit_test(the_bar_after_a_prime_is_chosen),
      cmocka_unit_test(what_is_before_is_the_last_bar_of_a_prime),
      cmocka_unit_test(notes_of_a_prime_begin_where_they_did_not_sound),
      cmocka_unit_test(behind_a_jump_no_bar_is_before),
      cmocka_unit_test(candidates_go_on_from_the_frame_before),
      cmocka_unit_test(pitch_classes_are_counted_from_the_key),
      cmocka_unit_test(each_bar_has_candidates_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
