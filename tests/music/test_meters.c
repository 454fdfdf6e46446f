/* SPDX-License-Identifier: ISC */

/* The meter map of a roll: time signatures, where bars begin, the main meter and tempo. */

#include "folder.h"
#include "frames.h"
#include "ingested.h"

#include <rollsmith/midi_write.h>

#define METER(beats, power) 0xFF, 0x58, 4, beats, power, 24, 8

static void assert_meters(const RsRoll *roll, const RsMeterChange *expected, size_t count) {
  assert_int_equal(roll->meter_count, count);
  for (size_t i = 0; i < count; ++i) {
    assert_int_equal(roll->meters[i].frame, expected[i].frame);
    assert_int_equal(roll->meters[i].beats, expected[i].beats);
    assert_int_equal(roll->meters[i].unit, expected[i].unit);
  }
}

#define METERS(...)                                                                                \
  (const RsMeterChange[]){__VA_ARGS__},                                                            \
      sizeof((const RsMeterChange[]){__VA_ARGS__}) / sizeof(RsMeterChange)

/* The first frames of the bars, one by one and all in a row. */
static void assert_bars(const RsRoll *roll, const size_t *starts, size_t count) {
  RsBarPlace walk, place;
  assert_true(rs_roll_bar(roll, 0, &walk));
  for (size_t bar = 0; bar < count; ++bar, rs_roll_next_bar(roll, &walk)) {
    assert_int_equal(walk.bar, bar);
    assert_int_equal(walk.bar_start, starts[bar]);
    const size_t end = bar + 1 < count ? starts[bar + 1] : starts[bar] + 1;
    for (size_t frame = starts[bar]; frame < end; ++frame) {
      assert_true(rs_roll_bar(roll, frame, &place));
      assert_int_equal(place.bar, bar);
      assert_int_equal(place.bar_start, starts[bar]);
      assert_int_equal(place.frame_in_bar, frame - starts[bar]);
      assert_int_equal(place.change, walk.change);
      assert_int_equal(place.bar_frames, walk.bar_frames);
      assert_int_equal(place.beats, walk.beats);
      assert_int_equal(place.unit, walk.unit);
    }
  }
}

#define BARS(...)                                                                                  \
  (const size_t[]){__VA_ARGS__}, sizeof((const size_t[]){__VA_ARGS__}) / sizeof(size_t)

static void bars_and_beats_have_their_length(void **state) {
  assert_close(rs_meter_bar_frames(4, 4, 4), 16, 0);
  assert_close(rs_meter_bar_frames(5, 8, 4), 10, 0);
  assert_close(rs_meter_bar_frames(7, 32, 4), 3.5, 0);
  assert_close(rs_meter_beat_frames(4, 4, 4), 4, 0);
  assert_close(rs_meter_beat_frames(3, 2, 4), 8, 0);
  assert_close(rs_meter_beat_frames(6, 8, 4), 6, 0);
  assert_close(rs_meter_beat_frames(3, 8, 4), 2, 0);
  assert_close(rs_meter_beat_frames(6, 4, 4), 4, 0);
}

static void a_roll_is_made_without_a_map(void **state) {
  RsRoll roll;
  RsBarPlace place = {.bar = 7};
  assert_ok(rs_roll_init(&roll, NULL, 16, RS_PLANE_NONE));
  assert_false(rs_roll_bar(&roll, 0, &place));
  assert_int_equal(place.bar, 7);
  rs_roll_clear(&roll);
}

static void a_file_without_a_time_signature_is_in_4_4(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 40, 60, 0, END), &s);
  assert_meters(&r.songs.rolls[0], METERS({0, 4, 4}));
  assert_bars(&r.songs.rolls[0], BARS(0, 16, 32, 48));
  clear(&r);
}

static void a_pickup_is_a_bar_of_its_own_and_not_the_main_meter(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, METER(1, 2), 0, 0x90, 60, 80, 4, METER(4, 2), 40, 0x90, 60, 0, END), &s);
  const RsRoll *roll = &r.songs.rolls[0];
  assert_meters(roll, METERS({0, 1, 4}, {4, 4, 4}));
  assert_bars(roll, BARS(0, 4, 20, 36));
  assert_int_equal(roll->meter_beats, 4);
  assert_int_equal(roll->meter_unit, 4);
  clear(&r);
}

