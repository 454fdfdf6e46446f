/* SPDX-License-Identifier: ISC */

/* Reading songs: time, files and folders. */

#include "frames.h"
#include "ingested.h"
#include "kit.h"

#include <rollsmith/ingest.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Time ---- */

static void frames_of_time_follow_the_tempo_map(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 250;
  /* 60 a minute for a quarter, then 120: the second track holds the tempo. */
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 2, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 4, 60, 0, 0, 62, 80, 4, 62, 0, END));
  midi_track(&midi,
             BYTES(0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40, 4, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "####..");
  assert_string_equal(row(&r, 62), "....##");
  assert_close(r.songs.rolls[0].bpm, 60, 1e-9);
  assert_int_equal(r.songs.rolls[0].frames_per_beat, 0);
  assert_close(rs_roll_frames_per_quarter(&r.songs.rolls[0]), 4, 1e-9);
  clear(&r);
}

/* Of times whose quotients by a frame are just below a half, as they are rounded, too. */
static void halves_of_frames_of_time_round_upwards(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 50;
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 480);                                      /* 48 ticks a frame */
  midi_track(&midi, BYTES(0x8C, 0x78, 0x90, 60, 80, 48, 60, 0, END)); /* at tick 34.5 * 48 */
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "...................................#");
  clear(&r);
}

static void a_long_tempo_map_is_the_sum_of_its_parts(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 1000;
  enum { CHANGES = 600, SIZE = 7 * CHANGES + 32 };
  uint8_t *events = calloc(SIZE, 1);
  size_t size = 0;
  /* A tempo a quarter note: half a second and a second in turn. */
  for (int i = 0; i < CHANGES; ++i) {
    const uint8_t tempo[] = {
        4, 0xFF, 0x51, 3, i % 2 ? 0x0F : 0x07, i % 2 ? 0x42 : 0xA1, i % 2 ? 0x40 : 0x20};
    memcpy(events + size, tempo, sizeof tempo);
    size += sizeof tempo;
  }
  const uint8_t tail[] = {0, 0x90, 60, 80, 8, 60, 0, END};
  memcpy(events + size, tail, sizeof tail);
  s.max_silence = 0;
  Result r = ingest_track(events, size + sizeof tail, &s);
  /* The first quarter and the 300 tempos of the first kind take 0.5 s each, 299 of the second 1 s.
   */
  assert_ok(r.status);
  assert_int_equal(r.report.frames, (size_t)(301 * 0.5 + 299 + 2 + 0.5));
  clear(&r);
  free(events);
}

static void tempo_and_meter_are_those_at_the_first_note(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, 0xFF, 0x58, 4, 3, 3, 24, 8, 0, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B,
                                4, 0x90, 60, 80, 1, 60, 0, END),
                          &s);
  assert_int_equal(r.songs.rolls[0].meter_beats, 3);
  assert_int_equal(r.songs.rolls[0].meter_unit, 8);
  assert_close(r.songs.rolls[0].bpm, 90, 1e-3);
  assert_int_equal(r.songs.rolls[0].frames_per_beat, 4);
  clear(&r);
}

static void ticks_of_time_take_half_a_second_for_a_beat(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 1, 1, 0xE728); /* 25 pictures of 40 ticks: 125 ticks a frame */
  /* A tempo has no say in it. */
  midi_track(&midi,
             BYTES(0, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B, 0, 0x90, 60, 80, 0x81, 0x7A, 60, 0, END));
  Result r = ingest(&midi, &s);
  assert_string_equal(row(&r, 60), "##");
  assert_close(r.songs.rolls[0].bpm, 120, 1e-9);
  clear(&r);
  midi = (Midi){.size = 0};
  midi_header(&midi, 1, 1, 0xE328); /* 30 pictures of 40 ticks in 1.001 s: 149.85 ticks a frame */
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 0x84, 0xC9, 0x78, 60, 0, END)); /* 75,000 ticks */
  r = ingest(&midi, &s);
  assert_int_equal(r.report.frames, 501);
  clear(&r);
}

