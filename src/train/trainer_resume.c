/* SPDX-License-Identifier: ISC */

#include "train/trainer_state.h"

#include "base/memory.h"
#include "base/open_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was read, all of it, before any of it goes into the trainer. */
typedef struct {
  const char *path; /* of the model */
  char *state_path;
  RsTensorFile *file;
  RsTrainCounters counters;
  RsModel *model;
  RsStateArray *arrays;
  size_t count;
  uint64_t *position;
} Saved;

static void saved_free(Saved *saved) {
  rs_tensor_file_free(saved->file);
  rs_model_free(saved->model);
  free(saved->state_path);
  free(saved->arrays);
  free(saved->position);
}

static RsStatus check_format(const Saved *saved, RsError *error) {
  const char *format = rs_tensor_file_get(saved->file, "format");
  const char *version = rs_tensor_file_get(saved->file, "version");
  if (!format || strcmp(format, RS_STATE_FORMAT) != 0 || !version ||
      strcmp(version, RS_STATE_VERSION) != 0) {
    return rs_error(error, RS_ERR_FORMAT, "%s: no state of training that this program reads",
                    saved->state_path);
  }
  return RS_OK;
}

static RsStatus check_songs(const RsTrainer *trainer, const Saved *saved, RsError *error) {
  const char *theirs = rs_tensor_file_get(saved->file, "songs");
  char ours[17];
  rs_state_songs(trainer, ours);
  if (!theirs || strcmp(theirs, ours) != 0) {
    return rs_error(error, RS_ERR_FORMAT,
                    "%s: was made with other songs; give the same ones, or train without --resume",
                    saved->state_path);
  }
  return RS_OK;
}

static RsStatus check_settings(const RsTrainer *trainer, const Saved *saved, RsError *error) {
  RsSettings theirs;
  const RsStatus status = rs_state_settings_from_json(rs_tensor_file_get(saved->file, "settings"),
                                                      saved->state_path, &theirs, error);
  return status
             ? status
             : rs_state_same_settings(&theirs, &trainer->model->settings, saved->state_path, error);
}

/* The meters of a model follow from the songs, and its parameters from the meters. */
static RsStatus check_meters(const RsTrainer *trainer, const Saved *saved, RsError *error) {
  const RsInputs *ours = &trainer->model->inputs, *theirs = &saved->model->inputs;
  bool same = ours->meter_count == theirs->meter_count;
  for (size_t i = 0; same && i < ours->meter_count; ++i) {
    same = ours->meters[i].beats == theirs->meters[i].beats &&
           ours->meters[i].unit == theirs->meters[i].unit;
  }
  return same ? RS_OK
              : rs_error(error, RS_ERR_FORMAT,
                         "%s: has other meters than the songs; give the same songs, or "
                         "train without --resume",
                         saved->path);
}

/* The best model so far stands in the model file itself. */
static RsStatus read_model(const RsTrainer *trainer, Saved *saved, RsError *error) {
  RsStatus status = rs_model_load(saved->path, &saved->model, error);
  status = status ? status
                  : rs_state_same_settings(&saved->model->settings, &trainer->model->settings,
                                           saved->path, error);
  return status ? status : check_meters(trainer, saved, error);
}

/* Some carries grow while training goes on; a carry of another kind is detected by its size. */
static RsStatus fit_carries(const RsTrainer *trainer, const RsTensorFile *file, RsError *error) {
  for (size_t i = 0; i < trainer->group_count; ++i) {
    char name[32];
    snprintf(name, sizeof name, "carry.%zu", i);
    const RsTensor *saved = rs_tensor_file_find(file, name);
    RsRnnLearner *rnn = rs_rnnrbm_learner_rnn(trainer->groups[i].learner);
    if (saved && rs_rnn_learner_carry_resize(rnn, saved->shape[0]) == RS_ERR_MEMORY) {
      return rs_error(error, RS_ERR_MEMORY, "out of memory for what the streams carry");
    }
  }
  return RS_OK;
}

/* List the arrays, and check that every one is there. */
static RsStatus check_arrays(const RsTrainer *trainer, Saved *saved, RsError *error) {
  saved->position = rs_alloc(rs_series_position_size(trainer->series), sizeof *saved->position);
  saved->arrays = saved->position ? rs_state_arrays(trainer, saved->position, &saved->count) : NULL;
  RsStatus status =
      saved->arrays ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory for the state");
  for (size_t i = 0; !status && i < saved->count; ++i) {
    const RsStateArray *array = saved->arrays + i;
    const void *data = NULL;
    RsError detail;
    if (rs_tensor_file_expect(saved->file, array->name, array->type, 1, &array->count, &data,
                              &detail)) {
      status = rs_error(error, RS_ERR_FORMAT, "%s: damaged: %s", saved->state_path, detail.message);
    } else if (array->learner && !rs_rnn_learner_carry_valid(array->learner, data)) {
      status =
          rs_error(error, RS_ERR_FORMAT, "%s: damaged: %s is of no recurrent net like this one",
                   saved->state_path, array->name);
    } else if (array->data == saved->position) {
      memcpy(saved->position, data, array->count * sizeof *saved->position);
    }
  }
  return status;
}

