/* SPDX-License-Identifier: ISC */

#include "small.h"
#include "folder.h"
#include "frames.h"

#include "cli/command.h"
#include "cli/playback.h"

#include <rollsmith/midi_write.h>
#include <rollsmith/performance.h>

/* What `play` plays of a model is what `export` writes of it: in the same keys and meters. */

/* A model that knows two meters, of songs that were moved to one key. */
static void save_model(int transpose_low) {
  static const RsKnownMeter meters[] = {{4, 4, 1}, {3, 4, 1}};
  RsSettings settings = small_settings(24, 12, 6);
  settings.roll.transpose = RS_TRANSPOSE_COMMON;
  settings.model.metre = true;
  settings.train.transpose_low = transpose_low;
  settings.train.transpose_high = 0;
  RsModel *model = model_with(&settings, 2, meters);
  randomise(model, 0.3);
  assert_ok(rs_model_save(model, "a.model", NULL));
  rs_model_free(model);
}

/* A scale of D major in 3/4, of 2 bars and 8 frames: what comes begins within a bar. */
static void save_prime(void) {
  static const int scale[] = {62, 64, 66, 67, 69, 71, 73, 74};
  RsRoll roll;
  const RsMidiSettings how = {.bpm = 100, .channel = 1, .program = -1};
  assert_ok(rs_roll_init(&roll, "scale", 32, RS_PLANE_NONE));
  for (size_t f = 0; f < 32; ++f) {
    rs_frame_set(&roll.on[f], scale[f / 4]);
  }
  roll.meter_beats = 3;
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  assert_ok(rs_midi_write(&roll, &how, "d.mid", NULL));
  rs_roll_clear(&roll);
}

/* The playback of a command line without the name of the command. */
static void take_piece(const char *line, RsOptions *options, RsPlayback *playback) {
  char words[200], play[] = "play", *argv[20] = {play};
  int argc = 1;
  snprintf(words, sizeof words, "%s", line);
  for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
    argv[argc++] = word;
  }
  RsError error = {RS_OK, ""};
  if (rs_options_parse(RS_FOR_PLAY, argc, argv, options, &error) ||
      rs_playback_init(options, playback, &error)) {
    fail_msg("%s", error.message);
  }
}

/* The events of some frames, by a performance. */
static size_t perform(const RsPerformance *how, const RsRoll *song, RsNoteEvent *events) {
  RsPerformer *performer = NULL;
  size_t count = 0;
  assert_ok(rs_performer_new(how, 5, &performer));
  for (size_t f = 0; f < song->frames; ++f) {
    count += rs_performer_frame(performer, &song->on[f], NULL, NULL, events + count);
  }
  rs_performer_free(performer);
  return count;
}

static void assert_same_loudness(const RsPlayback *playback, const RsRoll *song) {
  enum { MOST = 100000 };
  static RsNoteEvent events[2][MOST];
  const RsPerformance how = rs_performance_of(song, 0);
  memset(events, 0, sizeof events);
  assert_int_equal(perform(&playback->settings.performance, song, events[0]),
                   perform(&how, song, events[1]));
  assert_memory_equal(events[0], events[1], sizeof events[0]);
}

/* The playback plays, frame by frame, the songs that export makes with the same options. */
static void assert_plays_the_songs(const char *line, size_t count) {
  RsOptions options;
  RsPlayback playback;
  take_piece(line, &options, &playback);
  for (size_t i = 0; i < count; ++i) {
    RsRoll song;
    RsSourceFrame frame;
    assert_ok(rs_generation_song(&playback.generation, (int)i, "song", &song, NULL, NULL));
    for (size_t f = 0; f < song.frames; ++f) {
      assert_ok(playback.source->next(playback.source, &frame));
      assert_memory_equal(&frame.notes.on, &song.on[f], sizeof frame.notes.on);
    }
    if (!i) {
      assert_same_loudness(&playback, &song);
    }
    rs_roll_clear(&song);
  }
  RsSourceFrame behind;
  assert_int_equal(playback.source->next(playback.source, &behind), RS_ERR_EMPTY);
  rs_playback_clear(&playback);
  rs_options_clear(&options);
}

static void remove_files(void) {
  remove("a.model");
  remove("d.mid");
}

static void what_is_played_is_what_is_exported(void **state) {
  static const char *const lines[] = {
      "a.model --seed 3 --bars 4",
      "a.model --seed 3 --bars 4 --transpose 5",
      "a.model --seed 3 --bars 4 --key F#m --transpose 47",
      "a.model --seed 3 --bars 4 --prime d.mid",
      "a.model --seed 3 --bars 4 --prime d.mid --key Bb",
      "a.model --seed 3 --bars 4 --prime d.mid --meter 4/4",
  };
  save_prime();
  for (int low = -5; low <= 0; low += 5) {
    save_model(low);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; ++i) {
      char several[200];
      assert_plays_the_songs(lines[i], 1);
      snprintf(several, sizeof several, "%s --count 3", lines[i]);
      assert_plays_the_songs(several, 3);
    }
  }
  remove_files();
}

/* One command line plays the music of another one, so many semitones higher. */
static void assert_moved(const char *line, const char *transposed_line, int by) {
  RsOptions options[2];
  RsPlayback pieces[2];
  take_piece(line, &options[0], &pieces[0]);
  take_piece(transposed_line, &options[1], &pieces[1]);
  for (int f = 0; f < 64; ++f) {
    RsSourceFrame frames[2];
    for (int i = 0; i < 2; ++i) {
      assert_ok(pieces[i].source->next(pieces[i].source, &frames[i]));
    }
    const RsFrame expected = rs_frame_shift(&frames[0].notes.on, by);
    assert_memory_equal(&frames[1].notes.on, &expected, sizeof expected);
  }
  for (int i = 0; i < 2; ++i) {
    rs_playback_clear(&pieces[i]);
    rs_options_clear(&options[i]);
  }
}

static void a_prime_is_gone_on_with_in_its_key(void **state) {
  save_prime();
  save_model(0);
  assert_moved("a.model --seed 3 --bars 9", "a.model --seed 3 --bars 9 --key D", 2);
  assert_moved("a.model --seed 3 --bars 9 --prime d.mid --key C",
               "a.model --seed 3 --bars 9 --prime d.mid", 2);
  assert_moved("a.model --seed 3 --bars 9 --prime d.mid",
               "a.model --seed 3 --bars 9 --prime d.mid --transpose -3", -3);
  remove_files();
}

static void songs_after_a_prime_repeat_its_meters(void **state) {
  RsOptions options;
  RsPlayback playback;
  save_prime();
  save_model(0);
  take_piece("a.model --seed 3 --frames 10 --prime d.mid --count 2", &options, &playback);
  static const RsMeterChange expected[] = {{0, 4, 16}, {4, 3, 4}, {10, 4, 16}, {14, 3, 4}};
  assert_int_equal(playback.shape.meter_count, 4);
  assert_memory_equal(playback.shape.meters, expected, sizeof expected);
  assert_int_equal(playback.settings.performance.meter_count, 4);
  assert_int_equal(playback.quarters_per_bar, 3);
  rs_playback_clear(&playback);
  rs_options_clear(&options);
  remove_files();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(what_is_played_is_what_is_exported),
      in_folder(a_prime_is_gone_on_with_in_its_key),
      in_folder(songs_after_a_prime_repeat_its_meters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
