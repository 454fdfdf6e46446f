/* SPDX-License-Identifier: ISC */

/* Frames that are decided by what is given of later ones, against enumeration. */

#include "allocations.h"
#include "by_hand.h"

#include <rollsmith/look_ahead.h>

enum { DRAWS = 800, LOWEST = 60 };

static const RsGenerateSettings plain = {.gibbs_steps = 20, .temperature = 1};

/* What is given of frames 1 and 2: notes as bits. */
static const unsigned known[3] = {0, 3, 15}, sounding[3] = {0, 1, 10};

static bool agrees(unsigned v, size_t frame) {
  return (v & known[frame]) == sounding[frame];
}

/* p(v) of the frame after a past. */
static void frame_by_hand(const RsModel *model, const unsigned *past, size_t frames, double *p) {
  double r[RECURRENT], u[2 * NOTES + HIDDEN];
  start_by_hand(model, r);
  for (size_t n = 0; n <= frames; ++n) {
    state_by_hand(model, n ? past[n - 1] : 0, r);
  }
  biases_by_hand(model, r, u);
  bernoulli_by_hand(model, u, 1, p);
}

/* Probability of what is given of this frame and all later ones, after a past. */
static double rest_by_hand(const RsModel *model, unsigned *past, size_t frame) {
  double p[CELLS], sum = 0;
  if (frame == 3) {
    return 1;
  }
  frame_by_hand(model, past, frame, p);
  for (unsigned v = 0; v < CELLS; ++v) {
    past[frame] = v;
    sum += agrees(v, frame) ? p[v] * rest_by_hand(model, past, frame + 1) : 0;
  }
  return sum;
}

/* p of frame 0, and the same given what is known of the later ones. */
static void first_by_hand(const RsModel *model, double *before, double *after) {
  unsigned past[3] = {0};
  double sum = 0;
  frame_by_hand(model, past, 0, before);
  for (unsigned v = 0; v < CELLS; ++v) {
    past[0] = v;
    after[v] = before[v] * rest_by_hand(model, past, 1);
    sum += after[v];
  }
  for (unsigned v = 0; v < CELLS; ++v) {
    after[v] /= sum;
  }
}

static RsGivenNotes given_at(size_t frame) {
  return (RsGivenNotes){.known = {{(uint64_t)known[frame] << LOWEST, 0}},
                        .on = {{(uint64_t)sounding[frame] << LOWEST, 0}}};
}

/* Frame 0 of one run; frame 2, which is known altogether, is given or heard. */
static unsigned draw_first(const RsModel *model, uint64_t seed, RsLookAheadSettings settings) {
  RsGenerator *start = NULL;
  RsLookAhead *ahead = NULL;
  RsFrame on, last;
  assert_ok(rs_generator_new(model, &plain, seed, &start, NULL));
  assert_ok(rs_look_ahead_new(model, &plain, &settings, start, &ahead, NULL));
  for (size_t n = 0; n < 3; ++n) {
    const RsGivenNotes given = given_at(n);
    RsRoll roll = {.frames = 1, .on = (RsFrame[]){given.on}};
    assert_false(rs_look_ahead_take(ahead, false, &on, NULL, NULL));
    assert_ok(n == 2 && seed % 2 ? rs_look_ahead_prime(ahead, &roll, 0)
                                 : rs_look_ahead_next(ahead, &given));
  }
  assert_true(rs_look_ahead_take(ahead, false, &on, NULL, NULL));
  assert_false(rs_look_ahead_take(ahead, false, &last, NULL, NULL));
  assert_true(rs_look_ahead_take(ahead, true, &last, NULL, NULL));
  assert_true(agrees(last.bits[0] >> LOWEST & (CELLS - 1), 1));
  assert_true(rs_look_ahead_take(ahead, true, &last, NULL, NULL));
  assert_int_equal(last.bits[0] >> LOWEST & (CELLS - 1), sounding[2]);
  assert_false(rs_look_ahead_take(ahead, true, &last, NULL, NULL));
  rs_look_ahead_free(ahead);
  rs_generator_free(start);
  return on.bits[0] >> LOWEST & (CELLS - 1);
}

/* Half the sum of the differences of two distributions. */
static double distance(const double *p, const double *q) {
  double sum = 0;
  for (unsigned v = 0; v < CELLS; ++v) {
    sum += 0.5 * fabs(p[v] - q[v]);
  }
  return sum;
}

static void expect_exact(size_t betas) {
  RsModel *model = tiny_model(false);
  double before[CELLS], after[CELLS], drawn[CELLS] = {0};
  first_by_hand(model, before, after);
  for (uint64_t seed = 1; seed <= DRAWS; ++seed) {
    const RsLookAheadSettings settings = {.frames = 2, .particles = 16, .betas = betas};
    drawn[draw_first(model, seed, settings)] += 1.0 / DRAWS;
  }
  print_message("distance from the frame without what is given %.4f, from the exact one %.4f\n",
                distance(before, after), distance(drawn, after));
  assert_true(distance(before, after) > 0.25);
  assert_true(distance(drawn, after) < 0.08); /* 0.4 sqrt(CELLS / DRAWS) = 0.057 is expected */
  rs_model_free(model);
}

static void earlier_frames_have_the_exact_distribution(void **state) {
  expect_exact(0);
}

static void annealed_weights_give_the_same_distribution(void **state) {
  expect_exact(20);
}

static void what_cannot_look_ahead_is_refused(void **state) {
  const struct {
    bool gaussian;
    RsLookAheadSettings settings;
    const char *message;
  } cases[] = {
      {true,
       {2, 4, 0},
       "a Gaussian model cannot look ahead: the likelihood of given notes is known of binary "
       "models "
       "alone"},
      {false, {2, 1, 0}, "looking ahead takes 2 to 256 particles, and a frame"},
      {false, {0, 2, 0}, "looking ahead takes 2 to 256 particles, and a frame"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    RsModel *model = tiny_model(cases[i].gaussian);
    RsGenerator *start = NULL;
    RsLookAhead *ahead = NULL;
    RsError error = {RS_OK, ""};
    assert_ok(rs_generator_new(model, &plain, 1, &start, NULL));
    assert_int_equal(rs_look_ahead_new(model, &plain, &cases[i].settings, start, &ahead, &error),
                     RS_ERR_SETTING);
    assert_string_equal(error.message, cases[i].message);
    rs_generator_free(start);
    rs_model_free(model);
  }
}

static void frames_take_no_memory(void **state) {
  enum { FRAMES = 40 };
  for (size_t betas = 0; betas <= 20; betas += 20) {
    RsModel *model = tiny_model(false);
    const RsLookAheadSettings settings = {.frames = 2, .particles = 8, .betas = betas};
    RsGenerator *start = NULL;
    RsLookAhead *ahead = NULL;
    RsFrame on;
    assert_ok(rs_generator_new(model, &plain, 3, &start, NULL));
    assert_ok(rs_look_ahead_new(model, &plain, &settings, start, &ahead, NULL));
    allocations = 0;
    for (size_t n = 0; n < FRAMES; ++n) {
      const RsGivenNotes given = given_at(n % 3);
      assert_ok(rs_look_ahead_next(ahead, &given));
      rs_look_ahead_take(ahead, false, &on, NULL, NULL);
    }
    assert_int_equal(allocations, 0);
    rs_look_ahead_free(ahead);
    rs_generator_free(start);
    rs_model_free(model);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(earlier_frames_have_the_exact_distribution),
      cmocka_unit_test(annealed_weights_give_the_same_distribution),
      cmocka_unit_test(what_cannot_look_ahead_is_refused),
      cmocka_unit_test(frames_take_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
