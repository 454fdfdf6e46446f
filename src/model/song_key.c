/* SPDX-License-Identifier: ISC */

#include "model/song_key.h"

bool rs_model_knows_key(const RsModel *model) {
  const RsTrainSettings *train = &model->settings.train;
  const bool in_place = !train->transpose_low && !train->transpose_high;
  return model->settings.roll.transpose == RS_TRANSPOSE_COMMON && (model->inputs.plan || in_place);
}
