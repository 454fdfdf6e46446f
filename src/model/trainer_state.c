#include "model/trainer_internal.h"

#include "base/memory.h"

#include <jansson.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char FORMAT[] = "rollsmith-state";
static const char VERSION[] = "1";

/* ---- Counters: one list of fields, for writing and for reading ---- */

static const struct {
  const char *name;
  size_t offset;
  bool real;
} FIELDS[] = {
    {"epoch", offsetof(RsTrainCounters, epoch), false},
    {"updates", offsetof(RsTrainCounters, updates), false},
    {"frames", offsetof(RsTrainCounters, frames), false},
    {"since_best", offsetof(RsTrainCounters, since_best), false},
    {"since_decay", offsetof(RsTrainCounters, since_decay), false},
    {"recoveries", offsetof(RsTrainCounters, recoveries), false},
    {"costs", offsetof(RsTrainCounters, costs), false},
    {"epoch_updates", offsetof(RsTrainCounters, epoch_updates), false},
    {"seconds", offsetof(RsTrainCounters, seconds), true},
    {"wall", offsetof(RsTrainCounters, wall), true},
    {"learning_rate", offsetof(RsTrainCounters, learning_rate), true},
    {"best_ll", offsetof(RsTrainCounters, best_ll), true},
    {"have_best", offsetof(RsTrainCounters, have_best), false},
    {"norm_sum", offsetof(RsTrainCounters, norm_sum), true},
    {"cost_sum", offsetof(RsTrainCounters, cost_sum), true},
    {"epoch_seconds", offsetof(RsTrainCounters, epoch_seconds), true},
};
enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS };

static char *counters_to_json(const RsTrainCounters *counters) {
  json_t *json = json_object();
  for (size_t i = 0; json && i < FIELD_COUNT; ++i) {
    const void *field = (const char *)counters + FIELDS[i].offset;
    json_object_set_new(json, FIELDS[i].name,
                        FIELDS[i].real ? json_real(*(const double *)field)
                                       : json_integer((json_int_t) * (const uint64_t *)field));
  }
  char *text =
      json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(json);
  return text;
}

static bool counters_from_json(const char *text, RsTrainCounters *counters) {
  json_t *json = text ? json_loads(text, 0, NULL) : NULL;
  bool good = json;
  for (size_t i = 0; good && i < FIELD_COUNT; ++i) {
    void *field = (char *)counters + FIELDS[i].offset;
    const json_t *value = json_object_get(json, FIELDS[i].name);
    if (FIELDS[i].real) {
      good = json_is_number(value);
      *(double *)field = json_number_value(value);
    } else {
      good = json_is_integer(value) && json_integer_value(value) >= 0;
      *(uint64_t *)field = (uint64_t)json_integer_value(value);
    }
  }
  json_decref(json);
  return good;
}

/* ---- What must be the same to go on ---- */

/* The settings without those that may change between stop and resume. */
static RsStatus fixed_settings(const RsTrainer *trainer, char **out) {
  RsSettings fixed = trainer->settings;
  RsSettings standard;
  rs_settings_init(&standard);
  fixed.train.epochs = standard.train.epochs;
  fixed.train.minutes = standard.train.minutes;
  fixed.train.patience = standard.train.patience;
  fixed.generate = standard.generate;
  return rs_settings_to_json(&fixed, out);
}

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size) {
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; ++i) {
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001B3); /* FNV-1a */
  }
  return hash;
}

static uint64_t hash_songs(uint64_t hash, const RsSongs *songs) {
  for (size_t i = 0; songs && i < songs->count; ++i) {
    const RsRoll *roll = songs->rolls + i;
    const uint64_t frames = roll->frames;
    hash = hash_bytes(hash, &frames, sizeof frames);
    hash = hash_bytes(hash, roll->on, roll->frames * sizeof *roll->on);
  }
  return hash;
}

static void song_fingerprint(const RsTrainer *trainer, char text[17]) {
  uint64_t hash = UINT64_C(0xCBF29CE484222325);
  hash = hash_songs(hash, trainer->train);
  hash = hash_songs(hash, trainer->valid);
  snprintf(text, 17, "%016llx", (unsigned long long)hash);
}

/* ---- Arrays: one list, for writing and for reading ---- */

