#include "train/update_internal.h"

#include "base/linear_algebra.h"
#include "train/filters.h"

#include <math.h>
#include <string.h>

/* The cost is for people to look at: it is taken once in so many updates. */
enum { COST_EVERY = 32 };

/* Parameters that are worked on at a time: the first-level cache holds them a few times. */
enum { NEAR = 1024 };

int rs_trainer_gibbs_steps(const RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const double ramp = settings->cd_k_ramp_epochs;
  const double epoch = (double)trainer->counters.epoch;
  if (epoch >= ramp) {
    return settings->cd_k;
  }
  return settings->cd_k_start + (int)((settings->cd_k - settings->cd_k_start) * epoch / ramp);
}

double rs_trainer_step_size(const RsTrainer *trainer) {
  const double last = 1.0 / 50;
  const RsTrainSettings *settings = &trainer->settings.train;
  const double whole = settings->anneal ? (double)trainer->epochs : 0;
  const double epochs = settings->anneal_epochs ? settings->anneal_epochs : whole;
  const double left = epochs > 0 ? 1 - (double)trainer->counters.epoch / epochs : 1;
  return trainer->counters.learning_rate * fmax(left, last);
}

static bool pretraining(const RsTrainer *trainer) {
  return trainer->counters.epoch < (uint64_t)trainer->settings.train.pretrain_epochs;
}

/* What may move in an epoch of Gaussian units' variances: equation G12 and what stands before. */
RsMoving rs_trainer_moving(const RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  if (rs_rnnrbm_rbm(trainer->model->net)->kind != RS_RBM_GAUSSIAN ||
      settings->variance == RS_VARIANCE_JOINT) {
    return MOVING_ALL;
  }
  const uint64_t every = (uint64_t)settings->variance_every;
  const bool theirs = trainer->counters.epoch % every == every - 1;
  return settings->variance == RS_VARIANCE_SEPARATE && theirs ? MOVING_VARIANCES : MOVING_THE_REST;
}

bool rs_trainer_wants_cost(const RsTrainer *trainer) {
  return trainer->counters.epoch_updates % COST_EVERY == 0;
}

/* Parameters from `first` on that stay near while they are looked at more than once. */
static size_t some(const RsTrainer *trainer, size_t first) {
  const size_t left = trainer->parameters - first;
  return left < NEAR ? left : NEAR;
}

/* The mean gradient over all rows, summed in the order of the groups, whose own is cleared. */
static RsStatus collect(RsTrainer *trainer) {
  RsStatus status = RS_OK;
  const float share = 1.0f / (float)trainer->rows;
  for (size_t first = 0; first < trainer->parameters; first += NEAR) {
    const size_t count = some(trainer, first);
    float *sum = trainer->g + first;
    rs_scaled_copy(count, share, trainer->groups[0].g + first, sum);
    for (size_t i = 1; i < trainer->group_count; ++i) {
      rs_axpy(count, share, trainer->groups[i].g + first, sum);
    }
    for (size_t i = 0; i < trainer->group_count; ++i) {
      memset(trainer->groups[i].g + first, 0, count * sizeof *sum);
    }
  }
  for (size_t i = 0; i < trainer->group_count; ++i) {
    status = status ? status : trainer->groups[i].status;
  }
  return status;
}

/* While the RBM is trained alone, of the recurrent net only the biases that it puts out may move.
 */
static void hold_recurrent_net(const RsTrainer *trainer) {
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    if (strcmp(part.name, "rbm.weight") && strcmp(part.name, "output.bias")) {
      memset(trainer->g + part.offset, 0, part.rows * part.columns * sizeof *trainer->g);
    }
  }
}

/* Hold the gradient to the largest norm that is allowed. */
static RsStatus clip(RsTrainer *trainer) {
  const double largest = trainer->settings.train.clip;
  const double norm =
      rs_clip_norm(trainer->parameters, largest > 0 ? (float)largest : INFINITY, trainer->g);
  trainer->counters.norm_sum += norm;
  return isfinite(norm) ? RS_OK : RS_ERR_NONFINITE;
}

/* Whether this value of this part of the parameters sets a log-variance. */
static bool is_variance(const RsRbm *rbm, const RsRnnRbmTensor *part, size_t value) {
  return !strncmp(part->name, "output.", 7) && value / part->columns >= rbm->visible + rbm->hidden;
}

/* Parameters that have to be known after a step: all that may be put back, else W, for centring. */
static void remember_before(RsTrainer *trainer) {
  const bool some_are_held = rs_trainer_moving(trainer) != MOVING_ALL;
  const size_t count = some_are_held ? trainer->parameters : rs_rnnrbm_weights(trainer->model->net);
  memcpy(trainer->before, trainer->w, count * sizeof *trainer->w);
}

