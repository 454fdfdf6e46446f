/* SPDX-License-Identifier: ISC */

#include "rbm/kernel.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool has_always(void) {
  return true;
}

#if defined RS_HAVE_AVX2
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}
#endif

#if defined RS_HAVE_AVX512
static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw");
}
#endif

/* All that are built, the fastest first, and whether this processor runs them. */
static const struct {
  const RsGibbsKernel *kernel;
  bool (*runs)(void);
} kernels[] = {
#if defined RS_HAVE_AVX512
    {&rs_gibbs_kernel_avx512, has_avx512},
#endif
#if defined RS_HAVE_AVX2
    {&rs_gibbs_kernel_avx2, has_avx2},
#endif
    {&rs_gibbs_kernel_plain, has_always},
};

const RsGibbsKernel *rs_gibbs_kernel_at(size_t i) {
  for (size_t k = 0; k < sizeof kernels / sizeof *kernels; ++k) {
    if (kernels[k].runs() && !i--) {
      return kernels[k].kernel;
    }
  }
  return NULL;
}

const RsGibbsKernel *rs_gibbs_kernel(void) {
  const char *wanted = getenv("ROLLSMITH_KERNEL");
  size_t i = 0;
  const RsGibbsKernel *kernel = rs_gibbs_kernel_at(i);
  while (wanted && kernel && strcmp(kernel->name, wanted) != 0) {
    kernel = rs_gibbs_kernel_at(++i);
  }
  return kernel;
}
