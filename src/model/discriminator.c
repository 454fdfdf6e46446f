/* SPDX-License-Identifier: ISC */

/* The discriminator of bars, doc/math.md, equation T39, and its tensors. */

#include "model/discriminator.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* The first of them have a row for the features of both bars. */
enum { TENSORS = 5, OF_FEATURES = 3 };

/* A standardised input: number i of the bar before, then of the bar. */
static double input(const RsDiscriminator *d, const float *before, const float *bar, size_t i) {
  const float value = i < RS_BAR_FEATURES ? before[i] : bar[i - RS_BAR_FEATURES];
  return ((double)value - (double)d->mean[i]) * (double)d->scale[i];
}

double rs_discriminator_log_odds(const RsDiscriminator *d, const float *before, const float *bar) {
  double x[RS_DISCRIMINATOR_INPUTS];
  double odds = (double)d->output[RS_DISCRIMINATOR_HIDDEN];
  for (size_t i = 0; i < RS_DISCRIMINATOR_INPUTS; ++i) {
    x[i] = input(d, before, bar, i);
  }
  for (size_t j = 0; j < RS_DISCRIMINATOR_HIDDEN; ++j) {
    const float *weights = d->hidden + j * RS_DISCRIMINATOR_INPUTS;
    double field = (double)d->bias[j];
    for (size_t i = 0; i < RS_DISCRIMINATOR_INPUTS; ++i) {
      field += (double)weights[i] * x[i];
    }
    odds += field > 0 ? (double)d->output[j] * field : 0;
  }
  return odds;
}

/* ---- In the model file ---- */

static RsTensor tensor_of(const RsDiscriminator *d, size_t i) {
  const RsTensor tensors[TENSORS] = {
      {"discriminator.mean", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_INPUTS}, d->mean},
      {"discriminator.scale", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_INPUTS}, d->scale},
      {"discriminator.hidden.weight",
       RS_TENSOR_F32,
       2,
       {RS_DISCRIMINATOR_HIDDEN, RS_DISCRIMINATOR_INPUTS},
       d->hidden},
      {"discriminator.hidden.bias", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_HIDDEN}, d->bias},
      {"discriminator.output", RS_TENSOR_F32, 1, {RS_DISCRIMINATOR_HIDDEN + 1}, d->output},
  };
  return tensors[i];
}

size_t rs_discriminator_count(const RsTensorFile *file) {
  return rs_tensor_file_find(file, "discriminator.mean") ? TENSORS : 0;
}

RsStatus rs_discriminator_add(const RsModel *model, RsTensorFile *file) {
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && model->discriminator && i < TENSORS; ++i) {
    const RsTensor tensor = tensor_of(model->discriminator, i);
    status = rs_tensor_file_add(file, &tensor);
  }
  return status;
}

/* Features of a bar in a file: earlier versions have fewer, the first ones. */
static size_t features_of(const RsTensorFile *file) {
  const size_t inputs = rs_tensor_file_find(file, "discriminator.mean")->shape[0];
  return inputs < RS_DISCRIMINATOR_INPUTS ? inputs / 2 : RS_BAR_FEATURES;
}

/* Rows of the features of both bars: those that the file does not have are 0. */
static void take_features(size_t rows, size_t features, const float *from, float *to) {
  for (size_t bar = 0; bar < 2 * rows; ++bar) {
    memcpy(to + bar * RS_BAR_FEATURES, from + bar * features, features * sizeof *to);
  }
}

RsStatus rs_discriminator_read(const RsTensorFile *file, const char *path, RsModel *model,
                               RsError *error) {
  RsStatus status = RS_OK;
  if (!rs_discriminator_count(file)) {
    return RS_OK;
  }
  const size_t features = features_of(file);
  RsDiscriminator *read = rs_alloc(1, sizeof *read);
  if (!read) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  for (size_t i = 0; !status && i < TENSORS; ++i) {
    RsTensor into = tensor_of(read, i);
    const void *data = NULL;
    RsError detail;
    if (i < OF_FEATURES) {
      into.shape[into.rank - 1] = 2 * features;
    }
    status =
        rs_tensor_file_expect(file, into.name, into.type, into.rank, into.shape, &data, &detail);
    if (status) {
      free(read);
      return rs_error(error, status, "%s: %s", path, detail.message);
    }
    if (i < OF_FEATURES) {
      take_features(into.rank > 1 ? into.shape[0] : 1, features, data, (float *)into.data);
    } else {
      memcpy((float *)into.data, data, into.shape[0] * sizeof(float));
    }
  }
  free(model->discriminator);
  model->discriminator = read;
  return RS_OK;
}