typedef struct {
  char name[32];
  RsTensorType type;
  size_t count;
  void *data;
} Array;

enum { FIXED_ARRAYS = 6, GROUP_ARRAYS = 2 };

static size_t sample_count(const RsTrainer *trainer, const RsTrainGroup *group) {
  const size_t rows = (size_t)trainer->settings.train.block * group->streams;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  return trainer->settings.train.persistent > 0 ? rows * visible : 0;
}

/* All arrays of the state. @param position Room for the series' position. @return NULL without
 * memory. */
static Array *list_arrays(const RsTrainer *trainer, uint64_t *position, size_t *count) {
  Array *arrays = rs_alloc(FIXED_ARRAYS + GROUP_ARRAYS * trainer->group_count, sizeof *arrays);
  if (!arrays) {
    return NULL;
  }
  const size_t n = trainer->parameters;
  const Array fixed[FIXED_ARRAYS] = {
      {"parameters", RS_TENSOR_F32, n, trainer->w},
      {"optimiser.0", RS_TENSOR_F32, rs_optimiser_state_size(trainer->optimisers[0]),
       rs_optimiser_state(trainer->optimisers[0])},
      {"optimiser.1", RS_TENSOR_F32, rs_optimiser_state_size(trainer->optimisers[1]),
       rs_optimiser_state(trainer->optimisers[1])},
      {"average", RS_TENSOR_F32, n, trainer->average},
      {"good", RS_TENSOR_F32, rs_trainer_good_size(trainer), trainer->good},
      {"position", RS_TENSOR_U64, rs_series_position_size(trainer->series), position},
  };
  memcpy(arrays, fixed, sizeof fixed);
  *count = FIXED_ARRAYS;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    RsRnnLearner *rnn = rs_rnnrbm_learner_rnn(group->learner);
    Array *carry = arrays + (*count)++;
    Array *sample = arrays + (*count)++;
    *carry = (Array){"", RS_TENSOR_F32, rs_rnn_learner_carry_size(rnn), rs_rnn_learner_carry(rnn)};
    *sample = (Array){"", RS_TENSOR_F32, sample_count(trainer, group), group->sample};
    snprintf(carry->name, sizeof carry->name, "carry.%zu", i);
    snprintf(sample->name, sizeof sample->name, "chains.%zu", i);
  }
  return arrays;
}

static char *state_path(const char *path) {
  static const char suffix[] = ".state";
  const size_t length = strlen(path);
  char *name = malloc(length + sizeof suffix);
  if (name) {
    memcpy(name, path, length);
    memcpy(name + length, suffix, sizeof suffix);
  }
  return name;
}

/* ---- Saving ---- */

static RsStatus add_strings(const RsTrainer *trainer, RsTensorFile *file) {
  char fingerprint[17];
  char *settings = NULL;
  char *counters = counters_to_json(&trainer->counters);
  song_fingerprint(trainer, fingerprint);
  RsStatus status = counters ? fixed_settings(trainer, &settings) : RS_ERR_MEMORY;
  status = status ? status : rs_tensor_file_set(file, "format", FORMAT);
  status = status ? status : rs_tensor_file_set(file, "version", VERSION);
  status = status ? status : rs_tensor_file_set(file, "settings", settings);
  status = status ? status : rs_tensor_file_set(file, "songs", fingerprint);
  status = status ? status : rs_tensor_file_set(file, "counters", counters);
  free(settings);
  free(counters);
  return status;
}

static RsStatus add_arrays(const RsTrainer *trainer, RsTensorFile *file) {
  size_t count = 0;
  uint64_t *position = rs_alloc(rs_series_position_size(trainer->series), sizeof *position);
  Array *arrays = position ? list_arrays(trainer, position, &count) : NULL;
  RsStatus status = arrays ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    rs_series_position(trainer->series, position);
  }
  for (size_t i = 0; !status && i < count; ++i) {
    const RsTensor tensor = {.name = arrays[i].name,
                             .type = arrays[i].type,
                             .rank = 1,
                             .shape = {arrays[i].count},
                             .data = arrays[i].data};
    status = rs_tensor_file_add(file, &tensor);
  }
  free(arrays);
  free(position);
  return status;
}

