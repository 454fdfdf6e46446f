/* SPDX-License-Identifier: ISC */

/* The clock that an output sends, and the clock that it follows. */

#include "stepped_output.h"

/* ---- Followed ---- */

static void arrive(Stage *stage, int status) {
  const RsReceivedMessage message = {
      stage->clock.time, {1, {(uint8_t)status, 0, 0}}, RS_INPUT_SYNC};
  rs_sink_record_inject(stage->sink, &message, 1);
}

static void tick(Stage *stage, int ticks, int64_t period) {
  for (int i = 0; i < ticks; ++i) {
    arrive(stage, 0xf8);
    play_until(stage, stage->clock.time + period);
  }
}

static Stage *follow_a_clock(void) {
  RsPlayerSettings settings = stage_settings(120);
  settings.follow = true;
  Stage *stage = enter(settings, 0);
  play_until(stage, beginning + 10 * RS_MILLISECOND);
  return stage;
}

static void only_its_clock_is_kept_from_the_caller(void **state) {
  Stage *stage = enter(stage_settings(120), 0); // Follows none
  RsReceivedMessage messages[] = {{0, {1, {0xfa}}, RS_INPUT_SYNC},
                                  {0, {1, {0xf8}}, RS_INPUT_SYNC},
                                  {0, {3, {0xb0, 7, 9}}, RS_INPUT_CONTROL},
                                  {0, {3, {0x90, 60, 9}}, RS_INPUT_LISTEN}};
  rs_sink_record_inject(stage->sink, messages, 4);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  assert_int_equal(stage->output.sync.loop.seen, 0);
  assert_int_equal(stage->output.transport.frame, 8);
  for (int i = RS_INPUT_CONTROL; i <= RS_INPUT_LISTEN; ++i) {
    assert_true(rs_ring_pop(&stage->output.shared.received, &messages[0]));
    assert_int_equal(messages[0].input, i);
  }
  assert_false(rs_ring_pop(&stage->output.shared.received, &messages[0]));
  leave(stage);
}

static void without_start_there_is_no_music(void **state) {
  Stage *stage = follow_a_clock();
  tick(stage, 48, 20 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 0);
  leave(stage);
}

static void six_ticks_are_a_sixteenth(void **state) {
  Stage *stage = follow_a_clock();
  arrive(stage, 0xfa);
  tick(stage, 97, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 17);
  assert_close(stage->output.transport.bpm, 100, 0.01);
  leave(stage);
}

static void a_frame_that_is_missing_counts_once_while_a_clock_is_followed(void **state) {
  Stage *stage = follow_a_clock();
  RsClock *clock = &stage->clock.clock;
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  for (int i = 0; i < 48 * 25; ++i) { // Without feeding
    if (i % 25 == 0) {
      arrive(stage, 0xf8);
    }
    rs_output_step(&stage->output, stage->clock.time);
    clock->sleep_until(clock, stage->clock.time + RS_MILLISECOND);
  }
  assert_int_equal(rs_ring_count(&stage->output.shared.frames), 0);
  assert_int_equal(stage->output.stats.missed, 1);
  leave(stage);
}

