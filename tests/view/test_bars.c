/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "frames.h"

#include "view/bars.h"

#include <rollsmith/draw.h>

#include <string.h>

/* Bars and their first frames as text: "0 4 16 |28", the end behind the stroke. */
static void assert_bars(const RsRoll *roll, const char *expected) {
  RsBars bars;
  char text[200] = "";
  assert_ok(rs_bars_of(roll, &bars));
  for (size_t i = 0; i <= bars.count; ++i) {
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%zu", i == bars.count ? "|" : " ",
             rs_bars_start(&bars, i));
  }
  assert_string_equal(text, expected);
  rs_bars_clear(&bars);
}

static RsRoll silence(size_t frames) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, "silence", frames, RS_PLANE_NONE));
  return roll;
}

static void bars_are_those_of_the_meter_map(void **state) {
  RsRoll roll = silence(30);
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 20, 5, 8)); /* cuts the second bar of 3/4 */
  assert_bars(&roll, " 0 4 16 20|30");
  rs_roll_clear(&roll);
  roll = silence(31);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  assert_bars(&roll, " 0 16|32");
  rs_roll_clear(&roll);
}

static void without_a_map_bars_are_those_of_the_time_signature(void **state) {
  RsRoll roll = silence(17);
  assert_bars(&roll, " 0 16|32");
  roll.meter_beats = 3;
  assert_bars(&roll, " 0 12|24");
  roll.frames_per_beat = 0;
  roll.frame_ms = 200; /* 2.5 frames a quarter note */
  roll.meter_beats = 1;
  assert_bars(&roll, " 0 3 5 8 10 13 15|18");
  roll.frame_ms = 1200; /* two and a half bars a frame */
  roll.frames = 3;
  assert_bars(&roll, " 0 1 2|3");
  rs_roll_clear(&roll);
}

static void beats_are_those_of_each_bar(void **state) {
  static const char expected[] = "B---B---T---T---B-T-T-T-T-";
  char places[sizeof expected] = "";
  RsBars bars;
  RsRoll roll = silence(26);
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 16, 5, 8));
  assert_ok(rs_bars_of(&roll, &bars));
  for (size_t bar = 0; bar < bars.count; ++bar) {
    for (size_t f = bars.bars[bar].start; f < rs_bars_start(&bars, bar + 1); ++f) {
      places[f] = "BMT--"[rs_bar_place(&bars.bars[bar], f)];
    }
  }
  assert_string_equal(places, expected);
  rs_bars_clear(&bars);
  rs_roll_clear(&roll);
}

/* Places of the bar lines of a picture, in the order in which they are drawn: "76 164 ". */
static void bar_lines_of(const char *path, char *text, size_t size) {
  char line[2000];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  *text = '\0';
  while (fgets(line, sizeof line, file)) {
    const char *start = strstr(line, "d=\"M ");
    if (start && strstr(line, "stroke-width:1.1;")) {
      snprintf(text + strlen(text), size - strlen(text), "%g ", strtod(start + 5, NULL));
    }
  }
  fclose(file);
}

static void a_bar_line_is_drawn_where_each_bar_begins_and_at_the_end(void **state) {
  char text[500];
  RsRoll roll = silence(28);
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 3, 4));
  assert_ok(rs_draw_roll(&roll, NULL, "a.svg", NULL));
  bar_lines_of("a.svg", text, sizeof text);
  assert_string_equal(text, "76 164 428 692 "); /* 22 units a frame */
  remove("a.svg");
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bars_are_those_of_the_meter_map),
      cmocka_unit_test(without_a_map_bars_are_those_of_the_time_signature),
      cmocka_unit_test(beats_are_those_of_each_bar),
      in_folder(a_bar_line_is_drawn_where_each_bar_begins_and_at_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
