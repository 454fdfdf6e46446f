#include <rollsmith/model.h>

#include "base/memory.h"
#include "base/portable_math.h"
#include "model/model_songs.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

static const char FORMAT[] = "rollsmith-model";

static RsRnnRbmShape shape_of(const RsSettings *settings, const RsInputs *inputs) {
  const size_t visible = rs_encoding_size(&inputs->encoding);
  const bool gaussian = settings->model.rbm == RS_RBM_GB;
  return (RsRnnRbmShape){
      .rbm = {gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI, visible,
              (size_t)settings->model.hidden,
              inputs->counts ? visible / rs_encoding_notes(&inputs->encoding) : 0},
      .inputs = inputs->size,
      .direct = inputs->size > visible,
      .shared = inputs->shared,
      .recurrent = (size_t)settings->model.recurrent,
      .activation = settings->model.activation == RS_RECURRENT_LOGISTIC ? RS_SIGMOID : RS_TANH,
      .learned_start = settings->model.learned_start,
      .z_low = (float)(2 * rs_portable_log(settings->model.deviation_low)),
      .z_high = (float)(2 * rs_portable_log(settings->model.deviation_high)),
  };
}

/* A model without parameters: its shape takes little memory, whatever the sizes. */
static RsStatus model_shell(const RsSettings *settings, size_t count, const RsKnownMeter *meters,
                            RsModel **out, RsError *error) {
  RsStatus status = rs_settings_check(settings, error);
  if (status) {
    return status;
  }
  RsModel *model = rs_alloc(1, sizeof *model);
  if (!model) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a model");
  }
  model->settings = *settings;
  model->inputs = rs_inputs(&settings->roll, &settings->model, count, meters);
  model->training = (RsTrainingSummary){.bpm = 120, .meter_beats = 4, .meter_unit = 4};
  model->inputs.plan = model->inputs.planned ? &model->plan : NULL;
  const RsRnnRbmShape shape = shape_of(settings, &model->inputs);
  status = rs_rnnrbm_new(&shape, &model->net, error);
  if (status) {
    rs_model_free(model);
    return status;
  }
  *out = model;
  return RS_OK;
}

static RsStatus make_parameters(RsModel *model, RsError *error) {
  const size_t count = rs_rnnrbm_parameters(model->net);
  model->w = rs_alloc(count, sizeof *model->w);
  return model->w ? RS_OK
                  : rs_error(error, RS_ERR_MEMORY, "out of memory for %zu parameters", count);
}

RsStatus rs_model_new(const RsSettings *settings, size_t count, const RsKnownMeter *meters,
                      RsModel **out, RsError *error) {
  RsModel *model = NULL;
  RsStatus status = model_shell(settings, count, meters, &model, error);
  status = status ? status : make_parameters(model, error);
  if (status) {
    rs_model_free(model);
    return status;
  }
  *out = model;
  return RS_OK;
}

void rs_model_free(RsModel *model) {
  if (model) {
    rs_rnnrbm_free(model->net);
    rs_model_songs_clear(model);
    free(model->w);
    free(model);
  }
}

/* ---- Strings of the file ---- */

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

/* ---- Tensors of the file ---- */

/* A tensor as it stands in the file. @param w Parameters, or NULL where only its shape matters. */
static RsTensor file_tensor(const RsRnnRbmTensor *part, const float *w) {
  const bool matrix = strstr(part->name, ".weight"); /* even one of a single column */
  return (RsTensor){.name = part->name,
                    .type = RS_TENSOR_F32,
                    .rank = matrix ? 2 : 1,
                    .shape = {part->rows, matrix ? part->columns : 0},
                    .data = w ? w + part->offset : NULL};
}

/* The tensors of the distribution of plans. */
enum { PLAN_TENSORS = 10 };

static RsTensor plan_tensor(const RsModel *model, size_t i) {
  const RsPlanPrior *plan = &model->plan;
  const RsTensor tensors[PLAN_TENSORS] = {
      {"plan.density", RS_TENSOR_F32, 1, {RS_PLAN_CLASSES - 1}, plan->density},
      {"plan.polyphony", RS_TENSOR_F32, 1, {RS_PLAN_CLASSES - 1}, plan->polyphony},
      {"plan.returns", RS_TENSOR_F32, 1, {RS_PLAN_SHARES - 1}, plan->returns},
      {"plan.pitches", RS_TENSOR_F32, 1, {RS_PLAN_PITCHES - 1}, plan->pitches},
      {"plan.texture", RS_TENSOR_F32, 2, {RS_PLAN_METERS, RS_PLAN_TEXTURES}, plan->texture},
      {"plan.next", RS_TENSOR_F32, 2, {RS_PLAN_CASES, RS_PLAN_LABELS}, plan->next},
      {"plan.exact",
       RS_TENSOR_F32,
       2,
       {RS_PLAN_LEVELS - 1, 2 * RS_PLAN_QUARTER_PLACES},
       plan->exact},
      {"plan.key", RS_TENSOR_F32, 1, {RS_PLAN_KEYS}, plan->key},
      {"plan.top", RS_TENSOR_F32, 2, {RS_PLAN_CLASSES, RS_NOTES}, plan->top},
      {"plan.bottom", RS_TENSOR_F32, 2, {RS_PLAN_CLASSES, RS_NOTES}, plan->bottom},
  };
  return tensors[i];
}

