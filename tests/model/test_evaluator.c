/* SPDX-License-Identifier: ISC */

/* Likelihood and accuracy, against what is written out by hand. */

#include "evaluated.h"

static const RsEvaluationSettings exact_one = {
    .chains = 1, .betas = 1, .exact = true, .threads = 1};

/* Songs of random frames of `notes` notes from 60 on, each on with probability a third. */
static RsSongs random_songs(const size_t *lengths, size_t count, int notes) {
  RsSongs songs = {0};
  uint64_t step = 0;
  for (size_t i = 0; i < count; ++i) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, lengths[i], RS_PLANE_NONE));
    for (size_t n = 0; n < lengths[i]; ++n) {
      for (int k = 0; k < notes; ++k) {
        if (rs_rng_uniform((RsRng){4, RS_STREAM_TEST}, step++) < 0.33) {
          rs_frame_set(roll.on + n, 60 + k);
        }
      }
    }
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

/* ---- Exact likelihood ---- */

static double log_p_by_hand(const RsModel *model, const double *u, unsigned v) {
  double p[CELLS], sum = 0;
  if (rs_rnnrbm_rbm(model->net)->kind == RS_RBM_BERNOULLI) {
    bernoulli_by_hand(model, u, 1, p);
    return log(p[v]);
  }
  gaussian_hidden_by_hand(model, u, 1, p);
  for (unsigned h = 0; h < HIDDEN_CELLS; ++h) {
    double density = p[h];
    for (size_t i = 0; i < NOTES; ++i) {
      const double variance = exp(u[NOTES + HIDDEN + i]);
      const double off = (v >> i & 1) - gaussian_mean_by_hand(model, u, h, i);
      density *= exp(-0.5 * off * off / variance) / sqrt(2 * M_PI * variance);
    }
    sum += density;
  }
  return log(sum);
}

/* Whether frame `number` is one of a share that multiples of the golden ratio choose. */
static bool is_chosen(uint32_t number, double share) {
  return (double)(number * 0x9E3779B9u) < share * 0x1p32;
}

/* Nats a frame over a share of the frames, each song from the start. */
static double ll_by_hand(const RsModel *model, const RsSongs *songs, double share) {
  double sum = 0;
  size_t frames = 0;
  uint32_t number = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    double r[RECURRENT], u[2 * NOTES + HIDDEN];
    unsigned before = 0;
    start_by_hand(model, r);
    for (size_t n = 0; n < songs->rolls[i].frames; ++n, ++number) {
      const unsigned v = songs->rolls[i].on[n].bits[0] >> 60 & (CELLS - 1);
      state_by_hand(model, before, r);
      biases_by_hand(model, r, u);
      if (is_chosen(number, share)) {
        sum += log_p_by_hand(model, u, v);
        ++frames;
      }
      before = v;
    }
  }
  return sum / (double)frames;
}

static void exact_likelihood_is_that_of_full_enumeration(void **state) {
  static const size_t lengths[] = {1, 7, 0, 600, 256}; /* longer than what is worked on at a time */
  RsSongs songs = random_songs(lengths, 5, NOTES);
  for (int gaussian = 0; gaussian < 2; ++gaussian) {
    RsModel *model = tiny_model(gaussian);
    const RsEvaluation result = evaluate(model, &songs, exact_one);
    assert_close(result.ll_exact, ll_by_hand(model, &songs, 1), 2e-5);
    assert_int_equal(result.frames, 864);
    assert_int_equal(result.songs, 4);
    rs_model_free(model);
  }
  rs_songs_clear(&songs);
}

static void values_not_asked_for_are_none(void **state) {
  static const size_t length = 5;
  RsSongs songs = random_songs(&length, 1, NOTES);
  RsModel *model = tiny_model(false);
  const RsEvaluationSettings settings = {.chains = 1, .betas = 1, .threads = 1};
  const RsEvaluation result = evaluate(model, &songs, settings);
  assert_true(isfinite(result.ll));
  assert_true(isnan(result.ll_reverse) && isnan(result.ll_exact) && isnan(result.accuracy));
  rs_model_free(model);
  rs_songs_clear(&songs);
}

