/* SPDX-License-Identifier: ISC */

/* The model file: doc/model-format.md. */

#include "model/model_parts.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

static const char FORMAT[] = "rollsmith-model";

/* ---- Strings ---- */

static char *training_to_json(const RsTrainingSummary *t) {
  json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:i, s:i}", "epochs",
                           (json_int_t)t->epochs, "updates", (json_int_t)t->updates, "frames",
                           (json_int_t)t->frames, "songs", (json_int_t)t->songs, "song_frames",
                           (json_int_t)t->song_frames, "valid_ll", t->valid_ll, "bpm", t->bpm,
                           "meter_beats", (int)t->meter_beats, "meter_unit", (int)t->meter_unit);
  char *text =
      json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(json);
  return text;
}

static bool training_from_json(const char *text, RsTrainingSummary *t) {
  json_t *json = text ? json_loads(text, 0, NULL) : NULL;
  json_int_t epochs = 0, updates = 0, frames = 0, songs = 0, song_frames = 0;
  int beats = 0, unit = 0;
  const bool good =
      json && !json_unpack(json, "{s:I, s:I, s:I, s:I, s:I, s:F, s:F, s:i, s:i}", "epochs", &epochs,
                           "updates", &updates, "frames", &frames, "songs", &songs, "song_frames",
                           &song_frames, "valid_ll", &t->valid_ll, "bpm", &t->bpm, "meter_beats",
                           &beats, "meter_unit", &unit);
  json_decref(json);
  if (!good || epochs < 0 || updates < 0 || frames < 0 || songs < 0 || song_frames < 0 ||
      !(t->bpm > 0) || beats < 1 || unit < 1) {
    return false;
  }
  t->epochs = (uint64_t)epochs;
  t->updates = (uint64_t)updates;
  t->frames = (uint64_t)frames;
  t->songs = (uint64_t)songs;
  t->song_frames = (uint64_t)song_frames;
  t->meter_beats = (unsigned)beats;
  t->meter_unit = (unsigned)unit;
  return true;
}

/* [[beats, unit, share], ...] */
static char *meters_to_json(const RsInputs *inputs) {
  json_t *json = json_array();
  for (size_t i = 0; json && i < inputs->meter_count; ++i) {
    const RsKnownMeter *meter = inputs->meters + i;
    json_array_append_new(
        json, json_pack("[i, i, f]", (int)meter->beats, (int)meter->unit, meter->share));
  }
  char *text = json ? json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(json);
  return text;
}

static bool meter_from_json(json_t *json, RsKnownMeter *meter) {
  int beats = 0, unit = 0;
  if (json_unpack(json, "[i, i, F]", &beats, &unit, &meter->share)) {
    return false;
  }
  meter->beats = (unsigned)beats;
  meter->unit = (unsigned)unit;
  return beats >= 1 && beats <= 255 && unit >= 1 && unit <= 256 && !(unit & (unit - 1)) &&
         meter->share >= 0 && meter->share <= 1;
}

/* @return Whether they are there and good. */
static bool meters_from_json(const char *text, size_t *count, RsKnownMeter meters[RS_METERS_MAX]) {
  json_t *json = text ? json_loads(text, 0, NULL) : NULL;
  bool good = json_is_array(json) && json_array_size(json) <= RS_METERS_MAX;
  *count = good ? json_array_size(json) : 0;
  for (size_t i = 0; good && i < *count; ++i) {
    good = meter_from_json(json_array_get(json, i), meters + i);
  }
  json_decref(json);
  return good;
}