static void each_change_of_meter_counts_from_where_it_stands(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 18, METER(4, 2), 32, METER(5, 3),
                                20, 0x90, 60, 0, END),
                          &s);
  const RsRoll *roll = &r.songs.rolls[0];
  assert_meters(roll, METERS({0, 3, 4}, {18, 4, 4}, {50, 5, 8}));
  assert_bars(roll, BARS(0, 12, 18, 34, 50, 60, 70));
  assert_int_equal(roll->meter_beats, 4);
  clear(&r);
}

static void the_lengths_of_equal_meters_add_up(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 12, METER(4, 2), 16, METER(3, 2),
                                12, 0x90, 60, 0, END),
                          &s);
  assert_int_equal(r.songs.rolls[0].meter_beats, 3);
  clear(&r);
}

static void a_meter_that_is_only_repeated_changes_nothing(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 24, METER(3, 2), 5, METER(3, 2), 20, 0x90, 60, 0, END),
      &s);
  assert_meters(&r.songs.rolls[0], METERS({0, 3, 4}, {29, 3, 4}));
  assert_bars(&r.songs.rolls[0], BARS(0, 12, 24, 29, 41));
  clear(&r);
}

static void the_lower_number_alone_changes_the_meter(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 24, METER(3, 3), 20, 0x90, 60, 0, END), &s);
  assert_meters(&r.songs.rolls[0], METERS({0, 3, 4}, {24, 3, 8}));
  clear(&r);
}

static void a_tempo_does_not_begin_a_bar(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r = ingest_track(
      BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 5, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B, 20, 60, 0, END),
      &s);
  assert_meters(&r.songs.rolls[0], METERS({0, 3, 4}));
  clear(&r);
}

static void the_tempo_is_the_one_in_force_longest(void **state) {
  const RsIngest s = rs_ingest_defaults();
  const uint8_t fast[] = {0, 0x90, 60,   80, 1,    0xFF, 0x51, 3, 0x06, 0x1A, 0x80, /* 150 */
                          9, 0xFF, 0x51, 3,  0x0A, 0x2C, 0x2B, 3, 0x90, 60,   0,    END};
  Result r = ingest_track(fast, sizeof fast, &s);
  assert_close(r.songs.rolls[0].bpm, 150, 1e-9);
  clear(&r);
}

static void a_tempo_before_the_first_note_does_not_count(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r =
      ingest_track(BYTES(40, 0xFF, 0x51, 3, 0x0A, 0x2C, 0x2B, 0, 0x90, 60, 80, 4, 60, 0, END), &s);
  assert_close(r.songs.rolls[0].bpm, 90, 1e-3);
  clear(&r);
}

static void bars_between_frames_begin_at_the_nearest(void **state) {
  RsMeterChange meters[] = {{0, 5, 8}, {7, 1, 64}};
  const RsRoll roll = {.frames = 20, .frames_per_beat = 1, .meters = meters, .meter_count = 2};
  RsBarPlace place;
  assert_bars(&roll, BARS(0, 3, 5)); /* 2.5 frames, halves upwards */
  assert_true(rs_roll_bar(&roll, 4, &place));
  assert_int_equal(place.bar_frames, 3);
  assert_true(rs_roll_bar(&roll, 7, &place)); /* bars 3 to 10 begin in one frame */
  assert_int_equal(place.bar_frames, 1);
  rs_roll_next_bar(&roll, &place);
  assert_int_equal(place.bar_start, 8);
}

static void frames_of_time_and_texts_have_no_map(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.frame_ms = 100;
  Result r = ingest_track(
      BYTES(0, METER(1, 2), 0, 0x90, 60, 80, 4, METER(3, 3), 40, 0x90, 60, 0, END), &s);
  assert_null(r.songs.rolls[0].meters);
  assert_int_equal(r.songs.rolls[0].meter_beats, 3);
  assert_int_equal(r.songs.rolls[0].meter_unit, 8);
  clear(&r);
  s = rs_ingest_defaults();
  assert_ok(rs_ingest_memory("60\n60\n", 6, "x.roll", &s, &r.songs, &r.report));
  assert_null(r.songs.rolls[0].meters);
  clear(&r);
}