/*
  Put back what may not move in this epoch. An optimiser has momentum, so a gradient of zero does
  not hold a parameter still.
*/
static void put_back(RsTrainer *trainer) {
  const RsMoving what = rs_trainer_moving(trainer);
  RsRnnRbmTensor part;
  for (size_t i = 0; what && rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    for (size_t k = 0; k < part.rows * part.columns; ++k) {
      const bool variance = is_variance(rs_rnnrbm_rbm(trainer->model->net), &part, k);
      if (variance != (what == MOVING_VARIANCES)) {
        trainer->w[part.offset + k] = trainer->before[part.offset + k];
      }
    }
  }
}

/* A moment that is no number makes its parameter none, unless that is put back. */
static RsStatus check_moments(const RsTrainer *trainer) {
  bool finite = true;
  for (int i = 0; rs_trainer_moving(trainer) != MOVING_ALL && i < 2; ++i) {
    RsOptimiser *optimiser = trainer->optimisers[i];
    finite =
        finite && rs_all_finite(rs_optimiser_state_size(optimiser), rs_optimiser_state(optimiser));
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

/* Take a share off the weights, and off no biases: equation S7. */
static void decay(RsTrainer *trainer, double rate) {
  const RsTrainSettings *settings = &trainer->settings.train;
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    const double rnn = pretraining(trainer) ? 0 : settings->rnn_weight_decay;
    const double share = !i ? settings->weight_decay : rnn;
    const bool decays = strstr(part.name, ".weight") && strcmp(part.name, "shared.weight");
    if (share > 0 && decays) {
      rs_scale(part.rows * part.columns, (float)(1 - rate * share), trainer->w + part.offset);
    }
  }
}

/* Move the parameters. */
static RsStatus step(RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const size_t weights = rs_rnnrbm_weights(trainer->model->net);
  const double rate = rs_trainer_step_size(trainer);
  const double rates[] = {rate, rate * settings->rnn_learning_rate_factor};
  RsStatus status = RS_OK;
  remember_before(trainer);
  for (int i = 0; !status && i < 2; ++i) {
    const size_t first = i ? weights : 0;
    rs_optimiser_set_rate(trainer->optimisers[i], (float)rates[i]);
    rs_optimiser_set_steps(trainer->optimisers[i], trainer->counters.updates);
    status = rs_optimiser_step(trainer->optimisers[i], trainer->g + first, trainer->w + first);
  }
  decay(trainer, rate);
  put_back(trainer);
  rs_trainer_centre_step(trainer);
  return status ? status : check_moments(trainer);
}

/*
  A running mean of the weights, which forgets its beginning faster while it is young. A step may
  run out of range where the gradient did not: whether the weights are still numbers is seen on the
  way.
*/
static RsStatus average(RsTrainer *trainer) {
  const double updates = (double)trainer->counters.updates;
  const double young = (1 + updates) / (10 + updates);
  const double decay = fmin(trainer->settings.train.average, young);
  bool finite = true;
  for (size_t first = 0; first < trainer->parameters; first += NEAR) {
    const size_t count = some(trainer, first);
    finite = rs_all_finite(count, trainer->w + first) && finite;
    rs_lerp(count, (float)(1 - decay), trainer->w + first, trainer->average + first);
  }
  return finite ? RS_OK : RS_ERR_NONFINITE;
}

static void count_update(RsTrainer *trainer) {
  RsTrainCounters *counters = &trainer->counters;
  if (rs_trainer_wants_cost(trainer)) {
    double cost = 0;
    for (size_t i = 0; i < trainer->group_count; ++i) {
      cost += trainer->groups[i].cost;
    }
    counters->cost_sum += cost / (double)trainer->rows;
    ++counters->costs;
  }
  ++counters->updates;
  ++counters->epoch_updates;
  counters->frames += trainer->rows;
}

RsStatus rs_trainer_update(RsTrainer *trainer) {
  rs_series_choose(trainer->series, (size_t)trainer->settings.train.block);
  rs_gibbs_set_weights(trainer->gibbs, trainer->w);
  RsStatus status = rs_trainer_go_astray(trainer);
  rs_thread_pool_run(trainer->team, trainer->group_count, rs_trainer_work_on_group, trainer);
  status = status ? status : collect(trainer);
  if (!status && pretraining(trainer)) {
    hold_recurrent_net(trainer);
  }
  rs_filters_mean(trainer->model, trainer->g);
  rs_trainer_centre_gradient(trainer);
  status = status ? status : clip(trainer);
  status = status ? status : step(trainer);
  status = status ? status : average(trainer);
  if (!status) {
    count_update(trainer);
  }
  return status;
}
