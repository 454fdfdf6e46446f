/* SPDX-License-Identifier: ISC */

/* The training songs in a model, and generators that do not copy them. */

#include "allocations.h"
#include "folder.h"
#include "frames.h"
#include "plain_runs.h"
#include "small.h"

#include <rollsmith/generator.h>

enum { NOTES = 12, LENGTH = 60 };

static const RsGenerateSettings plain = {.gibbs_steps = 30, .temperature = 1};

static void keep(RsModel *model, const char *text) {
  RsSongs songs = songs_of(text);
  assert_ok(rs_model_keep_songs(model, &songs));
  rs_songs_clear(&songs);
}

static RsGenerator *generator_of(RsModel *model, RsGenerateSettings settings, uint64_t seed) {
  RsGenerator *generator = NULL;
  if (settings.no_copy && model->run_length != (size_t)settings.no_copy) {
    assert_ok(rs_model_index_runs(model, (size_t)settings.no_copy, NULL));
  }
  assert_ok(rs_generator_new(model, &settings, seed, &generator, NULL));
  return generator;
}

static RsFrame next(RsGenerator *generator) {
  RsFrame on;
  assert_ok(rs_generator_next(generator, &on, NULL, NULL));
  return on;
}

/* ---- Songs in a model ---- */

static void assert_songs(const RsSongs *songs, const char *text) {
  RsSongs wanted = songs_of(text);
  assert_int_equal(songs->count, wanted.count);
  for (size_t i = 0; i < wanted.count; ++i) {
    assert_int_equal(songs->rolls[i].frames, wanted.rolls[i].frames);
    assert_memory_equal(songs->rolls[i].on, wanted.rolls[i].on,
                        wanted.rolls[i].frames * sizeof(RsFrame));
  }
  rs_songs_clear(&wanted);
}

/* Settings of a training that moves no song. */
static RsSettings unmoved_settings(void) {
  RsSettings settings = small_settings(NOTES, 3, 3);
  settings.train.transpose_low = settings.train.transpose_high = 0;
  return settings;
}

static void expect_songs(const RsSettings *settings, const char *text, const char *wanted) {
  RsModel *model = random_model(settings, 1), *read = NULL;
  RsSongs songs;
  keep(model, text);
  assert_ok(rs_model_save(model, "m", NULL));
  assert_ok(rs_model_load("m", &read, NULL));
  remove("m");
  assert_ok(rs_model_songs(read, &songs));
  assert_songs(&songs, wanted);
  rs_songs_clear(&songs);
  rs_model_free(model);
  rs_model_free(read);
}

static void songs_come_back_from_the_file_in_the_range_of_the_model(void **state) {
  RsSettings settings = unmoved_settings();
  expect_songs(&settings, "# a\n60 64\n60 64\n-\n30 62\n# b\n71\n",
               "# a\n60 64\n60 64\n-\n62\n# b\n71\n");
  settings.roll.outside = RS_OUTSIDE_FOLD;
  expect_songs(&settings, "30\n30\n71\n", "66\n66\n71\n");
  settings.roll.low = 0;
  settings.roll.high = 127;
  expect_songs(&settings, "0 63 64 127\n127\n", "0 63 64 127\n127\n");
}

static void a_chord_may_last_longer_than_a_row(void **state) {
  const RsSettings settings = unmoved_settings();
  char text[2048] = "";
  for (size_t i = 0; i < 600; ++i) {
    strcat(text, i < 520 ? "60\n" : "-\n");
  }
  expect_songs(&settings, text, text);
}

/* Moved up, 71 becomes 60; moved down, nothing leaves the range. */
static void songs_stand_there_as_training_moved_them_across_the_border(void **state) {
  RsSettings settings = small_settings(NOTES, 3, 3);
  settings.roll.outside = RS_OUTSIDE_FOLD;
  settings.train.transpose_low = -1;
  settings.train.transpose_high = 1;
  expect_songs(&settings, "65 71\n61\n", "60 66\n62\n# as it stands\n65 71\n61\n");
}

static void a_model_without_songs_has_none(void **state) {
  const RsSettings settings = small_settings(NOTES, 3, 3);
  RsModel *model = model_of(&settings);
  RsSongs songs;
  RsError error;
  assert_ok(rs_model_songs(model, &songs));
  assert_int_equal(songs.count, 0);
  assert_int_equal(rs_model_index_runs(model, 16, &error), RS_ERR_SETTING);
  assert_string_equal(error.message,
                      "the model does not hold its training songs, which --no-copy needs: train it "
                      "with this version and train.keep_songs = true");
  rs_model_free(model);
}

/* Save a model whose songs were damaged, and read it. */
static void expect_refused(RsModel *model) {
  RsModel *read = NULL;
  RsError error;
  assert_ok(rs_model_save(model, "m", NULL));
  assert_int_equal(rs_model_load("m", &read, &error), RS_ERR_FORMAT);
  assert_string_equal(error.message,
                      "m: bad training songs in the model: the rows are not those of the songs");
  remove("m");
}