static void a_fitted_roll_has_a_copy_of_the_map(void **state) {
  const RsIngest s = rs_ingest_defaults();
  Result r =
      ingest_track(BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 18, METER(4, 2), 20, 60, 0, END), &s);
  RsRoll fitted;
  assert_ok(rs_roll_fit(&r.songs.rolls[0], 48, 83, RS_OUTSIDE_FOLD, 2, &fitted, NULL));
  assert_true(fitted.meters != r.songs.rolls[0].meters);
  clear(&r);
  assert_meters(&fitted, METERS({0, 3, 4}, {18, 4, 4}));
  rs_roll_clear(&fitted);
}

/* ---- Frames taken out ------------------------------------------------------------------------ */

static void silence_before_the_first_note_leaves_a_pickup(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.start = RS_START_TRIM;
  Result r = ingest_track(BYTES(28, 0x90, 60, 80, 8, METER(3, 2), 16, 0x90, 60, 0, END), &s);
  assert_bars(&r.songs.rolls[0], BARS(0, 4, 8, 20)); /* from frame 28: 28, 32, 36, 48 */
  assert_meters(&r.songs.rolls[0], METERS({0, 4, 4}, {4, 4, 4}, {8, 3, 4}));
  clear(&r);
  r = ingest_track(BYTES(32, 0x90, 60, 80, 20, 60, 0, END), &s);
  assert_meters(&r.songs.rolls[0], METERS({0, 4, 4}));
  clear(&r);
  s.start = RS_START_DROP_FIRST;
  r = ingest_track(BYTES(0, 0x90, 60, 80, 36, 60, 0, END), &s);
  assert_bars(&r.songs.rolls[0], BARS(0, 15, 31));
  clear(&r);
}

static void a_cut_silence_leaves_the_bars_of_the_notes(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 20;
  /* A note up to frame 4, then from 53 on, which is 5 frames into its bar. */
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 4, 60, 0, 49, 60, 80, 20, 60, 0, END), &s);
  assert_int_equal(r.report.frames, 24 + 20);
  assert_bars(&r.songs.rolls[0], BARS(0, 16, 19, 35)); /* the note is at frame 24 */
  clear(&r);
}

/* The silence is shorter than what of the bar is before the note. */
static void a_silence_within_a_bar_is_cut_before_the_note(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 4;
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 2, 60, 0, 12, 60, 80, 20, 60, 0, END), &s);
  /* Cut are the frames 6 up to 14, of a bar of 16. */
  assert_int_equal(r.report.frames, 26);
  assert_meters(&r.songs.rolls[0], METERS({0, 4, 4}, {8, 4, 4}));
  clear(&r);
}

static void meters_within_a_cut_silence_are_gone_but_for_the_last(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 20;
  Result r =
      ingest_track(BYTES(0, METER(3, 2), 0, 0x90, 60, 80, 4, 60, 0, 20, METER(5, 2), 40,
                         METER(2, 2), 16, 0x90, 60, 80, 17, METER(7, 3), 20, 0x90, 60, 0, END),
                   &s);
  /* Cut are the frames 24 up to 80, where a bar begins. */
  assert_meters(&r.songs.rolls[0], METERS({0, 3, 4}, {24, 2, 4}, {41, 7, 8}));
  clear(&r);
}

/* Bars of 7/32 begin at the frames 0, 4, 7, 11, 14 and 18. */
static void bars_between_frames_begin_anew_behind_a_cut(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 4;
  Result r =
      ingest_track(BYTES(0, METER(7, 5), 0, 0x90, 60, 80, 4, 60, 0, 14, 60, 80, 8, 60, 0, END), &s);
  /* Cut are the frames 8 up to 18. */
  assert_meters(&r.songs.rolls[0], METERS({0, 7, 32}, {8, 7, 32}));
  clear(&r);
}

