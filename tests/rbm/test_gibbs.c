/* Samplers against exact distributions, in the flavour that this is compiled for. */

#include "kernels.h"
#include "machines.h"

#include <rollsmith/likelihood.h>

#include "rbm/collapsed.h"

#include <string.h>

enum { CHAINS = 2000, SWEEPS = 80 };

static RsGibbs *sampler(const Machine *m, bool plain) {
  RsGibbs *gibbs = NULL;
  assert_ok(rs_gibbs_new(&m->shape, plain, &gibbs));
  rs_gibbs_set_weights(gibbs, m->w);
  return gibbs;
}

enum { STATES = 512, HIDDEN_STATES = 16, MOST_VISIBLE = 9, BURN_IN = 20 };

/* Adds how often `count` chains, whose numbers begin with `first`, visit each v of a machine with
 * up to MOST_VISIBLE visible units. */
static void count_visits(const Machine *m, const RsGibbs *gibbs, RsGibbsChains *chains,
                         size_t count, uint64_t first, const unsigned char *states, double *seen) {
  const size_t visible = m->shape.visible, notes = rs_rbm_notes(&m->shape);
  rs_scalar *v = rs_alloc(count, visible * sizeof *v);
  unsigned char *all = rs_alloc(count, notes);
  for (size_t n = 0; states && n < count; ++n) {
    memcpy(all + n * notes, states, notes);
  }
  rs_gibbs_seed(chains, count, (RsRng){9, RS_STREAM_TEST}, first);
  RsGibbsRun run = {count, m->biases, 0, 1, BURN_IN, v, states ? all : NULL};
  rs_gibbs_run(gibbs, chains, &run);
  run.steps = 5; /* enough to make visits independent: the machine is small and weak */
  for (size_t sweep = BURN_IN; sweep < SWEEPS; sweep += run.steps) {
    rs_gibbs_run(gibbs, chains, &run);
    for (size_t n = 0; n < count; ++n) {
      size_t bits = 0;
      for (size_t i = 0; i < visible; ++i) {
        bits |= (size_t)(v[n * visible + i] > 0) << i;
      }
      ++seen[bits];
    }
  }
  free(all);
  free(v);
}

/* Whether each note of a frame is in one of its states. */
static bool is_possible(const RsRbm *shape, const unsigned char *states, size_t bits) {
  const size_t notes = rs_rbm_notes(shape);
  for (size_t i = 0; i < notes && states; ++i) {
    const bool sounds = bits >> i & 1;
    const bool begins = shape->planes > 1 && bits >> (notes + i) & 1;
    const unsigned state = begins   ? sounds ? RS_STATE_BEGUN : 0
                           : sounds ? RS_STATE_ON
                                    : RS_STATE_OFF;
    if (!(states[i] & state)) {
      return false;
    }
  }
  return true;
}

/* log Z of the frames whose notes are in their states: the sum over every v and h. */
static double log_z_within(const Machine *m, const unsigned char *states) {
  rs_scalar v[MOST_VISIBLE];
  double sum = 0;
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    bits_to_units(bits, m->shape.visible, v);
    sum += is_possible(&m->shape, states, bits) ? exp(-machine_free_energy(m, 0, v)) : 0;
  }
  return log(sum);
}

/* Chi-square of how often each v came up against e^-F / Z, pooled over sweeps after a burn-in.
 * Chains that share numbers have a pool each, or they would not be independent; after 64 sweeps
 * they have numbers of their own. */
static double chi_square_within(const Machine *m, bool plain, bool share,
                                const unsigned char *states) {
  RsGibbs *gibbs = sampler(m, plain);
  RsGibbsChains *chains = NULL;
  double seen[STATES] = {0}, chi = 0;
  assert_ok(rs_gibbs_chains_new(gibbs, CHAINS, &chains));
  rs_gibbs_share(chains, share);
  for (uint64_t n = 0; n < (share ? CHAINS : 1); ++n) {
    count_visits(m, gibbs, chains, share ? 1 : CHAINS, 512 * n, states, seen);
  }
  const double visits = CHAINS * (SWEEPS - BURN_IN) / 5.0;
  const double log_z = log_z_within(m, states);
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    rs_scalar one[MOST_VISIBLE];
    bits_to_units(bits, m->shape.visible, one);
    if (!is_possible(&m->shape, states, bits)) {
      assert_close(seen[bits], 0, 0);
      continue;
    }
    const double expected = visits * exp(-machine_free_energy(m, 0, one) - log_z);
    chi += (seen[bits] - expected) * (seen[bits] - expected) / expected;
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  return chi;
}

