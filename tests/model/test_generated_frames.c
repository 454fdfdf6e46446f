/* SPDX-License-Identifier: ISC */

/* Frames of a generator: their exact distribution, and the cap on polyphony. */

#include "generator_kit.h"

enum { DRAWS = 12000 };

/* ---- Exact distributions of a frame ---- */

/* Biases after a past. @param past Notes of each frame, as bits. */
static void biases_after(const RsModel *model, const unsigned *past, size_t frames, double *u) {
  double r[RECURRENT];
  start_by_hand(model, r);
  for (size_t n = 0; n <= frames; ++n) { /* before the first frame there is silence */
    /* cppcheck-suppress nullPointer; without frames there is no past */
    state_by_hand(model, n ? past[n - 1] : 0, r);
  }
  biases_by_hand(model, r, u);
}

/* p(v) where Gaussian units above 1/2 are on. */
static void gaussian_by_hand(const RsModel *model, const double *u, double temperature, double *p) {
  double hidden[HIDDEN_CELLS];
  gaussian_hidden_by_hand(model, u, temperature, hidden);
  memset(p, 0, CELLS * sizeof *p);
  for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
    for (unsigned v = 0; v < CELLS; ++v) {
      double product = hidden[h];
      for (size_t i = 0; i < NOTES; ++i) {
        const double variance = temperature * exp(u[NOTES + HIDDEN + i]);
        const double below = 0.5 - gaussian_mean_by_hand(model, u, h, i);
        const double on = 0.5 * erfc(below / sqrt(2 * variance));
        product *= v >> i & 1 ? on : 1 - on;
      }
      p[v] += product;
    }
  }
}

static double entropy(const double *p) {
  double sum = 0;
  for (unsigned v = 0; v < CELLS; ++v) {
    sum -= p[v] > 0 ? p[v] * log(p[v]) : 0;
  }
  return sum;
}

/* Frequencies of the first frame after a primer, each draw by a generator with another seed. */
static void draw_cells(const RsModel *model, const char *primer, RsGenerateSettings settings,
                       double *p) {
  memset(p, 0, CELLS * sizeof *p);
  for (uint64_t seed = 0; seed < DRAWS; ++seed) {
    RsGenerator *generator = generator_of(model, settings, seed);
    if (primer) {
      prime(generator, primer);
    }
    const RsFrame on = next(generator);
    rs_generator_free(generator);
    p[on.bits[0] >> 60 & (CELLS - 1)] += 1.0 / DRAWS;
  }
}

/* Half the sum of the differences of two distributions; for equal ones 0.4 sqrt(CELLS / DRAWS) =
 * 0.015 is to be expected. */
static double distance(const double *p, const double *q) {
  double sum = 0;
  for (unsigned v = 0; v < CELLS; ++v) {
    sum += 0.5 * fabs(p[v] - q[v]);
  }
  return sum;
}

/* Draws at a temperature against the exact distribution. @return Their entropy. */
static double expect_exact_at(RsGenerateSettings settings, const RsModel *model, const double *u,
                              const char *primer) {
  const bool gaussian = rs_rnnrbm_rbm(model->net)->kind == RS_RBM_GAUSSIAN;
  double exact[CELLS], drawn[CELLS] = {0};
  (gaussian ? gaussian_by_hand : bernoulli_by_hand)(model, u, settings.temperature, exact);
  draw_cells(model, primer, settings, drawn);
  assert_in_range((long)(1e6 * distance(exact, drawn)), 0, 25000);
  return entropy(drawn);
}

/* At three temperatures; entropy grows with temperature. */
static void expect_exact(bool gaussian, const char *primer, const unsigned *past, size_t frames) {
  RsModel *model = tiny_model(gaussian);
  double u[2 * NOTES + HIDDEN], before = 0;
  RsGenerateSettings settings = plain;
  biases_after(model, past, frames, u);
  static const double temperatures[] = {0.5, 1, 2};
  for (size_t i = 0; i < 3; ++i) {
    settings.temperature = temperatures[i];
    const double found = expect_exact_at(settings, model, u, primer);
    assert_true(found > before + 0.1);
    before = found;
  }
  rs_model_free(model);
}

static void first_frames_have_the_exact_distribution(void **state) {
  expect_exact(false, NULL, NULL, 0);
}

static void frames_after_a_primer_have_the_exact_distribution(void **state) {
  static const unsigned past[] = {5, 0, 11};
  expect_exact(false, "60 62\n-\n60 61 63\n", past, 3);
}

static void gaussian_frames_have_the_exact_distribution(void **state) {
  static const unsigned past[] = {3};
  expect_exact(true, NULL, NULL, 0);
  expect_exact(true, "60 61\n", past, 1);
}

