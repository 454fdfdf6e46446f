/* SPDX-License-Identifier: ISC */

/* Training: what it learns, when it ends, what becomes of numbers that are none, and odd songs. */

#include "training.h"

#include "base/memory.h"
#include "train/trainer_internal.h"

#include <rollsmith/evaluator.h>
#include <rollsmith/generator.h>

/* ---- Learning ---- */

/* Exact log-likelihood of songs under what a trainer has come to. */
static double exact_ll(RsTrainer *trainer, const RsSongs *songs) {
  const RsModel *model = rs_trainer_model(trainer);
  const RsEvaluationSettings settings = {.chains = 1, .betas = 1, .exact = true, .threads = 1};
  RsEvaluation result;
  assert_ok(rs_evaluate(model->net, model->w, &model->inputs, songs, &settings, &result, NULL));
  return result.ll_exact;
}

/* The best that independent notes can do: the sum of the notes' entropies, nats a frame. */
static double best_of_independent_notes(const RsSongs *songs) {
  double ll = 0, on[RS_NOTES] = {0}, frames = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    for (size_t n = 0; n < songs->rolls[i].frames; ++n, ++frames) {
      for (int note = 0; note < RS_NOTES; ++note) {
        on[note] += rs_frame_has(songs->rolls[i].on + n, note);
      }
    }
  }
  for (int note = 0; note < RS_NOTES; ++note) {
    const double p = on[note] / frames;
    ll += p > 0 && p < 1 ? p * log(p) + (1 - p) * log(1 - p) : 0;
  }
  return ll;
}

/* Independent notes reach -4.2 nats a frame on these songs, whose every frame but the first follows
 * from the one before; a model has learned that when it is above -2. */
static void expect_learning(RsGradientChoice gradient, RsOptimiserChoice optimiser) {
  RsSettings settings = training_settings(600);
  RsSongs train = songs_of("# a\n60 64 67\n62 65\n64 71\n60 69\n60 64 67\n62 65\n64 71\n60 69\n"
                           "# b\n64 71\n60 69\n60 64 67\n62 65\n64 71\n60 69\n60 64 67\n62 65\n");
  settings.model.hidden = 12;
  settings.model.recurrent = 12;
  settings.train.gradient = gradient;
  settings.train.optimiser = optimiser;
  settings.train.learning_rate = optimiser == RS_OPTIMISER_SGD ? 0.2 : 0.02;
  settings.train.transpose_low = settings.train.transpose_high = 0;
  settings.train.average = 0.9;
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  const double before = best_of_independent_notes(&train), after = exact_ll(trainer, &train);
  print_message("independent notes %.2f, learned %.2f nats a frame\n", before, after);
  assert_true(after > -2 && after > before + 3);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void a_pattern_is_learned(void **state) {
  expect_learning(RS_GRADIENT_BLOCK, RS_OPTIMISER_ADAM);
  expect_learning(RS_GRADIENT_BPTT, RS_OPTIMISER_ADAM);
  expect_learning(RS_GRADIENT_BPTT, RS_OPTIMISER_SGD);
}

/* How far the first update goes where so many epochs are thought to be done. */
static double length_of_step(int anneal_epochs, uint64_t epoch) {
  RsSettings settings = training_settings(100);
  RsSongs train = songs_of(TRAIN_TEXT);
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.centre = false;
  settings.train.anneal_epochs = anneal_epochs;
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  trainer->counters.epoch = epoch;
  assert_ok(rs_trainer_update(trainer));
  double square = 0;
  for (size_t i = 0; i < trainer->parameters.count; ++i) {
    square += pow((double)trainer->parameters.w[i] - (double)trainer->model->w[i], 2);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  return sqrt(square);
}

static void steps_are_annealed(void **state) {
  const double whole = length_of_step(0, 30);
  assert_true(whole > 0);
  assert_close(length_of_step(40, 0), whole, 1e-6);
  assert_close(length_of_step(40, 30), whole / 4, 1e-6);
  assert_close(length_of_step(40, 40), whole / 50, 1e-6);
  assert_close(length_of_step(40, 99), whole / 50, 1e-6);
}

static void training_begins_at_the_note_frequencies(void **state) {
  const RsSettings settings = training_settings(1);
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  assert_close(exact_ll(trainer, &train), best_of_independent_notes(&train), 0.02);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* Of 9 frames note 60 is on in all, 61 in 2, 62 in none: equation K9. */
static void a_note_that_is_never_or_always_on_begins_with_a_finite_bias(void **state) {
  const RsSettings settings = training_settings(1);
  RsSongs train = songs_of("# a\n60\n60\n60 61\n60\n# b\n60\n60\n60\n60 61\n60\n");
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  RsRnnRbmTensor bias;
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 4, &bias));
  static const double counts[] = {9, 2, 0};
  for (size_t i = 0; i < 3; ++i) {
    const double q = (counts[i] + 0.5) / (9 + 1);
    assert_close((double)trainer->parameters.w[bias.offset + i], log(q / (1 - q)), 1e-5);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* Of 9 frames 60 is on in 5 and begins in 2, 61 is never held: equation K16. */
static void notes_begin_by_their_odds_after_silence(void **state) {
  RsSettings settings = training_settings(1);
  settings.roll.articulation = settings.model.counts = settings.model.joint_onsets = true;
  RsSongs train = songs_of("# a\n60\n60\n60 61\n-\n-\n# b\n60\n60\n-\n61\n");
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  RsRnnRbmTensor bias;
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 4, &bias));
  const float *a = trainer->parameters.w + bias.offset;
  const size_t notes = rs_encoding_notes(&trainer->model->inputs.encoding);
  assert_close((double)a[0], log(3.5 / 2.5), 1e-5);
  assert_close((double)(a[0] + a[notes]), log(2.5 / 4.5), 1e-5);
  assert_close((double)a[1], log(0.5 / 2.5), 1e-5);
  assert_close((double)(a[1] + a[notes + 1]), log(2.5 / 7.5), 1e-5);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* One update of a model whose chains stay where they begin: a hidden unit a note, strongly tied. */
static RsTrainer *with_still_chains(const RsSettings *settings, const RsSongs *songs) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  RsRnnRbmTensor bias;
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 4, &bias));
  memset(trainer->parameters.w, 0, trainer->parameters.count * sizeof *trainer->parameters.w);
  for (size_t i = 0; i < visible; ++i) {
    trainer->parameters.w[i * visible + i] = 80;
    trainer->parameters.w[bias.offset + i] = trainer->parameters.w[bias.offset + visible + i] = -40;
  }
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