static double chi_square(const Machine *m, bool plain, bool share) {
  return chi_square_within(m, plain, share, NULL);
}

/* 15 degrees of freedom: above 37.7 once in a thousand. */
static void chains_visit_states_by_their_probability(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 11, 0}, 1, 0.5, 10);
  assert_true(chi_square(&m, false, false) < 37.7);
  assert_true(chi_square(&m, false, true) < 37.7);
  assert_true(chi_square(&m, true, false) < 37.7);
  machine_free(&m);
}

/* Counts have potentials, in two planes, and in one with more units than there are classes: of 15
 * degrees of freedom above 37.7, of 511 above 616 once in a thousand. */
static void chains_visit_states_with_potentials_on_counts(void **state) {
  const RsRbm shapes[] = {{RS_RBM_BERNOULLI, 4, 11, 2}, {RS_RBM_BERNOULLI, 9, 5, 1}};
  const double most[] = {37.7, 616};
  for (size_t k = 0; k < 2; ++k) {
    Machine m = machine_new(shapes[k], 1, 0.4, 10);
    assert_true(chi_square(&m, false, false) < most[k]);
    assert_true(chi_square(&m, false, true) < most[k]);
    assert_true(chi_square(&m, true, false) < most[k]);
    machine_free(&m);
  }
}

/* What chi-square of so many possible frames is above once in a thousand, nearly (Wilson and
 * Hilferty). */
static double chi_square_limit(const RsRbm *shape, const unsigned char *states) {
  double freedom = -1;
  for (size_t bits = 0; bits < (size_t)1 << shape->visible; ++bits) {
    freedom += is_possible(shape, states, bits);
  }
  const double part = 2 / (9 * freedom);
  return freedom * pow(1 - part + 3.09 * sqrt(part), 3);
}

enum { OFF = RS_STATE_OFF, ON = RS_STATE_ON, BEGUN = RS_STATE_BEGUN };

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
    rs_gibbs_seed(chains, N, (RsRng){71, RS_STREAM_TEST}, 0);
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
    assert_close(mean[0][i], mean[1][i], 4.5 * sqrt(2 * p * (1 - p) / N) + 1e-9);
  }
  machine_free(&m);
}

/* So many that their odds have no product in double. */
static void units_that_are_surely_on_are_on_however_many(void **state) {
  enum { V = 88 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, 5, 1}, 1, 0.1, 12);
  rs_scalar v[V] = {0}, all[V];
  for (size_t i = 0; i < V; ++i) {
    m.biases[i] = 60;
    all[i] = 1;
  }
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, 1, &chains));
  rs_gibbs_seed(chains, 1, (RsRng){12, RS_STREAM_TEST}, 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases, 0, 1, 10, v, NULL});
  assert_memory_equal(v, all, sizeof v);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
}

static void a_coupling_scales_the_weights(void **state) {
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, 4, 6, 0}, 1, 1.0, 11);
  Machine half = machine_new(m.shape, 1, 1.0, 11);
  for (size_t i = 0; i < 24; ++i) {
    half.w[i] /= 2;
  }
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *whole = sampler(&m, plain);
    RsGibbs *halved = sampler(&half, plain);
    RsGibbsChains *chains = NULL;
    rs_scalar one[7 * 4] = {0}, two[7 * 4] = {0};
    assert_ok(rs_gibbs_chains_new(whole, 7, &chains));
    rs_gibbs_seed(chains, 7, (RsRng){12, RS_STREAM_TEST}, 0);
    rs_gibbs_run(whole, chains, &(RsGibbsRun){7, m.biases, 0, (rs_scalar)0.5, 9, one, NULL});
    rs_gibbs_seed(chains, 7, (RsRng){12, RS_STREAM_TEST}, 0);
    rs_gibbs_run(halved, chains, &(RsGibbsRun){7, m.biases, 0, 1, 9, two, NULL});
    assert_memory_equal(one, two, sizeof one);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(whole);
    rs_gibbs_free(halved);
  }
  machine_free(&m);
  machine_free(&half);
}

/* Wide and odd sizes, so that every tile of the kernel and its padding are used. Chains run so far
 * that they come to the end of what they share, and over the border of two pools. */
