/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_TRAINING_H
#define RS_TESTS_TRAINING_H

/**
   @file training.h A small corpus and trainings of it that take milliseconds.
*/

#include "small.h"

#include <rollsmith/evaluator.h>
#include <rollsmith/trainer.h>

#include <stdbool.h>

/* Four songs to learn, 60 frames in all, and one to validate with. */
#define TRAIN_TEXT                                                                                 \
  "# a\n60 64\n60 64\n62 65\n64 67\n60 64\n60 64\n62 65\n64 67\n60\n-\n62 65\n64 67\n"             \
  "# b\n65\n62 65\n65\n62 65\n65\n62 65\n65\n62 65\n65\n62 65\n65\n62 65\n65\n62 65\n65\n62 65\n"  \
  "# c\n61\n63\n66\n68\n70\n61\n63\n66\n68\n70\n61\n63\n66\n68\n70\n61\n63\n66\n68\n70\n"          \
  "# d\n60 64 67\n60 64 67\n60 65 69\n60 65 69\n-\n-\n62 67 71\n62 67 71\n60 64 67\n-\n60\n60\n"
#define VALID_TEXT "# e\n60 64\n60 64\n62 65\n64 67\n60\n-\n62 65\n64 67\n65\n62 65\n"

enum { TRAIN_FRAMES = 60, ROWS = 8 * 3 };

/* Settings of a training of 8 streams of 3 frames an update. */
static inline RsSettings training_settings(int epochs) {
  RsSettings settings = small_settings(12, 6, 5);
  settings.train.epochs = epochs;
  settings.train.streams = 8;
  settings.train.block = 3;
  settings.train.cd_k = 3;
  settings.train.learning_rate = 0.01;
  settings.train.own_past = settings.train.past_noise = 0;
  settings.train.transpose_low = -2;
  settings.train.transpose_high = 2;
  settings.train.validate_every = 1;
  settings.train.ais_chains = 2;
  settings.train.ais_betas = 5;
  settings.train.free_run_frames = 0;
  settings.train.threads = 1;
  settings.roll.outside = RS_OUTSIDE_FOLD;
  return settings;
}

static inline RsTrainer *trainer_of(const RsSettings *settings, const RsSongs *train,
                                    const RsSongs *valid) {
  RsTrainer *trainer = NULL;
  RsError error = {RS_OK, ""};
  if (rs_trainer_new(settings, train, valid, &trainer, &error)) {
    fail_msg("%s", error.message);
  }
  return trainer;
}

/* Asks to stop once `left` updates are done. */
static inline bool stop_after(void *left) {
  return (*(int *)left)-- == 0;
}

/* Train until the end, or for `updates` updates where that is not negative. */
static inline RsTrainedReason run(RsTrainer *trainer, int updates) {
  const RsTrainHooks hooks = {.stop = stop_after, .context = &updates};
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  RsError error = {RS_OK, ""};
  if (rs_trainer_run(trainer, &hooks, &reason, &error)) {
    fail_msg("%s", error.message);
  }
  return reason;
}

/* Exact log-likelihood of songs under what a trainer has come to. */
static inline double exact_ll(RsTrainer *trainer, const RsSongs *songs) {
  const RsModel *model = rs_trainer_model(trainer);
  const RsEvaluationSettings settings = {.chains = 1, .betas = 1, .exact = true, .threads = 1};
  RsEvaluation result;
  assert_ok(rs_evaluate(model->net, model->w, &model->inputs, songs, &settings, &result, NULL));
  return result.ll_exact;
}

#endif /* RS_TESTS_TRAINING_H */
