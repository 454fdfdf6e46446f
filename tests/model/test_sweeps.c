/* SPDX-License-Identifier: ISC */

/* The Gibbs sweeps of a generated frame, one after the other: equation T14 of doc/math.md. */

#include "small.h"

#include <rollsmith/generator.h>

#include <math.h>

enum { FRAMES = 100, SEED = 5 };

/* Equation T14. */
static double coupling(size_t s, size_t sweeps) {
  const size_t weak = 6 * sweeps / 10;
  return s < weak ? 0.7 + 0.05 * floor(6.0 * (double)s / (double)weak) : 1;
}

/* What makes frames by hand, sweep by sweep. */
typedef struct {
  const RsModel *model;
  RsGibbs *gibbs;
  RsGibbsChains *chain;
  RsRnnStep *step;
  float *state, *v, *biases;
} ByHand;

static ByHand by_hand(const RsModel *model) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const RsRnn *rnn = rs_rnnrbm_rnn(model->net);
  const float *w = model->w + rs_rnnrbm_weights(model->net);
  ByHand hand = {.model = model,
                 .state = test_calloc(rs_rnn_state_size(rnn), sizeof(float)),
                 .v = test_calloc(rbm->visible, sizeof(float)),
                 .biases = test_calloc(rs_rbm_biases(rbm), sizeof(float))};
  assert_ok(rs_gibbs_new(rbm, false, &hand.gibbs));
  assert_ok(rs_gibbs_chains_new(hand.gibbs, 1, &hand.chain));
  assert_ok(rs_rnn_step_new(rnn, &hand.step));
  rs_gibbs_set_weights(hand.gibbs, model->w);
  rs_rnn_start(rnn, w, hand.state);
  assert_ok(rs_rnn_step_hold(rnn, w, hand.step));
  return hand;
}

static void end_by_hand(ByHand *hand) {
  rs_rnn_step_free(hand->step);
  rs_gibbs_chains_free(hand->chain);
  rs_gibbs_free(hand->gibbs);
  test_free(hand->state);
  test_free(hand->v);
  test_free(hand->biases);
}

static RsFrame frame_by_hand(ByHand *hand, uint64_t number, size_t sweeps) {
  const RsRnn *rnn = rs_rnnrbm_rnn(hand->model->net);
  const float *w = hand->model->w + rs_rnnrbm_weights(hand->model->net);
  RsFrame on, onset;
  assert_ok(rs_rnn_step(rnn, w, hand->v, hand->state, hand->biases, hand->step));
  rs_gibbs_seed(hand->chain, 1, (RsRng){SEED, RS_STREAM_GENERATE}, number);
  for (size_t s = 0; s < sweeps; ++s) {
    const RsGibbsRun run = {.count = 1,
                            .biases = hand->biases,
                            .coupling = (float)coupling(s, sweeps),
                            .steps = 1,
                            .v = hand->v};
    rs_gibbs_run(hand->gibbs, hand->chain, &run);
  }
  rs_decode_frame(&hand->model->inputs.encoding, hand->v, &on, &onset, NULL);
  return on;
}

static void expect_sweeps(const RsModel *model, size_t sweeps) {
  const RsGenerateSettings settings = {.gibbs_steps = (int)sweeps, .temperature = 1};
  RsGenerator *generator = NULL;
  ByHand hand = by_hand(model);
  assert_ok(rs_generator_new(model, &settings, SEED, &generator, NULL));
  for (uint64_t n = 0; n < FRAMES; ++n) {
    RsFrame on;
    assert_ok(rs_generator_next(generator, &on, NULL, NULL));
    const RsFrame expected = frame_by_hand(&hand, n, sweeps);
    if (memcmp(&on, &expected, sizeof on) != 0) {
      fail_msg("%zu sweeps: frame %u differs", sweeps, (unsigned)n);
    }
  }
  rs_generator_free(generator);
  end_by_hand(&hand);
}

static void six_sweeps_of_ten_have_weaker_couplings_whatever_their_number(void **state) {
  const RsSettings settings = small_settings(12, 8, 6);
  RsModel *model = random_model(&settings, 0.9);
  for (size_t sweeps = 1; sweeps <= 31; ++sweeps) {
    expect_sweeps(model, sweeps);
  }
  expect_sweeps(model, 100);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(six_sweeps_of_ten_have_weaker_couplings_whatever_their_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
