#include "rbm/gibbs_kernel.h"

#include <stdbool.h>

extern const RsGibbsKernel rs_gibbs_kernel_plain;
extern const RsGibbsKernel rs_gibbs_kernel_avx2;
extern const RsGibbsKernel rs_gibbs_kernel_avx512;

const RsGibbsKernel *rs_gibbs_kernel(void) {
#if defined RS_HAVE_AVX2
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2");
#endif
#if defined RS_HAVE_AVX512
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    return &rs_gibbs_kernel_avx512;
  }
#endif
#if defined RS_HAVE_AVX2
  if (avx2) {
    return &rs_gibbs_kernel_avx2;
  }
#endif
  return &rs_gibbs_kernel_plain;
}
