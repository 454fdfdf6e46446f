/* SPDX-License-Identifier: ISC */

/* An update: the gradients of all groups and the step, doc/math.md, equations K4 to K6. */

#include "train/update.h"
#include "train/step.h"
#include "train/trainer_internal.h"

#include "base/linear_algebra.h"

#include <string.h>

/* Recoveries after which training fails. */
enum { RECOVERIES_MAX = 10 };

RsSchedule rs_trainer_schedule(const RsTrainer *trainer) {
  return rs_schedule(rs_trainer_settings(trainer), &trainer->counters, trainer->epochs,
                     rs_rnnrbm_rbm(trainer->model->net)->kind);
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

/* The gradients of the groups of this process; the series goes past those of others. */
static void run_groups(RsTrainer *trainer, const RsSchedule *now) {
  const RsPiece own = trainer->processes.own;
  RsUpdate update = {.model = trainer->model,
                     .w = trainer->parameters.w,
                     .gibbs = trainer->gibbs,
                     .replay = &trainer->replay,
                     .series = trainer->series,
                     .groups = trainer->groups,
                     .first = own.offset,
                     .counters = trainer->counters,
                     .now = *now};
  rs_thread_pool_run(trainer->pool, own.size, rs_update_group, &update);
  for (size_t i = 0; i < trainer->group_count; ++i) {
    if (i < own.offset || i >= own.offset + own.size) {
      rs_series_skip(trainer->series, i, (size_t)rs_trainer_settings(trainer)->block);
    }
  }
}

/* The mean gradient over all rows, of all groups. */
static RsStatus collect(RsTrainer *trainer, RsStatus found) {
  const RsProcesses *processes = &trainer->processes;
  const float share = 1.0f / (float)rs_update_rows(rs_trainer_settings(trainer));
  const RsStatus status =
      rs_processes_outcomes(processes, trainer->groups, trainer->group_count, found);
  const RsStatus sent = rs_processes_collect(processes, trainer->groups, trainer->group_count,
                                             share, &trainer->parameters);
  return status ? status : sent;
}

RsStatus rs_trainer_find_passages(RsTrainer *trainer) {
  const RsModel model = rs_model_with(trainer->model, trainer->parameters.w);
  return rs_replay_find(&trainer->replay, &model, trainer->pool, trainer->processes.transport,
                        trainer->counters.updates, &trainer->counters.passages);
}

RsStatus rs_trainer_update(RsTrainer *trainer) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsSchedule now = rs_trainer_schedule(trainer);
  RsParameters *p = &trainer->parameters;
  RsTrainCounters *counters = &trainer->counters;
  rs_series_choose(trainer->series, (size_t)settings->block);
  rs_gibbs_set_weights(trainer->gibbs, p->w);
  const RsStatus found = rs_trainer_find_passages(trainer);
  run_groups(trainer, &now);
  RsStatus status = collect(trainer, found);
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

/* The states may contain NaN; a chain may not, or for one sweep at most. */
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
