/* SPDX-License-Identifier: ISC */

/* Statistics of a song. */

#include "frames.h"
#include "kit.h"

#include <rollsmith/rng.h>
#include <rollsmith/statistics.h>
#include <rollsmith/style.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- Songs ----------------------------------------------------------------------------------- */

static void add_note(RsRoll *roll, size_t at, int pitch, size_t frames) {
  for (size_t f = at; f < at + frames; ++f) {
    rs_frame_set(&roll->on[f], pitch);
  }
  if (roll->onset) {
    rs_frame_set(&roll->onset[at], pitch);
  }
}

static void set_meters(RsRoll *roll, const RsMeterChange *changes, size_t count) {
  roll->meters = malloc(count * sizeof *changes);
  memcpy(roll->meters, changes, count * sizeof *changes);
  roll->meter_count = count;
  roll->meter_beats = changes[count - 1].beats;
  roll->meter_unit = changes[count - 1].unit;
}

/* Eight bars of 2/8, of four frames each: C E, three times, a repeated G, C E three times more, and
   C with C sharp off the beat. */
static RsRoll small_song(unsigned planes) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 40, planes));
  for (size_t bar = 0; bar < 7; ++bar) {
    if (bar != 3) {
      add_note(&roll, 4 * bar, 60, 2);
      add_note(&roll, 4 * bar + 2, 64, 1);
    }
  }
  add_note(&roll, 12, 67, 2);
  add_note(&roll, 14, 67, 2);
  add_note(&roll, 29, 60, 3);
  add_note(&roll, 29, 61, 3);
  roll.meter_beats = 2;
  roll.meter_unit = 8;
  return roll;
}

static double statistic(const RsRoll *roll, RsSongStatistic which) {
  RsSongStatistics s;
  assert_ok(rs_song_statistics(roll, &s));
  return s.value[which];
}

/* ---- Statistics ------------------------------------------------------------------------------ */

static void every_statistic_has_a_name(void **state) {
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    assert_non_null(rs_song_statistic_name((RsSongStatistic)i));
    assert_non_null(rs_song_statistic_unit((RsSongStatistic)i));
  }
  assert_null(rs_song_statistic_name(RS_SONG_STATISTICS));
}

/* 16 notes: C 7, E 6, G 2, C sharp 1. The last bar alone has another rhythm, in three places.
   Behind four bars, 9 of 13 pairs of frames are alike, the others have nothing in common. */
static void statistics_of_a_song_agree_with_those_made_by_hand(void **state) {
  RsRoll roll = small_song(RS_PLANE_ONSET);
  RsSongStatistics s;
  const double expected[RS_SONG_STATISTICS] = {
      [RS_SONG_ONE_FRAME] = 6.0 / 16,
      [RS_SONG_ON_BEAT] = 14.0 / 16,
      [RS_SONG_ON_BAR] = 7.0 / 16,
      [RS_SONG_GROOVE] = 1 - 3.0 / (7 * 4),
      [RS_SONG_GS] = 1 - 21.0 / (28 * 4),
      [RS_SONG_REPEATED_BARS] = 5.0 / 8,
      [RS_SONG_S4_8] = 9.0 / 13,
      [RS_SONG_LENGTH] = 28.0 / 16,
      [RS_SONG_NOTES_A_FRAME] = 16.0 / 32,
      [RS_SONG_POLYPHONY] = 28.0 / 25,
      [RS_SONG_PITCH_ENTROPY] =
          -(7 * log2(7.0 / 16) + 6 * log2(6.0 / 16) + 2 * log2(2.0 / 16) + log2(1.0 / 16)) / 16,
      [RS_SONG_SCALE] = 15.0 / 16,
  };
  assert_ok(rs_song_statistics(&roll, &s));
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    if (!(fabs(s.value[i] - expected[i]) < 1e-12)) {
      fail_msg("%s is %.17g, not %.17g", rs_song_statistic_name((RsSongStatistic)i), s.value[i],
               expected[i]);
    }
  }
  rs_roll_clear(&roll);
}

static void without_onsets_a_repeated_note_is_one(void **state) {
  RsRoll roll = small_song(RS_PLANE_NONE);
  assert_close(statistic(&roll, RS_SONG_LENGTH), 28.0 / 15, 1e-12);
  assert_close(statistic(&roll, RS_SONG_ON_BEAT), 13.0 / 15, 1e-12);
  rs_roll_clear(&roll);
}