/* Passages of free runs must be such as this trainer keeps. */
static RsStatus check_passages(const RsTrainer *trainer, const Saved *saved, RsError *error) {
  const RsTensor *tensor = rs_tensor_file_find(saved->file, "passages");
  const RsReplay *replay = &trainer->replay;
  for (size_t i = 0; replay->passages && i < RS_PASSAGES && i < saved->counters.passages; ++i) {
    RsPassage passage;
    memcpy(&passage, (const char *)tensor->data + i * sizeof passage, sizeof passage);
    if (passage.context > replay->context ||
        (passage.meter >= trainer->model->inputs.meter_count && passage.meter != RS_METERS_MAX)) {
      return rs_error(error, RS_ERR_FORMAT, "%s: damaged: passage %zu is none of these songs",
                      saved->state_path, i);
    }
  }
  return RS_OK;
}

static RsStatus cannot_resume(RsStatus status, const RsError *why, RsError *error) {
  return status ? rs_error(error, status, "cannot resume: %.300s; train without --resume",
                           why->message)
                : RS_OK;
}

static RsStatus load_state(Saved *saved, RsError *error) {
  RsError why;
  const RsStatus status = rs_tensor_file_load(saved->state_path, &saved->file, &why);
  return cannot_resume(status, &why, error);
}

static RsStatus read_saved(const RsTrainer *trainer, Saved *saved, RsError *error) {
  saved->state_path = rs_state_path(saved->path);
  if (!saved->state_path) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a file name");
  }
  RsStatus status = load_state(saved, error);
  status = status ? status : check_format(saved, error);
  /* Settings first: with another seed or range, the songs are others too. */
  status = status ? status : check_settings(trainer, saved, error);
  status = status ? status : check_songs(trainer, saved, error);
  if (!status &&
      !rs_state_counters_from_json(rs_tensor_file_get(saved->file, "counters"), &saved->counters)) {
    status = rs_error(error, RS_ERR_FORMAT, "%s: its counters are damaged", saved->state_path);
  }
  status = status ? status : read_model(trainer, saved, error);
  status = status ? status : fit_carries(trainer, saved->file, error);
  status = status ? status : check_arrays(trainer, saved, error);
  return status ? status : check_passages(trainer, saved, error);
}

/* Nothing can fail any more: all has been checked. */
static void take_over(RsTrainer *trainer, const Saved *saved) {
  for (size_t i = 0; i < saved->count; ++i) {
    const RsStateArray *array = saved->arrays + i;
    const size_t width = array->type == RS_TENSOR_U64 ? sizeof(uint64_t) : sizeof(float);
    const void *data = rs_tensor_file_find(saved->file, array->name)->data;
    if (array->learner) {
      rs_rnn_learner_carry_restore(array->learner, data);
    } else if (array->data != saved->position) {
      memcpy(array->data, data, array->count * width);
    }
  }
  memcpy(trainer->model->w, saved->model->w, trainer->parameters.count * sizeof *saved->model->w);
  trainer->model->training = saved->model->training;
  trainer->counters = saved->counters;
}

RsStatus rs_trainer_resume(RsTrainer *trainer, const char *path, RsError *error) {
  Saved saved = {.path = path};
  RsStatus status = read_saved(trainer, &saved, error);
  if (!status && rs_series_seek(trainer->series, saved.position)) {
    status = rs_error(error, RS_ERR_FORMAT, "%s: does not belong to these songs", saved.state_path);
  }
  if (!status) {
    take_over(trainer, &saved);
  }
  saved_free(&saved);
  return status;
}

/* Check that a file can be read. */
static RsStatus try_to_read(const char *path, RsError *error) {
  FILE *file = NULL;
  const RsStatus status = rs_open_regular(path, &file, error);
  if (!status) {
    fclose(file);
  }
  return status;
}

RsStatus rs_trainer_saved_settings(const char *path, RsSettings *settings, RsError *error) {
  RsError why = {RS_OK, ""};
  RsModel *model = NULL;
  char *state = rs_state_path(path);
  RsStatus status = state ? try_to_read(state, &why)
                          : rs_error(&why, RS_ERR_MEMORY, "out of memory for a file name");
  status = status ? status : rs_model_load(path, &model, &why);
  if (!status) {
    *settings = model->settings;
  }
  rs_model_free(model);
  free(state);
  return cannot_resume(status, &why, error);
}
