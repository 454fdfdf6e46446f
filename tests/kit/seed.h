/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_SEED_H
#define RS_TESTS_SEED_H

/**
   @file seed.h The seed of tests whose cases are random: fixed, unless the environment has another
   one.
*/

#include "kit.h"

/** A run's seed: RS_TEST_SEED of the environment, or 1; printed. */
static inline uint64_t test_seed(void) {
  const char *wanted = getenv("RS_TEST_SEED");
  const uint64_t seed = wanted ? strtoull(wanted, NULL, 0) : 1;
  print_message("RS_TEST_SEED=%llu\n", (unsigned long long)seed);
  return seed;
}

#endif /* RS_TESTS_SEED_H */
