/* SPDX-License-Identifier: ISC */

/* The MIDI clock that an output sends. */

#include "stepped_output.h"

static void a_quarter_note_has_24_clocks(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.clock = true;
  settings.frames = 16;
  Stage *stage = enter(settings, 0);
  size_t count = 0;
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(count_status(all, count, 0xf8), 4 * 24);
  assert_int_equal(all[0].message.bytes[0], 0xf2);
  assert_int_equal(all[1].message.bytes[0], 0xfa);
  assert_int_equal(all[2].message.bytes[0], 0xf8);
  assert_true(all[2].due > all[1].due);
  assert_int_equal(all[count - 1].message.bytes[0], 0xfc);
  leave(stage);
}

/* Who hears the clock is at the frame that sounds: of each 12 the highest note tells which. @return
   How many it has heard. */
static size_t keep_time(const RsRecorded *all, size_t count) {
  bool running = false;
  size_t clocks = 0, heard = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = all[i].message.bytes;
    if (bytes[0] == 0xf2 && !running) {
      clocks = 6 * (bytes[1] + 128u * bytes[2]);
    } else if (bytes[0] == 0xf8) {
      clocks += running;
    } else if (bytes[0] >= 0xfa) {
      assert_true(bytes[0] != 0xfa || !clocks);
      running = bytes[0] != 0xfc;
    } else if (bytes[0] == 0x90 && bytes[2] && bytes[1] >= 72) {
      assert_int_equal(clocks % 6, 1);
      assert_int_equal(clocks / 6 % 12, bytes[1] - 72);
      ++heard;
    }
  }
  return heard;
}

static void after_a_pause_the_clock_tells_where_it_goes_on(void **state) {
  for (int i = 0; i < 24; ++i) {
    RsPlayerSettings settings = stage_settings(120);
    settings.clock = true;
    Stage *stage = enter(settings, i % 2 ? 100 * RS_MILLISECOND : 0);
    size_t count = 0, later = 0;
    play_until(stage, beginning + RS_SECOND + i * 7 * RS_MILLISECOND);
    command(stage, RS_PLAYER_PAUSE, 1);
    play_until(stage, beginning + 5 * RS_SECOND);
    const RsRecorded *all = recorded(stage, &count);
    assert_int_equal(all[count - 1].message.bytes[0], 0xfc);
    assert_int_equal(open_notes(all, count), 0);
    command(stage, RS_PLAYER_PAUSE, 0);
    play_until(stage, beginning + 23 * RS_SECOND); // Of which about 4 s were the pause
    command(stage, RS_PLAYER_PAUSE, 1);
    play_until(stage, beginning + 24 * RS_SECOND);
    command(stage, RS_PLAYER_PAUSE, 0);
    play_until(stage, beginning + 25 * RS_SECOND);
    all = recorded(stage, &later);
    assert_int_equal(count_status(all, later, 0xfa), 1);
    assert_int_equal(count_status(all, later, 0xfb), 2);
    assert_true(keep_time(all, later) > 150); // Past 128 sixteenths, which take two bytes to count
    leave(stage);
  }
}

/* So may a new tempo right then: the next frame is as far away as it was. */
static void a_pause_takes_no_time_of_the_music(void **state) {
  Stage *stage = enter(stage_settings(60), 0);
  size_t count = 0;
  play_until(stage, beginning + RS_SECOND + 100 * RS_MILLISECOND); // 150 ms before the next
  command(stage, RS_PLAYER_PAUSE, 1);
  play_until(stage, beginning + 3 * RS_SECOND);
  recorded(stage, &count);
  const int64_t from = stage->clock.time;
  command(stage, RS_PLAYER_PAUSE, 0);
  command(stage, RS_PLAYER_TEMPO, 30); // Twice as long
  play_until(stage, from + RS_SECOND);
  size_t later = 0;
  const RsRecorded *all = recorded(stage, &later);
  assert_true(later > count);
  assert_in_range(all[count].due - from, 290 * RS_MILLISECOND, 350 * RS_MILLISECOND);
  leave(stage);
}

static void a_port_that_returns_gets_the_clock_where_it_is(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.clock = true;
  Stage *stage = enter(settings, 100 * RS_MILLISECOND);
  size_t count = 0;
  play_until(stage, beginning + 2 * RS_SECOND);
  rs_sink_record_disconnect(stage->sink, true);
  play_until(stage, beginning + 3 * RS_SECOND);
  rs_sink_record_disconnect(stage->sink, false);
  play_until(stage, beginning + 6 * RS_SECOND);
  command(stage, RS_PLAYER_REFRESH, 0); // Meanwhile some ticks are lost
  play_until(stage, beginning + 9 * RS_SECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(count_status(all, count, 0xfb), 2);
  assert_true(keep_time(all, count) > 50);
  leave(stage);
}

static void a_pause_before_the_first_frame_holds_it_back(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  command(stage, RS_PLAYER_PAUSE, 1);
  play_until(stage, beginning + RS_SECOND);
  assert_int_equal(stage->output.transport.frame, 0);
  command(stage, RS_PLAYER_PAUSE, 0);
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_int_equal(stage->output.transport.frame, 8);
  leave(stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_quarter_note_has_24_clocks),
      cmocka_unit_test(after_a_pause_the_clock_tells_where_it_goes_on),
      cmocka_unit_test(a_pause_takes_no_time_of_the_music),
      cmocka_unit_test(a_port_that_returns_gets_the_clock_where_it_is),
      cmocka_unit_test(a_pause_before_the_first_frame_holds_it_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
