/* SPDX-License-Identifier: ISC */

/* Passages of free runs whose statistics no song has: how they are found and replayed. */

#include "training.h"

#include "train/trainer_internal.h"

enum { SOUND = 40, LOW = 60 };

static RsSettings replay_settings(void) {
  RsSettings settings = training_settings(1000);
  settings.train.own_past = 1;
  settings.train.block = RS_WINDOW;
  return settings;
}

/* Make a model that plays so many whole tones of the range in every frame, whatever its inputs. */
static void play_always(RsTrainer *trainer, size_t notes) {
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  RsRnnRbmTensor bias;
  assert_true(rs_rnnrbm_tensor(trainer->model->net, 4, &bias));
  memset(trainer->parameters.w, 0, trainer->parameters.count * sizeof *trainer->parameters.w);
  for (size_t i = 0; i < visible; ++i) {
    trainer->parameters.w[bias.offset + i] = i % 2 == 0 && i / 2 < notes ? SOUND : -SOUND;
  }
}

/* What is found in a model that plays so many notes at once. */
static uint64_t found(const char *songs, size_t notes) {
  const RsSettings settings = replay_settings();
  RsSongs train = songs_of(songs);
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  play_always(trainer, notes);
  assert_ok(rs_trainer_find_passages(trainer));
  const uint64_t count = trainer->counters.passages;
  for (size_t i = 0; i < (count ? RS_WINDOW * 12 : 0); ++i) {
    assert_true(trainer->replay.frames[i] == (i % 2 == 0 && i % 12 / 2 < notes));
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
  return count;
}

/* Two songs, of one note and of three. */
#define NARROW_AND_WIDE "# a\n60\n60\n60\n60\n# b\n60 62 64\n60 62 64\n60 62 64\n60 62 64\n"

static void what_no_song_has_is_kept(void **state) {
  assert_int_equal(found(TRAIN_TEXT, 6), 16);              /* 4 runs of 4 windows */
  assert_int_equal(found(NARROW_AND_WIDE, 4), 16);         /* above the bands alone */
  assert_int_equal(found("60 62\n60 62\n60 62\n", 1), 16); /* below them alone */
}

static void what_songs_have_is_not(void **state) {
  assert_int_equal(found(NARROW_AND_WIDE, 2), 0);
}

static void without_the_setting_nothing_is_looked_for(void **state) {
  const RsSettings settings = training_settings(1);
  RsSongs train = songs_of(TRAIN_TEXT);
  RsTrainer *trainer = trainer_of(&settings, &train, NULL);
  play_always(trainer, 6);
  assert_ok(rs_trainer_find_passages(trainer));
  assert_int_equal(trainer->counters.passages, 0);
  assert_null(trainer->replay.frames);
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

/* A trainer that has just one passage, of one note, and has taken a step. */
static RsTrainer *with_passage(const RsSettings *settings, const RsSongs *songs, int note) {
  RsTrainer *trainer = trainer_of(settings, songs, NULL);
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  if (trainer->replay.frames) {
    trainer->counters.passages = 1;
    for (size_t n = 0; n < RS_WINDOW; ++n) {
      trainer->replay.frames[n * visible + (size_t)(note - LOW)] = 1;
    }
  }
  trainer->counters.updates = 1; /* no look in this update */
  assert_ok(rs_trainer_update(trainer));
  return trainer;
}

/* Frames of a stream of the first group, and of these how many have this note before them alone. */
static size_t replayed(const RsTrainer *trainer, size_t stream, int note, size_t *runs) {
  const RsTrainGroup *group = trainer->groups;
  const size_t visible = rs_rnnrbm_rbm(trainer->model->net)->visible;
  size_t count = 0;
  bool before = false;
  *runs = 0;
  for (size_t n = 0; n < RS_WINDOW; ++n) {
    const float *x = group->batch.x + (n * group->batch.streams + stream) * visible;
    bool is = true;
    for (size_t i = 0; i < visible; ++i) {
      is = is && x[i] == ((int)i == note - LOW);
    }
    count += is;
    *runs += is && !before;
    before = is;
  }
  return count;
}

/* 128 frames without an end, of a chord that no other is mistaken for. */
static RsSongs one_chord(const char *chord) {
  char text[4096] = "";
  for (int i = 0; i < 128; ++i) {
    strcat(text, chord);
    strcat(text, "\n");
  }
  return songs_of(text);
}

static void a_stretch_is_replayed_to_a_stream_and_the_song_is_learned(void **state) {
  RsSettings settings = replay_settings();
  RsSongs train = one_chord("60 64");
  settings.train.transpose_low = settings.train.transpose_high = 0;
  RsTrainer *trainer = with_passage(&settings, &train, 67);
  size_t all = 0, runs, most = 0, least = RS_WINDOW;
  for (size_t s = 0; s < trainer->groups->batch.streams; ++s) {
    const size_t count = replayed(trainer, s, 67, &runs);
    assert_int_equal(runs, 1);
    all += count;
    most = count > most ? count : most;
    least = count < least ? count : least;
  }
  assert_true(most > 48 && least < 16 && least > 0 &&
              all < trainer->groups->batch.streams * RS_WINDOW);
  const size_t rows = trainer->groups->batch.streams * RS_WINDOW;
  for (size_t i = 0; i < rows; ++i) {
    assert_true(trainer->groups->batch.v[i * 12] == 1 && trainer->groups->batch.v[i * 12 + 4] == 1);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void a_share_of_the_blocks_has_one(void **state) {
  RsSettings settings = replay_settings();
  RsSongs train = one_chord("60 64");
  settings.train.transpose_low = settings.train.transpose_high = 0;
  settings.train.streams = 256;
  settings.train.own_past = 0.25;
  RsTrainer *trainer = with_passage(&settings, &train, 67);
  size_t share = 0, runs;
  for (size_t s = 0; s < trainer->groups->batch.streams; ++s) {
    replayed(trainer, s, 67, &runs);
    share += runs;
  }
  assert_true(share > 5 && share < 27); /* of 64, 16 +- 3 standard deviations */
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

static void it_is_replayed_in_the_key_of_the_song(void **state) {
  RsSettings settings = replay_settings();
  RsSongs train = one_chord("65 69");
  settings.train.transpose_low = -1;
  settings.train.transpose_high = 3;
  RsTrainer *trainer = with_passage(&settings, &train, 64);
  for (size_t s = 0; s < trainer->groups->batch.streams; ++s) {
    size_t runs;
    int note = LOW;
    while (trainer->groups->batch.v[s * 12 + (size_t)(note - LOW)] == 0) {
      ++note;
    }
    /* The song begins at 64 to 68, and the passage is moved there where it may be moved so far. */
    assert_true(replayed(trainer, s, note <= 67 ? note : 64, &runs) > 0);
  }
  rs_trainer_free(trainer);
  rs_songs_clear(&train);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_no_song_has_is_kept),
      cmocka_unit_test(what_songs_have_is_not),
      cmocka_unit_test(without_the_setting_nothing_is_looked_for),
      cmocka_unit_test(a_stretch_is_replayed_to_a_stream_and_the_song_is_learned),
      cmocka_unit_test(a_share_of_the_blocks_has_one),
      cmocka_unit_test(it_is_replayed_in_the_key_of_the_song),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
