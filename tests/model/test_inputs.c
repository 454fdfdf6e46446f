/* SPDX-License-Identifier: ISC */

/* Layout of the inputs of a frame, and places in the meter. */

#include "inputs_kit.h"

/* ---- Layout ---- */

static void every_part_has_its_values(void **state) {
  const RsInputs inputs = all_inputs();
  const size_t metre = KNOWN_COUNT + 4 + 8 + 5 + (16 + 12 + 12) + (4 + 6);
  assert_int_equal(inputs.at.metre, VISIBLE);
  assert_int_equal(inputs.at.lookback, VISIBLE + metre);
  assert_int_equal(inputs.at.likeness, inputs.at.lookback + RS_LOOKBACKS * VISIBLE);
  assert_int_equal(inputs.at.age, inputs.at.likeness + RS_LOOKBACKS * RS_LIKENESSES);
  assert_int_equal(inputs.size, inputs.at.age + RS_NOTE_AGES * NOTES);
  assert_int_equal(inputs.at.place[0], VISIBLE + KNOWN_COUNT + 4 + 8 + 5);
  assert_int_equal(inputs.at.place[1], inputs.at.place[0] + 16);
  assert_int_equal(inputs.at.place[2], inputs.at.place[1] + 12);
  assert_int_equal(inputs.at.beat[0], inputs.at.place[2] + 12);
  assert_int_equal(inputs.at.beat[1], inputs.at.beat[0]); /* beats of the same length */
  assert_int_equal(inputs.at.beat[2], inputs.at.beat[0] + 4);
}

static void a_part_that_is_off_has_none(void **state) {
  const RsInputs none = inputs_with((RsModelSettings){.metre = false});
  const RsInputs metre = inputs_with((RsModelSettings){.metre = true});
  const RsInputs lookback = inputs_with((RsModelSettings){.lookback = true});
  const RsInputs age = inputs_with((RsModelSettings){.note_age = true});
  assert_int_equal(none.size, VISIBLE);
  assert_int_equal(none.shared, 0);
  assert_int_equal(none.links, 0);
  assert_int_equal(metre.size, all_inputs().at.lookback);
  assert_int_equal(metre.shared, 0);
  assert_int_equal(lookback.size, VISIBLE + RS_LOOKBACKS * (VISIBLE + RS_LIKENESSES));
  assert_int_equal(age.size, VISIBLE + RS_NOTE_AGES * NOTES);
  assert_int_equal(age.shared, 2 * RS_NOTE_AGES); /* no place is known: all are one */
}

static void without_meters_there_is_neither_metre_nor_lookback(void **state) {
  const RsModelSettings parts = {.metre = true, .lookback = true};
  RsIngest roll = frames_of(FRAMES_PER_BEAT, true);
  const RsInputs none = rs_inputs(&roll, &parts, 0, NULL);
  roll.frame_ms = 20;
  const RsInputs of_time = rs_inputs(&roll, &parts, KNOWN_COUNT, KNOWN);
  assert_int_equal(none.size, VISIBLE);
  assert_int_equal(of_time.size, VISIBLE);
  assert_int_equal(of_time.meter_count, 0);
}

static void a_meter_has_its_number(void **state) {
  const RsInputs inputs = all_inputs();
  assert_int_equal(rs_inputs_meter(&inputs, 4, 4), 0);
  assert_int_equal(rs_inputs_meter(&inputs, 6, 8), 2);
  assert_int_equal(rs_inputs_meter(&inputs, 6, 4), -1);
  assert_int_equal(rs_inputs_meter(&inputs, 4, 8), -1);
}

/* ---- Metre ---- */

/* Expect the values of a frame's metre: all zero but those of its meter, phrase and places. */
/* By the length of the bar, then of the beat, then the order. */
static void the_nearest_meter_has_a_bar_of_about_its_length(void **state) {
  const RsKnownMeter known[] = {{3, 4, 0.4}, {6, 8, 0.3}, {4, 4, 0.2}, {9, 8, 0.1}};
  const unsigned wanted[][3] = {{3, 4, 0}, {6, 8, 1},  {2, 2, 2},   {12, 8, 3}, {7, 8, 0},
                                {3, 8, 0}, {6, 16, 0}, {12, 16, 0}, {5, 4, 3},  {15, 8, 3}};
  RsInputs inputs = {.meter_count = 0};
  assert_int_equal(rs_nearest_meter(&inputs, 4, 4), -1);
  inputs.meter_count = sizeof known / sizeof *known;
  memcpy(inputs.meters, known, sizeof known);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; ++i) {
    assert_int_equal(rs_nearest_meter(&inputs, wanted[i][0], wanted[i][1]), wanted[i][2]);
  }
  inputs.meters[1] = (RsKnownMeter){12, 8, 1}; /* as far from 9/8 as 3/4 is */
  inputs.meter_count = 2;
  assert_int_equal(rs_nearest_meter(&inputs, 9, 8), 1);
}

