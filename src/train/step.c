/* SPDX-License-Identifier: ISC */

/* From gradient to parameters, doc/math.md, equations S3 to S7, F2 and K10 to K12. */

#include "train/step.h"

#include "base/linear_algebra.h"
#include "train/centring.h"
#include "train/filters.h"

#include <math.h>
#include <string.h>

/* While the RBM is trained alone, of the recurrent net only the biases that it puts out may move.
 */
static void hold_recurrent_net(RsParameters *p) {
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(p->net, i, &part); ++i) {
    if (strcmp(part.name, "rbm.weight") != 0 && strcmp(part.name, "output.bias") != 0) {
      memset(p->g + part.offset, 0, rs_tensor_values(&part) * sizeof *p->g);
    }
  }
}

/* Whether this value of this part of the parameters sets a log-variance. */
static bool is_variance(const RsRbm *rbm, const RsRnnRbmTensor *part, size_t value) {
  return !strncmp(part->name, "output.", 7) && value / part->columns >= rbm->visible + rbm->hidden;
}

/* Parameters that have to be known after a step: all that may be put back, else W, for centring. */
static void remember_before(RsParameters *p, RsMoving moving) {
  const size_t count = moving != RS_MOVING_ALL ? p->count : rs_rnnrbm_weights(p->net);
  memcpy(p->before, p->w, count * sizeof *p->w);
}

/*
  Restore the parameters that may not change in this epoch. An optimiser has momentum, so a gradient
  of zero does not hold a parameter still.
*/
static void put_back(RsParameters *p, RsMoving moving) {
  RsRnnRbmTensor part;
  for (size_t i = 0; moving && rs_rnnrbm_tensor(p->net, i, &part); ++i) {
    for (size_t k = 0; k < rs_tensor_values(&part); ++k) {
      const bool variance = is_variance(rs_rnnrbm_rbm(p->net), &part, k);
      if (variance != (moving == RS_MOVING_VARIANCES)) {
        p->w[part.offset + k] = p->before[part.offset + k];
      }
    }
  }
}

/* A moment that is NaN makes its parameter NaN, unless that is restored. */
static RsStatus check_moments(const RsParameters *p, RsMoving moving) {
  bool finite = true;
  for (int i = 0; moving != RS_MOVING_ALL && i < 2; ++i) {
    RsOptimiser *optimiser = p->optimisers[i];
    finite =
        finite && rs_all_finite(rs_optimiser_state_size(optimiser), rs_optimiser_state(optimiser));
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

/* The decay of W for the songs of a training: a prior weighs less where there are more frames. */
static double decay_of(const RsTrainSettings *settings, uint64_t frames) {
  const double meant = settings->weight_decay_frames;
  return settings->weight_decay *
         (meant > 0 && (double)frames > meant ? meant / (double)frames : 1);
}

/* Take a share off the weights, and off no biases: equation S7. */
static void decay(RsParameters *p, const RsModel *model, const RsSchedule *now) {
  const RsTrainSettings *settings = &model->settings.train;
  const double w_share = decay_of(settings, model->training.song_frames);
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(p->net, i, &part); ++i) {
    const double rnn = now->pretraining ? 0 : settings->rnn_weight_decay;
    const double share = !i ? w_share : rnn;
    const bool decays = strstr(part.name, ".weight") && strcmp(part.name, "shared.weight") != 0;
    if (share > 0 && decays) {
      rs_scale(rs_tensor_values(&part), (float)(1 - now->step_size * share), p->w + part.offset);
    }
  }
}

/* Move the parameters. */
static RsStatus move(RsParameters *p, const RsModel *model, const RsSchedule *now,
                     uint64_t updates) {
  const RsTrainSettings *settings = &model->settings.train;
  const size_t weights = rs_rnnrbm_weights(p->net);
  const double rates[] = {now->step_size, now->step_size * settings->rnn_learning_rate_factor};
  RsStatus status = RS_OK;
  remember_before(p, now->moving);
  for (int i = 0; !status && i < 2; ++i) {
    const size_t first = i ? weights : 0;
    rs_optimiser_set_rate(p->optimisers[i], (float)rates[i]);
    rs_optimiser_set_steps(p->optimisers[i], updates);
    status = rs_optimiser_step(p->optimisers[i], p->g + first, p->w + first);
  }
  decay(p, model, now);
  put_back(p, now->moving);
  rs_centre_step(p, settings);
  return status ? status : check_moments(p, now->moving);
}

/*
  A running mean of the weights, whose decay is faster in the first updates. A step may
  run out of range where the gradient did not: whether the weights are finite is checked with it.
*/
static RsStatus average(RsParameters *p, double longest, uint64_t updates) {
  const double young = (1 + (double)updates) / (10 + (double)updates);
  const double share = fmin(longest, young);
  bool finite = true;
  for (size_t first = 0; first < p->count; first += RS_NEAR_PARAMETERS) {
    const size_t count = rs_near_parameters(p, first);
    finite = rs_all_finite(count, p->w + first) && finite;
    rs_lerp(count, (float)(1 - share), p->w + first, p->average + first);
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

RsStatus rs_step(RsParameters *p, const RsModel *model, const RsSchedule *now, uint64_t updates,
                 double *norm) {
  const RsTrainSettings *settings = &model->settings.train;
  const float largest = settings->clip > 0 ? (float)settings->clip : INFINITY;
  if (now->pretraining) {
    hold_recurrent_net(p);
  }
  rs_filters_mean(model, p->g);
  rs_centre_gradient(p, settings);
  *norm = rs_clip_norm(p->count, largest, p->g);
  if (!isfinite(*norm)) {
    return RS_ERR_NONFINITE;
  }
  const RsStatus status = move(p, model, now, updates);
  return status ? status : average(p, settings->average, updates);
}
