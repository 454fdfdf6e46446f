#include "train/trainer_internal.h"

#include "base/linear_algebra.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A fixed number of groups, whatever the threads: results must not depend on these. */
static size_t choose_groups(size_t streams) {
  return streams % 4 == 0 && streams >= 32 ? 4 : streams % 2 == 0 && streams >= 8 ? 2 : 1;
}

static RsRnnEngine engine_of(const RsTrainSettings *settings) {
  switch (settings->gradient) {
  case RS_GRADIENT_BPTT:
    return RS_ENGINE_BPTT;
  case RS_GRADIENT_RTRL:
    return RS_ENGINE_RTRL;
  case RS_GRADIENT_BLOCK:
    break;
  }
  return RS_ENGINE_BLOCK;
}

static RsStatus make_group(RsTrainer *trainer, size_t i, RsError *error) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsRnnRbm *net = trainer->model->net;
  const RsRbm *rbm = rs_rnnrbm_rbm(net);
  RsTrainGroup *group = trainer->groups + i;
  const size_t frames = (size_t)settings->block;
  const bool negative = settings->negative_weight > 0;
  group->streams = (size_t)settings->streams / trainer->group_count;
  group->first = i * group->streams;
  const size_t rows = frames * group->streams;
  group->in.x = rs_alloc(rows, trainer->model->inputs.size * sizeof(float));
  group->in.v = rs_alloc(rows, rbm->visible * sizeof(float));
  group->in.starts = rs_alloc(rows, 1);
  group->in.places = rs_alloc(rows, sizeof *group->in.places);
  group->sample = rs_alloc(rows, rbm->visible * sizeof(float));
  group->other = rs_alloc(negative ? rows : 0, rbm->visible * sizeof(float));
  group->energy = rs_alloc(rows, 2 * sizeof(float));
  group->g = rs_alloc(trainer->parameters, sizeof(float));
  if (rs_links_init(&group->in.links, rows, trainer->model->inputs.links) || !group->in.x ||
      !group->in.v || !group->in.starts || !group->in.places || !group->sample || !group->other ||
      !group->energy || !group->g || rs_rbm_work_new(rbm, rows, &group->work) ||
      rs_gibbs_chains_new(trainer->gibbs, rows, &group->chains)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu streams of %zu frames",
                    group->streams, frames);
  }
  rs_gibbs_share(group->chains, true);
  if (trainer->astray && rs_input_history_new(&trainer->model->inputs, &group->replay)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for free runs");
  }
  RsStatus status = rs_rnnrbm_learner_new(net, engine_of(settings), frames, group->streams,
                                          &group->learner, error);
  if (!status && negative) {
    status =
        rs_rnnrbm_learner_new(net, RS_ENGINE_BPTT, frames, group->streams, &group->random, error);
  }
  return status;
}

static void free_group(RsTrainGroup *group) {
  rs_rnnrbm_learner_free(group->learner);
  rs_rnnrbm_learner_free(group->random);
  rs_gibbs_chains_free(group->chains);
  rs_rbm_work_free(group->work);
  rs_input_history_free(group->replay);
  free(group->in.x);
  free(group->in.v);
  free(group->in.starts);
  free(group->in.places);
  rs_links_clear(&group->in.links);
  free(group->sample);
  free(group->other);
  free(group->energy);
  free(group->g);
}

/* The least that the rows of an update take: frames, biases and their gradient, hidden units. */
static RsStatus check_memory(const RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = &trainer->settings.train;
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

static RsStatus make_clocks(RsTrainer *trainer) {
  const RsInputs *inputs = &trainer->model->inputs;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < inputs->meter_count; ++i) {
    RsRoll *clock = trainer->clocks + i;
    status = rs_roll_init(clock, NULL, 0, RS_PLANE_NONE);
    clock->frames_per_beat = inputs->frames_per_beat;
    status = status ? status
                    : rs_roll_add_meter(clock, 0, inputs->meters[i].beats, inputs->meters[i].unit);
  }
  return status;
}

/* Room for passages of free runs, each with the frames before it that the inputs look back on. */
static bool make_passages(RsTrainer *trainer) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  if (!(trainer->settings.train.own_past > 0)) {
    return true;
  }
  trainer->context = rs_inputs_frames(&trainer->model->inputs);
  if (make_clocks(trainer)) {
    return false;
  }
  trainer->astray =
      rs_alloc((size_t)RS_ASTRAY * (trainer->context + RS_WINDOW), visible * sizeof(float));
  trainer->passages = rs_alloc(RS_ASTRAY, sizeof *trainer->passages);
  return trainer->astray && trainer->passages;
}

static RsStatus make_arrays(RsTrainer *trainer, RsError *error) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  trainer->rows = (size_t)trainer->settings.train.block * (size_t)trainer->settings.train.streams;
  trainer->parameters = rs_rnnrbm_parameters(trainer->model->net);
  trainer->w = rs_alloc(trainer->parameters, sizeof(float));
  trainer->g = rs_alloc(trainer->parameters, sizeof(float));
  trainer->average = rs_alloc(trainer->parameters, sizeof(float));
  trainer->before = rs_alloc(trainer->parameters, sizeof(float));
  trainer->offset = rs_alloc(visible, sizeof(float));
  if (!trainer->w || !trainer->g || !trainer->average || !trainer->before || !trainer->offset ||
      !make_passages(trainer)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu parameters", trainer->parameters);
  }
  return RS_OK;
}