static RsStatus set_strings(const RsModel *model, RsTensorFile *file) {
  char number[32];
  char *settings = NULL;
  char *meters = meters_to_json(&model->inputs);
  char *training = training_to_json(&model->training);
  RsStatus status = training && meters ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    status = rs_settings_to_json(&model->settings, &settings);
  }
  if (!status) {
    status = rs_tensor_file_set(file, "format", FORMAT);
  }
  if (!status) {
    snprintf(number, sizeof number, "%d", RS_MODEL_VERSION);
    status = rs_tensor_file_set(file, "version", number);
  }
  if (!status) {
    snprintf(number, sizeof number, "%llu", (unsigned long long)model->settings.train.seed);
    status = rs_tensor_file_set(file, "seed", number);
  }
  if (!status) {
    status = rs_tensor_file_set(file, "settings", settings);
  }
  if (!status) {
    status = rs_tensor_file_set(file, "training", training);
  }
  if (!status) {
    status = rs_tensor_file_set(file, "meters", meters);
  }
  free(settings);
  free(meters);
  free(training);
  return status;
}

/* ---- Reading and writing ---- */

RsStatus rs_model_save(const RsModel *model, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_new(&file);
  if (!status) {
    status = set_strings(model, file);
  }
  status = status ? status : rs_model_add_tensors(model, file);
  if (status) {
    rs_error(error, status, "%s: the model cannot be written: %s", path, rs_status_text(status));
  } else {
    status = rs_tensor_file_save(file, path, error);
  }
  rs_tensor_file_free(file);
  return status;
}

static RsStatus check_format(const RsTensorFile *file, const char *path, RsError *error) {
  const char *format = rs_tensor_file_get(file, "format");
  const char *version = rs_tensor_file_get(file, "version");
  if (!format || strcmp(format, FORMAT) != 0 || !version) {
    return rs_error(error, RS_ERR_FORMAT,
                    "%s: not a rollsmith model; make one with 'rollsmith train'", path);
  }
  char *end = NULL;
  const long number = strtol(version, &end, 10);
  if (*end || number < 1 || number > RS_MODEL_VERSION) {
    return rs_error(error, RS_ERR_FORMAT,
                    "%s: model format version %s, this program reads up to %d: update rollsmith",
                    path, version, RS_MODEL_VERSION);
  }
  return RS_OK;
}

static bool is_version_1(const RsTensorFile *file) {
  return !strcmp(rs_tensor_file_get(file, "version"), "1");
}

static RsStatus read_settings(const RsTensorFile *file, const char *path, RsSettings *settings,
                              RsError *error) {
  const char *text = rs_tensor_file_get(file, "settings");
  RsError detail = {RS_ERR_FORMAT, "they are missing"};
  rs_settings_init(settings);
  if (!text || rs_settings_from_json(settings, text, &detail) ||
      rs_settings_check(settings, &detail)) {
    return rs_error(error, RS_ERR_FORMAT, "%s: bad settings in the model: %s", path,
                    detail.message);
  }
  if (is_version_1(file)) {
    rs_model_settings_of_version_1(settings);
  }
  return RS_OK;
}

static RsStatus read_meters(const RsTensorFile *file, const char *path, size_t *count,
                            RsKnownMeter meters[RS_METERS_MAX], RsError *error) {
  *count = 0;
  if (is_version_1(file) || meters_from_json(rs_tensor_file_get(file, "meters"), count, meters)) {
    return RS_OK;
  }
  return rs_error(error, RS_ERR_FORMAT, "%s: bad list of meters in the model", path);
}

RsStatus rs_model_from_tensors(const RsTensorFile *file, const char *path, RsModel **out,
                               RsError *error) {
  RsModelRecord record;
  RsStatus status = check_format(file, path, error);
  if (!status) {
    status = read_settings(file, path, &record.settings, error);
  }
  if (!status) {
    status = read_meters(file, path, &record.meter_count, record.meters, error);
  }
  if (!status && !training_from_json(rs_tensor_file_get(file, "training"), &record.training)) {
    status = rs_error(error, RS_ERR_FORMAT, "%s: bad training record in the model", path);
  }
  return status ? status : rs_model_assemble(&record, file, path, out, error);
}

RsStatus rs_model_load(const char *path, RsModel **out, RsError *error) {
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_load(path, &file, error);
  if (!status) {
    status = rs_model_from_tensors(file, path, out, error);
  }
  rs_tensor_file_free(file);
  return status;
}