/* Of the rows of a group, how many chains ended at the song's frame and how many at the one before
 * and not there. */
static void count_starts(const RsTrainer *trainer, size_t rows, size_t *song, size_t *past) {
  const RsTrainGroup *group = trainer->groups;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t bytes = visible * sizeof(float);
  *song = *past = 0;
  for (size_t n = 0; n < rows; ++n) {
    const float *at = group->sample + n * visible;
    const bool in_song = !memcmp(at, group->batch.v + n * visible, bytes);
    *song += in_song;
    *past += !in_song && !memcmp(at, group->batch.x + n * visible, bytes);
  }
}

static void chains_begin_at_the_song_or_at_the_frame_before(void **state) {
  RsSettings settings = training_settings(1);
  RsSongs train = songs_of("60 64 67\n62 65\n64 71\n60 69\n60 64 67\n62 65\n64 71\n60 69\n");
  settings.train.cd_k = 3;
  for (int k = 0; k < 3; ++k) {
    settings.train.from_past = 0.5 * k;
    settings.model.hidden = settings.roll.high - settings.roll.low + 1;
    RsTrainer *trainer = with_still_chains(&settings, &train);
    const size_t rows = trainer->groups->batch.streams * (size_t)settings.train.block;
    size_t song, past;
    count_starts(trainer, rows, &song, &past);
    assert_int_equal(song + past, rows);
    assert_true(k == 0 ? past == 0 : k == 2 ? song == 0 : past > rows / 4 && song > rows / 4);
    rs_trainer_free(trainer);
  }
  settings.train.from_past = 0;
  settings.train.persistent = 1; /* which have no state yet to go on from */
  RsTrainer *trainer = with_still_chains(&settings, &train);
  const size_t rows = trainer->groups->batch.streams * (size_t)settings.train.block;
  size_t song, past;
  count_starts(trainer, rows, &song, &past);
  assert_int_equal(song, rows);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* A trainer after one plain step of gradient descent; the parameters before it, into model->w. */
static RsTrainer *after_a_step(bool centre, const RsSongs *songs) {
  RsSettings settings = training_settings(1);
  settings.train.optimiser = RS_OPTIMISER_SGD;
  settings.train.momentum = 0;
  settings.train.clip = 0;
  settings.train.learning_rate = 0.5;
  settings.train.centre = centre;
  RsTrainer *trainer = trainer_of(&settings, songs, NULL);
  memcpy(trainer->model->w, trainer->parameters.w,
         trainer->parameters.count * sizeof *trainer->parameters.w);
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

static double moved(const RsTrainer *trainer, size_t at) {
  return (double)(trainer->parameters.w[at] - trainer->model->w[at]);
}

/* What the steps of W drag a bias by (equation K12): over a column of W, or over a row. */
static double dragged(const RsTrainer *trainer, size_t unit, bool visible) {
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  double sum = 0;
  for (size_t k = 0; k < (visible ? rbm->hidden : rbm->visible); ++k) {
    sum += visible
               ? 0.5 * moved(trainer, k * rbm->visible + unit)
               : moved(trainer, unit * rbm->visible + k) * (double)trainer->parameters.offset[k];
  }
  return sum;
}

/* The centred step against the plain one from the same place: equations K11 and K12. */
static void a_centred_step_is_one_of_the_centred_parameters(void **state) {
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *plain = after_a_step(false, &train), *centred = after_a_step(true, &train);
  const RsRbm *rbm = rs_rnnrbm_rbm(plain->model->net);
  RsRnnRbmTensor bias;
  assert_true(rs_rnnrbm_tensor(plain->model->net, 4, &bias));
  const size_t a = bias.offset, b = a + rbm->visible;
  for (size_t j = 0; j < rbm->hidden; ++j) {
    assert_close(moved(centred, b + j), moved(plain, b + j) - dragged(centred, j, false), 1e-6);
    for (size_t i = 0; i < rbm->visible; ++i) {
      const size_t at = j * rbm->visible + i;
      const double offsets =
          0.5 * moved(plain, a + i) + (double)plain->parameters.offset[i] * moved(plain, b + j);
      assert_close(moved(centred, at), moved(plain, at) - offsets, 1e-6);
    }
  }
  for (size_t i = 0; i < rbm->visible; ++i) {
    assert_close(moved(centred, a + i), moved(plain, a + i) - dragged(centred, i, true), 1e-6);
  }
  rs_trainer_free(plain);
  rs_trainer_free(centred);
  rs_songs_clear(&train);
}

static void pretraining_holds_the_recurrent_net(void **state) {
  RsSettings settings = training_settings(1);
  RsSongs train = songs_of(TRAIN_TEXT);
  settings.train.pretrain_epochs = 1;
  settings.train.average = 0;
  RsTrainer *trainer = trainer_of(&settings, &train, NULL),
            *fresh = trainer_of(&settings, &train, NULL);
  run(trainer, -1);
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(rs_trainer_model(trainer)->net, i, &part); ++i) {
    const bool moved =
        memcmp(rs_trainer_model(trainer)->w + part.offset, rs_trainer_model(fresh)->w + part.offset,
               part.rows * part.columns * sizeof(float)) != 0;
    assert_int_equal(moved, !strcmp(part.name, "rbm.weight") || !strcmp(part.name, "output.bias"));
  }
  rs_trainer_free(trainer);
  rs_trainer_free(fresh);
  rs_songs_clear(&train);
}

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
  settings.model.rbm = gaussian ? RS_RBM_GB : RS_RBM_BB;
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

/* ---- Variances ---- */

/* What the last update moved of what sets log-variances, and of all else. */
typedef struct {
  RsTrainer *trainer;
  float *before;
  int variances[4]; /* updates by epoch that moved them */
  int others[4];
} Moves;

static void compare_parameters(Moves *moves, bool *variances, bool *others) {
  const RsRbm *rbm = rs_rnnrbm_rbm(moves->trainer->model->net);
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(moves->trainer->model->net, i, &part); ++i) {
    const bool output = !strncmp(part.name, "output", 6);
    for (size_t k = 0; k < part.rows * part.columns; ++k) {
      const size_t at = part.offset + k;
      const bool moved =
          memcmp(moves->before + at, moves->trainer->parameters.w + at, sizeof(float)) != 0;
      if (output && k / part.columns >= rbm->visible + rbm->hidden) {
        *variances |= moved;
      } else {
        *others |= moved;
      }
    }
  }
}

