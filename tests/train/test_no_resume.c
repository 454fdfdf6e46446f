/* SPDX-License-Identifier: ISC */

/* States that a training is not taken up from: damaged ones, and those of another training. */

#include "folder.h"
#include "resumed.h"

#include "train/trainer_state.h"

/* ---- Trials ---- */

/* Try to resume in vain; then train on, and end where a trainer ends that never tried. */
typedef struct {
  Corpus c;
  RsSettings settings;
  RsTrainer *trainer;
} Trial;

static void trial_begin(Trial *t) {
  t->c = corpus();
  t->settings = training_settings(EPOCHS);
  RsTrainer *trainer = trainer_of(&t->settings, &t->c.train, &t->c.valid);
  run(trainer, 7);
  save_as(trainer, "old");
  rs_trainer_free(trainer);
  train_through(&t->settings, &t->c, &t->c.valid, "whole");
  t->trainer = trainer_of(&t->settings, &t->c.train, &t->c.valid);
}

static void trial_end(Trial *t) {
  run(t->trainer, -1);
  save_as(t->trainer, "tried");
  assert_same_trainings("whole", "tried");
  rs_trainer_free(t->trainer);
  remove_training("old");
  remove_training("whole");
  remove_training("tried");
  corpus_clear(&t->c);
}

static void assert_no_resume(RsTrainer *trainer, RsStatus status, const char *message) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_resume(trainer, "old", &error), status);
  assert_string_equal(error.message, message);
}

/* A file in which a byte is wrong; where, and what it breaks, is not always the same. */
static void assert_damaged(RsTrainer *trainer, const char *beginning) {
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_trainer_resume(trainer, "old", &error), RS_ERR_FORMAT);
  error.message[strlen(beginning)] = '\0';
  assert_string_equal(error.message, beginning);
}

static void flip(const char *path, long at) {
  FILE *stream = fopen(path, "r+b");
  assert_non_null(stream);
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  const int byte = getc(stream);
  assert_int_equal(fseek(stream, at, SEEK_SET), 0);
  putc(byte ^ 4, stream);
  fclose(stream);
}

static long size_of(const char *path) {
  FILE *stream = fopen(path, "rb");
  assert_non_null(stream);
  fseek(stream, 0, SEEK_END);
  const long size = ftell(stream);
  fclose(stream);
  return size;
}

static void damaged_files_are_refused(void **state) {
  static const char *const paths[] = {"old.state", "old"};
  static const char *const beginnings[] = {"cannot resume: old.state: ", "old: "};
  Trial t;
  trial_begin(&t);
  for (size_t i = 0; i < 2; ++i) {
    const long size = size_of(paths[i]);
    for (long at = 0; at < size; at += 97) {
      flip(paths[i], at);
      assert_damaged(t.trainer, beginnings[i]);
      flip(paths[i], at);
    }
  }
  remove("old.state");
  assert_no_resume(
      t.trainer, RS_ERR_READ,
      "cannot resume: cannot read old.state: No such file or directory; train without --resume");
  trial_end(&t);
}

/* Values that 4 streams of 5 recurrent units have in a carry before the count of past blocks. */
enum { BEFORE_BLOCKS = 4 * (1 + 5) };

/* A number that no state has: a place beyond the songs, or more past blocks than are kept. */
static void spoil(const RsTensor *t) {
  if (t->type == RS_TENSOR_U64) {
    ((uint64_t *)t->data)[1] = 99;
  } else {
    ((float *)t->data)[BEFORE_BLOCKS] = 65;
  }
}

/* Write the state anew with a good checksum, without one tensor, with another one spoilt, or with
   another text of a key. */
static void forge_all(const char *without, const char *spoilt, const char *other,
                      const char *text) {
  RsTensorFile *old = tensors_of("old.state"), *new = NULL;
  assert_ok(rs_tensor_file_new(&new));
  for (size_t i = 0; i < rs_tensor_file_count(old); ++i) {
    const RsTensor *t = rs_tensor_file_at(old, i);
    if (!strcmp(t->name, spoilt)) {
      spoil(t);
    }
    if (strcmp(t->name, without) != 0) {
      assert_ok(rs_tensor_file_add(new, t));
    }
  }
  const char *key = NULL;
  for (size_t i = 0; (key = rs_tensor_file_key(old, i)); ++i) {
    const bool replaced = !strcmp(key, other);
    assert_ok(rs_tensor_file_set(new, key, replaced ? text : rs_tensor_file_get(old, key)));
  }
  assert_ok(rs_tensor_file_save(new, "old.state", NULL));
  rs_tensor_file_free(old);
  rs_tensor_file_free(new);
}

static void forge(const char *without, const char *spoilt) {
  forge_all(without, spoilt, "", "");
}