static void check_batch(bool share) {
  const size_t visible[] = {1, 15, 36, 88, 97, 120};
  for (size_t k = 0; k < 6; ++k) {
    const RsRbm shape = {RS_RBM_BERNOULLI, visible[k], 150 - visible[k] / 3, 0};
    Machine m = machine_new(shape, 9, 0.3, 13 + k);
    RsGibbs *gibbs = sampler(&m, false);
    RsGibbsChains *chains = NULL;
    rs_scalar together[9 * 120] = {0};
    assert_ok(rs_gibbs_chains_new(gibbs, 9, &chains));
    rs_gibbs_share(chains, share);
    rs_gibbs_seed(chains, 9, (RsRng){14, RS_STREAM_TEST}, 508);
    const size_t stride = rs_rbm_biases(&shape);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){9, m.biases, stride, 1, 75, together, NULL});
    for (size_t n = 0; n < 9; ++n) {
      rs_scalar alone[120] = {0};
      rs_gibbs_seed(chains, 1, (RsRng){14, RS_STREAM_TEST}, 508 + n);
      rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases + n * stride, 0, 1, 12, alone, NULL});
      rs_gibbs_run(gibbs, chains, &(RsGibbsRun){1, m.biases + n * stride, 0, 1, 63, alone, NULL});
      assert_memory_equal(alone, together + n * visible[k], visible[k] * sizeof *alone);
    }
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    machine_free(&m);
  }
}

static void a_chain_does_not_depend_on_its_batch(void **state) {
  check_batch(false);
  check_batch(true);
}

/* Chains that share a pool are not copies of each other: of pairs of one machine's chains, no more
 * agree than of those with numbers of their own. */
static double share_of_equal_pairs(bool share) {
  enum { N = 512, V = 12 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, 20, 0}, 1, 0.5, 19);
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  static rs_scalar v[N * V];
  size_t equal = 0;
  memset(v, 0, sizeof v);
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_share(chains, share);
  rs_gibbs_seed(chains, N, (RsRng){18, RS_STREAM_TEST}, 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 10, v, NULL});
  for (size_t a = 0; a < N; ++a) {
    for (size_t b = 0; b < a; ++b) {
      equal += !memcmp(v + a * V, v + b * V, V * sizeof *v);
    }
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
  return (double)equal / (N * (N - 1) / 2);
}

static void chains_that_share_numbers_are_not_copies(void **state) {
  const double own = share_of_equal_pairs(false), shared = share_of_equal_pairs(true);
  print_message("equal pairs: %.5f with own numbers, %.5f with shared ones\n", own, shared);
  assert_close(shared, own, 0.25 * own);
}

/* Of a machine without weights, whose visible units are on with probability 0.047: the mean of some
 * chains that are told to share before they are seeded, or after. */
static double mean_on(size_t hidden, bool before, bool after) {
  enum { N = 40, V = 40 };
  Machine m = machine_new((RsRbm){RS_RBM_BERNOULLI, V, hidden, 0}, 1, 0, 23);
  RsGibbs *gibbs = sampler(&m, false);
  RsGibbsChains *chains = NULL;
  rs_scalar v[N * V] = {0};
  double mean = 0;
  for (size_t i = 0; i < V; ++i) {
    m.biases[i] = -3;
  }
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_share(chains, before);
  rs_gibbs_seed(chains, N, (RsRng){24, RS_STREAM_TEST}, 0);
  rs_gibbs_share(chains, after);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 2, v, NULL});
  for (size_t i = 0; i < N * V; ++i) {
    mean += (double)v[i] / (N * V);
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  machine_free(&m);
  return mean;
}

/* Four standard deviations. A machine of 4,000 hidden units finds no room in a pool. */
static void sharing_begins_with_a_seeding(void **state) {
  const size_t hidden[] = {20, 4000};
  for (size_t k = 0; k < 2; ++k) {
    for (int order = 0; order < 4; ++order) {
      assert_close(mean_on(hidden[k], order & 1, order & 2), 0.0474, 0.022);
    }
  }
}

/* Where `n` chains of a machine come to. */
static void run_for_long(const Machine *m, size_t n, rs_scalar *v) {
  RsGibbs *gibbs = sampler(m, false);
  RsGibbsChains *chains = NULL;
  assert_ok(rs_gibbs_chains_new(gibbs, n, &chains));
  rs_gibbs_seed(chains, n, (RsRng){15, RS_STREAM_TEST}, 0);
  const size_t stride = rs_rbm_biases(&m->shape);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){n, m->biases, stride, 1, 20, v, NULL});
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
}

