/* SPDX-License-Identifier: ISC */

#include "frames.h"
#include "kit.h"

#include "music/outliers.h"

/* Silent songs of these lengths. */
static RsSongs songs_of(const size_t *lengths, size_t count) {
  RsSongs songs = {0};
  for (size_t i = 0; i < count; ++i) {
    RsRoll roll;
    assert_ok(rs_roll_init(&roll, NULL, lengths[i], RS_PLANE_NONE));
    assert_ok(rs_songs_add(&songs, &roll));
  }
  return songs;
}

static void assert_usual(const size_t *lengths, size_t count, RsUsualLengths expected) {
  RsSongs songs = songs_of(lengths, count);
  RsUsualLengths usual;
  assert_ok(rs_usual_lengths(&songs, &usual));
  assert_int_equal(usual.low, expected.low);
  assert_int_equal(usual.high, expected.high);
  assert_int_equal(usual.lowest, expected.lowest);
  assert_int_equal(usual.highest, expected.highest);
  rs_songs_clear(&songs);
}

static void lengths_are_usual_up_to_three_distances_of_the_quartiles(void **state) {
  const size_t wide[] = {100, 400, 200, 50, 200, 200, 800, 100, 100};
  assert_usual(wide, 9, (RsUsualLengths){100, 200, 13, 1600}); /* 100 / 2^3, 200 2^3 */
}

/* Of 8 songs the quartiles are the third and the sixth. */
static void quartiles_are_at_the_nearest_places(void **state) {
  const size_t lengths[] = {10, 20, 100, 110, 120, 130, 140, 150};
  assert_usual(lengths, 8, (RsUsualLengths){100, 130, 25, 520});
}

static void lengths_within_a_factor_of_four_are_usual(void **state) {
  const size_t equal[] = {64, 64, 64, 64, 64, 64, 64, 64};
  assert_usual(equal, 8, (RsUsualLengths){64, 64, 16, 256});
  const size_t few[] = {64, 64, 64, 64, 64, 64, 64};
  assert_usual(few, 7, (RsUsualLengths){0, 0, 0, SIZE_MAX});
}

static void assert_shorter(size_t frames, unsigned beats, unsigned unit, bool shorter) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, frames, RS_PLANE_NONE));
  roll.meter_beats = beats;
  roll.meter_unit = unit;
  assert_int_equal(rs_is_shorter_than_a_bar(&roll), shorter);
  rs_roll_clear(&roll);
}

static void a_bar_is_one_of_the_main_meter(void **state) {
  assert_shorter(15, 4, 4, true);
  assert_shorter(16, 4, 4, false);
  assert_shorter(11, 6, 8, true);
  assert_shorter(12, 6, 8, false);
  assert_shorter(15, 0, 0, true);
  assert_shorter(16, 0, 0, false);
}

static void the_note_held_longest_is_found_and_where_it_begins(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 9, RS_PLANE_NONE));
  assert_int_equal(rs_held_note(&roll).frames, 0);
  roll.on[0] = FRAME(50);
  assert_int_equal(rs_held_note(&roll).frames, 1);
  for (size_t f = 2; f < 8; ++f) {
    roll.on[f] = f < 4 ? FRAME(60, 70) : FRAME(70);
  }
  RsHeldNote held = rs_held_note(&roll);
  assert_int_equal(held.note, 70);
  assert_int_equal(held.first, 2);
  assert_int_equal(held.frames, 6);
  roll.onset = calloc(9, sizeof *roll.onset);
  roll.onset[2] = FRAME(60, 70);
  roll.onset[6] = FRAME(70);
  held = rs_held_note(&roll);
  assert_int_equal(held.first, 2);
  assert_int_equal(held.frames, 4);
  rs_roll_clear(&roll);
}

static void assert_held(const RsRoll *roll, int note, size_t first, size_t frames) {
  const RsHeldNote held = rs_held_note(roll);
  assert_int_equal(held.note, note);
  assert_int_equal(held.first, first);
  assert_int_equal(held.frames, frames);
}

static void of_notes_held_equally_long_the_first_to_end_counts(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 9, RS_PLANE_NONE));
  for (size_t f = 2; f < 6; ++f) {
    roll.on[f] = f < 5 ? FRAME(60, 61) : FRAME(61); /* next to each other */
  }
  assert_held(&roll, 61, 2, 4);
  for (size_t f = 5; f < 9; ++f) {
    rs_frame_set(&roll.on[f], 50); /* as long, and later */
  }
  assert_held(&roll, 61, 2, 4);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lengths_are_usual_up_to_three_distances_of_the_quartiles),
      cmocka_unit_test(quartiles_are_at_the_nearest_places),
      cmocka_unit_test(lengths_within_a_factor_of_four_are_usual),
      cmocka_unit_test(a_bar_is_one_of_the_main_meter),
      cmocka_unit_test(the_note_held_longest_is_found_and_where_it_begins),
      cmocka_unit_test(of_notes_held_equally_long_the_first_to_end_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
