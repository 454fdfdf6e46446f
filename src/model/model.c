/* SPDX-License-Identifier: ISC */

#include <rollsmith/model.h>

#include "base/memory.h"
#include "base/portable_math.h"
#include "model/model_parts.h"
#include "model/discriminator.h"
#include "model/model_songs.h"

#include <stdlib.h>
#include <string.h>

static RsRnnRbmShape shape_of(const RsSettings *settings, const RsInputs *inputs) {
  const size_t visible = rs_encoding_size(&inputs->encoding);
  const bool gaussian = settings->model.rbm == RS_RBM_GAUSSIAN;
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
    free(model->discriminator);
    free(model->w);
    free(model);
  }
}

/* ---- From its parts ---- */

RsStatus rs_model_assemble(const RsModelRecord *record, const RsTensorFile *file, const char *path,
                           RsModel **out, RsError *error) {
  RsModel *model = NULL;
  RsStatus status =
      model_shell(&record->settings, record->meter_count, record->meters, &model, error);
  if (status) {
    return status;
  }
  model->training = record->training;
  status = rs_model_check_tensors(file, path, model, error);
  status = status ? status : rs_discriminator_read(file, path, model, error);
  status = status ? status : rs_model_songs_read(file, path, model, error);
  status = status ? status : make_parameters(model, error);
  if (status) {
    rs_model_free(model);
    return status;
  }
  rs_model_copy_tensors(file, model);
  *out = model;
  return RS_OK;
}

void rs_model_settings_of_version_1(RsSettings *settings) {
  settings->model.metre = settings->model.lookback = false;
  settings->model.plan = settings->model.note_age = false;
}