/*
  A hidden unit that is never on: where all of its weight leads to one visible unit, it keeps the
  sampler from its table of rounded sums, and nothing else. One, two and more tiles of the table,
  groups of all lengths at its end.
*/
static void rounded_sums_draw_what_exact_ones_do(void **state) {
  enum { N = 200, WIDEST = 210 };
  const size_t visible[] = {3, 33, 88, 97, 150, WIDEST};
  for (size_t k = 0; k < 6; ++k) {
    const RsRbm shape = {RS_RBM_BERNOULLI, visible[k], 146 + k, 0};
    Machine m = machine_new(shape, N, 0.3, 50 + k);
    rs_scalar *rounded = rs_alloc(2 * N, WIDEST * sizeof *rounded);
    rs_scalar *exact = rounded + N * WIDEST, *never = m.w + (shape.hidden - 1) * shape.visible;
    for (size_t n = 0; n < N; ++n) {
      m.biases[(n + 1) * rs_rbm_biases(&shape) - 1] = -1e9f;
    }
    for (size_t i = 0; i < shape.visible; ++i) {
      never[i] = 300 / (rs_scalar)shape.visible;
    }
    run_for_long(&m, N, rounded);
    memset(never, 0, shape.visible * sizeof *never);
    never[0] = 300;
    run_for_long(&m, N, exact);
    assert_memory_equal(rounded, exact, N * shape.visible * sizeof *exact);
    free(rounded);
    machine_free(&m);
  }
}

/* Two samplers that share no code must give the same means on a machine too large to enumerate. */
static void kernel_and_dense_products_have_the_same_means(void **state) {
  const RsRbm shape = {RS_RBM_BERNOULLI, 88, 150, 0};
  Machine m = machine_new(shape, 1, 0.15, 20);
  double mean[2][88] = {{0}};
  enum { N = 2000 };
  rs_scalar *v = rs_alloc(N, 88 * sizeof *v);
  for (int plain = 0; plain < 2; ++plain) {
    RsGibbs *gibbs = sampler(&m, plain);
    RsGibbsChains *chains = NULL;
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, (RsRng){21, RS_STREAM_TEST}, 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 30, v, NULL});
    for (size_t i = 0; i < N * 88; ++i) {
      mean[plain][i % 88] += (double)v[i] / N;
    }
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
  }
  for (size_t i = 0; i < 88; ++i) {
    const double p = 0.5 * (mean[0][i] + mean[1][i]);
    assert_close(mean[0][i], mean[1][i], 4.5 * sqrt(2 * p * (1 - p) / N) + 1e-9);
  }
  free(v);
  machine_free(&m);
}

/* Mean and variance of a Gaussian machine's visible unit, by sums over h in closed form. */
static void check_moments(bool plain) {
  const RsRbm shape = {RS_RBM_GAUSSIAN, 1, 3, 0};
  Machine m = machine_new(shape, 1, 0.7, 30);
  double weight = 0, mean = 0, square = 0;
  const double sigma = exp(0.5 * (double)m.biases[4]);
  for (size_t h = 0; h < 8; ++h) {
    double field = 0, bias = 0;
    for (size_t j = 0; j < 3; ++j) {
      field += h >> j & 1 ? (double)m.w[j] : 0;
      bias += h >> j & 1 ? (double)m.biases[1 + j] : 0;
    }
    const double p = exp(bias + 0.5 * field * field + (double)m.biases[0] / sigma * field);
    const double centre = (double)m.biases[0] + sigma * field;
    weight += p;
    mean += p * centre;
    square += p * (centre * centre + sigma * sigma);
  }
  mean /= weight;
  const double variance = square / weight - mean * mean;
  enum { N = 10000 };
  RsGibbs *gibbs = sampler(&m, plain);
  RsGibbsChains *chains = NULL;
  rs_scalar *v = rs_alloc(N, sizeof *v);
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_seed(chains, N, (RsRng){31, RS_STREAM_TEST}, 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 40, v, NULL});
  double seen_mean = 0, seen_square = 0;
  for (size_t n = 0; n < N; ++n) {
    seen_mean += (double)v[n] / N;
    seen_square += (double)v[n] * (double)v[n] / N;
  }
  assert_close(seen_mean, mean, 4.5 * sqrt(variance / N));
  assert_close(seen_square - seen_mean * seen_mean, variance, 0.08 * variance);
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  free(v);
  machine_free(&m);
}

static void gaussian_chains_have_their_moments(void **state) {
  check_moments(false);
  check_moments(true);
}