static size_t plan_tensors(const RsModel *model) {
  return model->inputs.planned ? PLAN_TENSORS : 0;
}

RsStatus rs_model_save(const RsModel *model, const char *path, RsError *error) {
  RsTensorFile *file = NULL;
  RsStatus status = rs_tensor_file_new(&file);
  if (!status) {
    status = set_strings(model, file);
  }
  RsRnnRbmTensor part;
  for (size_t i = 0; !status && rs_rnnrbm_tensor(model->net, i, &part); ++i) {
    const RsTensor tensor = file_tensor(&part, model->w);
    status = rs_tensor_file_add(file, &tensor);
  }
  for (size_t i = 0; !status && i < plan_tensors(model); ++i) {
    const RsTensor tensor = plan_tensor(model, i);
    status = rs_tensor_file_add(file, &tensor);
  }
  status = status ? status : rs_model_songs_add(model, file);
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
  if (!format || strcmp(format, FORMAT) || !version) {
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

/* What a model of version 1 was made with and its settings do not say. */
static void settings_of_version_1(RsSettings *settings) {
  settings->model.metre = settings->model.lookback = false;
  settings->model.plan = settings->model.note_age = false;
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
    settings_of_version_1(settings);
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

/* A file that is whole, as its checksum has it, and in which the tensors are not those that its
   settings make here. */
static RsStatus of_another_version(const char *path, const char *detail, RsError *error) {
  return rs_error(
      error, RS_ERR_FORMAT,
      "%s: written by another version of rollsmith, with other inputs or layers (%s): use "
      "that version, or train the model anew",
      path, detail);
}

static RsStatus check_tensor(const RsTensorFile *file, const char *path, const RsTensor *wanted,
                             RsError *error) {
  const void *data = NULL;
  RsError detail;
  if (rs_tensor_file_expect(file, wanted->name, wanted->type, wanted->rank, wanted->shape, &data,
                            &detail)) {
    return of_another_version(path, detail.message, error);
  }
  return RS_OK;
}

/* Check the tensors against the shape that the settings make, before there is memory for that. */
static RsStatus check_tensors(const RsTensorFile *file, const char *path, const RsModel *model,
                              RsError *error) {
  RsRnnRbmTensor part;
  RsStatus status = RS_OK;
  size_t count = 0;
  for (; !status && rs_rnnrbm_tensor(model->net, count, &part); ++count) {
    const RsTensor wanted = file_tensor(&part, NULL);
    status = check_tensor(file, path, &wanted, error);
  }
  for (size_t i = 0; !status && i < plan_tensors(model); ++i, ++count) {
    const RsTensor wanted = plan_tensor(model, i);
    status = check_tensor(file, path, &wanted, error);
  }
  count += rs_model_songs_count(file);
  if (!status && rs_tensor_file_count(file) != count) {
    char detail[80];
    snprintf(detail, sizeof detail, "%zu tensors where its settings make %zu",
             rs_tensor_file_count(file), count);
    return of_another_version(path, detail, error);
  }
  return status;
}

static void copy_tensors(const RsTensorFile *file, RsModel *model) {
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(model->net, i, &part); ++i) {
    memcpy(model->w + part.offset, rs_tensor_file_find(file, part.name)->data,
           part.rows * part.columns * sizeof *model->w);
  }
  for (size_t i = 0; i < plan_tensors(model); ++i) {
    const RsTensor into = plan_tensor(model, i);
    const size_t values = into.shape[0] * (into.rank > 1 ? into.shape[1] : 1);
    memcpy((float *)into.data, rs_tensor_file_find(file, into.name)->data, values * sizeof(float));
  }
}

RsStatus rs_model_from_tensors(const RsTensorFile *file, const char *path, RsModel **out,
                               RsError *error) {
  RsSettings settings;
  RsKnownMeter meters[RS_METERS_MAX];
  size_t count = 0;
  RsModel *model = NULL;
  RsStatus status = check_format(file, path, error);
  if (!status) {
    status = read_settings(file, path, &settings, error);
  }
  if (!status) {
    status = read_meters(file, path, &count, meters, error);
  }
  if (!status) {
    status = model_shell(&settings, count, meters, &model, error);
  }
  if (!status && !training_from_json(rs_tensor_file_get(file, "training"), &model->training)) {
    status = rs_error(error, RS_ERR_FORMAT, "%s: bad training record in the model", path);
  }
  status = status ? status : check_tensors(file, path, model, error);
  status = status ? status : rs_model_songs_read(file, path, model, error);
  status = status ? status : make_parameters(model, error);
  if (status) {
    rs_model_free(model);
    return status;
  }
  copy_tensors(file, model);
  *out = model;
  return RS_OK;
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
