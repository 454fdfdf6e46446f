/* SPDX-License-Identifier: ISC */

#include "train/discriminator_fit.h"
#include "train/seconds.h"
#include "train/trainer_internal.h"
#include "train/trainer_processes.h"
#include "train/update.h"

#include "model/evaluator_shared.h"

#include <math.h>
#include <string.h>

/* Frames of the validation songs that a validation looks at. */
enum { VALIDATION_FRAMES = 1024 };

const char *rs_trained_reason_name(RsTrainedReason reason) {
  switch (reason) {
  case RS_TRAINED_EPOCHS:
    return "epochs";
  case RS_TRAINED_MINUTES:
    return "minutes";
  case RS_TRAINED_EARLY_STOP:
    return "early-stop";
  case RS_TRAINED_SIGNAL:
    return "signal";
  }
  return "unknown";
}

/* The weights that are validated and saved. */
static float *judged(const RsTrainer *trainer) {
  const RsParameters *p = &trainer->parameters;
  return rs_trainer_settings(trainer)->average > 0 ? p->average : p->w;
}

/* Take the current state as the model. */
static void keep(RsTrainer *trainer, double ll) {
  const RsTrainCounters *counters = &trainer->counters;
  trainer->now.epochs = counters->epoch;
  trainer->now.updates = counters->updates;
  trainer->now.frames = counters->frames;
  trainer->now.valid_ll = isfinite(ll) ? ll : 0;
  trainer->model->training = trainer->now;
  memcpy(trainer->model->w, judged(trainer), trainer->parameters.count * sizeof(float));
}

RsStatus rs_trainer_free_run(const RsTrainer *trainer, float *w, RsFreeRun *out) {
  const RsModel model = rs_model_with(trainer->model, w);
  return rs_free_run(&model, trainer->style, trainer->pool, trainer->processes.transport, out);
}

static RsStatus validate(RsTrainer *trainer, RsEpochReport *report, RsFreeRun *free_run,
                         RsError *error) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsEvaluationSettings evaluation = {.chains = (size_t)settings->ais_chains,
                                           .betas = (size_t)settings->ais_betas,
                                           .reverse = true,
                                           .gibbs_steps = (size_t)settings->cd_k,
                                           .max_frames = VALIDATION_FRAMES,
                                           .seed = settings->seed,
                                           .threads = (size_t)settings->threads};
  RsEvaluation result;
  RsStatus status =
      rs_evaluate_shared(trainer->model->net, judged(trainer), &trainer->model->inputs,
                         trainer->valid, &evaluation, trainer->processes.transport, &result, error);
  /* The two sides err in opposite directions, and most where the path is short. */
  report->valid_ll = 0.5 * (result.ll + result.ll_reverse);
  const RsStatus played = status ? RS_OK : rs_trainer_free_run(trainer, judged(trainer), free_run);
  if (played) {
    status = rs_error(error, played, "the model cannot play alone: %s", rs_status_text(played));
  }
  report->free_run = free_run->of_ceiling;
  return status;
}

/*
  Likelihood of given songs is a poor measure of free runs: how like
  the songs its free runs are counts too, and what they copy.
*/
static double score_of(const RsTrainer *trainer, double valid_ll, const RsFreeRun *free_run) {
  const double unlike = isfinite(free_run->of_ceiling) ? fmax(1 - free_run->of_ceiling, 0) : 0;
  const double copies = isfinite(free_run->copies) ? free_run->copies : 0;
  return valid_ll - rs_trainer_settings(trainer)->free_run_weight * (unlike + copies);
}

/* Keep the model if it is the best so far, or hardly worse than the best: free runs differ by
 * chance, and later states are the steadier ones. Otherwise lower the learning rate after some
 * time. */
static void judge(RsTrainer *trainer, RsEpochReport *report, const RsFreeRun *free_run) {
  RsTrainCounters *counters = &trainer->counters;
  const uint64_t patience = (uint64_t)rs_trainer_settings(trainer)->patience;
  const double score = score_of(trainer, report->valid_ll, free_run);
  if (!counters->have_best || score > counters->best - rs_trainer_settings(trainer)->keep_later) {
    report->best = true;
    counters->best = counters->have_best ? fmax(counters->best, score) : score;
    counters->have_best = 1;
    counters->since_best = counters->since_decay = 0;
    keep(trainer, report->valid_ll);
    return;
  }
  ++counters->since_best;
  if (patience && ++counters->since_decay >= (patience + 1) / 2) {
    counters->since_decay = 0;
    counters->learning_rate *= rs_trainer_settings(trainer)->learning_rate_decay;
  }
}

