/* SPDX-License-Identifier: ISC */

/* Random songs and random frames, whose gradient is subtracted: equations X1 to X7. */

#include "one_update.h"
#include "training.h"

#include "train/trainer_internal.h"
#include "train/update.h"

#include <math.h>
#include <string.h>

/* ---- The negative gradient, equations X1 and X6 ---- */

static RsSettings negative_settings(void) {
  RsSettings settings = plain_settings();
  settings.train.block = 64;
  settings.train.negative_weight = 0.25;
  settings.train.negative_p = 0.75;
  settings.train.negative_hinge = 0;
  settings.train.negative_from_epoch = 1;
  return settings;
}

/* Random songs have the probability that was asked for; of the inputs, they have the frame before
   alone. */
static void check_random_songs(const RsTrainer *trainer) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  const size_t inputs = trainer->model->inputs.size;
  double on = 0, values = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    for (size_t at = 0; at < rows_of(trainer, group) * visible; ++at, ++values) {
      const size_t row = at / visible, before = at - group->batch.streams * visible;
      const bool first = row < group->batch.streams;
      on += (double)group->batch.v[at];
      assert_int_equal(group->batch.starts[row], first);
      assert_true(group->batch.x[row * inputs + at % visible] ==
                  (first ? 0 : group->batch.v[before]));
    }
    for (size_t at = 0; at < rows_of(trainer, group) * inputs; ++at) {
      assert_true(at % inputs < visible || group->batch.x[at] == 0);
    }
  }
  assert_close(on / values, 0.75, 0.025);
}

/* Two values of random songs so far apart are on or off together as often as two coins are. */
static void check_independence(const RsTrainer *trainer, size_t apart) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  double same = 0, pairs = 0;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    for (size_t at = 0; at + apart < rows_of(trainer, group) * visible; ++at, ++pairs) {
      same += group->batch.v[at] == group->batch.v[at + apart];
    }
  }
  assert_close(same / pairs, 0.75 * 0.75 + 0.25 * 0.25, 0.03);
}

/* The gradient of visible biases is changed by a factor times the mean pull of random songs. */
static void check_gradient(const RsTrainer *negative, const RsTrainer *plain, double factor) {
  const size_t a = visible_biases(plain);
  for (size_t i = 0; i < rs_rnnrbm_rbm(plain->model->net)->visible; ++i) {
    const double wanted =
        factor * pull(negative, true, i) / (double)rs_update_rows(rs_trainer_settings(negative));
    assert_close((double)negative->parameters.g[a + i] - (double)plain->parameters.g[a + i], wanted,
                 1e-6);
  }
}

static void the_gradient_of_random_songs_is_subtracted(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  RsTrainer *negative = after_an_update(&settings, &songs);
  settings.train.negative_weight = 0;
  RsTrainer *plain = after_an_update(&settings, &songs);
  check_random_songs(negative);
  for (size_t apart = 1; apart <= 24; ++apart) {
    check_independence(negative, apart);
  }
  check_gradient(negative, plain, -0.25);
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  rs_songs_clear(&songs);
}

static void random_songs_have_no_ages(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.model.note_age = true;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  assert_true(trainer->model->inputs.size > rs_rnnrbm_rbm(trainer->model->net)->visible);
  check_random_songs(trainer);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* What lies above the hinge has both its phases the same; what lies below has not. */
static void check_hinge(const RsTrainer *trainer, double hinge, size_t *above, size_t *below) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  for (size_t i = 0; i < trainer->group_count; ++i) {
    const RsTrainGroup *group = trainer->groups + i;
    const size_t rows = rows_of(trainer, group), bytes = visible * sizeof(float);
    for (size_t n = 0; n < rows; ++n) {
      const double gap = (double)group->energy[n] - (double)group->energy[rows + n];
      const bool same = !memcmp(group->other + n * visible, group->batch.v + n * visible, bytes);
      *above += gap > hinge;
      *below += gap <= hinge;
      assert_int_equal(same, gap > hinge);
    }
  }
}

static void a_random_frame_beyond_the_hinge_does_not_push(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.negative_hinge = 16;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  size_t above = 0, below = 0;
  check_hinge(trainer, 16, &above, &below);
  print_message("%zu frames beyond the hinge, %zu before it\n", above, below);
  assert_true(above > rs_update_rows(rs_trainer_settings(trainer)) / 10 &&
              below > rs_update_rows(rs_trainer_settings(trainer)) / 10);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

/* Whether an update in an epoch, the first being 1, differs from one without random songs. */
static bool has_random_songs(const RsSettings *settings, const RsSongs *songs, uint64_t epoch) {
  RsSettings without = *settings;
  without.train.negative_weight = 0;
  RsTrainer *negative = trainer_of(settings, songs, NULL),
            *plain = trainer_of(&without, songs, NULL);
  negative->counters.epoch = plain->counters.epoch = epoch - 1;
  assert_ok(rs_trainer_update(negative));
  assert_ok(rs_trainer_update(plain));
  const bool differ = memcmp(negative->parameters.g, plain->parameters.g,
                             plain->parameters.count * sizeof *plain->parameters.g) != 0;
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  return differ;
}

static void random_songs_begin_with_their_epoch(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.negative_from_epoch = 3;
  for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
    assert_int_equal(has_random_songs(&settings, &songs, epoch), epoch >= 3);
  }
  rs_songs_clear(&songs);
}

