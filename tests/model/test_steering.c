/* SPDX-License-Identifier: ISC */

/* Steering: the distribution that offsets make, means that come out as asked, and what it costs. */

#include "by_hand.h"
#include "frames.h"

#include <rollsmith/generator.h>

#include <math.h>

enum { DRAWS = 12000, LONG = 6000 };

static const RsGenerateSettings plain = {.gibbs_steps = 30, .temperature = 1};

static RsGenerator *generator_of(const RsModel *model, uint64_t seed, const RsSteering *steering) {
  RsGenerator *generator = NULL;
  assert_ok(rs_generator_new(model, &plain, seed, &generator, NULL));
  rs_generator_steer(generator, steering);
  return generator;
}

static RsFrame next(RsGenerator *generator) {
  RsFrame on;
  assert_ok(rs_generator_next(generator, &on, NULL, NULL));
  return on;
}

static RsSteeringReport run(const RsModel *model, const RsSteering *steering, size_t frames) {
  RsGenerator *generator = generator_of(model, 3, steering);
  for (size_t n = 0; n < frames; ++n) {
    next(generator);
  }
  const RsSteeringReport report = rs_generator_steering_report(generator);
  rs_generator_free(generator);
  return report;
}

/* ---- A frame ---- */

/* Weights of C, C#, D and D#, the notes of the tiny model. */
static const RsSteering keys = {.key_weights = {4, 0.25, 0, 1}};

/* The exact distributions of the first frame: of the machine as it is, and of the steered one. */
static void exact(const RsModel *model, double *p, double *steered) {
  double r[RECURRENT], u[2 * NOTES + HIDDEN], sum = 0;
  start_by_hand(model, r);
  state_by_hand(model, 0, r);
  biases_by_hand(model, r, u);
  bernoulli_by_hand(model, u, 1, p);
  for (unsigned v = 0; v < CELLS; ++v) {
    steered[v] = p[v];
    for (size_t i = 0; i < NOTES; ++i) {
      steered[v] *= v >> i & 1 ? keys.key_weights[i] : 1;
    }
    sum += steered[v];
  }
  for (unsigned v = 0; v < CELLS; ++v) {
    steered[v] /= sum;
  }
}

static unsigned cell_of(RsFrame on) {
  return (unsigned)(on.bits[0] >> 60 & (CELLS - 1));
}

static void weights_multiply_the_odds_that_a_note_begins(void **state) {
  RsModel *model = tiny_model(false);
  double p[CELLS], steered[CELLS], drawn[CELLS] = {0}, distance = 0, moved = 0;
  exact(model, p, steered);
  for (uint64_t seed = 0; seed < DRAWS; ++seed) {
    RsGenerator *generator = generator_of(model, seed, &keys);
    drawn[cell_of(next(generator))] += 1.0 / DRAWS;
    rs_generator_free(generator);
  }
  for (unsigned v = 0; v < CELLS; ++v) {
    distance += fabs(drawn[v] - steered[v]) / 2;
    moved += fabs(p[v] - steered[v]) / 2;
  }
  assert_in_range((long)(1e6 * distance), 0, 25000);
  assert_true(moved > 0.2);
  rs_model_free(model);
}

/* Equation V6 of one frame, against log p(v) - log p_s(v). */
static void the_penalty_is_that_of_enumeration(void **state) {
  enum { SEEDS = 2000 };
  RsModel *model = tiny_model(false);
  double p[CELLS], steered[CELLS], mean = 0, wanted = 0;
  exact(model, p, steered);
  for (uint64_t seed = 0; seed < SEEDS; ++seed) {
    RsGenerator *generator = generator_of(model, seed, &keys);
    assert_ok(rs_generator_measure_steering(generator));
    const unsigned v = cell_of(next(generator));
    const RsSteeringReport report = rs_generator_steering_report(generator);
    assert_int_equal(report.measured, 1);
    mean += report.penalty / SEEDS;
    wanted += log(p[v] / steered[v]) / SEEDS;
    rs_generator_free(generator);
  }
  assert_true(wanted < -0.3);
  assert_true(fabs(mean - wanted) < 0.05);
  rs_model_free(model);
}

/* The mean of V6 over steered first frames of a Gaussian machine, by sums over h. */
static double gaussian_penalty_by_hand(const RsModel *model, const RsSteering *steering) {
  double r[RECURRENT], u[2 * NOTES + HIDDEN], p[HIDDEN_CELLS], ratio = 0, mean = 0;
  start_by_hand(model, r);
  state_by_hand(model, 0, r);
  biases_by_hand(model, r, u);
  gaussian_hidden_by_hand(model, u, 1, p);
  for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
    double exponent = 0, shift = 0;
    for (size_t i = 0; i < NOTES; ++i) {
      const double offset = log(steering->key_weights[i]);
      const double variance = exp(u[NOTES + HIDDEN + i]);
      const double middle = gaussian_mean_by_hand(model, u, h, i);
      exponent += offset * (middle + offset * variance / 2);
      shift += offset * (middle + offset * variance);
    }
    ratio += p[h] * exp(exponent);
    mean += p[h] * exp(exponent) * shift;
  }
  return log(ratio) - mean / ratio;
}

