#include "model/trainer_internal.h"

#include "base/kernels.h"
#include "base/memory.h"

#include <rollsmith/evaluator.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Numbers that run out of range so often are beyond help. */
enum { RECOVERIES_MAX = 10 };

/* Frames of the validation songs that a validation looks at. */
enum { VALIDATION_FRAMES = 4096 };

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

/* ---- Construction ---- */

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
  group->x = rs_alloc(rows, rbm->visible * sizeof(float));
  group->v = rs_alloc(rows, rbm->visible * sizeof(float));
  group->sample = rs_alloc(rows, rbm->visible * sizeof(float));
  group->other = rs_alloc(negative ? rows : 0, rbm->visible * sizeof(float));
  group->starts = rs_alloc(rows, 1);
  group->energy = rs_alloc(rows, 2 * sizeof(float));
  group->g = rs_alloc(trainer->parameters, sizeof(float));
  if (!group->x || !group->v || !group->sample || !group->other || !group->starts ||
      !group->energy || !group->g || rs_rbm_work_new(rbm, rows, &group->work) ||
      rs_gibbs_chains_new(trainer->gibbs, rows, &group->chains)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu streams of %zu frames",
                    group->streams, frames);
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
  free(group->x);
  free(group->v);
  free(group->sample);
  free(group->other);
  free(group->starts);
  free(group->energy);
  free(group->g);
}

static RsStatus make_arrays(RsTrainer *trainer, RsError *error) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  trainer->rows = (size_t)trainer->settings.train.block * (size_t)trainer->settings.train.streams;
  trainer->parameters = rs_rnnrbm_parameters(trainer->model->net);
  trainer->x = rs_alloc(trainer->rows, visible * sizeof(float));
  trainer->v = rs_alloc(trainer->rows, visible * sizeof(float));
  trainer->starts = rs_alloc(trainer->rows, 1);
  trainer->w = rs_alloc(trainer->parameters, sizeof(float));
  trainer->g = rs_alloc(trainer->parameters, sizeof(float));
  trainer->mean = rs_alloc(trainer->parameters, sizeof(float));
  trainer->square = rs_alloc(trainer->parameters, sizeof(float));
  trainer->average = rs_alloc(trainer->parameters, sizeof(float));
  trainer->good = rs_alloc(trainer->parameters, 4 * sizeof(float));
  if (!trainer->x || !trainer->v || !trainer->starts || !trainer->w || !trainer->g ||
      !trainer->mean || !trainer->square || !trainer->average || !trainer->good) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu parameters", trainer->parameters);
  }
  return RS_OK;
}

static RsStatus make_groups(RsTrainer *trainer, RsError *error) {
  rs_blas_one_thread(); /* threads are ours, over groups of streams */
  trainer->group_count = choose_groups((size_t)trainer->settings.train.streams);
  trainer->groups = rs_alloc(trainer->group_count, sizeof *trainer->groups);
  RsStatus status = trainer->groups
                        ? rs_gibbs_new(rs_rnnrbm_rbm(trainer->model->net), false, &trainer->gibbs)
                        : RS_ERR_MEMORY;
  status = status ? status : rs_team_new((size_t)trainer->settings.train.threads, &trainer->team);
  if (status) {
    return rs_error(error, status, "training cannot begin: %s", rs_status_text(status));
  }
  for (size_t i = 0; !status && i < trainer->group_count; ++i) {
    status = make_group(trainer, i, error);
  }
  return status;
}

static RsStatus make_series(RsTrainer *trainer, RsError *error) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsSeriesSpec spec = {.songs = trainer->train,
                             .encoding = trainer->model->encoding,
                             .streams = (size_t)settings->streams,
                             .seed = settings->seed,
                             .transpose_low = settings->transpose_low,
                             .transpose_high = settings->transpose_high,
                             .carry = settings->borders == RS_BORDERS_CARRY};
  const RsStatus status = rs_series_new(&spec, &trainer->series);
  return status ? rs_error(error, status, "no series of songs: %s", rs_status_text(status)) : RS_OK;
}