static void a_large_hidden_layer_is_not_enumerated(void **state) {
  static const size_t length = 2;
  RsSongs songs = random_songs(&length, 1, NOTES);
  for (int hidden = RS_EVALUATION_EXACT_MAX; hidden <= RS_EVALUATION_EXACT_MAX + 1; ++hidden) {
    const RsSettings settings = small_settings(NOTES, hidden, 2);
    RsModel *model = random_model(&settings, 0.1);
    const RsEvaluation result = evaluate(model, &songs, exact_one);
    assert_int_equal(isnan(result.ll_exact), hidden > RS_EVALUATION_EXACT_MAX);
    rs_model_free(model);
  }
  rs_songs_clear(&songs);
}

/* A log-variance that the net puts out far below its bound counts as the bound. */
static void log_variances_are_bounded(void **state) {
  static const size_t length = 5;
  RsSongs songs = random_songs(&length, 1, NOTES);
  RsSettings settings = small_settings(NOTES, 3, 2);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  RsModel *model = random_model(&settings, 0.3);
  double ll[2];
  for (int k = 0; k < 2; ++k) {
    for (size_t i = NOTES + 3; i < 2 * NOTES + 3; ++i) {
      part_of(model, "output.weight")[2 * i] = part_of(model, "output.weight")[2 * i + 1] = 0;
      part_of(model, "output.bias")[i] = k ? -20 : (float)(2 * log(settings.model.deviation_low));
    }
    ll[k] = evaluate(model, &songs, exact_one).ll_exact;
  }
  assert_close(ll[1], ll[0], 1e-3 * fabs(ll[0]));
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* ---- Annealed importance sampling ---- */

/* 100 chains of 60 steps find the likelihood of these frames to 0.01 nats, from either side. */
static void both_estimates_agree_with_the_exact_likelihood(void **state) {
  static const size_t lengths[] = {20, 10};
  RsSongs songs = random_songs(lengths, 2, 12);
  for (int gaussian = 0; gaussian < 2; ++gaussian) {
    RsSettings settings = small_settings(12, 8, 4);
    settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
    RsModel *model = random_model(&settings, gaussian ? 0.3 : 0.6);
    const RsEvaluation result = evaluate(
        model, &songs,
        (RsEvaluationSettings){
            .chains = 100, .betas = 60, .reverse = true, .exact = true, .gibbs_steps = 50});
    assert_close(result.ll, result.ll_exact, 0.01);
    assert_close(result.ll_reverse, result.ll_exact, 0.01);
    rs_model_free(model);
  }
  rs_songs_clear(&songs);
}

/* Tempered replicas find it too, wherever they begin. */
static void tempered_estimates_agree_with_the_exact_likelihood(void **state) {
  static const size_t lengths[] = {20, 10};
  RsSongs songs = random_songs(lengths, 2, 12);
  RsSettings settings = small_settings(12, 8, 4);
  RsModel *model = random_model(&settings, 0.6);
  const RsEvaluation result = evaluate(model, &songs,
                                       (RsEvaluationSettings){.replicas = 4,
                                                              .rounds = 1000,
                                                              .chains = 1,
                                                              .betas = 1,
                                                              .reverse = true,
                                                              .exact = true,
                                                              .gibbs_steps = 1});
  assert_close(result.ll, result.ll_exact, 0.01);
  assert_close(result.ll_reverse, result.ll_exact, 0.01);
  assert_true(result.ll != result.ll_reverse);
  assert_true(result.swap_rate > 0.3 && result.swap_rate < 1);
  rs_model_free(model);
  rs_songs_clear(&songs);
}

static void replicas_of_velocities_are_refused(void **state) {
  static const size_t length = 5;
  RsSongs songs = random_songs(&length, 1, NOTES);
  RsSettings settings = small_settings(NOTES, 3, 2);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  RsModel *model = random_model(&settings, 0.3);
  RsEvaluation result;
  RsError error = {RS_OK, ""};
  const RsEvaluationSettings effort = {.replicas = 4, .rounds = 2, .chains = 1, .betas = 1};
  assert_int_equal(
      rs_evaluate(model->net, model->w, &model->inputs, &songs, &effort, &result, &error),
      RS_ERR_SETTING);
  assert_non_null(strstr(error.message, "evaluate.method = ais"));
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* Equation A15, of three songs that are evaluated one by one. */
static void the_standard_error_is_that_of_the_songs(void **state) {
  static const size_t lengths[] = {20, 50, 0, 7};
  RsSongs songs = random_songs(lengths, 4, NOTES);
  RsModel *model = tiny_model(false);
  const RsEvaluationSettings effort = {.chains = 1, .betas = 3, .exact = true, .gibbs_steps = 1};
  const RsEvaluation all = evaluate(model, &songs, effort);
  double squares = 0;
  uint64_t seen = 0;
  for (size_t i = 0; i < 4; ++i) {
    RsSongs one = {.rolls = songs.rolls + i, .count = 1};
    if (lengths[i]) {
      const double apart = evaluate(model, &one, effort).ll_exact - all.ll_exact;
      squares += apart * apart * (double)(lengths[i] * lengths[i]);
      seen += lengths[i];
    }
  }
  /* chains of other frames have other numbers, so that estimates differ a little */
  assert_close(all.ll_error, sqrt(1.5 * squares) / (double)seen, 0.2 * all.ll_error);
  RsSongs one = {.rolls = songs.rolls, .count = 1};
  assert_true(isnan(evaluate(model, &one, effort).ll_error));
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* With one chain of few steps the bias shows: forward flatters, reverse is severe (equation A6). */
static void the_exact_likelihood_is_between_the_estimates(void **state) {
  static const size_t length = 400;
  RsSongs songs = random_songs(&length, 1, 12);
  const RsSettings settings = small_settings(12, 8, 4);
  RsModel *model = random_model(&settings, 0.7);
  const RsEvaluation result =
      evaluate(model, &songs,
               (RsEvaluationSettings){
                   .chains = 1, .betas = 2, .reverse = true, .exact = true, .gibbs_steps = 50});
  assert_true(result.ll > result.ll_exact + 0.01);
  assert_true(result.ll_reverse < result.ll_exact - 0.01);
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* ---- Which frames, and who computes them ---- */

static void threads_never_change_a_result(void **state) {
  static const size_t lengths[] = {20, 300, 1, 40, 0, 7};
  RsSongs songs = random_songs(lengths, 6, NOTES);
  RsModel *model = tiny_model(false);
  RsEvaluationSettings settings = {.chains = 3,
                                   .betas = 4,
                                   .reverse = true,
                                   .exact = true,
                                   .accuracy = true,
                                   .gibbs_steps = 2,
                                   .threads = 1};
  const RsEvaluation one = evaluate(model, &songs, settings);
  for (settings.threads = 0; settings.threads <= 4; settings.threads += 2) {
    const RsEvaluation many = evaluate(model, &songs, settings);
    assert_memory_equal(&many, &one, sizeof one);
  }
  settings.seed = 1;
  const RsEvaluation other = evaluate(model, &songs, settings);
  assert_true(other.ll != one.ll && other.accuracy != one.accuracy);
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* Frames that are chosen have the biases that they would have among all. */
static void a_share_of_the_frames_sees_the_whole_past(void **state) {
  static const size_t lengths[] = {700, 300};
  RsSongs songs = random_songs(lengths, 2, NOTES);
  RsModel *model = tiny_model(false);
  RsEvaluationSettings settings = exact_one;
  settings.max_frames = 250;
  const RsEvaluation some = evaluate(model, &songs, settings);
  assert_in_range(some.frames, 240, 260);
  assert_close(some.ll_exact, ll_by_hand(model, &songs, 0.25), 2e-5);
  settings.max_frames = 1000;
  assert_close(evaluate(model, &songs, settings).ll_exact, ll_by_hand(model, &songs, 1), 2e-5);
  rs_model_free(model);
  rs_songs_clear(&songs);
}

static void no_frames_are_an_error(void **state) {
  static const size_t length = 0;
  RsSongs songs = random_songs(&length, 1, NOTES), none = {0};
  RsModel *model = tiny_model(false);
  RsEvaluation result;
  RsError error = {RS_OK, ""};
  assert_int_equal(
      rs_evaluate(model->net, model->w, &model->inputs, &songs, &exact_one, &result, &error),
      RS_ERR_EMPTY);
  assert_int_equal(error.status, RS_ERR_EMPTY);
  assert_int_equal(
      rs_evaluate(model->net, model->w, &model->inputs, &none, &exact_one, &result, NULL),
      RS_ERR_EMPTY);
  rs_model_free(model);
  rs_songs_clear(&songs);
}

static void parameters_that_are_no_numbers_are_an_error(void **state) {
  static const size_t length = 300;
  RsSongs songs = random_songs(&length, 1, NOTES);
  RsModel *model = tiny_model(false);
  RsEvaluation result;
  for (size_t i = 0; i < rs_rnnrbm_parameters(model->net); ++i) {
    const float good = model->w[i];
    model->w[i] = NAN;
    assert_int_equal(
        rs_evaluate(model->net, model->w, &model->inputs, &songs, &exact_one, &result, NULL),
        RS_ERR_NONFINITE);
    model->w[i] = good;
  }
  rs_model_free(model);
  rs_songs_clear(&songs);
}

/* ---- Accuracy ---- */

/* The mean of T3 by hand, for predictions that are the frame before. */
static void expect_accuracy_of_repeating(const RsModel *model) {
  RsSongs songs = songs_of("-\n60 64 67\n60 64 67\n60 64\n60 62 65 69\n-\n# b\n61\n");
  const RsEvaluation result =
      evaluate(model, &songs,
               (RsEvaluationSettings){
                   .chains = 1, .betas = 1, .accuracy = true, .gibbs_steps = 3, .threads = 1});
  const double wanted = 1 + 0 + 1 + 2.0 / 3 + 1.0 / 4 + 0 + 0;
  assert_close(result.accuracy, wanted / 7, 1e-12);
  rs_songs_clear(&songs);
}

/* A model whose recurrent net is sure to hear again what was. */
static void accuracy_is_of_notes_right_over_the_most_there_are(void **state) {
  RsSettings settings = small_settings(12, 1, 12);
  RsModel *model = model_of(&settings);
  for (size_t i = 0; i < 12; ++i) {
    part_of(model, "rnn.weight")[i * 24 + i] = 40;
    part_of(model, "rnn.bias")[i] = -20;
    part_of(model, "output.weight")[i * 12 + i] = 40;
  }
  expect_accuracy_of_repeating(model);
  rs_model_free(model);
}

/* A model whose chains stay where they begin. */
static void a_prediction_begins_at_the_frame_before(void **state) {
  RsSettings settings = small_settings(12, 12, 1);
  RsModel *model = model_of(&settings);
  for (size_t i = 0; i < 12; ++i) {
    part_of(model, "rbm.weight")[i * 12 + i] = 60;
    part_of(model, "output.bias")[i] = part_of(model, "output.bias")[12 + i] = -30;
  }
  expect_accuracy_of_repeating(model);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exact_likelihood_is_that_of_full_enumeration),
      cmocka_unit_test(values_not_asked_for_are_none),
      cmocka_unit_test(a_large_hidden_layer_is_not_enumerated),
      cmocka_unit_test(log_variances_are_bounded),
      cmocka_unit_test(both_estimates_agree_with_the_exact_likelihood),
      cmocka_unit_test(tempered_estimates_agree_with_the_exact_likelihood),
      cmocka_unit_test(replicas_of_velocities_are_refused),
      cmocka_unit_test(the_standard_error_is_that_of_the_songs),
      cmocka_unit_test(the_exact_likelihood_is_between_the_estimates),
      cmocka_unit_test(threads_never_change_a_result),
      cmocka_unit_test(a_share_of_the_frames_sees_the_whole_past),
      cmocka_unit_test(no_frames_are_an_error),
      cmocka_unit_test(parameters_that_are_no_numbers_are_an_error),
      cmocka_unit_test(accuracy_is_of_notes_right_over_the_most_there_are),
      cmocka_unit_test(a_prediction_begins_at_the_frame_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