static RsOptimiserSpec optimiser_of(const RsTrainSettings *settings) {
  const bool adam = settings->optimiser == RS_OPTIMISER_ADAM;
  return (RsOptimiserSpec){.kind = adam ? RS_ADAM : RS_MOMENTUM,
                           .rate = (float)settings->learning_rate,
                           .momentum = (float)(adam ? settings->beta1 : settings->momentum),
                           .square = (float)settings->beta2,
                           .epsilon = 1e-8f};
}

/* One optimiser for W and one for the recurrent net, whose learning rates differ. */
static RsStatus make_optimisers(RsTrainer *trainer, RsError *error) {
  const RsOptimiserSpec spec = optimiser_of(&trainer->settings.train);
  const size_t weights = rs_rnnrbm_weights(trainer->model->net);
  RsStatus status = rs_optimiser_new(&spec, weights, &trainer->optimisers[0], error);
  if (!status) {
    status = rs_optimiser_new(&spec, trainer->parameters - weights, &trainer->optimisers[1], error);
  }
  if (!status) {
    trainer->good = rs_alloc(rs_trainer_good_size(trainer), sizeof *trainer->good);
    status = trainer->good ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory for optimisers");
  }
  return status;
}

static RsStatus make_groups(RsTrainer *trainer, RsError *error) {
  rs_blas_one_thread(); /* threads are ours, over groups of streams */
  trainer->group_count = choose_groups((size_t)trainer->settings.train.streams);
  trainer->groups = rs_alloc(trainer->group_count, sizeof *trainer->groups);
  RsStatus status = trainer->groups
                        ? rs_gibbs_new(rs_rnnrbm_rbm(trainer->model->net), false, &trainer->gibbs)
                        : RS_ERR_MEMORY;
  status =
      status ? status : rs_thread_pool_new((size_t)trainer->settings.train.threads, &trainer->team);
  if (status) {
    return rs_error(error, status, "training cannot begin: %s", rs_status_text(status));
  }
  for (size_t i = 0; !status && i < trainer->group_count; ++i) {
    status = make_group(trainer, i, error);
  }
  return status;
}

/* Epochs until the training ends: the last one has the last update in it. */
static void count_epochs(RsTrainer *trainer) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const uint64_t frames = (uint64_t)settings->updates * trainer->rows;
  const uint64_t epoch = rs_series_epoch_frames(trainer->series);
  const uint64_t epochs = (frames + epoch - 1) / epoch;
  trainer->epochs = (uint64_t)settings->epochs;
  if (settings->updates && epochs < trainer->epochs) {
    trainer->epochs = epochs;
  }
}

static RsStatus make_series(RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = &trainer->settings.train;
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

static RsStatus build(RsTrainer *trainer, RsError *error) {
  RsKnownMeter meters[RS_METERS_MAX];
  const size_t count = rs_trainer_meters(trainer, meters);
  RsStatus status = rs_model_new(&trainer->settings, count, meters, &trainer->model, error);
  status = status ? status : learn_plans(trainer, error);
  if (!status) {
    trainer->now = trainer->model->training;
    status = rs_trainer_describe_songs(trainer);
  }
  if (!status && !trainer->now.song_frames) {
    status = rs_error(error, RS_ERR_EMPTY, "there is no song to learn from");
  }
  if (!status && trainer->settings.train.keep_songs) {
    status = rs_model_keep_songs(trainer->model, trainer->train);
  }
  status = status ? status : rs_trainer_measure_songs(trainer);
  status = status ? status : check_memory(trainer, error);
  status = status ? status : make_arrays(trainer, error);
  status = status ? status : make_optimisers(trainer, error);
  status = status ? status : make_groups(trainer, error);
  status = status ? status : make_series(trainer, error);
  status = status ? status : rs_trainer_first_parameters(trainer, error);
  return status;
}

RsStatus rs_trainer_new(const RsSettings *settings, const RsSongs *train, const RsSongs *valid,
                        RsTrainer **out, RsError *error) {
  RsTrainer *trainer = rs_alloc(1, sizeof *trainer);
  if (!trainer) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a trainer");
  }
  trainer->settings = *settings;
  trainer->train = train;
  for (size_t i = 0; valid && i < valid->count; ++i) {
    trainer->valid = valid->rolls[i].frames ? valid : trainer->valid;
  }
  trainer->counters.learning_rate = settings->train.learning_rate;
  const RsStatus status = build(trainer, error);
  if (status) {
    rs_trainer_free(trainer);
    return status;
  }
  trainer->model->training = trainer->now;
  rs_trainer_remember(trainer);
  *out = trainer;
  return RS_OK;
}

void rs_trainer_free(RsTrainer *trainer) {
  if (!trainer) {
    return;
  }
  for (size_t i = 0; trainer->groups && i < trainer->group_count; ++i) {
    free_group(trainer->groups + i);
  }
  free(trainer->groups);
  rs_thread_pool_free(trainer->team);
  rs_style_free(trainer->style);
  rs_gibbs_free(trainer->gibbs);
  rs_series_free(trainer->series);
  rs_model_free(trainer->model);
  free(trainer->w);
  free(trainer->g);
  rs_optimiser_free(trainer->optimisers[0]);
  rs_optimiser_free(trainer->optimisers[1]);
  free(trainer->average);
  free(trainer->offset);
  free(trainer->astray);
  free(trainer->passages);
  for (size_t i = 0; i <= RS_METERS_MAX; ++i) {
    rs_roll_clear(trainer->clocks + i);
  }
  free(trainer->before);
  free(trainer->good);
  free(trainer);
}
