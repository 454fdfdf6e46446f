/* SPDX-License-Identifier: ISC */

/* A training that was stopped and taken up again is the one that never was. */

#include "folder.h"
#include "resumed.h"

/* ---- Stopping and going on ---- */

/* The same songs in bars of four frames. */
static Corpus metred_corpus(void) {
  Corpus c = corpus();
  for (size_t i = 0; i < c.train.count; ++i) {
    assert_ok(rs_roll_add_meter(c.train.rolls + i, 0, 2, 8));
    c.train.rolls[i].meter_beats = 2;
    c.train.rolls[i].meter_unit = 8;
  }
  assert_ok(rs_roll_add_meter(c.valid.rolls, 0, 2, 8));
  return c;
}

/* Train, but stop after some updates each time, and go on with a trainer made anew. */
static void train_in_parts(const RsSettings *settings, const Corpus *c, const RsSongs *valid,
                           const int *parts, const char *path) {
  for (size_t i = 0; parts[i]; ++i) {
    RsTrainer *trainer = trainer_of(settings, &c->train, valid);
    if (i) {
      assert_ok(rs_trainer_resume(trainer, path, NULL));
    }
    assert_int_equal(run(trainer, parts[i]), parts[i] > 0 ? RS_TRAINED_SIGNAL : RS_TRAINED_EPOCHS);
    save_as(trainer, path);
    rs_trainer_free(trainer);
  }
}

/* 8 epochs are 20 updates; the first is over after 3, the second after 5, the seventh after 18. */
static void expect_exact_resume_of(const RsSettings *settings, const Corpus *c,
                                   const RsSongs *valid) {
  static const int parts[][5] = {{1, 2, 2, -1}, {17, -1}};
  train_through(settings, c, valid, "whole");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; ++i) {
    train_in_parts(settings, c, valid, parts[i], "parts");
    assert_same_trainings("whole", "parts");
    remove_training("parts");
  }
  remove_training("whole");
}

static void expect_exact_resume(const RsSettings *settings, const RsSongs *valid) {
  Corpus c = corpus();
  expect_exact_resume_of(settings, &c, valid);
  corpus_clear(&c);
}

static void expect_exact_resume_with_all_gradients(RsSettings settings) {
  static const RsRnnEngine gradients[] = {RS_ENGINE_BPTT, RS_ENGINE_BLOCK, RS_ENGINE_RTRL};
  Corpus c = corpus();
  for (size_t i = 0; i < 6; ++i) {
    settings.train.gradient = gradients[i / 2];
    settings.train.borders = i % 2 ? RS_BORDERS_CARRY : RS_BORDERS_RESET;
    expect_exact_resume(&settings, i == 1 ? NULL : &c.valid);
  }
  corpus_clear(&c);
}

static void a_stop_leaves_no_trace(void **state) {
  expect_exact_resume_with_all_gradients(training_settings(EPOCHS));
}

static void a_stop_leaves_no_trace_in_persistent_chains_and_noise(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  settings.train.cd_k = 1; /* chains that have not forgotten where they were, and big weights */
  settings.train.learning_rate = 0.1;
  settings.train.persistent = 0.4;
  settings.train.from_past = 0.3;
  settings.train.past_noise = 0.2;
  settings.train.own_past = 0.5;
  settings.train.negative_weight = 0.2;
  settings.train.negative_hinge = 3;
  settings.train.negative_from_epoch = 2;
  expect_exact_resume_with_all_gradients(settings);
}

static void a_stop_leaves_no_trace_in_ramps_and_momentum(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.average = 0;
  settings.train.pretrain_epochs = 2;
  settings.train.cd_k_ramp_epochs = 5;
  settings.train.anneal_epochs = 4;
  settings.train.weight_decay = 0.1;
  settings.train.validate_every = 2;
  settings.train.patience = 3;
  expect_exact_resume(&settings, &c.valid);
  corpus_clear(&c);
}

static void a_stop_leaves_no_trace_in_gaussian_models(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.model.rbm = RS_RBM_GAUSSIAN;
  settings.roll.velocity = true;
  settings.train.persistent = 1;
  settings.train.learning_rate = 0.001;
  expect_exact_resume(&settings, &c.valid);
  corpus_clear(&c);
}

/* Every part of x(n), with input noise and replay. */
static RsSettings settings_of_all_inputs(bool gaussian) {
  RsSettings settings = training_settings(EPOCHS);
  settings.roll.articulation = true;
  settings.model.metre = settings.model.lookback = true;
  settings.model.plan = settings.model.note_age = true;
  settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.train.learning_rate = gaussian ? 0.001 : 0.01;
  settings.train.past_noise = 0.1;
  settings.train.own_past = 0.2;
  return settings;
}