static void the_penalty_of_a_gaussian_machine_is_that_of_its_sums(void **state) {
  enum { SEEDS = 4000 };
  const RsSteering steering = {.key_weights = {3, 0.5, 0.7, 1}};
  RsModel *model = tiny_model(true);
  const double wanted = gaussian_penalty_by_hand(model, &steering);
  double mean = 0, square = 0;
  for (uint64_t seed = 0; seed < SEEDS; ++seed) {
    RsGenerator *generator = generator_of(model, seed, &steering);
    assert_ok(rs_generator_measure_steering(generator));
    next(generator);
    const RsSteeringReport report = rs_generator_steering_report(generator);
    assert_int_equal(report.measured, 1);
    mean += report.penalty / SEEDS;
    square += report.penalty * report.penalty / SEEDS;
    rs_generator_free(generator);
  }
  const double error = sqrt((square - mean * mean) / SEEDS);
  print_message("penalty %.4f, by sums %.4f, standard error %.4f\n", mean, wanted, error);
  assert_true(wanted < -8 * error);
  assert_true(fabs(mean - wanted) < 4 * error);
  rs_model_free(model);
}

static void measuring_leaves_the_music_alone(void **state) {
  const RsSteering steering = {.density = 1.5, .pitch = 61};
  RsModel *model = tiny_model(false);
  RsGenerator *one = generator_of(model, 5, &steering), *other = generator_of(model, 5, &steering);
  assert_ok(rs_generator_measure_steering(other));
  for (int n = 0; n < 200; ++n) {
    const RsFrame a = next(one), b = next(other);
    assert_true(rs_frame_equal(&a, &b));
  }
  rs_generator_free(one);
  rs_generator_free(other);
  rs_model_free(model);
}

/* ---- Offsets, by hand ---- */

static RsSteerer *steerer_of(const RsModel *model) {
  RsSteerer *steerer = NULL;
  assert_ok(rs_steerer_new(&model->inputs.encoding, rs_rnnrbm_rbm(model->net), &steerer));
  return steerer;
}

