/* SPDX-License-Identifier: ISC */

/* Chains of frames whose notes are in given states, in the flavour that this is compiled for. */

#include "chains.h"

/* Notes that are given, those that sounded before and those that did not, of machines without
 * potentials on counts, with them, and with articulation. */
static void chains_visit_the_frames_that_states_allow(void **state) {
  static const struct {
    RsRbm shape;
    unsigned char states[MOST_VISIBLE];
  } cases[] = {
      {{RS_RBM_BERNOULLI, 6, 11, 0}, {OFF, OFF | ON, ON, OFF | ON, OFF | ON, OFF | ON}},
      {{RS_RBM_BERNOULLI, 9, 5, 1},
       {OFF | ON, ON, OFF | ON, OFF | ON, OFF, OFF | ON, ON, ON, OFF | ON}},
      {{RS_RBM_BERNOULLI, 8, 7, 2}, {OFF | BEGUN, OFF | ON | BEGUN, OFF | BEGUN, OFF | ON | BEGUN}},
      {{RS_RBM_BERNOULLI, 8, 7, 2}, {OFF | BEGUN, OFF | BEGUN, OFF | BEGUN, OFF | BEGUN}},
      {{RS_RBM_BERNOULLI, 8, 7, 2},
       {OFF | ON | BEGUN, OFF | ON | BEGUN, OFF | ON | BEGUN, OFF | ON | BEGUN}},
      {{RS_RBM_BERNOULLI, 8, 7, 2}, {ON | BEGUN, OFF | BEGUN, BEGUN, OFF | ON | BEGUN}},
      {{RS_RBM_BERNOULLI, 8, 7, 2}, {OFF | ON, ON, OFF, ON | BEGUN}},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    Machine m = machine_new(cases[k].shape, 1, 0.5, 60 + k);
    const double most = chi_square_limit(&m.shape, cases[k].states);
    for (int how = 0; how < 3; ++how) {
      const double chi = chi_square_within(&m, how == 2, how == 1, cases[k].states);
      print_message("case %zu: chi-square %.1f, at most %.1f\n", k, chi, most);
      assert_true(chi < most);
    }
    machine_free(&m);
  }
}

/* 14 notes, more of which are on than there are classes, most of them held. */
static void many_notes_have_their_states(void **state) {
  enum { NOTES = 14, N = 4000 };
  const RsRbm shape = {RS_RBM_BERNOULLI, 2 * NOTES, 6, 2};
  Machine m = machine_new(shape, 1, 0.4, 70);
  unsigned char states[N * NOTES];
  double mean[2][2 * NOTES] = {{0}};
  for (size_t i = 0; i < N * NOTES; ++i) {
    const size_t note = i % NOTES;
    states[i] = note < 5 ? ON | BEGUN : note < 10 ? OFF | ON | BEGUN : OFF | BEGUN;
  }
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *gibbs = sampler(&m, plain);
    RsGibbsChains *chains = NULL;
    rs_scalar *v = rs_alloc(N, shape.visible * sizeof *v);
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, test_rng(71), 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 30, v, states});
    for (size_t i = 0; i < N * shape.visible; ++i) {
      mean[plain][i % shape.visible] += (double)v[i] / N;
    }
    free(v);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
  }
  for (size_t i = 0; i < shape.visible; ++i) {
    const double p = 0.5 * (mean[0][i] + mean[1][i]);
    assert_close(mean[0][i], mean[1][i], 6 * sqrt(2 * p * (1 - p) / N) + 1e-9);
  }
  machine_free(&m);
}

/* Mean of each unit given the value of the last one, from sums over h; and from chains. */
static void given_values_condition_the_others(void **state) {
  enum { V = 3, HIDDEN = 4, N = 20000 };
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, V, HIDDEN, 0}, 1, 0.7, 36);
  const rs_scalar *b = m.biases + V, *z = b + HIDDEN;
  const double value = 1.7;
  double mean[V] = {0}, square[V] = {0}, total = 0;
  for (size_t h = 0; h < HIDDEN_STATES; ++h) {
    double field[V] = {0}, log_p = 0;
    for (size_t j = 0; j < HIDDEN; ++j) {
      log_p += h >> j & 1 ? (double)b[j] : 0;
      for (size_t i = 0; i < V; ++i) {
        field[i] += h >> j & 1 ? (double)m.w[j * V + i] : 0;
      }
    }
    for (size_t i = 0; i + 1 < V; ++i) {
      log_p += field[i] * field[i] / 2 + (double)m.biases[i] * exp(-0.5 * (double)z[i]) * field[i];
    }
    log_p += value * exp(-0.5 * (double)z[V - 1]) * field[V - 1];
    for (size_t i = 0; i < V; ++i) {
      const double sigma = exp(0.5 * (double)z[i]), centre = (double)m.biases[i] + sigma * field[i];
      mean[i] += exp(log_p) * centre;
      square[i] += exp(log_p) * (centre * centre + sigma * sigma);
    }
    total += exp(log_p);
  }
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *gibbs = sampler(&m, plain);
    RsGibbsChains *chains = NULL;
    rs_scalar *v = rs_alloc(N, V * sizeof *v);
    unsigned char *states = rs_alloc(N, V);
    double seen[V] = {0};
    for (size_t n = 0; n < N; ++n) {
      v[n * V + V - 1] = (rs_scalar)value;
      states[n * V] = states[n * V + 1] = OFF | ON;
    }
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, test_rng(37), 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 40, v, states});
    for (size_t i = 0; i < N * V; ++i) {
      seen[i % V] += (double)v[i] / N;
    }
    for (size_t i = 0; i + 1 < V; ++i) {
      const double centre = mean[i] / total;
      assert_close(seen[i], centre, 6 * sqrt((square[i] / total - centre * centre) / N));
    }
    assert_close(seen[V - 1], value, 1e-4);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    free(states);
    free(v);
  }
  machine_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chains_visit_the_frames_that_states_allow),
      cmocka_unit_test(many_notes_have_their_states),
      cmocka_unit_test(given_values_condition_the_others),
  };
  return run_in_this_flavour(tests);
}
