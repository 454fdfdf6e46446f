/* SPDX-License-Identifier: ISC */

/* The loop of training: when it ends, what it reports, and numbers that run out of range. */

#include "training.h"

#include "base/memory.h"
#include "train/trainer_internal.h"

/* ---- When it ends, and what is reported ---- */

enum { MOST_REPORTS = 16 };

typedef struct {
  RsTrainer *trainer;
  RsEpochReport reports[MOST_REPORTS];
  size_t count;
  int updates; /* of which the hooks know */
} Watch;

static RsStatus take_report(void *context, const RsEpochReport *report) {
  Watch *watch = context;
  assert_true(watch->count < MOST_REPORTS);
  watch->reports[watch->count++] = *report;
  return RS_OK;
}

static RsTrainedReason run_watched(Watch *watch, bool (*stop)(void *)) {
  const RsTrainHooks hooks = {.stop = stop, .epoch = take_report, .context = watch};
  RsTrainedReason reason = RS_TRAINED_SIGNAL;
  assert_ok(rs_trainer_run(watch->trainer, &hooks, &reason, NULL));
  return reason;
}

static void epochs_are_counted_and_reported(void **state) {
  const RsSettings settings = training_settings(4);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  Watch watch = {.trainer = trainer_of(&settings, &train, &valid)};
  static const uint64_t updates[] = {3, 5, 8, 10}; /* of 24 frames, over 60 */
  assert_int_equal(run_watched(&watch, NULL), RS_TRAINED_EPOCHS);
  assert_int_equal(watch.count, 4);
  double best = -INFINITY;
  for (size_t i = 0; i < watch.count; ++i) {
    const RsEpochReport *report = watch.reports + i;
    assert_int_equal(report->epoch, i + 1);
    assert_int_equal(report->updates, updates[i]);
    assert_int_equal(report->frames, updates[i] * ROWS);
    assert_true(report->gradient_norm > 0 && isfinite(report->train_cost));
    assert_true(report->valid_ll < 0 && report->valid_ll > -20);
    assert_int_equal(report->best, report->valid_ll > best);
    assert_false(report->recovered);
    best = fmax(best, report->valid_ll);
  }
  assert_close(rs_trainer_model(watch.trainer)->training.valid_ll, best, 0);
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void no_improvement_lowers_the_rate_and_then_ends(void **state) {
  RsSettings settings = training_settings(100);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  settings.train.learning_rate = 1e-30; /* nothing moves: the first validation stays the best */
  settings.train.patience = 3;
  settings.train.learning_rate_decay = 0.25;
  Watch watch = {.trainer = trainer_of(&settings, &train, &valid)};
  assert_int_equal(run_watched(&watch, NULL), RS_TRAINED_EARLY_STOP);
  assert_int_equal(watch.count, 4);
  for (size_t i = 0; i < watch.count; ++i) {
    assert_int_equal(watch.reports[i].best, i == 0);
    assert_close(watch.reports[i].learning_rate, i < 3 ? 1e-30 : 0.25e-30, 1e-36);
  }
  assert_int_equal(rs_trainer_model(watch.trainer)->training.epochs, 1);
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void the_best_model_is_kept(void **state) {
  RsSettings settings = training_settings(16);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of("# e\n71\n69\n71\n69\n71\n69\n");
  settings.train.learning_rate = 0.1; /* the more it learns, the worse for such songs */
  settings.train.transpose_low = settings.train.transpose_high = 0;
  settings.train.average = 0;
  Watch watch = {.trainer = trainer_of(&settings, &train, &valid)};
  run_watched(&watch, NULL);
  uint64_t best = 0;
  for (size_t i = 0; i < watch.count; ++i) {
    best = watch.reports[i].best ? i + 1 : best;
  }
  const RsModel *model = rs_trainer_model(watch.trainer);
  assert_in_range(best, 1, 15);
  assert_int_equal(model->training.epochs, best);
  assert_memory_not_equal(model->w, watch.trainer->parameters.w,
                          watch.trainer->parameters.count * sizeof(float));
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void time_ends_training(void **state) {
  RsSettings settings = training_settings(1000000);
  RsSongs train = songs_of(TRAIN_TEXT);
  settings.train.minutes = 1e-9;
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  assert_int_equal(run(trainer, -1), RS_TRAINED_MINUTES);
  assert_int_equal(rs_trainer_model(trainer)->training.updates, 1);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* 10 frames x 2 chains x 5 temperatures x 4 are 400 sweeps, an epoch is 60 frames x 3 x 2. */
static void validations_take_a_fifth_of_the_time_by_default(void **state) {
  RsSettings settings = training_settings(12);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  settings.train.validate_every = 0;
  settings.train.patience = 0;
  Watch watch = {.trainer = trainer_of(&settings, &train, &valid)};
  assert_int_equal(run_watched(&watch, NULL), RS_TRAINED_EPOCHS);
  for (size_t i = 0; i < 12; ++i) {
    const size_t epoch = i + 1;
    assert_int_equal(isfinite(watch.reports[i].valid_ll), epoch % 5 == 0 || epoch == 12);
  }
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void without_validation_the_last_state_is_the_model(void **state) {
  RsSettings settings = training_settings(3);
  RsSongs train = songs_of(TRAIN_TEXT), none = {0};
  settings.train.patience = 1;
  settings.train.average = 0;
  Watch watch = {.trainer = trainer_of(&settings, &train, &none)};
  assert_int_equal(run_watched(&watch, NULL), RS_TRAINED_EPOCHS);
  assert_true(isnan(watch.reports[2].valid_ll) && !watch.reports[2].best);
  const RsModel *model = rs_trainer_model(watch.trainer);
  assert_int_equal(model->training.epochs, 3);
  assert_close(model->training.valid_ll, 0, 0);
  assert_memory_equal(model->w, watch.trainer->parameters.w,
                      watch.trainer->parameters.count * sizeof(float));
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
}

static RsStatus refuse(void *context, const RsEpochReport *report) {
  return report->epoch == 2 ? RS_ERR_IO : RS_OK;
}

static void a_hooks_error_ends_training(void **state) {
  const RsSettings settings = training_settings(5);
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  assert_int_equal(rs_trainer_run(trainer, &(RsTrainHooks){.epoch = refuse}, &reason, NULL),
                   RS_ERR_IO);
  assert_int_equal(rs_trainer_model(trainer)->training.epochs, 2);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void reasons_have_the_names_of_the_log(void **state) {
  assert_string_equal(rs_trained_reason_name(RS_TRAINED_EPOCHS), "epochs");
  assert_string_equal(rs_trained_reason_name(RS_TRAINED_MINUTES), "minutes");
  assert_string_equal(rs_trained_reason_name(RS_TRAINED_EARLY_STOP), "early-stop");
  assert_string_equal(rs_trained_reason_name(RS_TRAINED_SIGNAL), "signal");
}

/* ---- Numbers out of range ---- */

/* Put a number that is none somewhere after 6 updates, in the third epoch; look at what became of
 * it before the next but one. */
static bool spoil_parameters(void *context) {
  Watch *watch = context;
  RsTrainer *trainer = watch->trainer;
  if (watch->updates == 6) {
    trainer->parameters.w[trainer->parameters.count / 2] = NAN;
  } else if (watch->updates == 7) {
    assert_memory_equal(trainer->parameters.w, trainer->parameters.good,
                        trainer->parameters.count * sizeof(float));
  }
  ++watch->updates;
  return false;
}

static bool spoil_state(void *context) {
  Watch *watch = context;
  if (watch->updates++ == 6) {
    RsRnnLearner *learner = rs_rnnrbm_learner_rnn(watch->trainer->groups[1].learner);
    float *carry = rs_alloc(rs_rnn_learner_carry_size(learner), sizeof *carry);
    rs_rnn_learner_carry_save(learner, carry);
    carry[1] = NAN;
    assert_ok(rs_rnn_learner_carry_restore(learner, carry));
    free(carry);
  }
  return false;
}

/* The mean of the parameters is not looked at before it is validated. */
static bool spoil_average(void *context) {
  Watch *watch = context;
  if (watch->updates++ == 6) {
    watch->trainer->parameters.average[0] = NAN;
  }
  return false;
}

/* A step so long that the parameters overflow, though the gradient is good. */
static bool spoil_step(void *context) {
  Watch *watch = context;
  RsTrainer *trainer = watch->trainer;
  if (watch->updates == 6) {
    trainer->counters.learning_rate = INFINITY;
  } else if (watch->updates == 7) {
    assert_memory_equal(trainer->parameters.w, trainer->parameters.good,
                        trainer->parameters.count * sizeof(float));
    trainer->counters.learning_rate = 0.005;
  }
  ++watch->updates;
  return false;
}

static void expect_recovery(bool gaussian, bool (*spoil)(void *)) {
  RsSettings settings = training_settings(5);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.roll.velocity = gaussian;
  settings.train.persistent = 1;
  settings.train.negative_weight = 0.1;
  Watch watch = {.trainer = trainer_of(&settings, &train, &valid)};
  assert_int_equal(run_watched(&watch, spoil), RS_TRAINED_EPOCHS);
  assert_int_equal(watch.count, 5);
  for (size_t i = 0; i < watch.count; ++i) {
    assert_int_equal(watch.reports[i].recovered, i == 2);
    if (i != 2) {
      assert_close(watch.reports[i].learning_rate, i < 2 ? 0.01 : 0.005, 1e-9);
      assert_true(isfinite(watch.reports[i].valid_ll));
    }
  }
  assert_int_equal(watch.trainer->counters.recoveries, 1);
  rs_trainer_free(watch.trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

static void numbers_out_of_range_are_mended_and_reported(void **state) {
  expect_recovery(false, spoil_parameters);
  expect_recovery(true, spoil_parameters);
  expect_recovery(false, spoil_state);
  expect_recovery(false, spoil_average);
  expect_recovery(false, spoil_step);
}

static void an_absurd_rate_ends_in_an_error_and_a_model_of_numbers(void **state) {
  RsSettings settings = training_settings(50);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  settings.train.learning_rate = 1e37;
  RsTrainer *trainer = trainer_of(&settings, &train, &valid);
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_run(trainer, &(RsTrainHooks){0}, &reason, &error), RS_ERR_NONFINITE);
  assert_string_equal(
      error.message,
      "training blows up again and again; lower train.learning_rate (1e+37) or set train.clip");
  for (size_t i = 0; i < rs_trainer_parameters(trainer); ++i) {
    assert_true(isfinite(rs_trainer_model(trainer)->w[i]));
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(epochs_are_counted_and_reported),
      cmocka_unit_test(no_improvement_lowers_the_rate_and_then_ends),
      cmocka_unit_test(the_best_model_is_kept),
      cmocka_unit_test(time_ends_training),
      cmocka_unit_test(validations_take_a_fifth_of_the_time_by_default),
      cmocka_unit_test(without_validation_the_last_state_is_the_model),
      cmocka_unit_test(a_hooks_error_ends_training),
      cmocka_unit_test(reasons_have_the_names_of_the_log),
      cmocka_unit_test(numbers_out_of_range_are_mended_and_reported),
      cmocka_unit_test(an_absurd_rate_ends_in_an_error_and_a_model_of_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
