/* SPDX-License-Identifier: ISC */

/* Partition functions by annealing and by enumeration, in the flavour that this is compiled for. */

#include "chains.h"

/* Forward from the uncoupled machine; in reverse from chains run for long at full coupling. */
static double ais_log_z(const Machine *m, bool reverse, size_t count, size_t betas,
                        const unsigned char *one) {
  RsGibbs *gibbs = sampler(m, false);
  RsAis *ais = NULL;
  RsGibbsChains *chains = NULL;
  double *log_w = rs_alloc(count, sizeof *log_w);
  rs_scalar *v = rs_alloc(count, m->shape.visible * sizeof *v);
  const size_t notes = rs_rbm_notes(&m->shape);
  unsigned char *states = one ? rs_alloc(count, notes) : NULL;
  for (size_t n = 0; one && n < count; ++n) {
    memcpy(states + n * notes, one, notes);
  }
  assert_ok(rs_ais_new(gibbs, count, &ais));
  assert_ok(rs_gibbs_chains_new(gibbs, count, &chains));
  rs_gibbs_seed(chains, count, test_rng(40), 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){count, m->biases, 0, 1, 300, v, states});
  const RsAisRun run = {count, m->biases, 0, betas, reverse, v, test_rng(41), 0, states};
  rs_ais_run(gibbs, ais, &run, log_w);
  const double sign = reverse ? -1 : 1;
  const double log_z = rs_log_z_uncoupled_within(&m->shape, m->w, m->biases, one) +
                       sign * rs_log_mean_exp(count, sign, log_w);
  free(states);
  rs_gibbs_chains_free(chains);
  rs_ais_free(ais);
  rs_gibbs_free(gibbs);
  free(log_w);
  free(v);
  return log_z;
}

static void check_annealing(const Machine *m, size_t chains, const unsigned char *states) {
  double exact = 0, scratch[64];
  assert_ok(rs_log_z_exact_within(&m->shape, m->w, m->biases, states, scratch, &exact));
  const double forward = ais_log_z(m, false, chains, 1000, states);
  const double reverse = ais_log_z(m, true, chains, 1000, states);
  print_message("log Z %.5f, forward %.5f, reverse %.5f\n", exact, forward, reverse);
  assert_close(forward, exact, 0.03); /* six standard deviations */
  assert_close(reverse, exact, 0.03);
}

static void annealing_finds_the_exact_partition_function(void **state) {
  const RsRbm shapes[] = {
      {RS_RBM_BERNOULLI, 36, 12, 0}, {RS_RBM_GAUSSIAN, 6, 8, 0}, {RS_RBM_BERNOULLI, 16, 8, 2}};
  const double spreads[] = {0.6, 0.7, 0.6};
  const size_t chains[] = {2000, 400, 800};
  const unsigned char states[] = {OFF | BEGUN, OFF | ON | BEGUN, OFF | BEGUN, ON | BEGUN,
                                  OFF | BEGUN, OFF | BEGUN,      OFF,         OFF | ON | BEGUN};
  for (size_t k = 0; k < 3; ++k) {
    Machine m = machine_new(shapes[k], 1, spreads[k], 42 + k);
    check_annealing(&m, chains[k], NULL);
    if (shapes[k].planes) {
      check_annealing(&m, chains[k], states);
    }
    machine_free(&m);
  }
}

/* Equation H10 against the sum over every v and h. */
static void partition_functions_are_those_of_the_states(void **state) {
  static const struct {
    RsRbm shape;
    unsigned char states[MOST_VISIBLE];
  } cases[] = {
      {{RS_RBM_BERNOULLI, 4, 6, 0}, {OFF, OFF | ON, ON, OFF | ON}},
      {{RS_RBM_BERNOULLI, 9, 6, 1}, {ON, ON, ON, ON, ON, ON, OFF | ON, ON, ON}},
      {{RS_RBM_BERNOULLI, 8, 6, 2}, {ON | BEGUN, OFF | BEGUN, OFF | ON, OFF | ON | BEGUN}},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    Machine m = machine_new(cases[k].shape, 1, 0.8, 80 + k);
    double log_z = 0, scratch[MOST_VISIBLE];
    assert_ok(rs_log_z_exact_within(&m.shape, m.w, m.biases, cases[k].states, scratch, &log_z));
    assert_close(log_z, log_z_within(&m, cases[k].states), 1e-5);
    memset(m.w, 0, m.shape.hidden * m.shape.visible * sizeof *m.w);
    assert_close(rs_log_z_uncoupled_within(&m.shape, m.w, m.biases, cases[k].states),
                 log_z_within(&m, cases[k].states), 1e-5);
    machine_free(&m);
  }
}

/* Weights whose exponentials are out of range, on either side. */
static void a_mean_of_weights_does_not_overflow(void **state) {
  const double x[] = {999, 1001, 1000}, wanted = log((exp(-2) + 1 + exp(-1)) / 3);
  const double low[] = {-2000, -2002, -2001};
  assert_close(rs_log_mean_exp(3, 1, x), 1001 + wanted, 1e-9);
  assert_close(rs_log_mean_exp(3, 1, low), -2000 + wanted, 1e-9);
  assert_close(rs_log_mean_exp(3, -1, low), 2002 + wanted, 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(annealing_finds_the_exact_partition_function),
      cmocka_unit_test(partition_functions_are_those_of_the_states),
      cmocka_unit_test(a_mean_of_weights_does_not_overflow),
  };
  return run_in_this_flavour(tests);
}