/* Called before each update; the epoch of the update before is told by the frames seen till then.
 */
static bool note_moves(void *context) {
  Moves *moves = context;
  const RsTrainCounters *counters = &moves->trainer->counters;
  bool variances = false, others = false;
  if (counters->updates) {
    compare_parameters(moves, &variances, &others);
    const size_t epoch = (counters->frames - ROWS) / TRAIN_FRAMES;
    moves->variances[epoch] += variances;
    moves->others[epoch] += others;
  }
  memcpy(moves->before, moves->trainer->parameters.w,
         moves->trainer->parameters.count * sizeof(float));
  return false;
}

static Moves moves_of(RsVarianceChoice choice) {
  RsSettings settings = training_settings(4);
  RsSongs train = songs_of(TRAIN_TEXT);
  settings.model.rbm = RS_RBM_GB;
  settings.roll.velocity = true;
  settings.model.deviation_low = 0.01; /* so that there is room to move */
  settings.train.variance = choice;
  settings.train.variance_every = 2;
  Moves moves = {.trainer = trainer_of(&settings, &train, NULL)};
  moves.before = test_calloc(moves.trainer->parameters.count, sizeof(float));
  const RsTrainHooks hooks = {.stop = note_moves, .context = &moves};
  RsTrainedReason reason = RS_TRAINED_SIGNAL;
  assert_ok(rs_trainer_run(moves.trainer, &hooks, &reason, NULL));
  test_free(moves.before);
  rs_trainer_free(moves.trainer);
  rs_songs_clear(&train);
  return moves;
}

