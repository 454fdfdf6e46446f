/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_SEED_H
#define RS_TESTS_SEED_H

/**
   @file seed.h The seed of tests whose cases are random: fixed, unless the environment has another
   one.
*/

#include "kit.h"

#include <rollsmith/rng.h>

/** A run's seed: RS_TEST_SEED of the environment, or 1. */
static inline uint64_t run_seed(void) {
  const char *wanted = getenv("RS_TEST_SEED");
  return wanted ? strtoull(wanted, NULL, 0) : 1;
}

/** A run's seed, printed. */
static inline uint64_t test_seed(void) {
  const uint64_t seed = run_seed();
  print_message("RS_TEST_SEED=%llu\n", (unsigned long long)seed);
  return seed;
}

/** The seed of one of a run's up to 10,000 cases: its number where the run's seed is 1. */
static inline uint64_t seed_of(uint64_t which) {
  return 10000 * (run_seed() - 1) + which;
}

/** The random numbers of one of a run's cases. */
static inline RsRng test_rng(uint64_t which) {
  return (RsRng){seed_of(which), RS_STREAM_TEST};
}

#endif /* RS_TESTS_SEED_H */