static void the_first_frame_is_as_asked(void **state) {
  RsIngest s = rs_ingest_defaults();
  const uint8_t events[] = {2, 0x90, 60, 80, 1, 60, 0, END};
  const struct {
    RsStart start;
    const char *row;
  } cases[] = {{RS_START_KEEP, "..#"}, {RS_START_TRIM, "#"}, {RS_START_DROP_FIRST, ".#"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    s.start = cases[i].start;
    Result r = ingest_track(events, sizeof events, &s);
    assert_string_equal(row(&r, 60), cases[i].row);
    clear(&r);
  }
  s.articulation = true; /* a note in the frame that is dropped has no onset in the next */
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 1, 60, 0, 0, 62, 80, 1, 62, 0, END), &s);
  assert_string_equal(row(&r, 62), "#");
  assert_frame(r.songs.rolls[0].onset[0], 62);
  clear(&r);
}

static void a_silence_too_long_is_cut_and_told(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 3;
  const uint8_t events[] = {0,    0x90, 60, 80, 1, 60, 0, 0xFF, 0xFF,
                            0xFF, 0x7F, 62, 80, 1, 62, 0, END};
  Result r = ingest_track(events, sizeof events, &s);
  assert_string_equal(row(&r, 60), "#....");
  assert_string_equal(row(&r, 62), "....#");
  assert_string_equal(r.report.repairs, "silences of more than 3 frames cut by 268435452 frames");
  clear(&r);
  s.max_silence = 0;
  r = ingest_track(events, sizeof events, &s);
  assert_int_equal(r.status, RS_ERR_FORMAT);
  assert_string_equal(r.report.error.message,
                      "has 268435457 frames, more than the 1048576 that are read");
  clear(&r);
}

/* ---- Files ---- */

static void format_2_holds_several_songs(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Midi midi = {.size = 0};
  midi_header(&midi, 2, 3, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  midi_track(&midi, BYTES(END));
  midi_track(&midi, BYTES(0, 0x90, 62, 80, 2, 62, 0, END));
  Result r = ingest(&midi, &s);
  assert_int_equal(r.songs.count, 2);
  assert_string_equal(r.songs.rolls[1].name, "song-3");
  assert_int_equal(r.songs.rolls[1].frames, 2);
  assert_int_equal(r.report.error.status, RS_OK);
  clear(&r);
}

static void a_file_without_notes_says_why(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(END), &s);
  assert_int_equal(r.status, RS_ERR_EMPTY);
  assert_string_equal(r.report.error.message, "holds no notes");
  clear(&r);
  r = ingest_track(BYTES(0, 0x99, 60, 80, 1, 60, 0, END), &s);
  assert_string_equal(r.report.error.message, "holds nothing but drums");
  clear(&r);
}

static void a_text_is_a_song_by_its_content(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.articulation = s.velocity = true;
  s.transpose_semitones = 12;
  RsSongs songs = {0};
  RsIngestReport report;
  const char text[] = "# one\n60 36\n60\n-\n#\n61\n";
  assert_ok(rs_ingest_memory(text, strlen(text), "a.mid", &s, &songs, &report));
  assert_int_equal(songs.count, 2);
  assert_frame(songs.rolls[0].on[0], 48, 72);
  assert_frame(songs.rolls[0].onset[0], 48, 72);
  assert_frame(songs.rolls[0].on[1], 72);
  assert_memory_equal(&songs.rolls[0].onset[1], &SILENCE, sizeof SILENCE);
  assert_int_equal(songs.rolls[0].velocity[72], 64);
  assert_string_equal(songs.rolls[1].name, "a-2");
  assert_int_equal(report.counts.kept, 3);
  rs_songs_clear(&songs);
  rs_ingest_report_clear(&report);
}

