/* SPDX-License-Identifier: ISC */

/* Parts of a performance: their notes, voices and channels, and the meter that a roll has. */

#include "frames.h"
#include "kit.h"

#include "music/meter.h"

#include <rollsmith/performance.h>

#include <string.h>

/* Notes with their parts: "+60.0". */
static void perform_parts(const RsPerformance *how, const RsFrame *on, size_t frames, char *text) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsPerformer *performer = NULL;
  assert_ok(rs_performer_new(how, 1, &performer));
  for (size_t f = 0; f <= frames; ++f) {
    const size_t n = f < frames ? rs_performer_frame(performer, &on[f], NULL, NULL, events)
                                : rs_performer_end(performer, events);
    for (size_t i = 0; i < n; ++i) {
      text += sprintf(text, "%c%d.%d ", events[i].on ? '+' : '-', events[i].note, events[i].part);
    }
  }
  rs_performer_free(performer);
}

static void a_split_gives_low_notes_to_the_first_part(void **state) {
  char text[200];
  const RsPerformance how = {.parts = RS_PARTS_SPLIT, .split = 60};
  const RsFrame on[] = {FRAME(59, 60, 72)};
  perform_parts(&how, on, 1, text);
  assert_string_equal(text, "+59.0 +60.1 +72.1 -59.0 -60.1 -72.1 ");
}

static void a_note_keeps_the_voice_in_which_it_began(void **state) {
  char text[200];
  const RsPerformance how = {.parts = RS_PARTS_VOICES};
  const RsFrame on[] = {FRAME(60), FRAME(48, 60, 64, 67), FRAME(60, 72)};
  perform_parts(&how, on, 3, text);
  assert_string_equal(text, "+60.2 +48.0 +64.1 +67.2 -48.0 -64.1 -67.2 +72.2 -60.2 -72.2 ");
}

static void channels_of_parts_pass_over_the_drums(void **state) {
  assert_int_equal(rs_part_channel(0, 0), 0);
  assert_int_equal(rs_part_channel(0, 2), 2);
  assert_int_equal(rs_part_channel(8, 1), 10);
  assert_int_equal(rs_part_channel(8, 2), 11);
  assert_int_equal(rs_part_channel(15, 1), 0);
  assert_int_equal(rs_part_channel(9, 0), 9); /* as it was asked for */
}

static void assert_meter(RsMeter meter, double bar, double beat, unsigned beats,
                         unsigned divisions) {
  assert_close(meter.bar_frames, bar, 1e-12);
  assert_close(meter.beat_frames, beat, 1e-12);
  assert_int_equal(meter.beats, beats);
  assert_int_equal(meter.divisions, divisions);
}

static void a_compound_meter_has_beats_of_three_units(void **state) {
  assert_meter(rs_meter(4, 4, 4), 16, 4, 4, 2);
  assert_meter(rs_meter(4, 6, 4), 24, 4, 6, 2);
  assert_meter(rs_meter(4, 3, 8), 6, 2, 3, 2);
  assert_meter(rs_meter(4, 6, 8), 12, 6, 2, 3);
  assert_meter(rs_meter(4, 9, 8), 18, 6, 3, 3);
  assert_meter(rs_meter(4, 7, 8), 14, 2, 7, 2);
  assert_meter(rs_meter(8, 12, 16), 24, 6, 4, 3);
}

static void the_meter_of_a_roll_without_one_is_that_of_sixteen_frames(void **state) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, 1, RS_PLANE_NONE));
  roll.meter_beats = 3;
  roll.meter_unit = 8;
  assert_meter(rs_meter_of(&roll), 6, 2, 3, 2);
  roll.meter_beats = 0;
  assert_meter(rs_meter_of(&roll), 16, 4, 4, 2);
  roll.meter_beats = 3;
  roll.meter_unit = 0;
  assert_meter(rs_meter_of(&roll), 16, 4, 4, 2);
  roll.meter_unit = 8;
  roll.frames_per_beat = 0; /* a frame has a length in time, but none is given */
  roll.frame_ms = 0;
  assert_meter(rs_meter_of(&roll), 16, 4, 4, 2);
  roll.frame_ms = -1;
  assert_meter(rs_meter_of(&roll), 16, 4, 4, 2);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_split_gives_low_notes_to_the_first_part),
      cmocka_unit_test(a_note_keeps_the_voice_in_which_it_began),
      cmocka_unit_test(channels_of_parts_pass_over_the_drums),
      cmocka_unit_test(a_compound_meter_has_beats_of_three_units),
      cmocka_unit_test(the_meter_of_a_roll_without_one_is_that_of_sixteen_frames),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
