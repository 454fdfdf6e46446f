/* SPDX-License-Identifier: ISC */

/* Settings that change from epoch to epoch, doc/math.md, equations X7 and G12. */

#include "train/schedule.h"

#include <math.h>

/* The cost is only reported: it is computed once in so many updates. */
enum { COST_EVERY = 32 };

/* Final step size as a share of the first. */
#define LAST_SHARE (1.0 / 50)

static size_t gibbs_steps(const RsTrainSettings *settings, uint64_t epoch) {
  const double ramp = settings->cd_k_ramp_epochs, done = (double)epoch;
  if (done >= ramp) {
    return (size_t)settings->cd_k;
  }
  const int more = (int)((settings->cd_k - settings->cd_k_start) * done / ramp);
  return (size_t)settings->cd_k_start + (size_t)more;
}

static double step_size(const RsTrainSettings *settings, const RsTrainCounters *counters,
                        uint64_t all_epochs) {
  const double whole = settings->anneal ? (double)all_epochs : 0;
  const double epochs = settings->anneal_epochs ? settings->anneal_epochs : whole;
  const double left = epochs > 0 ? 1 - (double)counters->epoch / epochs : 1;
  return counters->learning_rate * fmax(left, LAST_SHARE);
}

/* Equation X7. */
static double negative_weight(const RsTrainSettings *settings, uint64_t epoch) {
  const double epochs = (double)epoch + 2 - settings->negative_from_epoch;
  const double share = settings->negative_ramp_epochs ? epochs / settings->negative_ramp_epochs : 1;
  return epochs > 0 ? settings->negative_weight * fmin(share, 1) : 0;
}

static RsMoving moving(const RsTrainSettings *settings, uint64_t epoch, RsRbmKind kind) {
  if (kind != RS_RBM_GAUSSIAN || settings->variance == RS_VARIANCE_JOINT) {
    return RS_MOVING_ALL;
  }
  const uint64_t every = (uint64_t)settings->variance_every;
  const bool theirs = epoch % every == every - 1;
  return settings->variance == RS_VARIANCE_SEPARATE && theirs ? RS_MOVING_VARIANCES
                                                              : RS_MOVING_ALL_BUT_VARIANCES;
}

RsSchedule rs_schedule(const RsTrainSettings *settings, const RsTrainCounters *counters,
                       uint64_t epochs, RsRbmKind kind) {
  const uint64_t epoch = counters->epoch;
  return (RsSchedule){.step_size = step_size(settings, counters, epochs),
                      .negative_weight = negative_weight(settings, epoch),
                      .gibbs_steps = gibbs_steps(settings, epoch),
                      .moving = moving(settings, epoch, kind),
                      .pretraining = epoch < (uint64_t)settings->pretrain_epochs,
                      .cost = counters->epoch_updates % COST_EVERY == 0};
}
