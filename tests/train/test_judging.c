/* SPDX-License-Identifier: ISC */

/* When a training validates, when it slows down, and with what numbers a model begins. */

#include "training.h"

#include "train/trainer_internal.h"

#include <math.h>

/* ---- Validations ---- */

/* Which epochs had a validation, as bits from epoch 1 on. */
static RsStatus note_epoch(void *context, const RsEpochReport *report) {
  *(unsigned *)context |= isnan(report->valid_ll) ? 0 : 1u << (report->epoch - 1);
  return RS_OK;
}

static unsigned validated(const RsSettings *settings, const char *songs) {
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(songs);
  RsTrainer *trainer = trainer_of(settings, &train, &valid);
  unsigned epochs = 0;
  RsTrainedReason reason = RS_TRAINED_EPOCHS;
  const RsTrainHooks hooks = {.epoch = note_epoch, .context = &epochs};
  assert_ok(rs_trainer_run(trainer, &hooks, &reason, NULL));
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
  return epochs;
}

/* 4 x 10 frames x 1 chain x 6 steps, four times, are 960 sweeps; so are 2 x 8 x 60 of an epoch. */
static void validations_take_a_fifth_of_the_sweeps(void **state) {
  RsSettings settings = training_settings(4);
  settings.train.validate_every = 0;
  settings.train.ais_chains = 1;
  settings.train.ais_betas = 6;
  settings.train.cd_k = 8;
  settings.train.patience = 0;
  assert_int_equal(validated(&settings, "60\n62\n60\n62\n60\n62\n60\n62\n60\n62\n"), 0xF);
  assert_int_equal(validated(&settings, "60\n62\n60\n62\n60\n62\n60\n62\n60\n62\n60\n"), 0xA);
}

/* Which epochs' states were kept, as bits from epoch 1 on. */
static RsStatus note_kept(void *context, const RsEpochReport *report) {
  *(unsigned *)context |= report->best ? 1u << (report->epoch - 1) : 0;
  return RS_OK;
}

/* Weights stand still: without room only the first state is kept, with room the last one, too. */
static void a_later_state_is_kept_unless_it_is_worse_by_more_than_is_allowed(void **state) {
  for (int room = 0; room < 2; ++room) {
    RsSettings settings = training_settings(4);
    RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
    unsigned kept = 0;
    RsTrainedReason reason = RS_TRAINED_EPOCHS;
    const RsTrainHooks hooks = {.epoch = note_kept, .context = &kept};
    settings.train.learning_rate = 1e-30;
    settings.train.patience = 0;
    settings.train.keep_later = room ? 0.5 : 0;
    RsTrainer *trainer = trainer_of(&settings, &train, &valid);
    assert_ok(rs_trainer_run(trainer, &hooks, &reason, NULL));
    assert_int_equal(kept, room ? 0xF : 0x1);
    rs_trainer_free(trainer);
    rs_songs_clear(&train);
    rs_songs_clear(&valid);
  }
}

/* Nothing improves after the first validation: of four more, each second one halves the step. */
static void the_step_shrinks_once_in_half_the_patience(void **state) {
  RsSettings settings = training_settings(100);
  RsSongs train = songs_of(TRAIN_TEXT), valid = songs_of(VALID_TEXT);
  settings.train.learning_rate = 1e-30;
  settings.train.learning_rate_decay = 0.5;
  settings.train.patience = 4;
  RsTrainer *trainer = trainer_of(&settings, &train, &valid);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EARLY_STOP);
  assert_int_equal(trainer->counters.epoch, 5);
  assert_close(trainer->counters.learning_rate / 1e-30, 0.25, 1e-9);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
}

/* ---- First values ---- */

static void first_values_do_not_depend_on_what_was_in_memory(void **state) {
  RsSettings settings = small_settings(12, 6, 5);
  settings.model.learned_start = true;
  RsModel *model = model_of(&settings);
  const size_t count = rs_rnnrbm_parameters(model->net);
  float *w = test_calloc(count, sizeof *w);
  for (int given = 0; given < 2; ++given) {
    float mean[12];
    for (size_t i = 0; i < 12; ++i) {
      mean[i] = 0.25f;
    }
    for (size_t i = 0; i < count; ++i) {
      w[i] = NAN;
      model->w[i] = 0;
    }
    rs_rnnrbm_initialise(model->net, 3, given ? mean : NULL, w);
    rs_rnnrbm_initialise(model->net, 3, given ? mean : NULL, model->w);
    assert_memory_equal(w, model->w, count * sizeof *w);
    assert_close(part_of(model, "output.bias")[0], given ? log(0.25 / 0.75) : 0, 1e-6);
    assert_true(part_of(model, "output.bias")[12] == 0 && part_of(model, "rnn.bias")[0] == 0);
  }
  test_free(w);
  rs_model_free(model);
}

/* Units beyond the hidden ones have one variance, for silence and sound. */
static void a_unit_without_a_gate_begins_with_the_variance_of_its_values(void **state) {
  RsSettings settings = small_settings(12, 6, 5);
  settings.model.rbm = RS_RBM_GAUSSIAN;
  RsModel *model = model_of(&settings);
  RsRnnRbmUnit units[12];
  for (size_t i = 0; i < 12; ++i) {
    units[i] = (RsRnnRbmUnit){.share = 0.3, .mean = 0.7, .deviation = 0.1};
  }
  rs_rnnrbm_initialise(model->net, 3, NULL, model->w);
  rs_rnnrbm_open_gates(model->net, units, model->w);
  const float *a = part_of(model, "output.bias"), *z = a + 12 + 6;
  assert_close(a[11], 0.3 * 0.7, 1e-6);
  assert_close(z[11], log(0.3 * 0.1 * 0.1 + 0.3 * 0.7 * 0.7 * 0.7), 1e-5);
  assert_close(a[0], 0, 0);
  assert_close(z[0], log(0.3 * 0.1 * 0.1), 1e-5);
  rs_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(validations_take_a_fifth_of_the_sweeps),
      cmocka_unit_test(a_later_state_is_kept_unless_it_is_worse_by_more_than_is_allowed),
      cmocka_unit_test(the_step_shrinks_once_in_half_the_patience),
      cmocka_unit_test(first_values_do_not_depend_on_what_was_in_memory),
      cmocka_unit_test(a_unit_without_a_gate_begins_with_the_variance_of_its_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