/* ---- What is known of the songs ---- */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The median tempo, and the time signature that most songs have. */
static RsStatus describe_songs(RsTrainer *trainer) {
  const RsSongs *songs = trainer->train;
  RsTrainingSummary *now = &trainer->now;
  double *bpm = rs_alloc(songs->count, sizeof *bpm);
  if (!bpm) {
    return RS_ERR_MEMORY;
  }
  size_t most = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    const RsRoll *roll = songs->rolls + i;
    size_t alike = 0;
    for (size_t j = 0; j < songs->count; ++j) {
      alike += songs->rolls[j].meter_beats == roll->meter_beats &&
               songs->rolls[j].meter_unit == roll->meter_unit;
    }
    if (alike > most) {
      most = alike;
      now->meter_beats = roll->meter_beats;
      now->meter_unit = roll->meter_unit;
    }
    bpm[i] = roll->bpm;
    now->songs += roll->frames > 0;
    now->song_frames += roll->frames;
  }
  qsort(bpm, songs->count, sizeof *bpm, by_value);
  now->bpm = songs->count ? bpm[songs->count / 2] : 120;
  free(bpm);
  return RS_OK;
}

/* The mean of every visible unit over the songs, as they stand. */
static RsStatus mean_frame(const RsTrainer *trainer, float *mean, double *total) {
  const RsEncoding *encoding = &trainer->model->encoding;
  const size_t visible = rs_encoding_size(encoding);
  double *sum = rs_alloc(visible, sizeof *sum);
  float *v = rs_alloc(visible, sizeof *v);
  if (!sum || !v) {
    free(sum);
    free(v);
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < trainer->train->count; ++i) {
    const RsRoll *roll = trainer->train->rolls + i;
    for (size_t n = 0; n < roll->frames; ++n) {
      rs_encode_frame(encoding, roll, n, 0, v);
      for (size_t k = 0; k < visible; ++k) {
        sum[k] += (double)v[k];
      }
    }
  }
  *total = 0;
  for (size_t k = 0; k < visible; ++k) {
    mean[k] = (float)(sum[k] / (double)trainer->now.song_frames);
    *total += sum[k];
  }
  free(sum);
  free(v);
  return RS_OK;
}

static RsStatus first_parameters(RsTrainer *trainer, RsError *error) {
  const RsIngest *roll = &trainer->settings.roll;
  double total = 0;
  RsStatus status = mean_frame(trainer, trainer->v, &total); /* v has room for a frame */
  if (status) {
    return rs_error(error, status, "out of memory for the mean of the songs");
  }
  if (!(total > 0)) {
    return rs_error(
        error, RS_ERR_EMPTY,
        "the songs have no note from %d to %d: choose another range with --set roll.low=N "
        "and --set roll.high=N",
        roll->low, roll->high);
  }
  rs_rnnrbm_initialise(trainer->model->net, trainer->settings.train.seed, trainer->v, trainer->w);
  memcpy(trainer->average, trainer->w, trainer->parameters * sizeof *trainer->w);
  memcpy(trainer->model->w, trainer->w, trainer->parameters * sizeof *trainer->w);
  return RS_OK;
}

static void remember_good(RsTrainer *trainer) {
  const size_t n = trainer->parameters;
  memcpy(trainer->good, trainer->w, n * sizeof *trainer->w);
  memcpy(trainer->good + n, trainer->mean, n * sizeof *trainer->w);
  memcpy(trainer->good + 2 * n, trainer->square, n * sizeof *trainer->w);
  memcpy(trainer->good + 3 * n, trainer->average, n * sizeof *trainer->w);
}

static RsStatus build(RsTrainer *trainer, RsError *error) {
  RsStatus status = rs_model_new(&trainer->settings, &trainer->model, error);
  if (!status) {
    trainer->now = trainer->model->training;
    status = describe_songs(trainer);
  }
  if (!status && !trainer->now.song_frames) {
    status = rs_error(error, RS_ERR_EMPTY, "there is no song to learn from");
  }
  status = status ? status : make_arrays(trainer, error);
  status = status ? status : make_groups(trainer, error);
  status = status ? status : make_series(trainer, error);
  status = status ? status : first_parameters(trainer, error);
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
  remember_good(trainer);
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
  rs_team_free(trainer->team);
  rs_gibbs_free(trainer->gibbs);
  rs_series_free(trainer->series);
  rs_model_free(trainer->model);
  free(trainer->x);
  free(trainer->v);
  free(trainer->starts);
  free(trainer->w);
  free(trainer->g);
  free(trainer->mean);
  free(trainer->square);
  free(trainer->average);
  free(trainer->good);
  free(trainer);
}

