/* SPDX-License-Identifier: ISC */

#include "train/songs.h"
#include "train/trainer_processes.h"
#include "train/trainer_state.h"
#include "train/update.h"

#include "base/linear_algebra.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Smallest memory of the rows of an update: frames, biases and their gradient, hidden units. */
static RsStatus check_memory(const RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const double there = (double)rs_physical_memory() * 0x1p-30;
  const double values = (double)(2 * rbm->visible + 2 * trainer->model->inputs.size +
                                 3 * rs_rbm_biases(rbm) + rbm->hidden);
  const double least =
      values * sizeof(float) * (double)settings->block * (double)settings->streams * 0x1p-30;
  if (least > there) {
    return rs_error(error, RS_ERR_MEMORY,
                    "%d streams of %d frames take more than %.0f GB of memory, and there are %.0f; "
                    "lower train.streams or train.block",
                    settings->streams, settings->block, least, there);
  }
  return RS_OK;
}

/* Passages of free runs, where they are replayed, and what free runs are compared with. */
static RsStatus make_free_runs(RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  RsStatus status = RS_OK;
  if (settings->own_past > 0) {
    status = rs_replay_init(&trainer->model->inputs, trainer->train, &trainer->replay);
  }
  if (!status && settings->free_run_frames) {
    status = rs_style_new(trainer->train, false, &trainer->style);
  }
  return status ? rs_error(error, status, "out of memory for free runs") : RS_OK;
}

static RsStatus make_groups(RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  rs_blas_one_thread(); /* threads are ours, over groups of streams */
  trainer->group_count = rs_group_count(settings);
  trainer->groups = rs_alloc(trainer->group_count, sizeof *trainer->groups);
  RsStatus status = trainer->groups
                        ? rs_gibbs_new(rs_rnnrbm_rbm(trainer->model->net), false, &trainer->gibbs)
                        : RS_ERR_MEMORY;
  status = status ? status : rs_thread_pool_new((size_t)settings->threads, &trainer->pool);
  if (status) {
    return rs_error(error, status, "training cannot begin: %s", rs_status_text(status));
  }
  status = rs_processes_init(rs_transport_alone(), trainer->group_count, trainer->parameters.count,
                             &trainer->processes);
  for (size_t i = 0; !status && i < trainer->group_count; ++i) {
    status = rs_group_init(trainer->model, trainer->gibbs, i, trainer->groups + i, error);
  }
  return status;
}

/* Epochs until the training ends: the last one has the last update in it. */
static void count_epochs(RsTrainer *trainer) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const uint64_t frames = (uint64_t)settings->updates * rs_update_rows(settings);
  const uint64_t epoch = rs_series_epoch_frames(trainer->series);
  const uint64_t epochs = (frames + epoch - 1) / epoch;
  trainer->epochs = (uint64_t)settings->epochs;
  if (settings->updates && epochs < trainer->epochs) {
    trainer->epochs = epochs;
  }
}

static RsStatus make_series(RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = rs_trainer_settings(trainer);
  const RsSeriesSpec spec = {.songs = trainer->train,
                             .inputs = &trainer->model->inputs,
                             .streams = (size_t)settings->streams,
                             .frames = (size_t)settings->block,
                             .seed = settings->seed,
                             .transpose_low = settings->transpose_low,
                             .transpose_high = settings->transpose_high,
                             .noise = settings->past_noise,
                             .carry = settings->borders == RS_BORDERS_CARRY,
                             .groups = trainer->group_count};
  const RsStatus status = rs_series_new(&spec, &trainer->series);
  if (!status) {
    count_epochs(trainer);
  }
  return status ? rs_error(error, status, "no series of songs: %s", rs_status_text(status)) : RS_OK;
}

/* Learn the distribution of plans, where the model draws them. */
static RsStatus learn_plans(RsTrainer *trainer, RsError *error) {
  RsModel *model = trainer->model;
  const RsSongs *songs = trainer->train;
  if (!model->inputs.planned) {
    return RS_OK;
  }
  unsigned char *meter = rs_alloc(songs->count, 1);
  for (size_t i = 0; meter && i < songs->count; ++i) {
    const RsRoll *roll = songs->rolls + i;
    meter[i] =
        (unsigned char)rs_inputs_plan_meter(&model->inputs, roll->meter_beats, roll->meter_unit);
  }
  const RsStatus status = meter ? rs_plan_learn(songs, meter, &model->plan) : RS_ERR_MEMORY;
  free(meter);
  return status ? rs_error(error, status, "out of memory for the plans of the songs") : RS_OK;
}