/* log of the unnormalised p(h), equation G10, of a machine whose rows of biases are all one. */
static double log_hidden(const Machine *m, double coupling, size_t h) {
  const RsRbm *shape = &m->shape;
  const rs_scalar *b = m->biases + shape->visible, *z = b + shape->hidden;
  double sum = 0;
  for (size_t j = 0; j < shape->hidden; ++j) {
    sum += h >> j & 1 ? (double)b[j] : 0;
  }
  for (size_t i = 0; i < shape->visible; ++i) {
    double q = 0;
    for (size_t j = 0; j < shape->hidden; ++j) {
      q += h >> j & 1 ? coupling * (double)m->w[j * shape->visible + i] : 0;
    }
    sum += q * q / 2 + (double)m->biases[i] * exp(-0.5 * (double)z[i]) * q;
  }
  return sum;
}

/* 15 degrees of freedom, as above, of the hidden units from which the last frames were drawn. */
static void gaussian_hidden_units_have_their_probability(void **state) {
  enum { HIDDEN = 4, N = 20000, V = 3 };
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, V, HIDDEN, 0}, 1, 0.7, 33);
  for (int k = 0; k < 2; ++k) {
    const double coupling = k ? 0.6 : 1;
    RsGibbs *gibbs = sampler(&m, false);
    RsGibbsChains *chains = NULL;
    rs_scalar *v = rs_alloc(N, V * sizeof *v);
    double seen[HIDDEN_STATES] = {0}, total = 0, chi = 0;
    assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
    rs_gibbs_seed(chains, N, (RsRng){34, RS_STREAM_TEST}, 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, (rs_scalar)coupling, 20, v, NULL});
    for (size_t n = 0; n < N; ++n) {
      size_t h = 0;
      for (size_t j = 0; j < HIDDEN; ++j) {
        h |= (size_t)(rs_gibbs_hidden(chains)[n * HIDDEN + j] > 0) << j;
      }
      ++seen[h];
    }
    for (size_t h = 0; h < HIDDEN_STATES; ++h) {
      total += exp(log_hidden(&m, coupling, h));
    }
    for (size_t h = 0; h < HIDDEN_STATES; ++h) {
      const double expected = N * exp(log_hidden(&m, coupling, h)) / total;
      chi += (seen[h] - expected) * (seen[h] - expected) / expected;
    }
    assert_true(chi < 37.7);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    free(v);
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
    rs_gibbs_seed(chains, N, (RsRng){37, RS_STREAM_TEST}, 0);
    rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 40, v, states});
    for (size_t i = 0; i < N * V; ++i) {
      seen[i % V] += (double)v[i] / N;
    }
    for (size_t i = 0; i + 1 < V; ++i) {
      const double centre = mean[i] / total;
      assert_close(seen[i], centre, 4.5 * sqrt((square[i] / total - centre * centre) / N));
    }
    assert_close(seen[V - 1], value, 1e-4);
    rs_gibbs_chains_free(chains);
    rs_gibbs_free(gibbs);
    free(states);
    free(v);
  }
  machine_free(&m);
}

/* A gate 14 standard deviations wide, on with probability 0.3: no block Gibbs chain ever gets over.
 */
static double share_beyond(bool plain) {
  enum { N = 4000 };
  Machine m = machine_new((RsRbm){RS_RBM_GAUSSIAN, 1, 1, 0}, 1, 0, 1);
  m.w[0] = 14;
  m.biases[1] = (rs_scalar)(log(0.3 / 0.7) - 98);
  m.biases[2] = (rs_scalar)(2 * log(0.05));
  RsGibbs *gibbs = sampler(&m, plain);
  RsGibbsChains *chains = NULL;
  rs_scalar *v = rs_alloc(N, sizeof *v);
  double share = 0;
  assert_ok(rs_gibbs_chains_new(gibbs, N, &chains));
  rs_gibbs_seed(chains, N, (RsRng){35, RS_STREAM_TEST}, 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){N, m.biases, 0, 1, 3, v, NULL});
  for (size_t n = 0; n < N; ++n) {
    share += v[n] > (rs_scalar)0.35 ? 1.0 / N : 0;
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  free(v);
  machine_free(&m);
  return share;
}