/* ---- Training ---- */

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The weights that are validated and saved. */
static const float *judged(const RsTrainer *trainer) {
  return trainer->settings.train.average > 0 ? trainer->average : trainer->w;
}

/* Take the state at hand as the model. */
static void keep(RsTrainer *trainer, double ll) {
  const RsTrainCounters *counters = &trainer->counters;
  trainer->now.epochs = counters->epoch;
  trainer->now.updates = counters->updates;
  trainer->now.frames = counters->frames;
  trainer->now.valid_ll = isfinite(ll) ? ll : 0;
  trainer->model->training = trainer->now;
  memcpy(trainer->model->w, judged(trainer), trainer->parameters * sizeof *trainer->w);
}

/* Numbers ran out of range: back to the last good state, with half the learning rate. */
static RsStatus recover(RsTrainer *trainer, RsError *error) {
  const size_t n = trainer->parameters;
  if (++trainer->counters.recoveries > RECOVERIES_MAX) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "training blows up again and again; lower train.learning_rate (%g) or set "
                    "train.clip",
                    trainer->settings.train.learning_rate);
  }
  memcpy(trainer->w, trainer->good, n * sizeof *trainer->w);
  memcpy(trainer->mean, trainer->good + n, n * sizeof *trainer->w);
  memcpy(trainer->square, trainer->good + 2 * n, n * sizeof *trainer->w);
  memcpy(trainer->average, trainer->good + 3 * n, n * sizeof *trainer->w);
  trainer->counters.learning_rate /= 2;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(trainer->groups[i].learner));
  }
  return RS_OK;
}

static RsStatus validate(RsTrainer *trainer, double *ll, RsError *error) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsEvaluationSettings evaluation = {.chains = (size_t)settings->ais_chains,
                                           .betas = (size_t)settings->ais_betas,
                                           .max_frames = VALIDATION_FRAMES,
                                           .seed = settings->seed,
                                           .threads = (size_t)settings->threads};
  RsEvaluation result;
  const RsStatus status =
      rs_evaluate(trainer->model->net, judged(trainer), &trainer->model->encoding, trainer->valid,
                  &evaluation, &result, error);
  *ll = result.ll;
  return status;
}

/* Keep the model if it is the best so far; else think about a lower learning rate. */
static void judge(RsTrainer *trainer, double ll, RsEpochReport *report) {
  RsTrainCounters *counters = &trainer->counters;
  const uint64_t patience = (uint64_t)trainer->settings.train.patience;
  report->valid_ll = ll;
  if (!counters->have_best || ll > counters->best_ll) {
    report->best = true;
    counters->have_best = 1;
    counters->best_ll = ll;
    counters->since_best = counters->since_decay = 0;
    keep(trainer, ll);
    return;
  }
  ++counters->since_best;
  if (patience && ++counters->since_decay >= (patience + 1) / 2) {
    counters->since_decay = 0;
    counters->learning_rate *= trainer->settings.train.learning_rate_decay;
  }
}

static void begin_report(RsTrainer *trainer, RsEpochReport *report) {
  const RsTrainCounters *counters = &trainer->counters;
  const double updates = (double)counters->epoch_updates;
  const double seconds = counters->seconds - counters->epoch_seconds;
  const double frames = updates * (double)trainer->rows;
  *report = (RsEpochReport){
      .epoch = counters->epoch,
      .updates = counters->updates,
      .frames = counters->frames,
      .seconds = counters->seconds,
      .frames_per_second = seconds > 0 ? frames / seconds : NAN,
      .learning_rate = counters->learning_rate,
      .gradient_norm = updates > 0 ? counters->norm_sum / updates : NAN,
      .train_cost = counters->costs ? counters->cost_sum / (double)counters->costs : NAN,
      .valid_ll = NAN,
  };
}