/* The model, as the songs have it. */
static RsStatus make_model(RsTrainer *trainer, const RsSettings *settings, RsError *error) {
  RsKnownMeter meters[RS_METERS_MAX];
  const size_t count = rs_songs_meters(trainer->train, meters);
  RsStatus status = rs_model_new(settings, count, meters, &trainer->model, error);
  status = status ? status : learn_plans(trainer, error);
  if (!status) {
    trainer->now = trainer->model->training;
    status = rs_songs_describe(trainer->train, &trainer->now);
  }
  if (!status && !trainer->now.song_frames) {
    status = rs_error(error, RS_ERR_EMPTY, "no song to train on");
  }
  if (!status && settings->train.keep_songs) {
    status = rs_model_keep_songs(trainer->model, trainer->train);
  }
  if (!status) {
    trainer->model->training = trainer->now;
  }
  return status;
}

static RsStatus make_parameters(RsTrainer *trainer, RsError *error) {
  const RsModel *model = trainer->model;
  RsParameters *p = &trainer->parameters;
  RsStatus status = rs_parameters_init(rs_trainer_settings(trainer), model->net, p, error);
  status = status ? status : rs_parameters_begin(p, model, trainer->train, error);
  if (!status) {
    memcpy(model->w, p->w, p->count * sizeof *p->w);
    rs_parameters_remember(p);
  }
  return status;
}

static RsStatus build(RsTrainer *trainer, const RsSettings *settings, RsError *error) {
  RsStatus status = make_model(trainer, settings, error);
  status = status ? status : make_free_runs(trainer, error);
  status = status ? status : check_memory(trainer, error);
  status = status ? status : make_parameters(trainer, error);
  status = status ? status : make_groups(trainer, error);
  return status ? status : make_series(trainer, error);
}

RsStatus rs_trainer_new(const RsSettings *settings, const RsSongs *train, const RsSongs *valid,
                        RsTrainer **out, RsError *error) {
  RsTrainer *trainer = rs_alloc(1, sizeof *trainer);
  if (!trainer) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a trainer");
  }
  trainer->train = train;
  for (size_t i = 0; valid && i < valid->count; ++i) {
    trainer->valid = valid->rolls[i].frames ? valid : trainer->valid;
  }
  trainer->counters.learning_rate = settings->train.learning_rate;
  const RsStatus status = build(trainer, settings, error);
  if (status) {
    rs_trainer_free(trainer);
    return status;
  }
  *out = trainer;
  return RS_OK;
}

static RsStatus check_songs(const RsTrainer *trainer, const RsTransport *transport,
                            RsError *error) {
  char ours[17], first[17];
  rs_state_songs(trainer, ours);
  memcpy(first, ours, sizeof first);
  const RsStatus status = rs_broadcast(transport, 0, first, sizeof first);
  if (!status && strcmp(first, ours) != 0) {
    return rs_error(error, RS_ERR_FORMAT,
                    "has read other songs than process 0; give all processes the same files");
  }
  return status;
}

RsStatus rs_trainer_join(RsTrainer *trainer, const RsTransport *transport, RsError *error) {
  RsStatus status = check_songs(trainer, transport, error);
  status = rs_agree(transport, status, error);
  if (status) {
    return status;
  }
  rs_processes_clear(&trainer->processes);
  status = rs_processes_init(transport, trainer->group_count, trainer->parameters.count,
                             &trainer->processes);
  if (status) {
    rs_error(error, status, "out of memory for the gradients of %zu groups", trainer->group_count);
  }
  return rs_agree(transport, status, error);
}

void rs_trainer_free(RsTrainer *trainer) {
  if (!trainer) {
    return;
  }
  for (size_t i = 0; trainer->groups && i < trainer->group_count; ++i) {
    rs_group_clear(trainer->groups + i);
  }
  free(trainer->groups);
  rs_processes_clear(&trainer->processes);
  rs_thread_pool_free(trainer->pool);
  rs_gibbs_free(trainer->gibbs);
  rs_series_free(trainer->series);
  rs_style_free(trainer->style);
  rs_replay_clear(&trainer->replay);
  rs_parameters_clear(&trainer->parameters);
  rs_model_free(trainer->model);
  free(trainer);
}
