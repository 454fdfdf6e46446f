/* SPDX-License-Identifier: ISC */

/* Pasts that are not the songs' own: passages that a model played alone. */

#include "allocations.h"
#include "training.h"

#include "train/trainer_internal.h"

/* ---- Passages that the model plays alone ---- */

static RsSettings own_past_settings(void) {
  RsSettings settings = training_settings(1000);
  settings.train.own_past = 1;
  settings.train.block = RS_WINDOW;
  settings.train.streams = 64;
  return settings;
}

/* A model that tosses a coin for each note of each frame, whom no song resembles. */
static RsTrainer *coins(const RsSettings *settings, const RsSongs *songs) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  memset(trainer->parameters.w, 0, trainer->parameters.count * sizeof *trainer->parameters.w);
  return trainer;
}

/* The frames of a passage, behind those that it looks back on. */
static const float *window_of(const RsTrainer *trainer, size_t number) {
  const size_t frames = trainer->replay.context + RS_WINDOW;
  return trainer->replay.frames + (number * frames + trainer->replay.passages[number].context) * 12;
}

static void each_window_of_a_run_is_a_passage_of_its_own(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  assert_ok(rs_trainer_find_passages(trainer));
  const size_t count = (size_t)trainer->counters.passages;
  assert_true(count >= 8);
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < i; ++k) {
      assert_memory_not_equal(window_of(trainer, i), window_of(trainer, k),
                              RS_WINDOW * 12 * sizeof *trainer->replay.frames);
    }
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void a_passage_looks_back_on_the_window_before_it(void **state) {
  RsSettings settings = own_past_settings();
  settings.model.note_age = true; /* which is as long as many frames */
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  size_t looking_back = 0;
  assert_ok(rs_trainer_find_passages(trainer));
  for (size_t i = 1; i < trainer->counters.passages; ++i) {
    const size_t values = trainer->replay.passages[i].context * 12;
    assert_memory_equal(window_of(trainer, i) - values,
                        window_of(trainer, i - 1) + RS_WINDOW * 12 - values,
                        values * sizeof *trainer->replay.frames);
    looking_back += values > 0;
  }
  assert_true(looking_back > 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void passages_are_looked_for_every_64_updates(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  for (trainer->counters.updates = 1; trainer->counters.updates < 64; ++trainer->counters.updates) {
    assert_ok(rs_trainer_find_passages(trainer));
    assert_int_equal(trainer->counters.passages, 0);
  }
  assert_ok(rs_trainer_find_passages(trainer));
  assert_true(trainer->counters.passages > 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void a_model_whose_numbers_overflow_has_no_passages(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  trainer->parameters.w[0] = NAN;
  assert_ok(rs_trainer_find_passages(trainer));
  assert_int_equal(trainer->counters.passages, 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void a_look_for_passages_without_memory_says_so(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  const size_t before = allocations;
  assert_ok(rs_trainer_find_passages(trainer));
  const size_t calls = allocations - before, blocks = living;
  assert_true(calls > 4);
  for (size_t k = 1; k <= calls; k += 1 + calls / 16) {
    trainer->counters.passages = 0; /* runs as in the look that was counted */
    failing = allocations + k;
    assert_int_equal(rs_trainer_find_passages(trainer), RS_ERR_MEMORY);
    failing = 0;
    assert_int_equal(living, blocks);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* A trainer whose only passage has these notes from 60 on in every frame. */
static RsTrainer *with_notes(const RsSettings *settings, const RsSongs *songs, size_t count,
                             const size_t *notes) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  trainer->counters.passages = 1;
  for (size_t n = 0; n < RS_WINDOW; ++n) {
    for (size_t i = 0; i < count; ++i) {
      trainer->replay.frames[n * visible + notes[i]] = 1;
    }
  }
  trainer->counters.updates = 1; /* no look in this update */
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

/* 128 frames of one note. */
static RsSongs one_note(const char *note) {
  char text[4096] = "";
  for (int i = 0; i < 128; ++i) {
    strcat(text, note);
    strcat(text, "\n");
  }
  return songs_of(text);
}

/* Units of frames of streams whose song has note 60 + `song`, that are not the song's: how many
 * there are of `unit`, and how many of any other. */
static void count_units(const RsTrainer *trainer, size_t song, size_t unit, size_t *right,
                        size_t *wrong) {
  const RsTrainGroup *group = trainer->groups;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  *right = *wrong = 0;
  for (size_t row = 0; row < RS_WINDOW * group->batch.streams; ++row) {
    for (size_t i = 0; group->batch.v[row * visible + song] > 0 && i < visible; ++i) {
      const bool on = group->batch.x[row * visible + i] != 0, is_song = i % 12 == song;
      *right += on && i == unit;
      *wrong += on && i != unit && !is_song;
    }
  }
}

static void a_transposed_note_may_be_the_lowest_of_the_range(void **state) {
  RsSettings settings = own_past_settings();
  RsSongs train = one_note("60");
  size_t right, wrong;
  settings.roll.articulation = true;
  settings.train.transpose_low = -2;
  settings.train.transpose_high = 0;
  RsTrainer *trainer = with_notes(&settings, &train, 1, (const size_t[]){2});
  const RsTrainGroup *group = trainer->groups;
  for (size_t row = 0; row < RS_WINDOW * group->batch.streams;
       ++row) { /* song or passage: note 60 */
    assert_true(group->batch.starts[row] || group->batch.v[row * 24] == 0 ||
                group->batch.x[row * 24] > 0);
  }
  count_units(trainer, 0, 0, &right, &wrong);
  assert_true(right > 0);
  assert_int_equal(wrong, 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* Notes 60 and 70, two semitones up: one becomes 62, the other leaves the range. */
static void a_note_that_is_transposed_out_of_the_range_is_lost(void **state) {
  RsSettings settings = own_past_settings();
  RsSongs train = one_note("62");
  size_t right, wrong;
  settings.roll.articulation = true;
  settings.train.transpose_low = 0;
  settings.train.transpose_high = 2;
  RsTrainer *trainer = with_notes(&settings, &train, 2, (const size_t[]){0, 10});
  count_units(trainer, 2, 2, &right, &wrong);
  assert_true(right > 0);
  assert_int_equal(wrong, 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_window_of_a_run_is_a_passage_of_its_own),
      cmocka_unit_test(a_passage_looks_back_on_the_window_before_it),
      cmocka_unit_test(passages_are_looked_for_every_64_updates),
      cmocka_unit_test(a_model_whose_numbers_overflow_has_no_passages),
      cmocka_unit_test(a_look_for_passages_without_memory_says_so),
      cmocka_unit_test(a_transposed_note_may_be_the_lowest_of_the_range),
      cmocka_unit_test(a_note_that_is_transposed_out_of_the_range_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