static void expect_metre(const RsInputs *inputs, const RsRoll *roll, size_t frame, int meter,
                         size_t bar_of_meter, size_t in_bar, size_t in_beat) {
  float *x = test_calloc(inputs->size, sizeof *x), *wanted = test_calloc(inputs->size, sizeof *x);
  RsInputPlace place;
  const size_t short_at = inputs->at.metre + inputs->meter_count;
  const size_t section = bar_of_meter / 8 < 4 ? bar_of_meter / 8 : 4;
  assert_true(rs_input_place(inputs, roll, frame, &place));
  assert_int_equal(place.meter, meter);
  if (meter >= 0) {
    assert_int_equal(place.phrase, bar_of_meter);
    assert_int_equal(place.frame_in_bar, in_bar);
    wanted[inputs->at.metre + (size_t)meter] = 1;
    wanted[short_at + bar_of_meter % 4] = 1;
    wanted[short_at + 4 + bar_of_meter % 8] = 1;
    wanted[short_at + 12 + section] = 1;
    wanted[inputs->at.place[meter] + in_bar] = 1;
    wanted[inputs->at.beat[meter] + in_beat] = 1;
  }
  rs_inputs_fill_metre(inputs, &place, x);
  assert_memory_equal(x, wanted, inputs->size * sizeof *x);
  test_free(x);
  test_free(wanted);
}

static void a_place_is_one_of_each_kind(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll four = roll_in(4, 4), three = roll_in(3, 4), six = roll_in(6, 8);
  expect_metre(&inputs, &four, 0, 0, 0, 0, 0);
  expect_metre(&inputs, &four, 37, 0, 2, 5, 1);
  expect_metre(&inputs, &four, 16 * 13 + 15, 0, 13, 15, 3);
  expect_metre(&inputs, &three, 37, 1, 3, 1, 1);
  expect_metre(&inputs, &three, 12 * 9 + 11, 1, 9, 11, 3);
  expect_metre(&inputs, &six, 12 * 5 + 7, 2, 5, 7, 1);
  expect_metre(&inputs, &six, 12 * 5 + 5, 2, 5, 5, 5);
  expect_metre(&inputs, &four, 16 * 600 + 3, 0, 600, 3, 3); /* beyond the end of the song */
  rs_roll_clear(&four);
  rs_roll_clear(&three);
  rs_roll_clear(&six);
}

static void phrases_count_from_the_pickups_end(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(500);
  RsInputPlace place;
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4)); /* not learned */
  assert_ok(rs_roll_add_meter(&roll, 4, 4, 4));
  expect_metre(&inputs, &roll, 3, -1, 0, 3, 3);
  expect_metre(&inputs, &roll, 4, 0, 0, 0, 0);
  expect_metre(&inputs, &roll, 4 + 16 * 9 + 3, 0, 9, 3, 3);
  assert_true(rs_input_place(&inputs, &roll, 4 + 16 * 9, &place));
  assert_int_equal(place.bar, 10);
  rs_roll_clear(&roll);
}

static void a_change_of_meter_begins_a_phrase(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(500);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  assert_ok(rs_roll_add_meter(&roll, 40, 3, 4)); /* cuts the third bar */
  assert_ok(rs_roll_add_meter(&roll, 76, 6, 8));
  assert_ok(rs_roll_add_meter(&roll, 88, 4, 4));
  expect_metre(&inputs, &roll, 39, 0, 2, 7, 3);
  expect_metre(&inputs, &roll, 40, 1, 0, 0, 0);
  expect_metre(&inputs, &roll, 75, 1, 2, 11, 3);
  expect_metre(&inputs, &roll, 83, 2, 0, 7, 1);
  expect_metre(&inputs, &roll, 88 + 16 + 5, 0, 1, 5, 1);
  rs_roll_clear(&roll);
}

static void bars_of_no_whole_length_have_a_place_for_each_frame(void **state) {
  const RsIngest settings = frames_of(3, true);
  const RsModelSettings parts = {.metre = true};
  const RsKnownMeter meter = {3, 8, 1}; /* 4.5 frames: bars begin at 0, 5, 9, 14 */
  const RsInputs inputs = rs_inputs(&settings, &parts, 1, &meter);
  RsRoll roll = roll_in(3, 8);
  roll.frames_per_beat = 3;
  assert_int_equal(inputs.at.beat[0] - inputs.at.place[0], 5);
  expect_metre(&inputs, &roll, 4, 0, 0, 4, 1);
  expect_metre(&inputs, &roll, 5, 0, 1, 0, 0);
  expect_metre(&inputs, &roll, 13, 0, 2, 4, 1);
  expect_metre(&inputs, &roll, 14, 0, 3, 0, 0);
  rs_roll_clear(&roll);
}

static void a_roll_without_meters_has_no_place(void **state) {
  const RsInputs inputs = all_inputs();
  RsRoll roll = silent_roll(8);
  RsInputPlace place = {.meter = 77};
  assert_false(rs_input_place(&inputs, &roll, 3, &place));
  assert_int_equal(place.meter, 77);
  Past past = past_of(&inputs);
  add_roll_frame(&past, &roll, 0, 0);
  add_roll_frame(&past, &roll, 1, 0);
  for (size_t i = 0; i < inputs.size; ++i) {
    assert_float_equal(past.x[i], 0, 0);
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_part_has_its_values),
      cmocka_unit_test(a_part_that_is_off_has_none),
      cmocka_unit_test(without_meters_there_is_neither_metre_nor_lookback),
      cmocka_unit_test(a_meter_has_its_number),
      cmocka_unit_test(the_nearest_meter_has_a_bar_of_about_its_length),
      cmocka_unit_test(a_place_is_one_of_each_kind),
      cmocka_unit_test(phrases_count_from_the_pickups_end),
      cmocka_unit_test(a_change_of_meter_begins_a_phrase),
      cmocka_unit_test(bars_of_no_whole_length_have_a_place_for_each_frame),
      cmocka_unit_test(a_roll_without_meters_has_no_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
