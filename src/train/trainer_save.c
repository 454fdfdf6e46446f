/* SPDX-License-Identifier: ISC */

#include "train/trainer_state.h"

#include "base/memory.h"

#include <stdlib.h>

static RsStatus add_strings(const RsTrainer *trainer, RsTensorFile *file) {
  char fingerprint[17];
  char *settings = NULL;
  char *counters = rs_state_counters_to_json(&trainer->counters);
  rs_state_songs(trainer, fingerprint);
  RsStatus status =
      counters ? rs_state_settings(&trainer->model->settings, &settings) : RS_ERR_MEMORY;
  status = status ? status : rs_tensor_file_set(file, "format", RS_STATE_FORMAT);
  status = status ? status : rs_tensor_file_set(file, "version", RS_STATE_VERSION);
  status = status ? status : rs_tensor_file_set(file, "settings", settings);
  status = status ? status : rs_tensor_file_set(file, "songs", fingerprint);
  status = status ? status : rs_tensor_file_set(file, "counters", counters);
  free(settings);
  free(counters);
  return status;
}

/* A carry is not an array in the trainer: it is put together for the file. */
static RsStatus add_array(const RsStateArray *array, RsTensorFile *file) {
  float *carry = array->learner ? rs_alloc(array->count, sizeof *carry) : NULL;
  if (array->learner && !carry) {
    return RS_ERR_MEMORY;
  }
  if (carry) {
    rs_rnn_learner_carry_save(array->learner, carry);
  }
  const RsTensor tensor = {.name = array->name,
                           .type = array->type,
                           .rank = 1,
                           .shape = {array->count},
                           .data = carry ? carry : array->data};
  const RsStatus status = rs_tensor_file_add(file, &tensor);
  free(carry);
  return status;
}

static RsStatus add_arrays(const RsTrainer *trainer, RsTensorFile *file) {
  size_t count = 0;
  uint64_t *position = rs_alloc(rs_series_position_size(trainer->series), sizeof *position);
  RsStateArray *arrays = position ? rs_state_arrays(trainer, position, &count) : NULL;
  RsStatus status = arrays ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    rs_series_position(trainer->series, position);
  }
  for (size_t i = 0; !status && i < count; ++i) {
    status = add_array(arrays + i, file);
  }
  free(arrays);
  free(position);
  return status;
}

static RsStatus save_state(const RsTrainer *trainer, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  char *name = rs_state_path(path);
  RsStatus status = name ? rs_tensor_file_new(&file) : RS_ERR_MEMORY;
  status = status ? status : add_strings(trainer, file);
  status = status ? status : add_arrays(trainer, file);
  if (status) {
    rs_error(error, status, "%s: the state of training cannot be written: %s", path,
             rs_status_text(status));
  } else {
    status = rs_tensor_file_save(file, name, error);
  }
  rs_tensor_file_free(file);
  free(name);
  return status;
}

/* The model first: where the disk has room for one file, it is the one to keep. */
static RsStatus save(const RsTrainer *trainer, const char *path, RsError *error) {
  const RsStatus status = rs_model_save(trainer->model, path, error);
  return status ? status : save_state(trainer, path, error);
}

RsStatus rs_trainer_save(RsTrainer *trainer, const char *path, RsError *error) {
  const RsTransport *transport = trainer->processes.transport;
  RsStatus status = rs_processes_states(&trainer->processes, trainer->groups, trainer->group_count,
                                        rs_rnnrbm_rbm(trainer->model->net)->visible);
  if (status) {
    rs_error(error, status, "%s: the state of training cannot be gathered: %s", path,
             rs_status_text(status));
  } else if (!transport->rank) {
    status = save(trainer, path, error);
  }
  return rs_agree(transport, status, error);
}