/* The settings that the state has, with more room behind them. */
static char *settings_of_state(void) {
  RsTensorFile *file = tensors_of("old.state");
  char *json = calloc(2, strlen(rs_tensor_file_get(file, "settings")) + 100);
  strcpy(json, rs_tensor_file_get(file, "settings"));
  rs_tensor_file_free(file);
  return json;
}

/* Put text behind the beginning of a section. */
static void add_member(char *json, const char *section, const char *member) {
  char mark[32];
  snprintf(mark, sizeof mark, "\"%s\":{", section);
  char *at = strstr(json, mark);
  assert_non_null(at);
  at += strlen(mark);
  memmove(at + strlen(member), at, strlen(at) + 1);
  memcpy(at, member, strlen(member));
}

static void a_state_without_a_key_that_came_later_goes_on(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  cut_member(json, "anneal_epochs");
  char *comma = strstr(json, ",,");
  assert_non_null(comma);
  memmove(comma, comma + 1, strlen(comma));
  forge_all("", "", "settings", json);
  assert_ok(rs_trainer_resume(t.trainer, "old", NULL));
  free(json);
  trial_end(&t);
}

static void a_key_that_is_unknown_here_is_named(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  add_member(json, "train", "\"strange\":1,");
  forge_all("", "", "settings", json);
  assert_no_resume(
      t.trainer, RS_ERR_FORMAT,
      "old.state: has settings that this program cannot take up: settings: train.strange: no such "
      "key; did you mean train.streams?; train without --resume");
  free(json);
  trial_end(&t);
}

static void keys_that_change_no_training_are_passed_over(void **state) {
  Trial t;
  trial_begin(&t);
  char *json = settings_of_state();
  add_member(json, "generate", "\"strange\":1,");
  add_member(json, "evaluate", "\"strange\":1,");
  forge_all("", "", "settings", json);
  RsSettings other = t.settings;
  assert_ok(rs_settings_assign(&other, "evaluate.chains=9", NULL));
  assert_ok(rs_settings_assign(&other, "generate.bars=9", NULL));
  RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
  assert_ok(rs_trainer_resume(trainer, "old", NULL));
  rs_trainer_free(trainer);
  free(json);
  trial_end(&t);
}

static void saved_settings_are_those_of_the_model(void **state) {
  Trial t;
  trial_begin(&t);
  RsSettings saved;
  RsError error;
  assert_ok(rs_trainer_saved_settings("old", &saved, NULL));
  char *ours = NULL, *theirs = NULL;
  assert_ok(rs_settings_to_json(&t.settings, &ours));
  assert_ok(rs_settings_to_json(&saved, &theirs));
  assert_string_equal(theirs, ours);
  remove("old.state");
  assert_int_equal(rs_trainer_saved_settings("old", &saved, &error), RS_ERR_READ);
  assert_string_equal(
      error.message,
      "cannot resume: cannot read old.state: No such file or directory; train without --resume");
  free(ours);
  free(theirs);
  trial_end(&t);
}

static void a_state_with_a_part_missing_is_refused(void **state) {
  static const char *const names[] = {"parameters", "optimiser.1", "position", "carry.1",
                                      "chains.1"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    Trial t;
    trial_begin(&t);
    forge(names[i], "");
    char message[64];
    snprintf(message, sizeof message, "old.state: damaged: tensor %s is missing", names[i]);
    assert_no_resume(t.trainer, RS_ERR_FORMAT, message);
    trial_end(&t);
  }
}

static void a_state_of_another_format_or_version_is_refused(void **state) {
  static const char *const keys[] = {"format", "version"};
  for (size_t i = 0; i < 2; ++i) {
    Trial t;
    trial_begin(&t);
    forge_all("", "", keys[i], "0");
    assert_no_resume(t.trainer, RS_ERR_FORMAT,
                     "old.state: no state of training that this program reads");
    trial_end(&t);
  }
}

static void a_state_of_no_place_in_the_songs_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  forge("", "position");
  assert_no_resume(t.trainer, RS_ERR_FORMAT, "old.state: does not belong to these songs");
  trial_end(&t);
}

static void a_state_of_no_past_blocks_like_these_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  forge("", "carry.1");
  assert_no_resume(t.trainer, RS_ERR_FORMAT,
                   "old.state: damaged: carry.1 is of no recurrent net like this one");
  trial_end(&t);
}

static void assert_other_settings(RsTrainer *trainer, const char *path, const char *what) {
  char message[256];
  snprintf(message, sizeof message,
           "%s: was made with other settings, %s; give the same ones, or train without --resume",
           path, what);
  assert_no_resume(trainer, RS_ERR_FORMAT, message);
}

