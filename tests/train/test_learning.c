/* SPDX-License-Identifier: ISC */

/* What training learns: patterns, first parameters, chains and steps. */

#include "training.h"

#include "train/trainer_internal.h"

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
static void expect_learning(RsRnnEngine gradient, RsOptimiserChoice optimiser) {
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
  expect_learning(RS_ENGINE_BLOCK, RS_OPTIMISER_ADAM);
  expect_learning(RS_ENGINE_BPTT, RS_OPTIMISER_ADAM);
  expect_learning(RS_ENGINE_BPTT, RS_OPTIMISER_SGD);
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
