/* SPDX-License-Identifier: ISC */

/* Training of Gaussian units: variances and velocities. */

#include "training.h"

#include "train/trainer_internal.h"

#include <rollsmith/generator.h>

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
  settings.model.rbm = RS_RBM_GAUSSIAN;
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
  settings.model.rbm = RS_RBM_GAUSSIAN;
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
  settings.model.rbm = RS_RBM_GAUSSIAN;
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(variances_move_when_they_should),
      cmocka_unit_test(variances_of_songs_without_any_do_not_collapse),
      cmocka_unit_test(a_gaussian_model_plays_the_notes_of_the_songs_as_loud_as_they_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
