/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"

#include <rollsmith/roll.h>

#include <string.h>
#include <unistd.h>

static void a_frame_knows_its_notes(void **state) {
  RsFrame frame = FRAME(0, 63, 64, 127);
  assert_int_equal(rs_frame_count(&frame), 4);
  assert_true(rs_frame_has(&frame, 64));
  assert_false(rs_frame_has(&frame, 65));
  rs_frame_clear(&frame, 64);
  assert_frame(frame, 0, 63, 127);
}

static void the_notes_of_a_frame_are_met_in_order(void **state) {
  const RsFrame frame = FRAME(0, 63, 64, 127);
  const int expected[] = {0, 63, 64, 127, RS_NOTES};
  for (int i = 0, from = 0; i < 5; ++i, from = expected[i - 1] + 1) {
    assert_int_equal(rs_frame_next(&frame, from), expected[i]);
  }
  const RsFrame silent = {{0, 0}};
  assert_int_equal(rs_frame_next(&silent, 0), RS_NOTES);
}

static void a_shifted_frame_moves_every_note(void **state) {
  for (int by = -127; by <= 127; ++by) {
    const RsFrame before = FRAME(0, 1, 62, 63, 64, 65, 100, 127);
    RsFrame expected = {{0, 0}};
    for (int n = 0; n < RS_NOTES; ++n) {
      if (rs_frame_has(&before, n) && n + by >= 0 && n + by < RS_NOTES) {
        rs_frame_set(&expected, n + by);
      }
    }
    const RsFrame after = rs_frame_shift(&before, by);
    assert_true(rs_frame_equal(&after, &expected));
  }
}

static void a_note_begins_after_silence_or_where_marked(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 2, RS_PLANE_ONSET));
  roll.on[0] = FRAME(60);
  roll.on[1] = FRAME(60, 64);
  roll.onset[1] = FRAME(60);
  assert_frame(rs_roll_begins(&roll, 1), 60);
  free(roll.onset);
  roll.onset = NULL;
  assert_frame(rs_roll_begins(&roll, 0), 60);
  assert_frame(rs_roll_begins(&roll, 1), 64);
  rs_roll_clear(&roll);
}

static void notes_outside_fold_to_the_nearest_octave(void **state) {
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_FOLD, 47), 59);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_FOLD, 36), 48);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_FOLD, 84), 72);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_FOLD, 96), 72);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_FOLD, -2), 58);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_DROP, 84), -1);
  assert_int_equal(rs_note_fit(48, 83, RS_OUTSIDE_DROP, 83), 83);
}

static void a_narrow_range_drops_what_it_cannot_hold(void **state) {
  assert_int_equal(rs_note_fit(60, 64, RS_OUTSIDE_FOLD, 72), 60);
  assert_int_equal(rs_note_fit(60, 64, RS_OUTSIDE_FOLD, 52), 64);
  assert_int_equal(rs_note_fit(60, 64, RS_OUTSIDE_FOLD, 77), -1);
  assert_int_equal(rs_note_fit(60, 64, RS_OUTSIDE_FOLD, 54), -1);
}

static void fitting_counts_notes_and_keeps_the_planes(void **state) {
  RsRoll in, out;
  RsRollCounts counts;
  assert_ok(rs_roll_init(&in, "song", 2, RS_PLANE_ONSET | RS_PLANE_VELOCITY));
  in.bpm = 90;
  in.on[0] = in.on[1] = FRAME(30, 60, 72);
  in.onset[0] = FRAME(30, 60, 72);
  in.velocity[60] = 10;
  in.velocity[72] = 20;
  assert_ok(rs_roll_fit(&in, 61, 70, RS_OUTSIDE_FOLD, 2, &out, &counts));
  assert_int_equal(counts.kept, 3);
  assert_int_equal(counts.folded, 2);
  assert_int_equal(counts.dropped, 0);
  assert_frame(out.on[1], 62, 68);
  assert_frame(out.onset[0], 62, 68);
  assert_int_equal(out.velocity[62], 20);
  assert_string_equal(out.name, "song");
  assert_close(out.bpm, 90, 0);
  rs_roll_clear(&out);
  assert_ok(rs_roll_fit(&in, 61, 70, RS_OUTSIDE_DROP, 2, &out, &counts));
  assert_int_equal(counts.kept, 1);
  assert_int_equal(counts.dropped, 2);
  rs_roll_clear(&out);
  assert_int_equal(rs_roll_fit(&in, 61, 70, RS_OUTSIDE_REFUSE, 0, &out, NULL), RS_ERR_FORMAT);
  assert_null(out.on);
  assert_int_equal(rs_roll_fit(&in, 70, 61, RS_OUTSIDE_FOLD, 0, &out, NULL), RS_ERR_ARGUMENT);
  assert_int_equal(rs_roll_fit(&in, 0, 128, RS_OUTSIDE_FOLD, 0, &out, NULL), RS_ERR_ARGUMENT);
  rs_roll_clear(&in);
}

