/* SPDX-License-Identifier: ISC */

#include "train/group.h"

#include "base/memory.h"

#include <stdlib.h>

size_t rs_group_count(const RsTrainSettings *settings) {
  const int streams = settings->streams;
  if (settings->groups) {
    return (size_t)settings->groups;
  }
  return streams % 4 == 0 && streams >= 32 ? 4 : streams % 2 == 0 && streams >= 8 ? 2 : 1;
}

static bool allocate(const RsModel *model, const RsGibbs *gibbs, RsTrainGroup *group) {
  const RsTrainSettings *settings = &model->settings.train;
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  const size_t rows = rs_batch_rows(&group->batch);
  group->sample = rs_alloc(rows, rbm->visible * sizeof *group->sample);
  group->other =
      rs_alloc(settings->negative_weight > 0 ? rows : 0, rbm->visible * sizeof *group->other);
  if (model->inputs.joint_onsets) {
    group->states = rs_alloc(rows, rs_rbm_notes(rbm));
  }
  group->energy = rs_alloc(rows, 2 * sizeof *group->energy);
  group->g = rs_alloc(rs_rnnrbm_parameters(model->net), sizeof *group->g);
  if (!group->sample || !group->other || (model->inputs.joint_onsets && !group->states) ||
      !group->energy || !group->g || rs_rbm_work_new(rbm, rows, &group->work) ||
      rs_gibbs_chains_new(gibbs, rows, &group->chains)) {
    return false;
  }
  rs_gibbs_share(group->chains, true);
  return !(settings->own_past > 0) || !rs_input_history_new(&model->inputs, &group->replay);
}

RsStatus rs_group_init(const RsModel *model, const RsGibbs *gibbs, size_t i, RsTrainGroup *group,
                       RsError *error) {
  const RsTrainSettings *settings = &model->settings.train;
  const size_t frames = (size_t)settings->block, all = (size_t)settings->streams;
  const size_t streams = all / rs_group_count(settings);
  *group = (RsTrainGroup){.first = i * streams};
  if (rs_batch_init(&model->inputs, frames, streams, &group->batch) ||
      !allocate(model, gibbs, group)) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for %zu streams of %zu frames", streams,
                    frames);
  }
  RsStatus status = rs_rnnrbm_learner_new(model->net, settings->gradient, frames, streams,
                                          &group->learner, error);
  if (!status && settings->negative_weight > 0) {
    status = rs_rnnrbm_learner_new(model->net, RS_ENGINE_BPTT, frames, streams,
                                   &group->noise_learner, error);
  }
  return status;
}

void rs_group_clear(RsTrainGroup *group) {
  rs_rnnrbm_learner_free(group->learner);
  rs_rnnrbm_learner_free(group->noise_learner);
  rs_gibbs_chains_free(group->chains);
  rs_rbm_work_free(group->work);
  rs_input_history_free(group->replay);
  rs_batch_clear(&group->batch);
  free(group->sample);
  free(group->other);
  free(group->states);
  free(group->energy);
  free(group->g);
}