static void songs_with_meters_give_a_model_of_all_inputs(void **state) {
  const RsSettings settings = settings_of_all_inputs(false);
  Corpus c = metred_corpus();
  RsTrainer *trainer = trainer_of(&settings, &c.train, &c.valid);
  const RsInputs *inputs = &trainer->model->inputs;
  assert_true(inputs->metre && inputs->lookback && inputs->planned && inputs->note_age);
  rs_trainer_free(trainer);
  corpus_clear(&c);
}

static const RsRnnEngine GRADIENTS[] = {RS_ENGINE_BPTT, RS_ENGINE_BLOCK, RS_ENGINE_RTRL};

static void a_stop_leaves_no_trace_in_models_of_all_inputs(void **state) {
  Corpus c = metred_corpus();
  for (size_t i = 0; i < 6; ++i) {
    RsSettings settings = settings_of_all_inputs(i % 2);
    settings.train.gradient = GRADIENTS[i / 2];
    expect_exact_resume_of(&settings, &c, &c.valid);
  }
  corpus_clear(&c);
}

static void an_early_stop_comes_at_the_same_time(void **state) {
  static const int updates[] = {4, 100};
  RsSettings settings = training_settings(100);
  Corpus c = corpus();
  settings.train.learning_rate = 1e-30; /* nothing moves: no validation is better than the first */
  settings.train.patience = 3;
  for (size_t i = 0; i < 2; ++i) {
    RsTrainer *trainer = trainer_of(&settings, &c.train, &c.valid);
    if (i) {
      assert_ok(rs_trainer_resume(trainer, "m", NULL));
    }
    for (int part = 0; part < 2; ++part) {
      const RsTrainedReason reason = run(trainer, updates[i]);
      assert_int_equal(reason, i ? RS_TRAINED_EARLY_STOP : RS_TRAINED_SIGNAL);
    }
    save_as(trainer, "m");
    assert_int_equal(trainer->counters.epoch, i ? 4 : 3);
    rs_trainer_free(trainer);
  }
  remove_training("m");
  corpus_clear(&c);
}