static RsStatus parse(const char *text, RsSongs *songs, RsError *error) {
  return rs_songs_parse(text, strlen(text), "x.roll", songs, error);
}

static void a_roll_text_is_read_with_either_line_end(void **state) {
  RsSongs songs = {0};
  assert_ok(parse("60 64\r\n-\r\n# two words \n127\n0 7\n#\n#\n48", &songs, NULL));
  assert_int_equal(songs.count, 3);
  assert_null(songs.rolls[0].name);
  assert_int_equal(songs.rolls[0].frames, 2);
  assert_frame(songs.rolls[0].on[0], 60, 64);
  assert_int_equal(rs_frame_count(&songs.rolls[0].on[1]), 0);
  assert_string_equal(songs.rolls[1].name, "two words");
  assert_frame(songs.rolls[1].on[1], 0, 7);
  assert_frame(songs.rolls[2].on[0], 48);
  rs_songs_clear(&songs);
}

static void a_bad_line_is_named(void **state) {
  const char *const bad[] = {"60\nx\n",    "60\n128\n",     "60\n6O\n",
                             "60\n- 60\n", "60\n60 -\n",    "60\n\n60\n",
                             "60\n-1\n",   "60\n60,62\n",   "60\n+1\n",
                             "60\n--\n",   "60\n \n\n60\n", "60\n99999999999999999999\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    RsSongs songs = {0};
    RsError error;
    assert_int_equal(parse(bad[i], &songs, &error), RS_ERR_FORMAT);
    assert_string_equal(error.message, "x.roll, line 2: not a frame; write MIDI numbers from 0 to "
                                       "127 separated by spaces, or - for silence");
    assert_int_equal(songs.count, 0);
    rs_songs_clear(&songs);
  }
}

static void blank_lines_may_end_a_text(void **state) {
  RsSongs songs = {0};
  assert_ok(parse("60\n\n \r\n", &songs, NULL));
  assert_int_equal(songs.count, 1);
  assert_int_equal(songs.rolls[0].frames, 1);
  assert_ok(parse("", &songs, NULL));
  assert_int_equal(songs.count, 1);
  rs_songs_clear(&songs);
}

static void a_written_text_reads_back_the_same(void **state) {
  RsSongs songs = {0}, back = {0};
  assert_ok(parse("# a\n0 1 2\n-\n127\n#\n60\n", &songs, NULL));
  char *text = NULL;
  size_t length = 0;
  assert_ok(rs_songs_format(&songs, &text, &length));
  assert_string_equal(text, "# a\n0 1 2\n-\n127\n#\n60\n");
  free(text);
  char path[] = "/tmp/rollsmith-test-XXXXXX";
  close(mkstemp(path));
  assert_ok(rs_songs_write(&songs, path, NULL));
  assert_ok(rs_songs_read(path, &back, NULL));
  remove(path);
  assert_int_equal(back.count, 2);
  assert_string_equal(back.rolls[0].name, "a");
  assert_memory_equal(back.rolls[0].on, songs.rolls[0].on, 3 * sizeof(RsFrame));
  rs_songs_clear(&songs);
  rs_songs_clear(&back);
}

static void a_name_with_line_breaks_stays_on_its_line(void **state) {
  RsSongs songs = {0};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, "a\n60\r\n", 1, RS_PLANE_NONE));
  assert_ok(rs_songs_add(&songs, &roll));
  char *text = NULL;
  size_t length = 0;
  assert_ok(rs_songs_format(&songs, &text, &length));
  assert_string_equal(text, "# a 60  \n-\n");
  free(text);
  rs_songs_clear(&songs);
}

static void a_missing_file_is_an_error_that_names_it(void **state) {
  RsSongs songs = {0};
  RsError error;
  assert_int_equal(rs_songs_read("/nowhere/a.roll", &songs, &error), RS_ERR_READ);
  assert_string_equal(error.message, "/nowhere/a.roll: No such file or directory");
  assert_int_equal(rs_songs_read("/tmp", &songs, &error), RS_ERR_READ);
  assert_int_equal(rs_songs_read("/dev/null", &songs, &error), RS_ERR_READ);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_frame_knows_its_notes),
      cmocka_unit_test(the_notes_of_a_frame_are_met_in_order),
      cmocka_unit_test(a_shifted_frame_moves_every_note),
      cmocka_unit_test(a_note_begins_after_silence_or_where_marked),
      cmocka_unit_test(notes_outside_fold_to_the_nearest_octave),
      cmocka_unit_test(a_narrow_range_drops_what_it_cannot_hold),
      cmocka_unit_test(fitting_counts_notes_and_keeps_the_planes),
      cmocka_unit_test(a_roll_text_is_read_with_either_line_end),
      cmocka_unit_test(a_bad_line_is_named),
      cmocka_unit_test(blank_lines_may_end_a_text),
      cmocka_unit_test(a_written_text_reads_back_the_same),
      cmocka_unit_test(a_name_with_line_breaks_stays_on_its_line),
      cmocka_unit_test(a_missing_file_is_an_error_that_names_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
