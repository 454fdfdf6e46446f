/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"
#include "kit.h"

#include <rollsmith/ingest.h>
#include <rollsmith/midi_write.h>

/* Songs of a folder that are equal: the first is kept, and it is said which the others are. */

enum { FRAMES = 24 };

/* A song of two voices, from a note on: the lower one is held, the upper one moves. */
static RsRoll song_from(int note) {
  static const int steps[] = {12, 14, 16, 17, 16, 14};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, "song", FRAMES, RS_PLANE_ONSET));
  for (size_t f = 0; f < FRAMES; ++f) {
    rs_frame_set(&roll.on[f], note);
    rs_frame_set(&roll.on[f], note + steps[f / 4]);
    roll.onset[f] = f % 4 ? SILENCE : FRAME(note + steps[f / 4]);
  }
  rs_frame_set(&roll.onset[0], note);
  return roll;
}

static void write_roll(const RsRoll *roll, const char *path, double bpm) {
  const RsMidiSettings how = {.bpm = bpm, .channel = 1, .program = -1};
  assert_ok(rs_midi_write(roll, &how, path, NULL));
}

static void write_song(int note, const char *path, double bpm) {
  RsRoll roll = song_from(note);
  write_roll(&roll, path, bpm);
  rs_roll_clear(&roll);
}

/* The same file within RIFF. */
static void wrap(const char *from, const char *to) {
  uint8_t data[4000];
  FILE *file = fopen(from, "rb");
  const size_t size = fread(data, 1, sizeof data, file);
  fclose(file);
  file = fopen(to, "wb");
  const uint8_t head[] = {'R',
                          'I',
                          'F',
                          'F',
                          (uint8_t)(size + 12),
                          (uint8_t)((size + 12) >> 8),
                          0,
                          0,
                          'R',
                          'M',
                          'I',
                          'D',
                          'd',
                          'a',
                          't',
                          'a',
                          (uint8_t)size,
                          (uint8_t)(size >> 8),
                          0,
                          0};
  fwrite(head, 1, sizeof head, file);
  fwrite(data, 1, size, file);
  fclose(file);
}

/* Read this folder, and compare what became of each file: "a.mid: 1; b.mid: 0, 1 as a.mid". */
static RsSongs assert_read(const RsIngest *settings, const char *expected) {
  const char *const here[] = {"."};
  char text[1000] = "";
  RsSongs songs = {0};
  RsIngestReports reports;
  assert_ok(rs_ingest_paths(here, 1, settings, NULL, NULL, NULL, &songs, &reports, NULL));
  for (size_t i = 0; i < reports.count; ++i) {
    const RsIngestReport *file = &reports.files[i];
    char *at = text + strlen(text);
    at += sprintf(at, "%s%s: %zu", i ? "; " : "", file->path + 2, file->songs);
    if (file->duplicates) {
      sprintf(at, ", %zu as %s", file->duplicates, file->same_as + 2);
    }
  }
  assert_string_equal(text, expected);
  rs_ingest_reports_clear(&reports);
  return songs;
}

static void assert_kept(const RsIngest *settings, const char *expected) {
  RsSongs songs = assert_read(settings, expected);
  rs_songs_clear(&songs);
}

static void remove_all(const char *const *names) {
  for (; *names; ++names) {
    remove(*names);
  }
}

static void equal_songs_are_kept_once_whatever_their_name_format_and_key(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  RsIngest common = settings;
  common.transpose = RS_TRANSPOSE_COMMON;
  write_song(60, "a.mid", 100);
  write_song(65, "b.MIDI", 90);
  write_song(43, "c.mid", 100); /* its lower notes are moved into the range */
  write_song(72, "d.mid", 100); /* its upper ones */
  wrap("a.mid", "e.rmi");
  RsRoll roll = song_from(61);
  rs_songs_write(&(RsSongs){&roll, 1, 1}, "f.roll", NULL);
  rs_roll_clear(&roll);
  static const char expected[] =
      "a.mid: 1; b.MIDI: 0, 1 as a.mid; c.mid: 0, 1 as a.mid; "
      "d.mid: 0, 1 as a.mid; e.rmi: 0, 1 as a.mid; f.roll: 0, 1 as a.mid";
  assert_kept(&settings, expected);
  assert_kept(&common, expected);
  remove_all((const char *const[]){"a.mid", "b.MIDI", "c.mid", "d.mid", "e.rmi", "f.roll", NULL});
}