static void variances_move_when_they_should(void **state) {
  const Moves joint = moves_of(RS_VARIANCE_JOINT), separate = moves_of(RS_VARIANCE_SEPARATE),
              fixed = moves_of(RS_VARIANCE_FIXED);
  for (size_t epoch = 0; epoch < 3; ++epoch) {
    const bool theirs = epoch % 2;
    assert_true(joint.variances[epoch] && joint.others[epoch]);
    assert_true(!fixed.variances[epoch] && fixed.others[epoch]);
    assert_int_equal(separate.variances[epoch] > 0, theirs);
    assert_int_equal(separate.others[epoch] > 0, !theirs);
  }
}

/* A corpus whose velocities are all one, and whose silence is exact: no variance may collapse. */
static void variances_of_songs_without_any_do_not_collapse(void **state) {
  RsSettings settings = training_settings(60);
  RsSongs train = songs_of(TRAIN_TEXT);
  settings.model.rbm = RS_RBM_GB;
  settings.roll.velocity = true;
  settings.train.learning_rate = 0.1;
  settings.train.transpose_low = settings.train.transpose_high = 0;
  RsTrainer *trainer = trainer_of(&settings, &train, &train);
  assert_true(part_of(rs_trainer_model(trainer), "rbm.weight")[0] > 10); /* begins as a gate */
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  for (size_t i = 0; i < rs_trainer_parameters(trainer); ++i) {
    assert_true(isfinite(rs_trainer_model(trainer)->w[i]));
  }
  const double densest = 12 * -log(sqrt(2 * M_PI) * settings.model.deviation_low);
  assert_true(exact_ll(trainer, &train) < densest);
  assert_int_equal(trainer->counters.recoveries, 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* ---- Velocities ---- */

/* Songs of two notes in turn, two frames each: 60, loud, and 67, soft. */
static RsSongs loud_and_soft(void) {
  RsSongs songs = {0};
  for (size_t song = 0; song < 4; ++song) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, "song", 64, RS_PLANE_VELOCITY));
    for (size_t n = 0; n < roll.frames; ++n) {
      const bool loud = n / 2 % 2 == song % 2;
      const int note = loud ? 60 : 67;
      rs_frame_set(&roll.on[n], note);
      roll.velocity[n * RS_NOTES + (size_t)note] = (uint8_t)((loud ? 100 : 40) + n % 8 / 2);
    }
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

/* How often a note is on in a roll, and its mean velocity there. */
static double loudness(const RsRoll *roll, int note, double *share) {
  double sum = 0, on = 0;
  for (size_t n = 0; n < roll->frames; ++n) {
    on += rs_frame_has(roll->on + n, note);
    sum += roll->velocity[n * RS_NOTES + (size_t)note];
  }
  *share = on / (double)roll->frames;
  return sum / on;
}

static void a_gaussian_model_plays_the_notes_of_the_songs_as_loud_as_they_are(void **state) {
  RsSettings settings = training_settings(40);
  RsSongs songs = loud_and_soft();
  settings.model.rbm = RS_RBM_GB;
  settings.model.hidden = 48;
  settings.model.recurrent = 12;
  settings.roll.velocity = true;
  settings.train.block = 16;
  settings.train.transpose_low = settings.train.transpose_high = 0;
  settings.train.average = 0.9;
  settings.generate.gibbs_steps = 5;
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  RsGenerator *generator = NULL;
  RsRoll roll;
  assert_ok(rs_generator_new(rs_trainer_model(trainer), &settings.generate, 1, &generator, NULL));
  assert_ok(rs_generator_song(generator, NULL, 512, &roll));
  double loud = 0, soft = 0, notes = 0;
  assert_close(loudness(&roll, 60, &loud), 101.5, 8);
  assert_close(loudness(&roll, 67, &soft), 41.5, 8);
  for (size_t n = 0; n < roll.frames; ++n) {
    notes += rs_frame_count(roll.on + n);
  }
  printf("loud %.2f, soft %.2f, notes a frame %.2f\n", loud, soft, notes / 512);
  assert_close(loud, 0.5, 0.1);
  assert_close(soft, 0.5, 0.1);
  assert_close(notes / 512, 1, 0.1);
  rs_roll_clear(&roll);
  rs_generator_free(generator);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* ---- Odd songs ---- */

static void expect_nothing_to_learn(const RsSongs *songs, const char *message) {
  const RsSettings settings = training_settings(1);
  RsTrainer *trainer = NULL;
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_new(&settings, songs, NULL, &trainer, &error), RS_ERR_EMPTY);
  assert_string_equal(error.message, message);
  assert_null(trainer);
}

static void songs_without_notes_are_refused(void **state) {
  RsSongs songs = {0};
  RsRoll empty;
  expect_nothing_to_learn(&songs, "there is no song to learn from");
  assert_ok(rs_roll_init(&empty, "empty", 0, RS_PLANE_NONE));
  assert_ok(rs_songs_add(&songs, &empty));
  expect_nothing_to_learn(&songs, "there is no song to learn from");
  rs_songs_clear(&songs);
  songs = songs_of("-\n-\n# b\n-\n");
  expect_nothing_to_learn(&songs,
                          "the songs have no note from 60 to 71: where they are not silent, choose "
                          "another range with --set roll.low=N and --set roll.high=N");
  rs_songs_clear(&songs);
}

static void expect_training(const char *text, const RsSongs *valid) {
  const RsSettings settings = training_settings(3);
  RsSongs songs = songs_of(text);
  RsTrainer *trainer = trainer_of(&settings, &songs, valid);
  assert_int_equal(run(trainer, -1), RS_TRAINED_EPOCHS);
  assert_true(isfinite(exact_ll(trainer, &songs)));
  assert_int_equal(rs_trainer_model(trainer)->training.songs, songs.count);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void short_and_single_songs_are_learned(void **state) {
  RsSongs silent = songs_of("-\n-\n");
  expect_training("60\n", NULL);
  expect_training("60 64\n-\n62\n", &silent);
  expect_training("# a\n60\n# b\n62\n# c\n-\n# d\n64\n# e\n65\n", NULL);
  rs_songs_clear(&silent);
}

/* Train on four songs of these meters, beats and unit; this one must be told. */
static void expect_meter(const unsigned meters[4][2], unsigned beats, unsigned unit) {
  const RsSettings settings = training_settings(1);
  RsSongs songs = songs_of(TRAIN_TEXT);
  for (size_t i = 0; i < 4; ++i) {
    songs.rolls[i].meter_beats = meters[i][0];
    songs.rolls[i].meter_unit = meters[i][1];
  }
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  assert_int_equal(rs_trainer_model(trainer)->training.meter_beats, beats);
  assert_int_equal(rs_trainer_model(trainer)->training.meter_unit, unit);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

static void of_meters_that_are_as_common_the_first_songs_counts(void **state) {
  expect_meter((const unsigned[4][2]){{4, 4}, {3, 4}, {3, 4}, {4, 4}}, 4, 4);
  expect_meter((const unsigned[4][2]){{4, 4}, {3, 8}, {3, 4}, {3, 8}}, 3, 8);
  expect_meter((const unsigned[4][2]){{6, 8}, {3, 4}, {2, 4}, {4, 4}}, 6, 8);
  expect_meter((const unsigned[4][2]){{4, 4}, {4, 8}, {4, 8}, {4, 8}}, 4, 8);
}

static void tempo_and_meter_are_those_of_most_songs(void **state) {
  const RsSettings settings = training_settings(1);
  RsSongs songs = songs_of(TRAIN_TEXT);
  static const double bpm[] = {100, 200, 30, 90};
  for (size_t i = 0; i < 4; ++i) {
    songs.rolls[i].bpm = bpm[i];
    songs.rolls[i].meter_beats = i % 3 ? 3 : 4; /* 4/4, 3/8, 3/8, 4/8 */
    songs.rolls[i].meter_unit = i ? 8 : 4;
  }
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  const RsTrainingSummary *known = &rs_trainer_model(trainer)->training;
  assert_close(known->bpm, 100, 0);
  assert_int_equal(known->meter_beats, 3);
  assert_int_equal(known->meter_unit, 8);
  assert_int_equal(known->songs, 4);
  assert_int_equal(known->song_frames, TRAIN_FRAMES);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* ---- Splitting songs ---- */

enum { MOST_SONGS = 24 };

static RsSongs numbered_songs(size_t count) {
  RsSongs songs = {0};
  for (size_t i = 0; i < count; ++i) {
    RsRoll roll;
    char name[8];
    snprintf(name, sizeof name, "%zu", i);
    assert_ok(rs_roll_init(&roll, name, 1, RS_PLANE_NONE));
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

/* Split, and count for each song how often it is held out; each must come out exactly once. */
static size_t split(size_t count, double share, uint64_t seed, int *held) {
  RsSongs songs = numbered_songs(count), train = {0}, valid = {0};
  int seen[MOST_SONGS] = {0};
  assert_ok(rs_songs_split(&songs, share, seed, &train, &valid));
  assert_int_equal(songs.count, 0);
  for (size_t i = 0; i < train.count; ++i) {
    ++seen[atoi(train.rolls[i].name)];
  }
  for (size_t i = 0; i < valid.count; ++i) {
    ++seen[atoi(valid.rolls[i].name)];
    ++held[atoi(valid.rolls[i].name)];
  }
  for (size_t i = 0; i < MOST_SONGS; ++i) {
    assert_int_equal(seen[i], i < count);
  }
  const size_t number = valid.count;
  rs_songs_clear(&train);
  rs_songs_clear(&valid);
  return number;
}

static void a_split_holds_out_the_share_exactly(void **state) {
  static const double shares[] = {0, 0.01, 0.1, 0.5, 0.9, 1};
  int held[MOST_SONGS] = {0};
  for (size_t count = 0; count <= MOST_SONGS; ++count) {
    for (size_t i = 0; i < 6; ++i) {
      const double wanted =
          fmin(fmax(floor(shares[i] * (double)count + 0.5), 1), (double)count - 1);
      const size_t number = shares[i] > 0 && count > 1 ? (size_t)wanted : 0;
      assert_int_equal(split(count, shares[i], 1, held), number);
    }
  }
}

static void a_split_depends_on_the_seed_alone(void **state) {
  int one[MOST_SONGS] = {0}, again[MOST_SONGS] = {0}, all[MOST_SONGS] = {0};
  split(20, 0.25, 3, one);
  split(20, 0.25, 3, again);
  assert_memory_equal(one, again, sizeof one);
  for (uint64_t seed = 0; seed < 400; ++seed) {
    split(20, 0.25, seed, all);
  }
  for (size_t i = 0; i < 20; ++i) {
    assert_in_range(all[i], 60, 140); /* 100 expected, with a spread of 9 */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pattern_is_learned),
      cmocka_unit_test(steps_are_annealed),
      cmocka_unit_test(training_begins_at_the_note_frequencies),
      cmocka_unit_test(notes_begin_by_their_odds_after_silence),
      cmocka_unit_test(a_note_that_is_never_or_always_on_begins_with_a_finite_bias),
      cmocka_unit_test(chains_begin_at_the_song_or_at_the_frame_before),
      cmocka_unit_test(a_centred_step_is_one_of_the_centred_parameters),
      cmocka_unit_test(pretraining_holds_the_recurrent_net),
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
      cmocka_unit_test(variances_move_when_they_should),
      cmocka_unit_test(variances_of_songs_without_any_do_not_collapse),
      cmocka_unit_test(a_gaussian_model_plays_the_notes_of_the_songs_as_loud_as_they_are),
      cmocka_unit_test(songs_without_notes_are_refused),
      cmocka_unit_test(short_and_single_songs_are_learned),
      cmocka_unit_test(tempo_and_meter_are_those_of_most_songs),
      cmocka_unit_test(of_meters_that_are_as_common_the_first_songs_counts),
      cmocka_unit_test(a_split_holds_out_the_share_exactly),
      cmocka_unit_test(a_split_depends_on_the_seed_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