static void settings_out_of_range_are_named(void **state) {
  RsError error;
  RsIngest s = rs_ingest_defaults();
  assert_ok(rs_ingest_check(&s, &error));
  s.low = 90;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
  assert_string_equal(error.message, "high = 83: must be 90 to 127");
  s = rs_ingest_defaults();
  s.frames_per_beat = 0;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
  s = rs_ingest_defaults();
  s.frame_ms = NAN;
  assert_int_equal(rs_ingest_check(&s, &error), RS_ERR_SETTING);
}

static void a_report_fits_one_line(void **state) {
  RsIngestReport report = {
      .path = (char *)"a.mid", .songs = 1, .frames = 8, .notes = 9, .drums = 1};
  report.counts = (RsRollCounts){7, 2, 1};
  char line[256];
  const size_t length = rs_ingest_report_line(&report, line, sizeof line);
  assert_string_equal(line,
                      "a.mid: 1 song, 8 frames, 7 notes kept (2 folded), 1 dropped, 1 drum note "
                      "left out");
  assert_int_equal(length, strlen(line));
  rs_error(&report.error, RS_ERR_FORMAT, "a.mid, line 2: not a frame");
  strcpy(report.repairs, "mended");
  rs_ingest_report_line(&report, line, sizeof line);
  assert_string_equal(line, "a.mid: refused: line 2: not a frame; mended");
  assert_int_equal(rs_ingest_report_line(&report, line, 10),
                   strlen("a.mid: refused: line 2: not a frame; mended"));
  assert_string_equal(line, "a.mid: re");
}

/* ---- Folders ---- */

static void write_file(const char *folder, const char *name, const void *data, size_t size) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  fclose(file);
}

/* A folder of songs, noise, a loop, a pipe and a link to nowhere. */
static void make_folder(char *folder) {
  Midi midi = {.size = 0};
  midi_header(&midi, 0, 1, 4);
  midi_track(&midi, BYTES(0, 0x90, 60, 80, 1, 60, 0, END));
  assert_non_null(mkdtemp(folder));
  char path[512], to[512];
  snprintf(path, sizeof path, "%s/b", folder);
  assert_int_equal(mkdir(path, 0700), 0);
  write_file(folder, "c.MID", midi.data, midi.size);
  write_file(folder, "B.kar", midi.data, midi.size);
  write_file(folder, "b/z.roll", "60\n", 3);
  write_file(folder, "notes.txt", "x", 1);
  write_file(folder, "damaged.mid", "x", 1);
  snprintf(to, sizeof to, "%s/b/loop", folder);
  assert_int_equal(symlink(folder, to), 0);
  snprintf(to, sizeof to, "%s/lost.mid", folder);
  assert_int_equal(symlink("/nowhere", to), 0);
  snprintf(to, sizeof to, "%s/pipe.mid", folder);
  assert_int_equal(mkfifo(to, 0600), 0);
}

static void remove_folder(const char *folder) {
  const char *const names[] = {"c.MID",  "B.kar",    "b/z.roll", "notes.txt", "damaged.mid",
                               "b/loop", "lost.mid", "pipe.mid", "b",         ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    assert_int_equal(remove(path), 0);
  }
}