static void begin_report(RsTrainer *trainer, RsEpochReport *report) {
  const RsTrainCounters *counters = &trainer->counters;
  const double updates = (double)counters->epoch_updates;
  const double seconds = counters->seconds - counters->epoch_seconds;
  const double frames = updates * (double)rs_update_rows(rs_trainer_settings(trainer));
  *report = (RsEpochReport){
      .epoch = counters->epoch,
      .updates = counters->updates,
      .frames = counters->frames,
      .seconds = counters->seconds,
      .wall = counters->wall,
      .frames_per_second = seconds > 0 ? frames / seconds : NAN,
      .learning_rate = rs_trainer_schedule(trainer).step_size,
      .gradient_norm = updates > 0 ? counters->norm_sum / updates : NAN,
      .train_cost = counters->costs ? counters->cost_sum / (double)counters->costs : NAN,
      .valid_ll = NAN,
      .recovered = counters->epoch_recoveries > 0,
      .free_run = NAN,
  };
}

/* Validate and judge; weights whose likelihood is NaN are discarded. */
static RsStatus timed_validation(RsTrainer *trainer, RsEpochReport *report, RsError *error) {
  const double start = rs_seconds();
  RsFreeRun free_run = {NAN, NAN};
  RsStatus status = validate(trainer, report, &free_run, error);
  if (status == RS_ERR_NONFINITE) {
    status = rs_trainer_recover(trainer, error);
    report->recovered = true;
  } else if (!status) {
    judge(trainer, report, &free_run);
  }
  trainer->counters.wall += rs_seconds() - start;
  report->wall = trainer->counters.wall;
  return status;
}

/*
  Epochs between validations that leave these a fifth of the time at most. Counted in sweeps of
  Gibbs chains and not by the clock, so that it is the same everywhere: one of an annealed path
  costs two of a plain chain, of which a validation takes both sides; the rest of a training step
  costs as much as its chains.
*/
static uint64_t automatic_period(const RsTrainer *trainer) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  double frames = 0;
  for (size_t i = 0; i < trainer->valid->count; ++i) {
    frames += (double)trainer->valid->rolls[i].frames;
  }
  const double validation =
      4 * fmin(frames, VALIDATION_FRAMES) * settings->ais_chains * settings->ais_betas;
  const double epoch = 2.0 * settings->cd_k * (double)rs_series_epoch_frames(trainer->series);
  return (uint64_t)fmax(ceil(4 * validation / epoch), 1);
}

/* Whether the songs are due for validation: now and then, and after the last epoch. */
static bool is_due(const RsTrainer *trainer) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const uint64_t epoch = trainer->counters.epoch;
  const uint64_t every =
      settings->validate_every ? (uint64_t)settings->validate_every : automatic_period(trainer);
  return epoch % every == 0 || epoch == trainer->epochs;
}

/* An epoch is over: validate, report, and start counting anew. */
static RsStatus end_epoch(RsTrainer *trainer, const RsTrainHooks *hooks, RsError *error) {
  RsTrainCounters *counters = &trainer->counters;
  RsEpochReport report;
  RsStatus status = RS_OK;
  ++counters->epoch;
  begin_report(trainer, &report);
  if (!trainer->valid) {
    keep(trainer, NAN);
  } else if (is_due(trainer)) {
    status = timed_validation(trainer, &report, error);
  }
  counters->norm_sum = counters->cost_sum = 0;
  counters->costs = counters->epoch_updates = counters->epoch_recoveries = 0;
  counters->epoch_seconds = counters->seconds;
  rs_parameters_remember(&trainer->parameters);
  if (!status && hooks->epoch) {
    status = hooks->epoch(hooks->context, &report);
  }
  return rs_agree(trainer->processes.transport, status, error);
}

static void tell_progress(const RsTrainer *trainer, const RsTrainHooks *hooks) {
  if (!hooks->progress) {
    return;
  }
  const RsTrainCounters *counters = &trainer->counters;
  const double seconds = counters->seconds - counters->epoch_seconds;
  const double total = (double)rs_series_epoch_frames(trainer->series);
  const double done = (double)counters->frames - (double)counters->epoch * total;
  const double frames =
      (double)counters->epoch_updates * (double)rs_update_rows(rs_trainer_settings(trainer));
  const RsTrainProgress progress = {.epoch = counters->epoch + 1,
                                    .share = fmin(fmax(done / total, 0), 1),
                                    .frames_per_second = seconds > 0 ? frames / seconds : 0,
                                    .seconds = counters->seconds,
                                    .wall = counters->wall};
  hooks->progress(hooks->context, &progress);
}