static void songs_that_do_not_fit_their_rows_are_refused(void **state) {
  const RsSettings settings = small_settings(NOTES, 3, 3);
  RsModel *model = random_model(&settings, 1);
  keep(model, "# a\n60\n60\n62\n# b\n60\n");
  static const struct {
    size_t song, row;
    int frames, length;
    uint64_t notes;
  } damages[] = {
      {0, 0, 1, 0, 0}, {0, 0, -1, 0, 0}, {1, 0, 1, 0, 0},
      {0, 0, 0, 1, 0}, {0, 1, 0, -1, 0}, {0, 2, 0, 0, 1 << NOTES},
  };
  for (size_t i = 0; i < sizeof damages / sizeof *damages; ++i) {
    model->songs.frames[damages[i].song] += (uint64_t)damages[i].frames;
    model->songs.lengths[damages[i].row] += (uint8_t)damages[i].length;
    model->songs.notes[damages[i].row] ^= damages[i].notes;
    expect_refused(model);
    model->songs.frames[damages[i].song] -= (uint64_t)damages[i].frames;
    model->songs.lengths[damages[i].row] -= (uint8_t)damages[i].length;
    model->songs.notes[damages[i].row] ^= damages[i].notes;
  }
  model->songs.frames[0] = model->songs.frames[1] = 0;
  expect_refused(model);
  rs_model_free(model);
}

/* ---- Models that go up the scale ---- */

#define SCALE "60\n61\n62\n63\n64\n65\n66\n67\n68\n69\n70\n71\n60\n61\n62\n63\n64\n"

/* Sure of the note above that of the frame before, and of 60 after silence. */
static RsModel *climber_of(bool gaussian, bool counts) {
  RsSettings settings = small_settings(NOTES, 1, NOTES);
  settings.model.rbm = gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.model.counts = counts;
  settings.model.deviation_low = 0.01;
  RsModel *model = model_of(&settings);
  const float sure = gaussian ? 1 : 40;
  for (size_t i = 0; i < NOTES; ++i) {
    const size_t before = (i + NOTES - 1) % NOTES;
    part_of(model, "rnn.weight")[i * (model->inputs.size + NOTES) + before] = 40;
    part_of(model, "rnn.bias")[i] = -20;
    part_of(model, "output.weight")[i * NOTES + i] = sure / 2;
    part_of(model, "output.bias")[i] = gaussian ? sure / 2 : 0;
    if (gaussian) {
      part_of(model, "output.bias")[NOTES + 1 + i] = -9;
    }
  }
  keep(model, SCALE);
  return model;
}

static RsModel *climber(bool gaussian) {
  return climber_of(gaussian, false);
}

static void prime(RsGenerator *generator, const char *text) {
  RsSongs songs = songs_of(text);
  assert_ok(rs_generator_prime(generator, songs.rolls));
  rs_songs_clear(&songs);
}

static void assert_climbs(RsGenerator *generator, int from, int frames) {
  for (int i = 0; i < frames; ++i) {
    assert_frame(next(generator), 60 + (from - 60 + i) % NOTES);
  }
}

static RsGenerateSettings no_copy(int length) {
  RsGenerateSettings settings = plain;
  settings.no_copy = length;
  return settings;
}

/* Of the frames that differ from 64 by a note, the one that costs least. */
static void a_sure_frame_is_changed_by_the_likeliest_note(void **state) {
  for (int kind = 0; kind < 2; ++kind) {
    RsModel *model = climber(kind);
    part_of(model, "output.bias")[9] += kind ? 0.2f : 5; /* 69 is not quite as unlikely */
    RsGenerator *generator = generator_of(model, no_copy(4), 1);
    prime(generator, "60\n");
    assert_climbs(generator, 61, 3);
    assert_frame(next(generator), 64, 69);
    rs_generator_free(generator);
    rs_model_free(model);
  }
}

/* A note alone is as good as sure: 64 makes room for 69, or for silence, which has no potential. */
static void potentials_on_counts_have_their_say_in_a_change(void **state) {
  RsModel *model = climber_of(false, true);
  part_of(model, "output.bias")[9] += 5;
  part_of(model, "output.bias")[NOTES + 1 + 2] = -60; /* two notes */
  RsGenerator *generator = generator_of(model, no_copy(4), 1);
  prime(generator, "60\n");
  assert_climbs(generator, 61, 3);
  const RsFrame changed = next(generator);
  assert_int_equal(rs_frame_count(&changed), 0);
  rs_generator_free(generator);
  rs_model_free(model);
}