/* Numbers run out of range after the stop: the good state is that of an epoch before it. */
static void a_stop_leaves_no_trace_in_a_recovery(void **state) {
  const RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  RsTrainer *whole = trainer_of(&settings, &c.train, &c.valid);
  RsTrainer *parts = trainer_of(&settings, &c.train, &c.valid);
  run(whole, 7);
  save_as(whole, "parts");
  assert_ok(rs_trainer_resume(parts, "parts", NULL));
  whole->parameters.w[0] = parts->parameters.w[0] = NAN;
  run(whole, -1);
  run(parts, -1);
  assert_int_equal(parts->counters.recoveries, 1);
  save_as(whole, "whole");
  save_as(parts, "parts");
  assert_same_trainings("whole", "parts");
  rs_trainer_free(whole);
  rs_trainer_free(parts);
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

/* Saves at the end of one epoch, as a program does that may be killed at any time. */
typedef struct {
  RsTrainer *trainer;
  uint64_t epoch;
} SaveAt;

static RsStatus save_at(void *context, const RsEpochReport *report) {
  const SaveAt *at = context;
  if (report->epoch == at->epoch) {
    save_as(at->trainer, "parts");
  }
  return RS_OK;
}

/* The training in "parts", resumed and run to its end, is the one in "whole". */
static void expect_parts_to_make_the_whole(const RsSettings *settings, const Corpus *c) {
  RsTrainer *trainer = trainer_of(settings, &c->train, &c->valid);
  assert_ok(rs_trainer_resume(trainer, "parts", NULL));
  run(trainer, -1);
  save_as(trainer, "parts");
  rs_trainer_free(trainer);
  assert_same_trainings("whole", "parts");
}

static void what_was_saved_at_an_epochs_end_goes_on_the_same(void **state) {
  const RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  for (uint64_t epoch = 1; epoch <= EPOCHS; ++epoch) {
    SaveAt at = {trainer_of(&settings, &c.train, &c.valid), epoch};
    const RsTrainHooks hooks = {.epoch = save_at, .context = &at};
    RsTrainedReason reason = RS_TRAINED_SIGNAL;
    assert_ok(rs_trainer_run(at.trainer, &hooks, &reason, NULL));
    save_as(at.trainer, "whole");
    rs_trainer_free(at.trainer);
    expect_parts_to_make_the_whole(&settings, &c);
  }
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

static void more_epochs_go_on_from_the_end(void **state) {
  RsSettings settings = training_settings(EPOCHS), shorter = settings;
  Corpus c = corpus();
  train_through(&settings, &c, &c.valid, "whole");
  shorter.train.epochs = 3;
  shorter.train.minutes = 100;
  shorter.train.threads = 2;
  train_through(&shorter, &c, &c.valid, "parts");
  expect_parts_to_make_the_whole(&settings, &c);
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

static void expect_the_same_with_any_threads(RsSettings settings, const Corpus *c) {
  settings.train.streams = 32; /* four groups */
  train_through(&settings, c, &c->valid, "one");
  for (int threads = 2; threads <= 4; threads += 2) {
    settings.train.threads = threads;
    train_through(&settings, c, &c->valid, "many");
    assert_same_trainings("one", "many");
  }
  remove_training("one");
  remove_training("many");
}

static void threads_never_change_a_result(void **state) {
  RsSettings settings = training_settings(EPOCHS);
  Corpus c = corpus();
  settings.train.negative_weight = 0.1;
  expect_the_same_with_any_threads(settings, &c);
  corpus_clear(&c);
}

static void threads_never_change_a_model_of_all_inputs(void **state) {
  Corpus c = metred_corpus();
  for (size_t i = 0; i < 6; ++i) {
    RsSettings settings = settings_of_all_inputs(i % 2);
    settings.train.gradient = GRADIENTS[i / 2];
    settings.train.epochs = 4;
    expect_the_same_with_any_threads(settings, &c);
  }
  corpus_clear(&c);
}

static RsRnnLearner *learner_of(const RsTrainer *trainer, size_t group) {
  return rs_rnnrbm_learner_rnn(trainer->groups[group].learner);
}

/* dr/dw is all that RTRL carries beside a flag and the state. */
static size_t size_of_dr_dw(const RsSettings *settings, const Corpus *c) {
  RsSettings other = *settings;
  other.train.gradient = RS_ENGINE_RTRL;
  RsTrainer *trainer = trainer_of(&other, &c->train, &c->valid);
  const size_t state = rs_rnn_state_size(rs_rnnrbm_rnn(trainer->model->net));
  const size_t size = rs_rnn_learner_carry_size(learner_of(trainer, 0));
  const size_t rest = trainer->groups[0].batch.streams * (1 + state);
  rs_trainer_free(trainer);
  return size - rest;
}

static void a_carry_that_has_grown_goes_on_with_its_size(void **state) {
  Corpus c = corpus();
  const RsSettings settings = training_settings(EPOCHS);
  const size_t more = size_of_dr_dw(&settings, &c);
  RsTrainer *one = trainer_of(&settings, &c.train, &c.valid);
  RsTrainer *two = trainer_of(&settings, &c.train, &c.valid);
  run(one, 7);
  const size_t size = rs_rnn_learner_carry_size(learner_of(one, 0));
  assert_ok(rs_rnn_learner_carry_resize(learner_of(one, 0), size + more));
  save_as(one, "grown");
  assert_ok(rs_trainer_resume(two, "grown", NULL));
  assert_int_equal(rs_rnn_learner_carry_size(learner_of(two, 0)), size + more);
  run(one, -1);
  run(two, -1);
  save_as(one, "whole");
  save_as(two, "parts");
  assert_same_trainings("whole", "parts");
  rs_trainer_free(one);
  rs_trainer_free(two);
  remove_training("grown");
  remove_training("whole");
  remove_training("parts");
  corpus_clear(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(a_stop_leaves_no_trace),
      in_folder(a_stop_leaves_no_trace_in_persistent_chains_and_noise),
      in_folder(a_stop_leaves_no_trace_in_ramps_and_momentum),
      in_folder(a_stop_leaves_no_trace_in_gaussian_models),
      in_folder(songs_with_meters_give_a_model_of_all_inputs),
      in_folder(a_stop_leaves_no_trace_in_models_of_all_inputs),
      in_folder(an_early_stop_comes_at_the_same_time),
      in_folder(a_stop_leaves_no_trace_in_a_recovery),
      in_folder(what_was_saved_at_an_epochs_end_goes_on_the_same),
      in_folder(more_epochs_go_on_from_the_end),
      in_folder(threads_never_change_a_result),
      in_folder(threads_never_change_a_model_of_all_inputs),
      in_folder(a_carry_that_has_grown_goes_on_with_its_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