static bool is_over(const RsTrainer *trainer, RsTrainedReason *reason) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsTrainCounters *counters = &trainer->counters;
  if (counters->epoch >= trainer->epochs) {
    *reason = RS_TRAINED_EPOCHS;
  } else if (settings->minutes > 0 && counters->wall >= 60 * settings->minutes) {
    *reason = RS_TRAINED_MINUTES;
  } else if (settings->patience && counters->since_best >= (uint64_t)settings->patience) {
    *reason = RS_TRAINED_EARLY_STOP;
  } else {
    return false;
  }
  return true;
}

/* One update, timed; numbers that run out of range are recovered from. */
static RsStatus timed_update(RsTrainer *trainer, RsError *error) {
  const double start = rs_seconds();
  RsStatus status = rs_trainer_update(trainer);
  if (status == RS_ERR_NONFINITE) {
    status = rs_trainer_recover(trainer, error);
  }
  const double took = rs_seconds() - start;
  trainer->counters.seconds += took;
  trainer->counters.wall += took;
  return status;
}

/* Fit the discriminator to the model, in the process that saves it; a signal ends it, and resuming
 * fits it again. */
static RsStatus fit_discriminator(RsTrainer *trainer, const RsTrainHooks *hooks,
                                  RsTrainedReason *reason, RsError *error) {
  const RsStop stop = {hooks->stop, hooks->context};
  if (*reason == RS_TRAINED_SIGNAL || !rs_trainer_settings(trainer)->discriminator ||
      trainer->processes.transport->rank) {
    return RS_OK;
  }
  const RsStatus status =
      rs_discriminator_fit(trainer->model, trainer->train, trainer->pool, &stop);
  if (status == RS_ERR_STOPPED) {
    *reason = RS_TRAINED_SIGNAL;
    return RS_OK;
  }
  return status ? rs_error(error, status, "no discriminator: %s", rs_status_text(status)) : RS_OK;
}

/*
  Training is over. Where the time is up in mid-epoch, what has come since the last validation is
  judged too; a signal leaves the state as it is, so that resuming goes on as if never stopped. A
  model that was never judged is better than none.
*/
static RsStatus end_run(RsTrainer *trainer, const RsTrainHooks *hooks, RsTrainedReason *reason,
                        RsError *error) {
  RsStatus status = RS_OK;
  if (*reason == RS_TRAINED_MINUTES && trainer->valid && trainer->counters.epoch_updates) {
    RsEpochReport report;
    begin_report(trainer, &report);
    ++report.epoch;
    status = timed_validation(trainer, &report, error);
    if (!status && hooks->epoch) {
      status = hooks->epoch(hooks->context, &report);
    }
    status = rs_agree(trainer->processes.transport, status, error);
  }
  if (!trainer->counters.have_best && trainer->counters.updates) {
    keep(trainer, NAN);
  }
  return status ? status : fit_discriminator(trainer, hooks, reason, error);
}

RsStatus rs_trainer_run(RsTrainer *trainer, const RsTrainHooks *hooks, RsTrainedReason *reason,
                        RsError *error) {
  RsStatus status = RS_OK;
  for (;;) {
    bool stop = hooks->stop && hooks->stop(hooks->context);
    status = status ? status : rs_processes_turn(&trainer->processes, &trainer->counters, &stop);
    if (status || is_over(trainer, reason)) {
      break;
    }
    if (stop) {
      *reason = RS_TRAINED_SIGNAL;
      break;
    }
    status = timed_update(trainer, error);
    tell_progress(trainer, hooks);
    const uint64_t passed = trainer->counters.frames / rs_series_epoch_frames(trainer->series);
    if (!status && passed > trainer->counters.epoch) {
      status = end_epoch(trainer, hooks, error);
    }
  }
  status = status ? status : end_run(trainer, hooks, reason, error);
  return rs_agree(trainer->processes.transport, status, error);
}

const RsModel *rs_trainer_model(RsTrainer *trainer) {
  return trainer->model;
}

uint64_t rs_trainer_epochs(const RsTrainer *trainer) {
  return trainer->epochs;
}

size_t rs_trainer_groups(const RsTrainer *trainer) {
  return trainer->group_count;
}

size_t rs_trainer_parameters(const RsTrainer *trainer) {
  return trainer->parameters.count;
}