/* The weight grows by a quarter an epoch, equation X7: so does what it adds to the gradient. */
static void the_weight_of_random_songs_grows_over_its_epochs(void **state) {
  RsSettings settings = negative_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  static const double share[] = {0, 0, 0.25, 0.5, 0.75, 1, 1};
  settings.train.negative_from_epoch = 3;
  settings.train.negative_ramp_epochs = 4;
  for (size_t epoch = 1; epoch <= 7; ++epoch) {
    RsTrainer *negative = trainer_of(&settings, &songs, NULL);
    negative->counters.epoch = epoch - 1;
    assert_ok(rs_trainer_update(negative));
    RsSettings without = settings;
    without.train.negative_weight = 0;
    RsTrainer *plain = after_an_update(&without, &songs);
    if (share[epoch - 1] > 0) {
      check_gradient(negative, plain, -0.25 * share[epoch - 1]);
    }
    rs_trainer_free(negative);
    rs_trainer_free(plain);
  }
  rs_songs_clear(&songs);
}

/* ---- Random frames after the songs' past, equation X5 ---- */

static RsSettings song_settings(void) {
  RsSettings settings = negative_settings();
  settings.train.negative_past = RS_NEGATIVE_SONG;
  settings.train.negative_hinge = 14;
  return settings;
}

/* A frame that is G below the song's frame, or less than the hinge, is pushed; no chain is run. */
static void a_random_frame_in_place_of_a_songs_is_pushed_up_to_the_hinge(void **state) {
  RsSettings settings = song_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  RsTrainer *negative = after_an_update(&settings, &songs);
  settings.train.negative_weight = 0;
  RsTrainer *plain = after_an_update(&settings, &songs);
  const size_t visible = rs_rnnrbm_rbm(plain->model->net)->visible;
  size_t above = 0, below = 0;
  for (size_t i = 0; i < negative->group_count; ++i) {
    const RsTrainGroup *group = negative->groups + i;
    const size_t rows = rows_of(negative, group), bytes = visible * sizeof(float);
    assert_memory_equal(group->batch.v, plain->groups[i].batch.v, rows * bytes);
    for (size_t n = 0; n < rows; ++n) {
      const double gap = (double)group->energy[rows + n] - (double)group->energy[n];
      const bool same = !memcmp(group->other + n * visible, group->batch.v + n * visible, bytes);
      above += gap > 14;
      below += gap <= 14;
      assert_int_equal(same, gap > 14);
    }
  }
  print_message("%zu frames beyond the hinge, %zu before it\n", above, below);
  assert_true(above > rs_update_rows(rs_trainer_settings(negative)) / 10 &&
              below > rs_update_rows(rs_trainer_settings(negative)) / 10);
  check_gradient(negative, plain, 0.25);
  rs_trainer_free(negative);
  rs_trainer_free(plain);
  rs_songs_clear(&songs);
}

/* G of equation X4: both free energies under the biases that the songs' past makes. */
static void the_gap_is_one_of_free_energies_after_the_same_past(void **state) {
  RsSettings settings = song_settings();
  RsSongs songs = songs_of(TRAIN_TEXT);
  settings.train.learning_rate = 1e-30; /* the weights stay those of the gradient */
  settings.train.negative_hinge = 1e6;
  RsTrainer *trainer = after_an_update(&settings, &songs);
  const RsTrainGroup *group = trainer->groups;
  const size_t rows = rows_of(trainer, group);
  float *energy = test_calloc(2 * rows, sizeof *energy);
  const RsRbm *rbm = rs_rnnrbm_rbm(trainer->model->net);
  const float *biases = rs_rnnrbm_biases(group->learner);
  rs_rbm_free_energy(rbm, trainer->parameters.w, rows, biases, group->batch.v, group->work, energy);
  rs_rbm_free_energy(rbm, trainer->parameters.w, rows, biases, group->other, group->work,
                     energy + rows);
  for (size_t n = 0; n < 2 * rows; ++n) {
    assert_close(group->energy[n], energy[n], 1e-3);
  }
  test_free(energy);
  rs_trainer_free(trainer);
  rs_songs_clear(&songs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_gradient_of_random_songs_is_subtracted),
      cmocka_unit_test(random_songs_have_no_ages),
      cmocka_unit_test(a_random_frame_beyond_the_hinge_does_not_push),
      cmocka_unit_test(random_songs_begin_with_their_epoch),
      cmocka_unit_test(the_weight_of_random_songs_grows_over_its_epochs),
      cmocka_unit_test(a_random_frame_in_place_of_a_songs_is_pushed_up_to_the_hinge),
      cmocka_unit_test(the_gap_is_one_of_free_energies_after_the_same_past),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