static void a_folder_is_searched_through_in_order(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX";
  make_folder(folder);
  RsIngest s = rs_ingest_defaults();
  s.duplicates = true; /* the songs are one note each */
  const char *const paths[] = {folder};
  const char *const expected[] = {"B.kar", "b/z.roll", "c.MID", "damaged.mid", "lost.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  assert_ok(rs_ingest_paths(paths, 1, &s, NULL, NULL, NULL, &songs, &reports, NULL));
  assert_int_equal(reports.count, 5);
  for (size_t i = 0; i < 5; ++i) {
    assert_string_equal(reports.files[i].path + strlen(folder) + 1, expected[i]);
  }
  assert_int_equal(songs.count, 3);
  assert_string_equal(songs.rolls[1].name, "z");
  size_t refused = 0;
  const RsIngestReport sum = rs_ingest_sum(&reports, &refused);
  assert_int_equal(refused, 2);
  assert_int_equal(reports.files[4].error.status, RS_ERR_READ);
  assert_int_equal(sum.frames, 3);
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

static void a_file_named_outright_is_judged_by_its_content(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX", text[512], pipe[512];
  make_folder(folder);
  snprintf(text, sizeof text, "%s/notes.txt", folder);
  snprintf(pipe, sizeof pipe, "%s/pipe.mid", folder);
  write_file(folder, "notes.txt", "60\n", 3);
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {text, pipe, "/nowhere.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  assert_ok(rs_ingest_paths(paths, 3, &s, NULL, NULL, NULL, &songs, &reports, NULL));
  assert_int_equal(songs.count, 1);
  assert_int_equal(reports.files[1].error.status, RS_ERR_READ);
  assert_int_equal(reports.files[2].error.status, RS_ERR_READ);
  rs_songs_clear(&songs);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

static void no_song_at_all_is_an_error(void **state) {
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {"/nowhere.mid"};
  RsSongs songs = {0};
  RsIngestReports reports;
  RsError error;
  assert_int_equal(rs_ingest_paths(paths, 1, &s, NULL, NULL, NULL, &songs, &reports, &error),
                   RS_ERR_EMPTY);
  assert_int_equal(reports.count, 1);
  rs_ingest_reports_clear(&reports);
  assert_int_equal(rs_ingest_paths(paths, 0, &s, NULL, NULL, NULL, &songs, &reports, &error),
                   RS_ERR_EMPTY);
  rs_ingest_reports_clear(&reports);
}

static bool stop_at_two(void *context, const RsIngestReport *file, size_t done, size_t files) {
  assert_non_null(file->path);
  assert_int_equal(file->error.status, RS_OK);
  *(size_t *)context = done;
  return done < 2;
}

static void progress_can_stop_it(void **state) {
  char folder[] = "/tmp/rollsmith-test-XXXXXX";
  make_folder(folder);
  const RsIngest s = rs_ingest_defaults();
  const char *const paths[] = {folder};
  RsSongs songs = {0};
  RsIngestReports reports;
  size_t done = 0;
  assert_int_equal(rs_ingest_paths(paths, 1, &s, NULL, stop_at_two, &done, &songs, &reports, NULL),
                   RS_ERR_STOPPED);
  assert_int_equal(done, 2);
  assert_non_null(reports.files[1].path);
  assert_null(reports.files[2].path);
  assert_int_equal(songs.count, 0);
  rs_ingest_reports_clear(&reports);
  remove_folder(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(frames_of_time_follow_the_tempo_map),
      cmocka_unit_test(halves_of_frames_of_time_round_upwards),
      cmocka_unit_test(a_long_tempo_map_is_the_sum_of_its_parts),
      cmocka_unit_test(tempo_and_meter_are_those_at_the_first_note),
      cmocka_unit_test(ticks_of_time_take_half_a_second_for_a_beat),
      cmocka_unit_test(the_first_frame_is_as_asked),
      cmocka_unit_test(a_silence_too_long_is_cut_and_told),
      cmocka_unit_test(format_2_holds_several_songs),
      cmocka_unit_test(a_file_without_notes_says_why),
      cmocka_unit_test(a_text_is_a_song_by_its_content),
      cmocka_unit_test(settings_out_of_range_are_named),
      cmocka_unit_test(a_report_fits_one_line),
      cmocka_unit_test(a_folder_is_searched_through_in_order),
      cmocka_unit_test(a_file_named_outright_is_judged_by_its_content),
      cmocka_unit_test(no_song_at_all_is_an_error),
      cmocka_unit_test(progress_can_stop_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