static RsStatus save_state(const RsTrainer *trainer, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  char *name = state_path(path);
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

/* The model first: if there is room for it alone, that is what the user wants most. */
RsStatus rs_trainer_save(RsTrainer *trainer, const char *path, RsError *error) {
  const RsStatus status = rs_model_save(trainer->model, path, error);
  return status ? status : save_state(trainer, path, error);
}

/* ---- Resuming ---- */

static RsStatus check_strings(const RsTrainer *trainer, const RsTensorFile *file, const char *name,
                              RsTrainCounters *counters, RsError *error) {
  char fingerprint[17];
  char *settings = NULL;
  if (fixed_settings(trainer, &settings)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for settings");
  }
  song_fingerprint(trainer, fingerprint);
  const char *format = rs_tensor_file_get(file, "format");
  const char *version = rs_tensor_file_get(file, "version");
  const char *their_settings = rs_tensor_file_get(file, "settings");
  const char *their_songs = rs_tensor_file_get(file, "songs");
  RsStatus status = RS_OK;
  if (!format || strcmp(format, FORMAT) || !version || strcmp(version, VERSION)) {
    status =
        rs_error(error, RS_ERR_FORMAT, "%s: no state of training that this program reads", name);
  } else if (!their_songs || strcmp(their_songs, fingerprint)) {
    status = rs_error(
        error, RS_ERR_FORMAT,
        "%s: was made with other songs; give the same ones, or train without --resume", name);
  } else if (!their_settings || strcmp(their_settings, settings)) {
    status = rs_error(
        error, RS_ERR_FORMAT,
        "%s: was made with other settings; give the same ones, or train without --resume", name);
  } else if (!counters_from_json(rs_tensor_file_get(file, "counters"), counters)) {
    status = rs_error(error, RS_ERR_FORMAT, "%s: its counters are damaged", name);
  }
  free(settings);
  return status;
}

/* Check that every array is there before any is copied. */
static RsStatus read_arrays(RsTrainer *trainer, const RsTensorFile *file, RsError *error) {
  size_t count = 0;
  uint64_t *position = rs_alloc(rs_series_position_size(trainer->series), sizeof *position);
  Array *arrays = position ? list_arrays(trainer, position, &count) : NULL;
  RsStatus status = arrays ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory for the state");
  for (int copy = 0; copy < 2; ++copy) {
    for (size_t i = 0; !status && i < count; ++i) {
      const void *data = NULL;
      status = rs_tensor_file_expect(file, arrays[i].name, arrays[i].type, 1, &arrays[i].count,
                                     &data, error);
      if (!status && copy) {
        const size_t size = arrays[i].type == RS_TENSOR_U64 ? sizeof(uint64_t) : sizeof(float);
        memcpy(arrays[i].data, data, arrays[i].count * size);
      }
    }
  }
  if (!status && rs_series_seek(trainer->series, position)) {
    status = rs_error(error, RS_ERR_FORMAT, "the state is of no place in these songs");
  }
  free(arrays);
  free(position);
  return status;
}

/* The best model so far stands in the model file itself. */
static RsStatus read_model(RsTrainer *trainer, const char *path, RsError *error) {
  RsModel *model = NULL;
  const RsStatus status = rs_model_load(path, &model, error);
  if (!status && rs_rnnrbm_parameters(model->net) != trainer->parameters) {
    rs_model_free(model);
    return rs_error(error, RS_ERR_FORMAT, "%s: a model of another size than its state", path);
  }
  if (!status) {
    memcpy(trainer->model->w, model->w, trainer->parameters * sizeof *model->w);
    trainer->model->training = model->training;
  }
  rs_model_free(model);
  return status;
}

RsStatus rs_trainer_resume(RsTrainer *trainer, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsTrainCounters counters = {0};
  char *name = state_path(path);
  RsStatus status = name ? rs_tensor_file_load(name, &file, error) : RS_ERR_MEMORY;
  status = status ? status : check_strings(trainer, file, name, &counters, error);
  status = status ? status : read_model(trainer, path, error);
  status = status ? status : read_arrays(trainer, file, error);
  if (!status) {
    trainer->counters = counters;
    rs_optimiser_set_steps(trainer->optimisers[0], counters.updates);
    rs_optimiser_set_steps(trainer->optimisers[1], counters.updates);
  }
  rs_tensor_file_free(file);
  free(name);
  return status;
}