/* 69 is given as silent, and 64 as sounding. */
static void notes_that_are_given_are_not_changed(void **state) {
  RsModel *model = climber(false);
  RsGenerator *generator = generator_of(model, no_copy(4), 1);
  RsGivenNotes given = {.known = FRAME(64, 69), .on = FRAME(64)};
  part_of(model, "output.bias")[9] += 5;
  part_of(model, "output.bias")[7] += 3;
  prime(generator, "60\n");
  assert_climbs(generator, 61, 3);
  rs_generator_clamp(generator, &given);
  assert_frame(next(generator), 64, 67);
  rs_generator_free(generator);
  rs_model_free(model);
}

/* The hidden unit makes 70 likelier where 64 sounds. */
static void hidden_units_have_their_say_in_a_change(void **state) {
  RsModel *model = climber(false);
  part_of(model, "output.bias")[9] += 5;
  part_of(model, "rbm.weight")[4] = 8;
  part_of(model, "rbm.weight")[10] = 8;
  RsGenerator *generator = generator_of(model, no_copy(4), 1);
  prime(generator, "60\n");
  assert_climbs(generator, 61, 3);
  assert_frame(next(generator), 64, 70);
  rs_generator_free(generator);
  rs_model_free(model);
}

static void what_was_heard_is_not_counted(void **state) {
  RsModel *model = climber(false);
  RsGenerator *generator = generator_of(model, no_copy(4), 1);
  for (int time = 0; time < 2; ++time) {
    prime(generator, SCALE);
    assert_climbs(generator, 65, 3);
    const RsFrame on = next(generator), copy = FRAME(68);
    assert_false(rs_frame_equal(&on, &copy));
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* No note may be added, and 64 alone may be left out. */
static void a_change_keeps_to_the_cap_on_polyphony(void **state) {
  RsModel *model = climber(false);
  RsGenerateSettings settings = no_copy(4);
  const RsFrame silence = SILENCE;
  settings.max_polyphony = 1;
  RsGenerator *generator = generator_of(model, settings, 1);
  prime(generator, "60\n");
  assert_climbs(generator, 61, 3);
  const RsFrame on = next(generator);
  assert_true(rs_frame_equal(&on, &silence));
  rs_generator_free(generator);
  rs_model_free(model);
}

/* Any two different frames are a run of the song: none of the changes would do. */
static void silence_is_left_where_every_change_is_a_copy(void **state) {
  const RsSettings settings = small_settings(2, 1, 1);
  RsModel *model = model_of(&settings);
  const RsFrame silence = SILENCE;
  keep(model, "60\n61\n60\n60 61\n60\n60 61\n61\n60 61\n");
  part_of(model, "output.bias")[0] = 0.5f;
  RsGenerator *generator = generator_of(model, no_copy(2), 1);
  RsFrame before = next(generator);
  for (int i = 0; i < 400; ++i) {
    const RsFrame on = next(generator);
    assert_true(rs_frame_equal(&on, &silence) || rs_frame_equal(&before, &silence) ||
                rs_frame_equal(&on, &before));
    before = on;
  }
  rs_generator_free(generator);
  rs_model_free(model);
}

/* ---- All kinds of models ---- */

static size_t copies_of(const RsRoll *roll, const RsSongs *songs, size_t length) {
  size_t copies = 0;
  for (size_t i = 0; i + length <= roll->frames; ++i) {
    const bool run = is_run(roll->on + i, length);
    for (size_t s = 0; run && s < songs->count; ++s) {
      copies += stands_in(roll->on + i, songs->rolls + s, length, 0);
    }
  }
  return copies;
}

static void play(RsModel *model, RsGenerateSettings settings, uint64_t seed, RsRoll *roll) {
  RsGenerator *generator = generator_of(model, settings, seed);
  assert_ok(rs_generator_song(generator, NULL, LENGTH, roll));
  rs_generator_free(generator);
}

/* Model `kind` of few notes, with songs that it often plays some frames of. */
static RsModel *chatterer(unsigned kind) {
  RsSettings settings = small_settings(3, 4, 4);
  settings.model.rbm = kind & 1 ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI;
  settings.roll.articulation = kind & 2;
  settings.roll.velocity = kind & 1 && kind & 4;
  RsModel *model = random_model(&settings, 0.7);
  model->training.meter_beats = 3;
  keep(model,
       "# a\n60\n61\n61\n60 61\n-\n61\n60\n60 62\n61\n60\n62\n-\n-\n60 61\n62\n60 62\n61\n"
       "# b\n60 62\n60 62\n60\n60\n61\n-\n61 62\n62\n61 62\n60 61 62\n60 61\n61\n60\n61\n60\n");
  return model;
}

static void no_model_completes_a_run(void **state) {
  size_t copied = 0;
  for (unsigned kind = 0; kind < 16; ++kind) {
    RsModel *model = chatterer(kind % 8);
    RsGenerateSettings settings = no_copy(3 + (int)kind % 2);
    RsSongs songs;
    settings.temperature = kind & 8 ? 1.5 : 1;
    settings.max_polyphony = kind % 3;
    assert_ok(rs_model_songs(model, &songs));
    for (uint64_t seed = 1; seed < 5; ++seed) {
      RsRoll roll, free_roll, again;
      play(model, settings, seed, &roll);
      play(model, settings, seed, &again);
      assert_memory_equal(roll.on, again.on, LENGTH * sizeof *roll.on);
      assert_int_equal(copies_of(&roll, &songs, (size_t)settings.no_copy), 0);
      RsGenerateSettings anything = settings;
      anything.no_copy = 0;
      play(model, anything, seed, &free_roll);
      copied += copies_of(&free_roll, &songs, (size_t)settings.no_copy);
      rs_roll_clear(&roll);
      rs_roll_clear(&free_roll);
      rs_roll_clear(&again);
    }
    rs_songs_clear(&songs);
    rs_model_free(model);
  }
  assert_true(copied > 100);
}

static void where_nothing_is_copied_the_music_is_the_same(void **state) {
  RsModel *model = chatterer(2);
  RsRoll with, without;
  play(model, no_copy(24), 5, &with);
  play(model, plain, 5, &without);
  assert_memory_equal(with.on, without.on, LENGTH * sizeof *with.on);
  assert_memory_equal(with.onset, without.onset, LENGTH * sizeof *with.onset);
  rs_roll_clear(&with);
  rs_roll_clear(&without);
  rs_model_free(model);
}

static void runs_must_be_indexed(void **state) {
  RsModel *model = chatterer(0);
  RsGenerateSettings settings = no_copy(8);
  RsGenerator *generator = NULL;
  assert_int_equal(rs_generator_new(model, &settings, 1, &generator, NULL), RS_ERR_SETTING);
  assert_ok(rs_model_index_runs(model, 7, NULL));
  assert_int_equal(rs_generator_new(model, &settings, 1, &generator, NULL), RS_ERR_SETTING);
  assert_ok(rs_model_index_runs(model, 8, NULL));
  assert_ok(rs_generator_new(model, &settings, 1, &generator, NULL));
  rs_generator_free(generator);
  rs_model_free(model);
}

static void frames_are_drawn_again_without_allocating(void **state) {
  RsModel *model = chatterer(3);
  RsGenerator *generator = generator_of(model, no_copy(2), 1);
  const size_t before = allocations;
  for (int i = 0; i < LENGTH; ++i) {
    next(generator);
  }
  assert_int_equal(allocations, before);
  rs_generator_free(generator);
  rs_model_free(model);
}

/* Each allocation of an index and of a generator that needs it fails once. */
static void memory_that_runs_out_is_told_and_lost_nowhere(void **state) {
  RsModel *model = chatterer(0);
  const RsGenerateSettings settings = no_copy(3);
  const size_t before = living;
  RsStatus status = RS_ERR_MEMORY;
  for (size_t n = 1; status; ++n) {
    RsGenerator *generator = NULL;
    failing = allocations + n;
    status = rs_model_index_runs(model, 3, NULL);
    status = status ? status : rs_generator_new(model, &settings, 1, &generator, NULL);
    failing = 0;
    assert_true(status == RS_OK || status == RS_ERR_MEMORY || status == RS_ERR_SETTING);
    rs_generator_free(generator);
  }
  assert_ok(rs_model_index_runs(model, 3, NULL));
  rs_model_free(model);
  assert_true(living < before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(songs_come_back_from_the_file_in_the_range_of_the_model),
      cmocka_unit_test(a_chord_may_last_longer_than_a_row),
      cmocka_unit_test(songs_stand_there_as_training_moved_them_across_the_border),
      cmocka_unit_test(a_model_without_songs_has_none),
      cmocka_unit_test(songs_that_do_not_fit_their_rows_are_refused),
      cmocka_unit_test(a_sure_frame_is_changed_by_the_likeliest_note),
      cmocka_unit_test(potentials_on_counts_have_their_say_in_a_change),
      cmocka_unit_test(notes_that_are_given_are_not_changed),
      cmocka_unit_test(hidden_units_have_their_say_in_a_change),
      cmocka_unit_test(what_was_heard_is_not_counted),
      cmocka_unit_test(a_change_keeps_to_the_cap_on_polyphony),
      cmocka_unit_test(silence_is_left_where_every_change_is_a_copy),
      cmocka_unit_test(no_model_completes_a_run),
      cmocka_unit_test(where_nothing_is_copied_the_music_is_the_same),
      cmocka_unit_test(runs_must_be_indexed),
      cmocka_unit_test(frames_are_drawn_again_without_allocating),
      cmocka_unit_test(memory_that_runs_out_is_told_and_lost_nowhere),
  };
  return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