/* Cut are the frames 2 up to 5, 7 up to 12, and 14 up to 20: the bar at 16 is gone. */
static void several_cuts_in_a_bar_leave_the_bar_behind_them(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 1;
  Result r = ingest_track(BYTES(0, 0x90, 60, 80, 1, 60, 0, 4, 60, 80, 1, 60, 0, 6, 60, 80, 1, 60, 0,
                                7, 60, 80, 20, 60, 0, END),
                          &s);
  assert_int_equal(r.report.frames, 26);
  assert_meters(&r.songs.rolls[0], METERS({0, 4, 4}, {18, 4, 4}));
  clear(&r);
}

static void several_cuts_each_keep_their_bars(void **state) {
  RsIngest s = rs_ingest_defaults();
  s.max_silence = 16;
  Result r = ingest_track(
      BYTES(0, 0x90, 60, 80, 4, 60, 0, 34, 60, 80, 4, 60, 0, 41, 60, 80, 4, 60, 0, END), &s);
  /* Notes at 0, 38 and 83, that is 0, 6 and 3 in their bars; now at 0, 20 and 40. */
  RsBarPlace place;
  assert_true(rs_roll_bar(&r.songs.rolls[0], 20, &place));
  assert_int_equal(place.frame_in_bar, 6);
  assert_true(rs_roll_bar(&r.songs.rolls[0], 40, &place));
  assert_int_equal(place.frame_in_bar, 3);
  clear(&r);
}

/* ---- Written and read again ------------------------------------------------------------------ */

static void all_changes_are_written_and_read_again(void **state) {
  const RsIngest s = rs_ingest_defaults();
  const RsMidiSettings how = {.program = -1};
  Result r = ingest_track(BYTES(0, METER(1, 2), 0, 0x90, 60, 80, 4, METER(6, 3), 20, METER(6, 3), 5,
                                METER(2, 1), 20, 0x90, 60, 0, END),
                          &s);
  const RsRoll *roll = &r.songs.rolls[0];
  RsSongs again = {0};
  RsIngestReport report;
  assert_ok(rs_midi_write(roll, &how, "a.mid", NULL));
  assert_ok(rs_ingest_file("a.mid", &s, &again, &report));
  assert_meters(roll, METERS({0, 1, 4}, {4, 6, 8}, {24, 6, 8}, {29, 2, 2}));
  assert_meters(&again.rolls[0], roll->meters, roll->meter_count);
  rs_ingest_report_clear(&report);
  rs_songs_clear(&again);
  clear(&r);
  unlink("a.mid");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bars_and_beats_have_their_length),
      cmocka_unit_test(a_roll_is_made_without_a_map),
      cmocka_unit_test(a_file_without_a_time_signature_is_in_4_4),
      cmocka_unit_test(a_pickup_is_a_bar_of_its_own_and_not_the_main_meter),
      cmocka_unit_test(each_change_of_meter_counts_from_where_it_stands),
      cmocka_unit_test(the_lengths_of_equal_meters_add_up),
      cmocka_unit_test(a_meter_that_is_only_repeated_changes_nothing),
      cmocka_unit_test(the_lower_number_alone_changes_the_meter),
      cmocka_unit_test(a_tempo_does_not_begin_a_bar),
      cmocka_unit_test(the_tempo_is_the_one_in_force_longest),
      cmocka_unit_test(a_tempo_before_the_first_note_does_not_count),
      cmocka_unit_test(bars_between_frames_begin_at_the_nearest),
      cmocka_unit_test(frames_of_time_and_texts_have_no_map),
      cmocka_unit_test(a_fitted_roll_has_a_copy_of_the_map),
      cmocka_unit_test(silence_before_the_first_note_leaves_a_pickup),
      cmocka_unit_test(a_cut_silence_leaves_the_bars_of_the_notes),
      cmocka_unit_test(a_silence_within_a_bar_is_cut_before_the_note),
      cmocka_unit_test(meters_within_a_cut_silence_are_gone_but_for_the_last),
      cmocka_unit_test(bars_between_frames_begin_anew_behind_a_cut),
      cmocka_unit_test(several_cuts_in_a_bar_leave_the_bar_behind_them),
      cmocka_unit_test(several_cuts_each_keep_their_bars),
      in_folder(all_changes_are_written_and_read_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