static void other_settings_are_refused(void **state) {
  static const char *const changes[][2] = {
      {"train.learning_rate=0.02", "train.learning_rate = 0.01 and not 0.02"},
      {"model.hidden=7", "model.hidden = 6 and not 7"},
      {"train.seed=2", "train.seed = 1 and not 2"},
      {"train.cd_k=4", "train.cd_k = 3 and not 4"},
      {"roll.low=59", "roll.low = 60 and not 59"}};
  Trial t;
  trial_begin(&t);
  for (size_t i = 0; i < sizeof changes / sizeof *changes; ++i) {
    RsSettings other = t.settings;
    assert_ok(rs_settings_assign(&other, changes[i][0], NULL));
    RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
    assert_other_settings(trainer, "old.state", changes[i][1]);
    rs_trainer_free(trainer);
  }
  trial_end(&t);
}

static void a_model_of_another_training_is_refused(void **state) {
  Trial t;
  trial_begin(&t);
  RsSettings other = t.settings;
  other.train.seed = 99;
  RsTrainer *trainer = trainer_of(&other, &t.c.train, &t.c.valid);
  assert_ok(rs_model_save(rs_trainer_model(trainer), "old", NULL));
  rs_trainer_free(trainer);
  assert_other_settings(t.trainer, "old", "train.seed = 99 and not 1");
  trial_end(&t);
}

static void expect_other_songs(const Trial *t, const RsSongs *train, const RsSongs *valid) {
  RsTrainer *trainer = trainer_of(&t->settings, train, valid);
  assert_no_resume(
      trainer, RS_ERR_FORMAT,
      "old.state: was made with other songs; give the same ones, or train without --resume");
  rs_trainer_free(trainer);
}

static void other_songs_are_refused(void **state) {
  Trial t;
  trial_begin(&t);
  Corpus other = corpus();
  expect_other_songs(&t, &other.train, NULL);
  rs_frame_set(other.train.rolls[2].on + 5, 71);
  expect_other_songs(&t, &other.train, &other.valid);
  corpus_clear(&other);
  other = corpus();
  other.train.rolls[1].bpm = 97;
  expect_other_songs(&t, &other.train, &other.valid);
  corpus_clear(&other);
  other.train = songs_of(TRAIN_TEXT VALID_TEXT); /* the same row of songs, split elsewhere */
  expect_other_songs(&t, &other.train, NULL);
  rs_songs_clear(&other.train);
  trial_end(&t);
}

/* The sum of the songs that a trainer has is another one than before; and it is kept in `before`.
 */
static void assert_other_sum(const RsTrainer *trainer, char before[17]) {
  char now[17];
  rs_state_songs(trainer, now);
  assert_string_not_equal(now, before);
  memcpy(before, now, sizeof now);
}

static void each_note_and_number_of_a_song_is_in_the_sum_of_the_songs(void **state) {
  const RsSettings settings = training_settings(1);
  RsSongs songs = songs_of("60\n62\n"), with_all = {0};
  RsTrainer *trainer = trainer_of(&settings, &songs, NULL);
  RsRoll roll;
  char sum[17] = "";
  assert_ok(rs_roll_init(&roll, NULL, 3, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  with_all.rolls = &roll;
  with_all.count = 1;
  trainer->train = &with_all;
  rs_state_songs(trainer, sum);
  for (int note = 0; note < RS_NOTES; ++note) {
    rs_frame_set(&roll.on[1], note);
    assert_other_sum(trainer, sum);
    rs_frame_set(&roll.onset[2], note);
    assert_other_sum(trainer, sum);
    roll.velocity[RS_NOTES + note] = 0x80;
    assert_other_sum(trainer, sum);
  }
  for (int bit = 0; bit < 32; ++bit) {
    roll.meters[0].frame = (size_t)1 << bit;
    assert_other_sum(trainer, sum);
    roll.meters[0].beats = 1u << bit;
    assert_other_sum(trainer, sum);
    roll.meters[0].unit = 1u << bit;
    assert_other_sum(trainer, sum);
    roll.meter_beats = 1u << bit;
    assert_other_sum(trainer, sum);
    roll.meter_unit = 1u << bit;
    assert_other_sum(trainer, sum);
    roll.bpm = 1 + bit;
    assert_other_sum(trainer, sum);
  }
  roll.frames = 2;
  assert_other_sum(trainer, sum);
  trainer->train = &songs;
  rs_trainer_free(trainer);
  rs_roll_clear(&roll);
  rs_songs_clear(&songs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(damaged_files_are_refused),
      in_folder(a_state_with_a_part_missing_is_refused),
      in_folder(a_state_of_no_place_in_the_songs_is_refused),
      in_folder(a_state_of_another_format_or_version_is_refused),
      in_folder(a_state_of_no_past_blocks_like_these_is_refused),
      in_folder(other_settings_are_refused),
      in_folder(a_state_without_a_key_that_came_later_goes_on),
      in_folder(a_key_that_is_unknown_here_is_named),
      in_folder(keys_that_change_no_training_are_passed_over),
      in_folder(saved_settings_are_those_of_the_model),
      in_folder(a_model_of_another_training_is_refused),
      in_folder(other_songs_are_refused),
      cmocka_unit_test(each_note_and_number_of_a_song_is_in_the_sum_of_the_songs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
