/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_ONE_UPDATE_H
#define RS_TESTS_ONE_UPDATE_H

/**
   @file one_update.h Trainings of one update by plain gradient descent.
*/

#include "training.h"

#include "train/trainer_internal.h"
#include "train/update.h"

#include <math.h>
#include <string.h>

/* Plain gradient descent, and units that stay where they are. */
static inline RsSettings plain_settings(void) {
  RsSettings settings = training_settings(1);
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.momentum = 0;
  settings.train.clip = 0;
  settings.train.learning_rate = 0.5;
  settings.train.rnn_learning_rate_factor = 1;
  settings.train.weight_decay = 0;
  settings.train.negative_weight = 0;
  settings.train.centre = false;
  return settings;
}

static inline RsTrainer *after_an_update(const RsSettings *settings, const RsSongs *songs) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

/* Where the static biases of the visible units are among the parameters. */
static inline size_t visible_biases(const RsTrainer *trainer) {
  return (size_t)(part_of(trainer->model, "output.bias") - trainer->model->w);
}

static inline size_t rows_of(const RsTrainer *trainer, const RsTrainGroup *group) {
  return (size_t)trainer->model->settings.train.block * group->batch.streams;
}

/* Sum over all rows of sample less frame, of one visible unit: rows times its gradient. */
static inline double pull(const RsTrainer *trainer, bool random, size_t unit) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  double sum = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    const float *sample = random ? group->other : group->sample;
    for (size_t n = 0; n < rows_of(trainer, group); ++n) {
      sum += (double)(sample[n * visible + unit] - group->batch.v[n * visible + unit]);
    }
  }
  return sum;
}

#endif /* RS_TESTS_ONE_UPDATE_H */