static void a_note_after_a_silence_begins_even_if_unmarked(void **state) {
  RsRoll roll = small_song(RS_PLANE_ONSET);
  roll.onset[0] = SILENCE;
  rs_frame_set(&roll.onset[31], 99); /* nor does a mark make a note */
  assert_close(statistic(&roll, RS_SONG_NOTES_A_FRAME), 16.0 / 32, 1e-12);
  rs_roll_clear(&roll);
}

/* A pickup of a quarter, then 3/8 with a note on each first and each last eighth. */
static void bars_count_from_the_meter_s_own_beginning(void **state) {
  const RsMeterChange changes[] = {{0, 1, 4}, {4, 3, 8}};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 28, RS_PLANE_ONSET));
  set_meters(&roll, changes, COUNT(changes));
  add_note(&roll, 1, 60, 1);
  for (size_t at = 4; at < 28; at += 6) {
    add_note(&roll, at, 60, 1);
    add_note(&roll, at + 4, 62, 2);
  }
  assert_close(statistic(&roll, RS_SONG_ON_BAR), 4.0 / 9, 1e-12);
  assert_close(statistic(&roll, RS_SONG_ON_BEAT), 8.0 / 9, 1e-12);
  assert_close(statistic(&roll, RS_SONG_GROOVE), 1, 1e-12);
  assert_close(statistic(&roll, RS_SONG_REPEATED_BARS), 3.0 / 4, 1e-12);
  rs_roll_clear(&roll);
}

/* Four bars of common time and the beginning of a fifth, cut by the end of the song or a change. */
static void a_bar_that_is_cut_short_is_none(void **state) {
  const RsMeterChange changes[] = {{0, 4, 4}, {74, 4, 4}, {78, 3, 4}};
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 96, RS_PLANE_ONSET));
  for (size_t at = 0; at < 74; at += 16) {
    add_note(&roll, at, 60, 2);
  }
  assert_close(statistic(&roll, RS_SONG_REPEATED_BARS), 3.0 / 4, 1e-12);
  add_note(&roll, 90, 62, 6);
  set_meters(&roll, changes, COUNT(changes));
  roll.meter_beats = 4;
  assert_close(statistic(&roll, RS_SONG_REPEATED_BARS), 3.0 / 4, 1e-12);
  rs_roll_clear(&roll);
}

/* A note in every frame of a song. */
static double notes_on_beats_in(unsigned beats, unsigned unit) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 144, RS_PLANE_ONSET));
  roll.meter_beats = beats;
  roll.meter_unit = unit;
  for (size_t f = 0; f < roll.frames; ++f) {
    add_note(&roll, f, 60, 1);
  }
  const double share = statistic(&roll, RS_SONG_ON_BEAT);
  rs_roll_clear(&roll);
  return share;
}

static void a_beat_of_a_compound_meter_is_three_eighths(void **state) {
  assert_close(notes_on_beats_in(4, 4), 1.0 / 4, 1e-12);
  assert_close(notes_on_beats_in(3, 8), 1.0 / 2, 1e-12);
  assert_close(notes_on_beats_in(6, 8), 1.0 / 6, 1e-12);
  assert_close(notes_on_beats_in(9, 8), 1.0 / 6, 1e-12);
  assert_close(notes_on_beats_in(12, 16), 1.0, 1e-12);
}

static void a_song_of_less_than_four_bars_has_no_statistics(void **state) {
  RsRoll roll = small_song(RS_PLANE_ONSET);
  RsSongStatistics s;
  roll.meter_beats = 5; /* of 10 frames, and the last note ends with frame 32 */
  assert_int_equal(rs_song_statistics(&roll, &s), RS_ERR_EMPTY);
  assert_true(isnan(s.value[RS_SONG_LENGTH]));
  roll.meter_beats = 4;
  assert_ok(rs_song_statistics(&roll, &s));
  assert_true(isnan(s.value[RS_SONG_S4_8]));
  memset(roll.on, 0, roll.frames * sizeof *roll.on);
  assert_int_equal(rs_song_statistics(&roll, &s), RS_ERR_EMPTY);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_statistic_has_a_name),
      cmocka_unit_test(statistics_of_a_song_agree_with_those_made_by_hand),
      cmocka_unit_test(without_onsets_a_repeated_note_is_one),
      cmocka_unit_test(a_note_after_a_silence_begins_even_if_unmarked),
      cmocka_unit_test(bars_count_from_the_meter_s_own_beginning),
      cmocka_unit_test(a_bar_that_is_cut_short_is_none),
      cmocka_unit_test(a_beat_of_a_compound_meter_is_three_eighths),
      cmocka_unit_test(a_song_of_less_than_four_bars_has_no_statistics),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