/* A song with silence before it, which may be long enough to be cut. */
static void write_later(int note, size_t silence, const char *path) {
  RsRoll roll = song_from(note), later;
  assert_ok(rs_roll_init(&later, "song", silence + FRAMES, RS_PLANE_ONSET));
  memcpy(later.on + silence, roll.on, FRAMES * sizeof *roll.on);
  memcpy(later.onset + silence, roll.onset, FRAMES * sizeof *roll.onset);
  if (strstr(path, ".roll")) {
    rs_songs_write(&(RsSongs){&later, 1, 1}, path, NULL);
  } else {
    write_roll(&later, path, 100);
  }
  rs_roll_clear(&later);
  rs_roll_clear(&roll);
}

static void equal_songs_are_kept_once_however_long_the_silence_before_them(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  write_song(60, "a.mid", 100);
  write_later(62, 4, "b.mid");
  write_later(55, 333, "c.mid");
  write_later(60, 1, "d.roll");
  assert_kept(&settings, "a.mid: 1; b.mid: 0, 1 as a.mid; c.mid: 0, 1 as a.mid; "
                         "d.roll: 0, 1 as a.mid");
  remove("a.mid");
  assert_kept(&settings, "b.mid: 1; c.mid: 0, 1 as b.mid; d.roll: 0, 1 as b.mid");
  remove("b.mid");
  remove("c.mid");
  write_song(60, "a.mid", 100);
  write_later(43, 4, "b.mid"); /* its lower notes are moved into the range */
  write_later(43, 3, "c.roll");
  assert_kept(&settings, "a.mid: 1; b.mid: 0, 1 as a.mid; c.roll: 0, 1 as a.mid; "
                         "d.roll: 0, 1 as a.mid");
  remove("a.mid");
  remove("b.mid");
  remove("c.roll");
  write_later(61, 90, "e.roll");
  assert_kept(&settings, "d.roll: 1; e.roll: 0, 1 as d.roll");
  RsRoll roll = song_from(60);
  rs_frame_set(&roll.onset[8], 60);
  write_roll(&roll, "f.mid", 100); /* its texts do not have this onset */
  rs_roll_clear(&roll);
  assert_kept(&settings, "d.roll: 1; e.roll: 0, 1 as d.roll; f.mid: 0, 1 as d.roll");
  remove_all((const char *const[]){"d.roll", "e.roll", "f.mid", NULL});
}

static void songs_that_differ_in_one_note_or_length_are_kept(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  RsRoll roll = song_from(60);
  write_roll(&roll, "a.mid", 100);
  rs_frame_clear(&roll.on[FRAMES - 1], 60);
  write_roll(&roll, "b.mid", 100); /* the lower voice ends a frame before */
  rs_frame_set(&roll.on[FRAMES - 1], 60);
  rs_frame_set(&roll.onset[8], 60);
  write_roll(&roll, "c.mid", 100); /* it begins anew */
  rs_frame_clear(&roll.onset[8], 60);
  rs_frame_set(&roll.on[5], 84);
  rs_frame_set(&roll.onset[5], 84);
  write_roll(&roll, "d.mid", 100); /* another note, which falls on one that sounds */
  rs_roll_clear(&roll);
  assert_kept(&settings, "a.mid: 1; b.mid: 1; c.mid: 1; d.mid: 1");
  remove_all((const char *const[]){"a.mid", "b.mid", "c.mid", "d.mid", NULL});
}

static void a_text_is_equal_to_a_song_with_the_same_frames_however_it_is_articulated(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  RsRoll roll = song_from(60);
  write_roll(&roll, "b.mid", 100);
  rs_frame_set(&roll.onset[8], 60);
  write_roll(&roll, "c.mid", 100);
  rs_songs_write(&(RsSongs){&roll, 1, 1}, "a.roll", NULL);
  assert_kept(&settings, "a.roll: 1; b.mid: 0, 1 as a.roll; c.mid: 0, 1 as a.roll");
  rename("a.roll", "d.roll");
  assert_kept(&settings, "b.mid: 1; c.mid: 1; d.roll: 0, 1 as b.mid");
  rs_roll_clear(&roll);
  remove_all((const char *const[]){"b.mid", "c.mid", "d.roll", NULL});
}

