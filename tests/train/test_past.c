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
static float *window_of(const RsTrainer *trainer, size_t number) {
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

/* Two songs, five eighths of all frames in 4/4 and the others in 3/4: enough for both meters to be
   learned. */
static RsSongs songs_in_two_meters(void) {
  enum { FRAMES = 64 * 16 };
  char text[8 * FRAMES] = "# a\n";
  for (int i = 0; i < FRAMES; ++i) {
    strcat(text, i == FRAMES * 5 / 8 ? "# b\n60\n" : "60\n");
  }
  RsSongs songs = songs_of(text);
  assert_ok(rs_roll_add_meter(&songs.rolls[0], 0, 4, 4));
  assert_ok(rs_roll_add_meter(&songs.rolls[1], 0, 3, 4));
  return songs;
}

static void each_meter_has_a_clock(void **state) {
  RsSettings settings = own_past_settings();
  settings.model.metre = true;
  settings.roll.frames_per_beat = 8;
  RsSongs train = songs_in_two_meters();
  RsTrainer *trainer = coins(&settings, &train);
  const RsInputs *inputs = trainer->replay.inputs;
  assert_int_equal(inputs->meter_count, 2);
  for (size_t i = 0; i <= RS_METERS_MAX; ++i) {
    const RsRoll *clock = trainer->replay.clocks + i;
    assert_int_equal(clock->meter_count, i < 2);
    if (i < 2) {
      assert_int_equal(clock->frames_per_beat, inputs->frames_per_beat);
      assert_int_equal(clock->meters->frame, 0);
      assert_int_equal(clock->meters->beats, inputs->meters[i].beats);
      assert_int_equal(clock->meters->unit, inputs->meters[i].unit);
    }
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* A window of 64 frames ends 4 frames within a bar of 3/4, and at the end of one of 4/4. */
static void a_run_goes_on_within_the_bar_of_its_passage(void **state) {
  RsSettings settings = own_past_settings();
  settings.model.metre = settings.model.note_age = true;
  RsSongs train = songs_in_two_meters();
  RsTrainer *trainer = coins(&settings, &train);
  const RsInputs *inputs = trainer->replay.inputs;
  for (size_t meter = 0; meter < 2; ++meter) {
    const size_t bar = 4 * inputs->meters[meter].beats, first = (bar - RS_WINDOW % bar) % bar;
    trainer->counters.passages = trainer->counters.updates = 0;
    assert_ok(rs_trainer_find_passages(trainer));
    assert_int_equal(trainer->counters.passages, 16); /* 4 runs of 4 windows */
    for (size_t i = 0; i < 16; ++i) {
      trainer->replay.passages[i] = (RsPassage){.context = 0, .meter = meter};
    }
    trainer->counters.updates = 64;
    assert_ok(rs_trainer_find_passages(trainer));
    assert_int_equal(trainer->counters.passages, 32);
    for (size_t i = 0; i < 8; ++i) { /* of every other run */
      const RsPassage *passage = trainer->replay.passages + 16 + (i / 4 * 2 + 1) * 4 + i % 4;
      const size_t start = i % 4 * RS_WINDOW;
      size_t context = start ? (start - first) % bar : 0;
      while (start && context + bar <= trainer->replay.context) {
        context += bar;
      }
      assert_int_equal(passage->meter, meter);
      assert_int_equal(passage->context, context);
    }
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void runs_have_the_meters_of_the_songs_as_often_as_they_do(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_in_two_meters();
  RsTrainer *trainer = coins(&settings, &train);
  size_t of_first = 0, runs = 0;
  assert_true(trainer->replay.inputs->meters[0].share == 0.625);
  for (size_t look = 0; look < 48; ++look) {
    trainer->counters.updates = 64 * look;
    trainer->counters.passages = 0; /* so that none is followed */
    assert_ok(rs_trainer_find_passages(trainer));
    for (size_t i = 0; i < trainer->counters.passages; i += 4) {
      of_first += trainer->replay.passages[i].meter == 0;
      ++runs;
    }
  }
  assert_int_equal(runs, 192);
  assert_in_range(of_first, 120 - 3 * 7, 120 + 3 * 7); /* 3 standard deviations */
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* A model that repeats the frame before, for ever. */
static RsTrainer *parrot(const RsSettings *settings, const RsSongs *songs) {
  RsTrainer *trainer = coins(settings, songs);
  RsRnnRbmTensor part;
  for (size_t i = 0; rs_rnnrbm_tensor(trainer->model->net, i, &part); ++i) {
    for (size_t k = 0; k < 12 && !strcmp(part.name, "direct.weight"); ++k) {
      trainer->parameters.w[part.offset + k * part.columns + k] = 80;
    }
    for (size_t k = 0; k < 12 && !strcmp(part.name, "output.bias"); ++k) {
      trainer->parameters.w[part.offset + k] = -40;
    }
  }
  return trainer;
}

/* Two passages in meters of their own, the second one with frames before it, each with notes of its
   own and two others at its end. */
static void put_two_passages(RsTrainer *trainer) {
  trainer->counters.passages = 2;
  for (size_t i = 0; i < 2; ++i) {
    const size_t context = i * trainer->replay.context;
    trainer->replay.passages[i] = (RsPassage){.context = context, .meter = i};
    float *window = window_of(trainer, i);
    memset(window - context * 12, 0, (context + RS_WINDOW) * 12 * sizeof *window);
    for (size_t n = 0; n < RS_WINDOW; ++n) {
      window[n * 12 + n % 4 + 4 * i] = n + 1 < RS_WINDOW;
    }
    window[(RS_WINDOW - 1) * 12 + 8 + i] = window[(RS_WINDOW - 1) * 12 + 10 + i] = 1;
  }
}

static void every_other_run_goes_on_where_a_passage_ends(void **state) {
  RsSettings settings = own_past_settings();
  settings.model.note_age = true; /* with which inputs are connected to the biases */
  RsSongs train = songs_in_two_meters();
  RsTrainer *trainer = parrot(&settings, &train);
  size_t follow[2] = {0, 0};
  for (size_t look = 0; look < 8; ++look) {
    trainer->counters.updates = 64 * look;
    put_two_passages(trainer);
    assert_ok(rs_trainer_find_passages(trainer));
    assert_int_equal(trainer->counters.passages, 2 + 4 * 4);
    for (size_t i = 0; i < 4 * 4; ++i) {
      const float *window = window_of(trainer, 2 + i);
      const size_t meter = (size_t)trainer->replay.passages[2 + i].meter;
      const bool follows = i / 4 % 2;
      follow[meter] += follows;
      for (size_t k = 0; k < RS_WINDOW * 12; ++k) { /* silence, or the last notes for ever */
        const size_t note = k % 12;
        assert_true(window[k] == (follows && (note == 8 + meter || note == 10 + meter)));
      }
    }
  }
  assert_true(follow[0] > 0 && follow[1] > 0);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void runs_go_on_from_passages_of_songs_without_meters(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = coins(&settings, &train);
  assert_ok(rs_trainer_find_passages(trainer));
  const uint64_t found = trainer->counters.passages;
  assert_true(found > 0);
  trainer->counters.updates = 64;
  assert_ok(rs_trainer_find_passages(trainer));
  assert_true(trainer->counters.passages > found);
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

static void passages_without_memory_say_so(void **state) {
  const RsSettings settings = own_past_settings();
  RsSongs train = songs_in_two_meters();
  RsTrainer *trainer = coins(&settings, &train);
  const RsInputs *inputs = trainer->replay.inputs;
  RsReplay replay;
  const size_t before = allocations, blocks = living;
  assert_ok(rs_replay_init(inputs, &train, &replay));
  const size_t calls = allocations - before;
  rs_replay_clear(&replay);
  assert_int_equal(living, blocks);
  for (size_t k = 1; k <= calls; ++k) {
    failing = allocations + k;
    assert_int_equal(rs_replay_init(inputs, &train, &replay), RS_ERR_MEMORY);
    failing = 0;
    rs_replay_clear(&replay);
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
      cmocka_unit_test(each_meter_has_a_clock),
      cmocka_unit_test(a_run_goes_on_within_the_bar_of_its_passage),
      cmocka_unit_test(runs_have_the_meters_of_the_songs_as_often_as_they_do),
      cmocka_unit_test(every_other_run_goes_on_where_a_passage_ends),
      cmocka_unit_test(runs_go_on_from_passages_of_songs_without_meters),
      cmocka_unit_test(passages_are_looked_for_every_64_updates),
      cmocka_unit_test(a_model_whose_numbers_overflow_has_no_passages),
      cmocka_unit_test(a_look_for_passages_without_memory_says_so),
      cmocka_unit_test(passages_without_memory_say_so),
      cmocka_unit_test(a_transposed_note_may_be_the_lowest_of_the_range),
      cmocka_unit_test(a_note_that_is_transposed_out_of_the_range_is_lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
