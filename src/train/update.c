/* SPDX-License-Identifier: ISC */

/* An update: the gradients of all groups and the step, doc/math.md, equations K4 to K6. */

#include "train/update.h"
#include "train/step.h"
#include "train/trainer_internal.h"

#include "base/linear_algebra.h"

#include <string.h>

/* Numbers that run out of range so often are beyond help. */
enum { RECOVERIES_MAX = 10 };

RsSchedule rs_trainer_schedule(const RsTrainer *trainer) {
  return rs_schedule(rs_trainer_settings(trainer), &trainer->counters, trainer->epochs,
                     rs_rnnrbm_rbm(trainer->model->net)->kind);
}

/* The mean gradient over all rows, summed in the order of the groups, whose own is cleared. */
static void collect(RsTrainGroup *groups, size_t count, size_t rows, RsParameters *p) {
  const float share = 1.0f / (float)rows;
  for (size_t first = 0; first < p->count; first += RS_NEAR_PARAMETERS) {
    const size_t near = rs_near_parameters(p, first);
    float *sum = p->g + first;
    rs_scaled_copy(near, share, groups[0].g + first, sum);
    for (size_t i = 1; i < count; ++i) {
      rs_axpy(near, share, groups[i].g + first, sum);
    }
    for (size_t i = 0; i < count; ++i) {
      memset(groups[i].g + first, 0, near * sizeof *sum);
    }
  }
}

static RsStatus status_of(const RsTrainGroup *groups, size_t count) {
  RsStatus status = RS_OK;
  for (size_t i = 0; i < count; ++i) {
    status = status ? status : groups[i].status;
  }
  return status;
}

static void count_update(RsTrainer *trainer, bool with_cost) {
  RsTrainCounters *counters = &trainer->counters;
  const size_t rows = rs_update_rows(rs_trainer_settings(trainer));
  if (with_cost) {
    double cost = 0;
    for (size_t i = 0; i < trainer->group_count; ++i) {
      cost += trainer->groups[i].cost;
    }
    counters->cost_sum += cost / (double)rows;
    ++counters->costs;
  }
  ++counters->updates;
  ++counters->epoch_updates;
  counters->frames += rows;
}

/* The gradients of all groups. */
static RsStatus run_groups(RsTrainer *trainer, const RsSchedule *now) {
  RsUpdate update = {.model = trainer->model,
                     .w = trainer->parameters.w,
                     .gibbs = trainer->gibbs,
                     .replay = &trainer->replay,
                     .series = trainer->series,
                     .groups = trainer->groups,
                     .counters = trainer->counters,
                     .now = *now};
  rs_thread_pool_run(trainer->pool, trainer->group_count, rs_update_group, &update);
  return status_of(trainer->groups, trainer->group_count);
}

RsStatus rs_trainer_find_passages(RsTrainer *trainer) {
  const RsModel model = rs_model_with(trainer->model, trainer->parameters.w);
  return rs_replay_find(&trainer->replay, &model, trainer->pool, trainer->counters.updates,
                        &trainer->counters.passages);
}

RsStatus rs_trainer_update(RsTrainer *trainer) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsSchedule now = rs_trainer_schedule(trainer);
  RsParameters *p = &trainer->parameters;
  RsTrainCounters *counters = &trainer->counters;
  rs_series_choose(trainer->series, (size_t)settings->block);
  rs_gibbs_set_weights(trainer->gibbs, p->w);
  const RsStatus found = rs_trainer_find_passages(trainer);
  RsStatus status = run_groups(trainer, &now);
  collect(trainer->groups, trainer->group_count, rs_update_rows(settings), p);
  status = found ? found : status;
  if (!status) {
    double norm = 0;
    status = rs_step(p, trainer->model, &now, counters->updates, &norm);
    counters->norm_sum += norm;
  }
  if (!status) {
    count_update(trainer, now.cost);
  }
  return status;
}

/* The states may hold what is no number; a chain may not, or not for longer than a sweep. */
static void reset_states(RsTrainGroup *group) {
  rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(group->learner));
  if (group->noise_learner) {
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(group->noise_learner));
  }
}

RsStatus rs_trainer_recover(RsTrainer *trainer, RsError *error) {
  if (++trainer->counters.recoveries > RECOVERIES_MAX) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "training blows up again and again; lower train.learning_rate (%g) or set "
                    "train.clip",
                    rs_trainer_settings(trainer)->learning_rate);
  }
  rs_parameters_restore(&trainer->parameters);
  trainer->counters.learning_rate /= 2;
  ++trainer->counters.epoch_recoveries;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    reset_states(trainer->groups + i);
  }
  return RS_OK;
}