static void songs_of_one_file_are_compared_too_and_the_report_tells_of_those_kept(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  static const char text[] = "# a\n60 64\n60\n# b\n61 65\n61\n# silence\n-\n-\n# c\n60\n60\n60\n"
                             "# pause\n-\n# d\n40\n40\n40\n";
  const char *const here[] = {"."};
  char line[200];
  RsSongs songs = {0};
  RsIngestReports reports;
  FILE *file = fopen("a.roll", "w");
  fputs(text, file);
  fclose(file);
  assert_ok(rs_ingest_paths(here, 1, &settings, NULL, NULL, NULL, &songs, &reports, NULL));
  assert_int_equal(songs.count, 4);
  assert_string_equal(songs.rolls[0].name, "a");
  assert_string_equal(songs.rolls[1].name, "silence");
  assert_string_equal(songs.rolls[2].name, "c");
  assert_string_equal(songs.rolls[3].name, "pause");
  rs_ingest_report_line(&reports.files[0], line, sizeof line);
  assert_string_equal(line, "./a.roll: 4 songs, 8 frames, 3 notes kept; 2 songs left out: the same "
                            "as ./a.roll");
  assert_int_equal(rs_ingest_sum(&reports, NULL).duplicates, 2);
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove("a.roll");
}

static void a_file_of_equal_songs_alone_counts_for_nothing(void **state) {
  const RsIngest settings = rs_ingest_defaults();
  const char *const paths[] = {"a.mid", "b.mid"};
  char line[200];
  RsSongs songs = {0};
  RsIngestReports reports;
  write_song(60, "a.mid", 100);
  write_song(90, "b.mid", 100);
  assert_ok(rs_ingest_paths(paths, 2, &settings, NULL, NULL, NULL, &songs, &reports, NULL));
  const RsIngestReport sum = rs_ingest_sum(&reports, NULL), *first = &reports.files[0];
  assert_int_equal(sum.songs, 1);
  assert_int_equal(sum.frames, first->frames);
  assert_int_equal(sum.notes, first->notes);
  assert_int_equal(sum.counts.kept, first->counts.kept);
  assert_int_equal(sum.counts.folded, first->counts.folded);
  rs_ingest_report_line(&reports.files[1], line, sizeof line);
  assert_string_equal(line, "b.mid: left out: the same as a.mid");
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove_all((const char *const[]){"a.mid", "b.mid", NULL});
}

static void velocities_count_where_rolls_have_them(void **state) {
  RsIngest settings = rs_ingest_defaults();
  RsRoll roll = song_from(60);
  write_roll(&roll, "a.mid", 100);
  const RsMidiSettings loud = {.bpm = 100, .channel = 1, .program = -1, .velocity = 120};
  assert_ok(rs_midi_write(&roll, &loud, "b.mid", NULL));
  assert_kept(&settings, "a.mid: 1; b.mid: 0, 1 as a.mid");
  settings.velocity = true;
  assert_kept(&settings, "a.mid: 1; b.mid: 1");
  rs_roll_clear(&roll);
  remove_all((const char *const[]){"a.mid", "b.mid", NULL});
}

static void all_are_kept_where_that_is_wanted(void **state) {
  RsIngest settings = rs_ingest_defaults();
  settings.duplicates = true;
  write_song(60, "a.mid", 100);
  write_song(60, "b.mid", 100);
  assert_kept(&settings, "a.mid: 1; b.mid: 1");
  remove_all((const char *const[]){"a.mid", "b.mid", NULL});
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(equal_songs_are_kept_once_whatever_their_name_format_and_key),
      in_folder(equal_songs_are_kept_once_however_long_the_silence_before_them),
      in_folder(songs_that_differ_in_one_note_or_length_are_kept),
      in_folder(a_text_is_equal_to_a_song_with_the_same_frames_however_it_is_articulated),
      in_folder(songs_of_one_file_are_compared_too_and_the_report_tells_of_those_kept),
      in_folder(a_file_of_equal_songs_alone_counts_for_nothing),
      in_folder(velocities_count_where_rolls_have_them),
      in_folder(all_are_kept_where_that_is_wanted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