/* An epoch is over: validate, report, and start counting anew. */
static RsStatus end_epoch(RsTrainer *trainer, const RsTrainHooks *hooks, bool recovered,
                          RsError *error) {
  RsTrainCounters *counters = &trainer->counters;
  RsEpochReport report;
  RsStatus status = RS_OK;
  ++counters->epoch;
  begin_report(trainer, &report);
  report.recovered = recovered;
  if (!trainer->valid) {
    keep(trainer, NAN);
  } else if (counters->epoch % (uint64_t)trainer->settings.train.validate_every == 0) {
    const double start = now_seconds();
    double ll = NAN;
    status = validate(trainer, &ll, error);
    counters->wall += now_seconds() - start;
    if (!status) {
      judge(trainer, ll, &report);
    }
  }
  counters->norm_sum = counters->cost_sum = 0;
  counters->costs = counters->epoch_updates = 0;
  counters->epoch_seconds = counters->seconds;
  remember_good(trainer);
  if (!status && hooks->epoch) {
    status = hooks->epoch(hooks->context, &report);
  }
  return status;
}

static void tell_progress(const RsTrainer *trainer, const RsTrainHooks *hooks) {
  if (!hooks->progress) {
    return;
  }
  const RsTrainCounters *counters = &trainer->counters;
  const double seconds = counters->seconds - counters->epoch_seconds;
  const double total = (double)rs_series_epoch_frames(trainer->series);
  const double done = (double)counters->frames - (double)counters->epoch * total;
  const double frames = (double)counters->epoch_updates * (double)trainer->rows;
  const RsTrainProgress progress = {.epoch = counters->epoch + 1,
                                    .share = fmin(fmax(done / total, 0), 1),
                                    .frames_per_second = seconds > 0 ? frames / seconds : 0,
                                    .seconds = counters->seconds};
  hooks->progress(hooks->context, &progress);
}

static bool is_over(const RsTrainer *trainer, RsTrainedReason *reason) {
  const RsTrainSettings *settings = &trainer->settings.train;
  const RsTrainCounters *counters = &trainer->counters;
  if (counters->epoch >= (uint64_t)settings->epochs) {
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

/* One update, timed; a failure of numbers is mended. */
static RsStatus timed_update(RsTrainer *trainer, bool *recovered, RsError *error) {
  const double start = now_seconds();
  RsStatus status = rs_trainer_update(trainer);
  if (status == RS_ERR_NONFINITE) {
    *recovered = true;
    status = recover(trainer, error);
  }
  const double took = now_seconds() - start;
  trainer->counters.seconds += took;
  trainer->counters.wall += took;
  return status;
}

/* A model that was never judged is better than none: where training ends before the first
 * validation. */
static void end_run(RsTrainer *trainer) {
  if (!trainer->counters.have_best && trainer->counters.updates) {
    keep(trainer, NAN);
  }
}

RsStatus rs_trainer_run(RsTrainer *trainer, const RsTrainHooks *hooks, RsTrainedReason *reason,
                        RsError *error) {
  RsStatus status = RS_OK;
  bool recovered = false;
  while (!status && !is_over(trainer, reason)) {
    if (hooks->stop && hooks->stop(hooks->context)) {
      *reason = RS_TRAINED_SIGNAL;
      break;
    }
    status = timed_update(trainer, &recovered, error);
    tell_progress(trainer, hooks);
    const uint64_t passed = trainer->counters.frames / rs_series_epoch_frames(trainer->series);
    if (!status && passed > trainer->counters.epoch) {
      status = end_epoch(trainer, hooks, recovered, error);
      recovered = false;
    }
  }
  end_run(trainer);
  return status;
}

const RsModel *rs_trainer_model(RsTrainer *trainer) {
  return trainer->model;
}

size_t rs_trainer_parameters(const RsTrainer *trainer) {
  return trainer->parameters;
}

/* ---- Splitting songs ---- */

RsStatus rs_songs_split(RsSongs *songs, double share, uint64_t seed, RsSongs *train,
                        RsSongs *valid) {
  const size_t count = songs->count;
  size_t held = (size_t)(share * (double)count + 0.5);
  held = share > 0 && count > 1 ? held < 1 ? 1 : held >= count ? count - 1 : held : 0;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < count; ++i) {
    /* Each song is held out with the chance that the rest must have: exactly `held` in the end. */
    const uint32_t left = (uint32_t)(count - i);
    const bool hold = rs_rng_below((RsRng){seed, RS_STREAM_SPLIT}, i, left) < held;
    held -= hold;
    status = rs_songs_add(hold ? valid : train, songs->rolls + i);
  }
  rs_songs_clear(songs);
  return status;
}
