/* SPDX-License-Identifier: ISC */

#include "stopwatch.h"

#include "base/linear_algebra.h"

#include <rollsmith/gibbs.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/rnnrbm.h>
#include <rollsmith/series.h>

#include <time.h>

static _Thread_local double spent[RS_PART_COUNT];

const char *rs_part_name(RsMeasuredPart part) {
  static const char *const names[RS_PART_COUNT] = {"series",   "forward",   "sampling", "phases",
                                                   "backward", "optimiser", "blas"};
  return names[part];
}

double rs_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

const double *rs_stopwatch(void) {
  return spent;
}

/* Calls of NAME arrive at __wrap_NAME, and __real_NAME is the function itself. */
#define WATCH(part, name, parameters, arguments)                                                   \
  void __real_##name parameters;                                                                   \
  void __wrap_##name parameters;                                                                   \
  void __wrap_##name parameters {                                                                  \
    const double begin = rs_now();                                                                 \
    __real_##name arguments;                                                                       \
    spent[part] += rs_now() - begin;                                                               \
  }

#define WATCH_STATUS(part, name, parameters, arguments)                                            \
  RsStatus __real_##name parameters;                                                               \
  RsStatus __wrap_##name parameters;                                                               \
  RsStatus __wrap_##name parameters {                                                              \
    const double begin = rs_now();                                                                 \
    const RsStatus status = __real_##name arguments;                                               \
    spent[part] += rs_now() - begin;                                                               \
    return status;                                                                                 \
  }

WATCH(RS_PART_SERIES, rs_series_choose, (RsSeries * series, size_t frames), (series, frames))

WATCH(RS_PART_SERIES, rs_series_fill, (RsSeries * series, size_t group, RsBatch *batch),
      (series, group, batch))

WATCH_STATUS(RS_PART_FORWARD, rs_rnnrbm_forward_f,
             (RsRnnRbmLearner * learner, const float *w, size_t frames, const float *x,
              const unsigned char *starts),
             (learner, w, frames, x, starts))

WATCH(RS_PART_SAMPLING, rs_gibbs_set_weights_f, (RsGibbs * gibbs, const float *w), (gibbs, w))

WATCH(RS_PART_SAMPLING, rs_gibbs_seed_f,
      (RsGibbsChains * chains, size_t count, RsRng rng, uint64_t first),
      (chains, count, rng, first))

WATCH(RS_PART_SAMPLING, rs_gibbs_run_f,
      (const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run), (gibbs, chains, run))

WATCH(RS_PART_PHASES, rs_rnnrbm_add_phase_f,
      (RsRnnRbmLearner * learner, const float *w, const float *v, float weight, float *g),
      (learner, w, v, weight, g))

WATCH(RS_PART_PHASES, rs_rnnrbm_contrast_f,
      (RsRnnRbmLearner * learner, const float *w, const float *v, const float *sample, float weight,
       float *g),
      (learner, w, v, sample, weight, g))

WATCH_STATUS(RS_PART_BACKWARD, rs_rnnrbm_backward_f,
             (RsRnnRbmLearner * learner, const float *w, float *g), (learner, w, g))

WATCH_STATUS(RS_PART_OPTIMISER, rs_optimiser_step_f,
             (RsOptimiser * optimiser, const float *g, float *w), (optimiser, g, w))

WATCH(RS_PART_BLAS, rs_gemm_f,
      (RsTranspose a_as, RsTranspose b_as, size_t m, size_t n, size_t k, const float *a, size_t lda,
       const float *b, size_t ldb, float beta, float *c, size_t ldc),
      (a_as, b_as, m, n, k, a, lda, b, ldb, beta, c, ldc))

WATCH(RS_PART_BLAS, rs_gemv_f,
      (RsTranspose a_as, size_t m, size_t n, const float *a, size_t lda, const float *x, float beta,
       float *y),
      (a_as, m, n, a, lda, x, beta, y))