static void stop_silences_and_continue_goes_on(void **state) {
  Stage *stage = follow_a_clock();
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  arrive(stage, 0xfc);
  tick(stage, 24, 25 * RS_MILLISECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  assert_int_equal(stage->output.transport.frame, 5);
  arrive(stage, 0xfb);
  tick(stage, 5, 25 * RS_MILLISECOND); // It is at the same place of a frame as it was
  assert_int_equal(stage->output.transport.frame, 5);
  tick(stage, 1, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 6);
  tick(stage, 19, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 9);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  leave(stage);
}

static void a_stop_in_place_of_a_tick_leaves_its_notes_to_continue(void **state) {
  Stage *stage = follow_a_clock();
  size_t before = 0, count = 0;
  arrive(stage, 0xfa);
  tick(stage, 24, 25 * RS_MILLISECOND);
  play_until(stage, stage->clock.time + 6 * RS_MILLISECOND); // The beat would be due
  assert_int_equal(stage->output.transport.frame, 4);
  arrive(stage, 0xfc);
  play_until(stage, stage->clock.time + RS_MILLISECOND);
  recorded(stage, &before);
  play_until(stage, stage->clock.time + RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  recorded(stage, &count);
  assert_int_equal(count, before);
  arrive(stage, 0xfb);
  tick(stage, 1, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 5);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  leave(stage);
}

static void locate(Stage *stage, int sixteenths) {
  const RsReceivedMessage message = {
      stage->clock.time,
      {3, {0xf2, (uint8_t)(sixteenths & 0x7f), (uint8_t)(sixteenths >> 7)}},
      RS_INPUT_SYNC};
  rs_sink_record_inject(stage->sink, &message, 1);
  play_until(stage, stage->clock.time + 50 * RS_MILLISECOND);
}

static void a_song_position_is_where_continue_goes_on(void **state) {
  static const int places[] = {32, 200, 3, 0};
  Stage *stage = follow_a_clock();
  stage->output.queue.can_rewind = true;
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  for (size_t i = 0; i < 4; ++i) {
    size_t before = 0, count = 0;
    arrive(stage, 0xfc);
    play_until(stage, stage->clock.time + RS_MILLISECOND);
    recorded(stage, &before);
    locate(stage, places[i]);
    recorded(stage, &count);
    assert_int_equal(count, before); // Without a sound
    arrive(stage, 0xfb);
    tick(stage, 1, 25 * RS_MILLISECOND);
    assert_int_equal(stage->output.transport.frame, places[i] + 1);
    tick(stage, 24, 25 * RS_MILLISECOND);
    assert_int_equal(stage->output.transport.frame, places[i] + 5);
  }
  locate(stage, 77); // While the music goes it means nothing
  tick(stage, 6, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 6);
  stage->output.queue.can_rewind = false; // What is made up as it goes has no places
  arrive(stage, 0xfc);
  play_until(stage, stage->clock.time + RS_MILLISECOND);
  locate(stage, 2);
  assert_int_equal(stage->output.transport.frame, 6);
  leave(stage);
}

static void start_begins_a_frame(void **state) {
  for (int i = 0; i < 2; ++i) { // Be there a Stop or not
    Stage *stage = follow_a_clock();
    arrive(stage, 0xfa);
    tick(stage, 28, 25 * RS_MILLISECOND);
    const uint64_t frame = stage->output.transport.frame;
    if (i) {
      arrive(stage, 0xfc);
    }
    arrive(stage, 0xfa);
    tick(stage, 1, 25 * RS_MILLISECOND);
    assert_int_equal(stage->output.transport.frame, frame + 1);
    tick(stage, 24, 25 * RS_MILLISECOND);
    assert_int_equal(stage->output.transport.frame, frame + 5);
    leave(stage);
  }
}

/* ---- A source that knows places ---- */

static Stage *follow_in_place(unsigned frames_per_beat) {
  RsPlayerSettings settings = stage_settings(120);
  settings.follow = true;
  settings.frames_per_beat = frames_per_beat;
  Stage *stage = enter(settings, 0);
  stage->output.queue.can_locate = true;
  play_until(stage, beginning + 10 * RS_MILLISECOND);
  return stage;
}

/* Let `ticks` ticks come, of which the last begins a frame. @return Place of that frame in the
   song, modulo 12, as its highest note tells; -1 where none began. */
static int place_after(Stage *stage, int ticks) {
  size_t before = 0, count = 0;
  tick(stage, ticks - 1, 25 * RS_MILLISECOND);
  recorded(stage, &before);
  tick(stage, 1, 25 * RS_MILLISECOND);
  const RsRecorded *all = recorded(stage, &count);
  for (size_t i = before; i < count; ++i) {
    const uint8_t *bytes = all[i].message.bytes;
    if (bytes[0] == 0x90 && bytes[2] && bytes[1] >= 72) {
      return bytes[1] - 72;
    }
  }
  return -1;
}

static void stop(Stage *stage) {
  arrive(stage, 0xfc);
  play_until(stage, stage->clock.time + RS_MILLISECOND);
}

static void start_is_the_beginning_of_the_song(void **state) {
  Stage *stage = follow_in_place(4);
  arrive(stage, 0xfa);
  assert_int_equal(place_after(stage, 1), 0);
  assert_int_equal(atomic_load(&stage->output.shared.rewound), 0); // What was made is played
  assert_int_equal(place_after(stage, 24), 4);
  for (int i = 0; i < 2; ++i) { // Be there a Stop or not
    if (i) {
      stop(stage);
    }
    arrive(stage, 0xfa);
    assert_int_equal(place_after(stage, 1), 0);
    assert_int_equal(place_after(stage, 30), 5);
  }
  leave(stage);
}

static void continue_goes_on_in_the_place_where_the_clock_stopped(void **state) {
  Stage *stage = follow_in_place(4);
  arrive(stage, 0xfa);
  assert_int_equal(place_after(stage, 25), 4);
  tick(stage, 3, 25 * RS_MILLISECOND);
  stop(stage);
  tick(stage, 11, 25 * RS_MILLISECOND); // Nobody counts them
  arrive(stage, 0xfb);
  assert_int_equal(place_after(stage, 3), 5);
  assert_int_equal(atomic_load(&stage->output.shared.rewound), 0);
  leave(stage);
}

static void a_song_position_is_the_place_in_the_meter(void **state) {
  static const int places[] = {34, 200, 3, 0};
  Stage *stage = follow_in_place(4);
  arrive(stage, 0xfa);
  tick(stage, 28, 25 * RS_MILLISECOND);
  for (size_t i = 0; i < 4; ++i) {
    stop(stage);
    locate(stage, places[i]);
    arrive(stage, 0xfb);
    assert_int_equal(place_after(stage, 1), places[i] % 12);
    assert_int_equal(place_after(stage, 18), (places[i] + 3) % 12);
  }
  leave(stage);
}

/* Of two frames a quarter note, frame 2 begins with sixteenth 4. */
static void between_two_frames_the_next_one_is_waited_for(void **state) {
  Stage *stage = follow_in_place(2);
  arrive(stage, 0xfa);
  tick(stage, 2, 25 * RS_MILLISECOND);
  stop(stage);
  locate(stage, 3);
  arrive(stage, 0xfb);
  assert_int_equal(place_after(stage, 1), -1);
  assert_int_equal(place_after(stage, 5), -1);
  assert_int_equal(place_after(stage, 1), 2);
  assert_int_equal(place_after(stage, 12), 3);
  leave(stage);
}

/* The clock went on: so does the song, wherever in it that is. */
static void after_a_pause_the_song_is_where_the_clock_is(void **state) {
  for (int ticks = 1; ticks < 60; ticks += 7) {
    Stage *stage = follow_in_place(4);
    arrive(stage, 0xfa);
    tick(stage, 26, 25 * RS_MILLISECOND);
    command(stage, RS_PLAYER_PAUSE, 1);
    tick(stage, ticks, 25 * RS_MILLISECOND);
    command(stage, RS_PLAYER_PAUSE, 0);
    play_until(stage, stage->clock.time + RS_MILLISECOND);
    const int left = 6 - (25 + ticks) % 6; // Until the tick that begins a frame
    const int frame = (25 + ticks + left) / 6;
    assert_int_equal(place_after(stage, left), frame % 12);
    assert_int_equal(place_after(stage, 60), (frame + 10) % 12);
    leave(stage);
  }
}

/* Whoever begins anew does so in the place that the song has. */
static void a_new_seed_keeps_the_place(void **state) {
  Stage *stage = follow_in_place(4);
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  ++stage->generation;
  stage->chords.frame = 0;
  command(stage, RS_PLAYER_SEED, 7);
  assert_int_equal(place_after(stage, 6), 5);
  assert_int_equal(place_after(stage, 60), 15 % 12);
  leave(stage);
}

/* Paused, and for how long, the beats stay together. */
static void after_a_pause_the_beats_are_those_of_the_clock(void **state) {
  for (int ticks = 1; ticks < 60; ticks += 7) {
    Stage *stage = follow_a_clock();
    size_t count = 0;
    command(stage, RS_PLAYER_PAUSE, ticks % 2); // Maybe from the beginning
    arrive(stage, 0xfa);
    tick(stage, 1, 25 * RS_MILLISECOND);
    const int64_t first = stage->output.sync.loop.last;
    tick(stage, 24 + ticks / 2, 25 * RS_MILLISECOND);
    command(stage, RS_PLAYER_PAUSE, 1);
    tick(stage, ticks, 25 * RS_MILLISECOND);
    recorded(stage, &count);
    command(stage, RS_PLAYER_PAUSE, 0);
    tick(stage, 60, 25 * RS_MILLISECOND);
    size_t later = 0;
    const RsRecorded *all = recorded(stage, &later);
    for (size_t i = count; i < later; ++i) {
      const uint8_t *bytes = all[i].message.bytes;
      if (bytes[0] == 0x90 && bytes[1] >= 72 && i > count + 3) { // What is held begins at once
        const int64_t beat = 24 * 25 * RS_MILLISECOND;
        const int64_t place = (all[i].due - first + beat / 48) % beat / (beat / 4);
        assert_int_equal(place, bytes[1] % 4); // Frame 0 has note 72
      }
    }
    assert_true(later > count);
    leave(stage);
  }
}

static void whoever_follows_keeps_to_the_clock_but_may_pause(void **state) {
  Stage *stage = follow_a_clock();
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  command(stage, RS_PLAYER_TEMPO, 240);
  play_until(stage, stage->clock.time + RS_MILLISECOND);
  assert_close(stage->output.transport.bpm, 100, 0.01);
  command(stage, RS_PLAYER_PAUSE, 1);
  tick(stage, 24, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 5);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  command(stage, RS_PLAYER_PAUSE, 0);
  play_until(stage, stage->clock.time + RS_MILLISECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_HALTED); // Until the next tick
  tick(stage, 25, 25 * RS_MILLISECOND);
  assert_int_equal(stage->output.transport.frame, 9); // The beats are where they were
  leave(stage);
}

static void a_clock_that_ceases_silences(void **state) {
  Stage *stage = follow_a_clock();
  arrive(stage, 0xfa);
  tick(stage, 25, 25 * RS_MILLISECOND);
  play_until(stage, stage->clock.time + 2 * RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  assert_true(stage->output.transport.frame <= 6);
  tick(stage, 25, 25 * RS_MILLISECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  leave(stage);
}
int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_its_clock_is_kept_from_the_caller),
      cmocka_unit_test(without_start_there_is_no_music),
      cmocka_unit_test(six_ticks_are_a_sixteenth),
      cmocka_unit_test(a_frame_that_is_missing_counts_once_while_a_clock_is_followed),
      cmocka_unit_test(stop_silences_and_continue_goes_on),
      cmocka_unit_test(a_stop_in_place_of_a_tick_leaves_its_notes_to_continue),
      cmocka_unit_test(a_song_position_is_where_continue_goes_on),
      cmocka_unit_test(start_is_the_beginning_of_the_song),
      cmocka_unit_test(continue_goes_on_in_the_place_where_the_clock_stopped),
      cmocka_unit_test(a_song_position_is_the_place_in_the_meter),
      cmocka_unit_test(between_two_frames_the_next_one_is_waited_for),
      cmocka_unit_test(after_a_pause_the_song_is_where_the_clock_is),
      cmocka_unit_test(a_new_seed_keeps_the_place),
      cmocka_unit_test(start_begins_a_frame),
      cmocka_unit_test(after_a_pause_the_beats_are_those_of_the_clock),
      cmocka_unit_test(whoever_follows_keeps_to_the_clock_but_may_pause),
      cmocka_unit_test(a_clock_that_ceases_silences),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