static void small_variances_do_not_pin_a_chain(void **state) {
  assert_close(share_beyond(true), 0, 0);
  assert_close(share_beyond(false), 0.3, 4.5 * sqrt(0.21 / 4000));
}

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
  rs_gibbs_seed(chains, count, (RsRng){40, RS_STREAM_TEST}, 0);
  rs_gibbs_run(gibbs, chains, &(RsGibbsRun){count, m->biases, 0, 1, 300, v, states});
  const RsAisRun run = {count, m->biases, 0, betas, reverse, v, {41, RS_STREAM_TEST}, 0, states};
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
  double exact = 0;
  assert_ok(rs_log_z_exact_within(&m->shape, m->w, m->biases, states, &exact));
  const double forward = ais_log_z(m, false, chains, 1000, states);
  const double reverse = ais_log_z(m, true, chains, 1000, states);
  print_message("log Z %.5f, forward %.5f, reverse %.5f\n", exact, forward, reverse);
  assert_close(forward, exact, 0.01);
  assert_close(reverse, exact, 0.01);
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
    double log_z = 0;
    assert_ok(rs_log_z_exact_within(&m.shape, m.w, m.biases, cases[k].states, &log_z));
    assert_close(log_z, log_z_within(&m, cases[k].states), 1e-5);
    memset(m.w, 0, m.shape.hidden * m.shape.visible * sizeof *m.w);
    assert_close(rs_log_z_uncoupled_within(&m.shape, m.w, m.biases, cases[k].states),
                 log_z_within(&m, cases[k].states), 1e-5);
    machine_free(&m);
  }
}

/* ---- The hidden units of a Gaussian machine ---- */

/* Words that are spread evenly leave nothing to chance: the logarithm is as good as the words. */
static void a_unit_is_on_by_the_share_of_its_words(void **state) {
  enum { WORDS = 20000 };
  const rs_scalar gram[] = {(rs_scalar)0.5};
  for (int k = -5; k <= 5; ++k) {
    const rs_scalar given[] = {(rs_scalar)(0.7 * k)};
    const RsCollapsed machine = {1, gram, given, 1, 1};
    double on = 0;
    for (size_t n = 0; n < WORDS; ++n) {
      const uint32_t word = (uint32_t)((n + 0.5) / WORDS * 0x1p32);
      rs_scalar h = 0, sum = 0;
      rs_collapsed_pass(&machine, &word, &h, &sum);
      on += (double)h / WORDS;
    }
    assert_close(on, 1 / (1 + exp(-0.7 * k - 0.25)), 1.5 / WORDS);
  }
}

static void units_that_are_drawn_alone_do_not_hear_each_other(void **state) {
  const rs_scalar gram[] = {1, -50, -50, 1}, given[] = {2, 2};
  const RsCollapsed machine = {2, gram, given, 1, 1};
  const uint32_t words[] = {1u << 30, 1u << 30};
  rs_scalar h[] = {1, 1}, sum[] = {0, 0};
  rs_collapsed_draw(&machine, words, h, sum);
  assert_close(h[0] + h[1], 2, 0);
  assert_close(sum[0], -49, 0);
  rs_collapsed_pass(&machine, words, h, sum);
  assert_close(h[0], 0, 0);
  assert_close(h[1], 1, 0);
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
      cmocka_unit_test(chains_visit_states_by_their_probability),
      cmocka_unit_test(chains_visit_states_with_potentials_on_counts),
      cmocka_unit_test(chains_visit_the_frames_that_states_allow),
      cmocka_unit_test(many_notes_have_their_states),
      cmocka_unit_test(units_that_are_surely_on_are_on_however_many),
      cmocka_unit_test(a_coupling_scales_the_weights),
      cmocka_unit_test(a_chain_does_not_depend_on_its_batch),
      cmocka_unit_test(chains_that_share_numbers_are_not_copies),
      cmocka_unit_test(sharing_begins_with_a_seeding),
      cmocka_unit_test(rounded_sums_draw_what_exact_ones_do),
      cmocka_unit_test(kernel_and_dense_products_have_the_same_means),
      cmocka_unit_test(gaussian_chains_have_their_moments),
      cmocka_unit_test(gaussian_hidden_units_have_their_probability),
      cmocka_unit_test(given_values_condition_the_others),
      cmocka_unit_test(small_variances_do_not_pin_a_chain),
      cmocka_unit_test(annealing_finds_the_exact_partition_function),
      cmocka_unit_test(partition_functions_are_those_of_the_states),
      cmocka_unit_test(a_unit_is_on_by_the_share_of_its_words),
      cmocka_unit_test(units_that_are_drawn_alone_do_not_hear_each_other),
      cmocka_unit_test(a_mean_of_weights_does_not_overflow),
  };
#if defined RS_SCALAR_DOUBLE
  return cmocka_run_group_tests(tests, NULL, NULL); /* without a kernel */
#else
  return run_on_each_kernel(tests);
#endif
}