static void frames_of_replicas_have_the_exact_distribution(void **state) {
  static const unsigned past[] = {5, 0, 11};
  RsModel *model = tiny_model(false);
  double u[2 * NOTES + HIDDEN];
  biases_after(model, past, 3, u);
  expect_exact_at((RsGenerateSettings){.gibbs_steps = 20, .replicas = 2, .temperature = 0.5}, model,
                  u, "60 62\n-\n60 61 63\n");
  rs_model_free(model);
}

static void refuse_replicas(const RsModel *model, int replicas, const char *words) {
  const RsGenerateSettings settings = {.gibbs_steps = 5, .temperature = 1, .replicas = replicas};
  RsGenerator *generator = NULL;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_generator_new(model, &settings, 1, &generator, &error), RS_ERR_SETTING);
  assert_non_null(strstr(error.message, words));
}

static void replicas_of_no_use_are_refused(void **state) {
  RsModel *models[] = {tiny_model(false), tiny_model(true)};
  refuse_replicas(models[0], 1, "generate.replicas = 1: must be 0, or 2 to 256");
  refuse_replicas(models[0], 257, "generate.replicas = 257");
  refuse_replicas(models[1], 4, "generate.replicas = 4: must be 0 for a model of velocities");
  rs_model_free(models[0]);
  rs_model_free(models[1]);
}

/* ---- The cap on polyphony ---- */

static int highest(const RsFrame *frame) {
  int found = -1;
  for (int n = rs_frame_next(frame, 0); n < RS_NOTES; n = rs_frame_next(frame, n + 1)) {
    found = n;
  }
  return found;
}

static void a_cap_keeps_the_outer_voices(void **state) {
  RsSettings settings = small_settings(24, 2, 2);
  RsModel *model = random_model(&settings, 0.5);
  for (size_t i = 0; i < 24; ++i) {
    part_of(model, "output.bias")[i] += 1.5f;
  }
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (int most = 1; most <= 6; ++most) {
      RsGenerateSettings capped = plain;
      capped.max_polyphony = most;
      RsGenerator *free_one = generator_of(model, plain, seed);
      RsGenerator *capped_one = generator_of(model, capped, seed);
      const RsFrame all = next(free_one), some = next(capped_one);
      const int count = rs_frame_count(&all);
      assert_true(count > 6);
      assert_int_equal(rs_frame_count(&some), count < most ? count : most);
      assert_int_equal(highest(&some), highest(&all));
      if (most > 1) {
        assert_int_equal(rs_frame_next(&some, 0), rs_frame_next(&all, 0));
      }
      assert_int_equal(some.bits[0] & ~all.bits[0], 0);
      rs_generator_free(free_one);
      rs_generator_free(capped_one);
    }
  }
  rs_model_free(model);
}

static void of_the_inner_voices_the_most_crowded_goes_first(void **state) {
  RsModel *model = repeating_model(24, false);
  RsGenerator *generator = generator_of(model, plain, 1);
  prime(generator, "60 64 65 72 79\n");
  rs_generator_set(generator, 1, 4);
  const RsFrame four = next(generator);
  assert_true(rs_frame_has(&four, 72) && rs_frame_has(&four, 64) != rs_frame_has(&four, 65));
  rs_generator_set(generator, 1, 3);
  assert_frame(next(generator), 60, 72, 79);
  rs_generator_free(generator);
  rs_model_free(model);
}

static void what_is_thinned_out_is_not_heard(void **state) {
  RsModel *model = repeating_model(12, true);
  RsGenerator *generator = generator_of(model, plain, 1);
  RsFrame on, onset;
  prime(generator, "60 61 62 63 64 65 66 67 68 69 70 71\n");
  rs_generator_set(generator, 1, 2);
  assert_frame(next(generator), 60, 71);
  rs_generator_set(generator, 1, 0);
  assert_ok(rs_generator_next(generator, &on, &onset, NULL));
  assert_frame(on, 60, 71);
  assert_frame(onset, 60, 71);
  rs_generator_free(generator);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_frames_have_the_exact_distribution),
      cmocka_unit_test(frames_after_a_primer_have_the_exact_distribution),
      cmocka_unit_test(gaussian_frames_have_the_exact_distribution),
      cmocka_unit_test(frames_of_replicas_have_the_exact_distribution),
      cmocka_unit_test(replicas_of_no_use_are_refused),
      cmocka_unit_test(a_cap_keeps_the_outer_voices),
      cmocka_unit_test(of_the_inner_voices_the_most_crowded_goes_first),
      cmocka_unit_test(what_is_thinned_out_is_not_heard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
