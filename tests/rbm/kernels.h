/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_RBM_KERNELS_H
#define RS_TESTS_RBM_KERNELS_H

/**
   @file kernels.h The same tests on every kernel that the processor runs.
*/

#include "kit.h"

#include "rbm/kernel.h"

static inline void choose_kernel(const RsGibbsKernel *kernel) {
  setenv("ROLLSMITH_KERNEL", kernel->name, 1);
}

/* Says which kernels these are. Gives back how many tests failed. */
static inline int on_each_kernel(const struct CMUnitTest *tests, size_t count) {
  int failed = 0;
  const RsGibbsKernel *kernel = NULL;
  for (size_t i = 0; (kernel = rs_gibbs_kernel_at(i)); ++i) {
    choose_kernel(kernel);
    failed += _cmocka_run_group_tests(kernel->name, tests, count, NULL, NULL);
  }
  return failed;
}

#define run_on_each_kernel(tests) on_each_kernel(tests, sizeof(tests) / sizeof *(tests))

#endif /* RS_TESTS_RBM_KERNELS_H */