static void a_new_note_shares_its_offset_and_a_held_one_is_left_alone(void **state) {
  RsSettings settings = small_settings(3, 2, 2);
  settings.roll.articulation = true;
  RsModel *model = model_of(&settings);
  RsSteerer *steerer = steerer_of(model);
  const RsSteering octave = {.key_weights = {8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
  const RsFrame silence = {{0, 0}}, held = FRAME(60);
  float biases[6 + 2] = {0};
  rs_steerer_set(steerer, &octave, 0);
  rs_steerer_apply(steerer, &silence, biases);
  assert_true(fabsf(biases[0] - logf(8) / 2) < 1e-6f && fabsf(biases[3] - logf(8) / 2) < 1e-6f);
  memset(biases, 0, sizeof biases);
  rs_steerer_apply(steerer, &held, biases);
  assert_true(biases[0] == 0 && fabsf(biases[3] - logf(8)) < 1e-6f);
  assert_true(biases[1] == 0 && biases[4] == 0);
  rs_steerer_free(steerer);
  rs_model_free(model);
}

static void expect_same(const RsSteering *a, const RsSteering *b) {
  RsModel *model = tiny_model(false);
  RsGenerator *one = generator_of(model, 5, a), *other = generator_of(model, 5, b);
  for (int n = 0; n < 200; ++n) {
    const RsFrame x = next(one), y = next(other);
    assert_true(rs_frame_equal(&x, &y));
  }
  rs_generator_free(one);
  rs_generator_free(other);
  rs_model_free(model);
}

static void nothing_asked_changes_nothing(void **state) {
  expect_same(NULL, &(RsSteering){.density = 0});
}

static void targets_that_cannot_be_change_nothing(void **state) {
  expect_same(NULL, &(RsSteering){.density = -1, .pitch = (double)INFINITY});
  expect_same(NULL, &(RsSteering){.density = (double)NAN, .pitch = -60});
  expect_same(NULL, &(RsSteering){.polyphony_low = -3});
  expect_same(NULL, &(RsSteering){.polyphony_high = -3});
  expect_same(NULL, &(RsSteering){.key_weights = {-1, (double)NAN, (double)INFINITY}});
  expect_same(&(RsSteering){.density = 2}, &(RsSteering){.density = 2, .polyphony_low = -3});
  expect_same(&(RsSteering){.density = 2}, &(RsSteering){.density = 2, .polyphony_high = -3});
}

static void targets_are_moved_with_the_music(void **state) {
  const RsSteering asked = {.density = 1, .pitch = 62, .key_weights = {1, 2, 3}};
  const RsSteering up = rs_steering_before(&asked, 2), down = rs_steering_before(&asked, -2);
  assert_true(up.density == 1 && up.pitch == 60 && down.pitch == 64);
  assert_true(up.key_weights[0] == 3 && up.key_weights[10] == 1 && up.key_weights[11] == 2);
  assert_true(down.key_weights[2] == 1 && down.key_weights[4] == 3 && down.key_weights[0] == 0);
}

/* ---- Means ---- */

static RsModel *usual_model(void) {
  RsSettings settings = small_settings(24, 12, 8);
  settings.roll.articulation = settings.model.counts = true;
  RsModel *model = random_model(&settings, 0.3);
  for (size_t i = 0; i < 24; ++i) {
    part_of(model, "output.bias")[i] -= 3; /* as few notes as music has */
  }
  return model;
}

static void the_density_comes_out_from_half_to_twice_the_usual(void **state) {
  RsModel *model = usual_model();
  const RsSteering nothing = {.density = 0};
  const double usual = run(model, &nothing, LONG).density;
  for (double factor = 0.5; factor <= 2; factor *= 2) {
    const RsSteering steering = {.density = factor * usual};
    const double density = run(model, &steering, 1024).density;
    assert_true(fabs(density / steering.density - 1) < 0.05);
  }
  rs_model_free(model);
}

static void the_mean_pitch_comes_out(void **state) {
  RsModel *model = usual_model();
  for (double pitch = 68; pitch <= 76; pitch += 4) {
    const RsSteering steering = {.pitch = pitch};
    assert_true(fabs(run(model, &steering, 1024).pitch - pitch) < 0.5);
  }
  rs_model_free(model);
}

static void as_many_notes_sound_as_asked(void **state) {
  RsModel *model = usual_model();
  const RsSteering steering = {.polyphony_low = 2, .polyphony_high = 4};
  RsGenerator *generator = generator_of(model, 3, &steering);
  for (int n = 0; n < 1024; ++n) {
    const RsFrame on = next(generator);
    assert_in_range(rs_frame_count(&on), 2, 4);
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

static void without_potentials_the_range_is_held_in_the_mean(void **state) {
  RsSettings settings = small_settings(24, 12, 8);
  RsModel *model = random_model(&settings, 0.3);
  const RsSteering steering = {.polyphony_low = 2, .polyphony_high = 3};
  assert_true(run(model, &(RsSteering){.density = 0}, LONG).polyphony > 6);
  const double polyphony = run(model, &steering, LONG).polyphony;
  assert_true(polyphony > 1.9 && polyphony < 3.1);
  rs_model_free(model);
}

static void another_target_is_followed_from_where_it_changes(void **state) {
  RsModel *model = usual_model();
  RsSteering steering = {.density = 2};
  RsGenerator *generator = generator_of(model, 3, &steering);
  for (int n = 0; n < 1024; ++n) {
    next(generator);
  }
  steering.density = 6;
  rs_generator_steer(generator, &steering);
  for (int n = 0; n < 512; ++n) {
    next(generator);
  }
  const RsSteeringReport report = rs_generator_steering_report(generator);
  assert_int_equal(report.frames, 512);
  assert_true(fabs(report.density / 6 - 1) < 0.05);
  rs_generator_free(generator);
  rs_model_free(model);
}

static void a_copy_goes_on_as_the_original(void **state) {
  RsModel *model = usual_model();
  const RsSteering steering = {.density = 3, .pitch = 70, .polyphony_high = 5};
  RsGenerator *one = generator_of(model, 3, &steering), *other = generator_of(model, 3, NULL);
  for (int n = 0; n < 300; ++n) {
    next(one);
  }
  assert_ok(rs_generator_copy(other, one));
  for (int n = 0; n < 300; ++n) {
    const RsFrame a = next(one), b = next(other);
    assert_true(rs_frame_equal(&a, &b));
  }
  rs_generator_free(one);
  rs_generator_free(other);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(weights_multiply_the_odds_that_a_note_begins),
      cmocka_unit_test(the_penalty_is_that_of_enumeration),
      cmocka_unit_test(the_penalty_of_a_gaussian_machine_is_that_of_its_sums),
      cmocka_unit_test(measuring_leaves_the_music_alone),
      cmocka_unit_test(a_new_note_shares_its_offset_and_a_held_one_is_left_alone),
      cmocka_unit_test(nothing_asked_changes_nothing),
      cmocka_unit_test(targets_that_cannot_be_change_nothing),
      cmocka_unit_test(targets_are_moved_with_the_music),
      cmocka_unit_test(the_density_comes_out_from_half_to_twice_the_usual),
      cmocka_unit_test(the_mean_pitch_comes_out),
      cmocka_unit_test(as_many_notes_sound_as_asked),
      cmocka_unit_test(without_potentials_the_range_is_held_in_the_mean),
      cmocka_unit_test(another_target_is_followed_from_where_it_changes),
      cmocka_unit_test(a_copy_goes_on_as_the_original),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
