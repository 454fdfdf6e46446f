/* SPDX-License-Identifier: ISC */

/* A sampler and its chains where there is no memory for some of them. */

#include "allocations.h"

#include <rollsmith/gibbs.h>

static void memory_runs_out(const RsRbm *rbm, bool plain) {
  RsGibbs *gibbs = NULL;
  RsGibbsChains *chains = NULL;
  const size_t blocks = living;
  size_t before = allocations;
  assert_ok(rs_gibbs_new(rbm, plain, &gibbs));
  const size_t for_gibbs = allocations - before, made = living;
  before = allocations;
  assert_ok(rs_gibbs_chains_new(gibbs, 600, &chains));
  const size_t for_chains = allocations - before;
  assert_true(for_chains > 2);
  rs_gibbs_chains_free(chains);
  for (size_t k = 1; k <= for_chains; ++k) {
    failing = allocations + k;
    assert_int_equal(rs_gibbs_chains_new(gibbs, 600, &chains), RS_ERR_MEMORY);
    failing = 0;
    assert_int_equal(living, made);
  }
  rs_gibbs_free(gibbs);
  for (size_t k = 1; k <= for_gibbs; ++k) {
    failing = allocations + k;
    assert_int_equal(rs_gibbs_new(rbm, plain, &gibbs), RS_ERR_MEMORY);
    failing = 0;
    assert_int_equal(living, blocks);
  }
}

static void whatever_there_is_no_memory_for_is_told_and_nothing_is_kept(void **state) {
  for (RsRbmKind kind = RS_RBM_BERNOULLI; kind <= RS_RBM_GAUSSIAN; ++kind) {
    const RsRbm rbm = {.kind = kind, .visible = 88, .hidden = 150};
    memory_runs_out(&rbm, false);
    memory_runs_out(&rbm, true);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whatever_there_is_no_memory_for_is_told_and_nothing_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
