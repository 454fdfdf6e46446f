/* SPDX-License-Identifier: ISC */

/* The tensors of a model file: doc/model-format.md. */

#include "model/discriminator.h"
#include "model/model_parts.h"
#include "model/model_songs.h"

#include <stdio.h>
#include <string.h>

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

RsStatus rs_model_add_tensors(const RsModel *model, RsTensorFile *file) {
  RsRnnRbmTensor part;
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && rs_rnnrbm_tensor(model->net, i, &part); ++i) {
    const RsTensor tensor = file_tensor(&part, model->w);
    status = rs_tensor_file_add(file, &tensor);
  }
  for (size_t i = 0; !status && i < plan_tensors(model); ++i) {
    const RsTensor tensor = plan_tensor(model, i);
    status = rs_tensor_file_add(file, &tensor);
  }
  status = status ? status : rs_discriminator_add(model, file);
  return status ? status : rs_model_songs_add(model, file);
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

RsStatus rs_model_check_tensors(const RsTensorFile *file, const char *path, const RsModel *model,
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
  count += rs_discriminator_count(file) + rs_model_songs_count(file);
  if (!status && rs_tensor_file_count(file) != count) {
    char detail[80];
    snprintf(detail, sizeof detail, "%zu tensors where its settings make %zu",
             rs_tensor_file_count(file), count);
    return of_another_version(path, detail, error);
  }
  return status;
}

void rs_model_copy_tensors(const RsTensorFile *file, RsModel *model) {
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
