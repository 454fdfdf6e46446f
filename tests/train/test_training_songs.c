/* SPDX-License-Identifier: ISC */

/* Songs of a training: those that are refused, their tempo and meter, and validation songs. */

#include "training.h"

#include "train/trainer_internal.h"

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
  expect_nothing_to_learn(&songs, "no song to train on");
  assert_ok(rs_roll_init(&empty, "empty", 0, RS_PLANE_NONE));
  assert_ok(rs_songs_add(&songs, &empty));
  expect_nothing_to_learn(&songs, "no song to train on");
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
      cmocka_unit_test(songs_without_notes_are_refused),
      cmocka_unit_test(short_and_single_songs_are_learned),
      cmocka_unit_test(tempo_and_meter_are_those_of_most_songs),
      cmocka_unit_test(of_meters_that_are_as_common_the_first_songs_counts),
      cmocka_unit_test(a_split_holds_out_the_share_exactly),
      cmocka_unit_test(a_split_depends_on_the_seed_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
