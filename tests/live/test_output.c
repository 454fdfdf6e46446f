/* SPDX-License-Identifier: ISC */

#include "stepped_output.h"

static void a_day_of_music_does_not_drift(void **state) {
  RsPlayerSettings settings = stage_settings(14); // Few frames; not a whole number of microseconds
  settings.frames_per_beat = 1;
  settings.frames = 14 * 60 * 24;
  settings.performance.velocity = 80;
  Stage *stage = enter(settings, 0);
  play_until(stage, INT64_MAX);
  assert_int_equal(stage->output.status, RS_OK);
  assert_int_equal(stage->output.stats.frames, settings.frames);
  assert_int_equal(stage->output.sender.last_due - stage->output.first_due,
                   (int64_t)settings.frames * 4285714000);
  assert_int_equal(stage->output.sender.statistics.lateness.largest, 0);
  leave(stage);
}

static void a_piece_ends_in_silence(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.channel = 3;
  settings.frames = 33;
  Stage *stage = enter(settings, 0);
  size_t count = 0;
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_true(in_order(all, count));
  assert_int_equal(open_notes(all, count), 0);
  const uint8_t controls[] = {64, 123, 120};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(all[count - 3 + i].message.bytes[0], 0xb2);
    assert_int_equal(all[count - 3 + i].message.bytes[1], controls[i]);
  }
  assert_int_equal(all[count - 1].due - all[0].due, 33 * RS_SECOND / 8);
  leave(stage);
}

static void wherever_it_is_stopped_no_note_is_left(void **state) {
  for (int i = 0; i < 100; ++i) {
    Stage *stage = enter(stage_settings(120), i % 2 ? 100 * RS_MILLISECOND : 0);
    size_t count = 0;
    play_until(stage, beginning + i * 37 * RS_MILLISECOND);
    atomic_store(&stage->output.shared.stop, true);
    play_until(stage, INT64_MAX);
    const RsRecorded *all = recorded(stage, &count);
    assert_int_equal(stage->output.status, RS_ERR_STOPPED);
    assert_int_equal(open_notes(all, count), 0);
    assert_true(in_order(all, count));
    leave(stage);
  }
}

static void it_waits_until_all_that_was_sent_has_been_due(void **state) {
  Stage *stage = enter(stage_settings(120), 100 * RS_MILLISECOND);
  play_until(stage, beginning + 2 * RS_SECOND);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  assert_int_equal(stage->clock.time, stage->output.sender.last_due + 100 * RS_MILLISECOND);
  leave(stage);
}

static void a_source_that_fails_leaves_no_note(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t count = 0;
  stage->chords.fail = 10;
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(stage->output.status, RS_ERR_NONFINITE);
  assert_int_equal(open_notes(all, count), 0);
  leave(stage);
}

static void messages_are_handed_over_ahead_of_time(void **state) {
  Stage *stage = enter(stage_settings(120), 100 * RS_MILLISECOND);
  size_t count = 0;
  play_until(stage, beginning + 3 * RS_SECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(count, 3 + 2 * (23 + 5 + 2)); // A chord, then a note ends for each that begins
  for (size_t i = 4; i < count; ++i) {
    assert_int_equal(all[i].due - all[i].sent, 100 * RS_MILLISECOND);
  }
  leave(stage);
}

/* ---- Trouble ---- */

static void a_frame_that_comes_late_moves_the_rest(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  RsClock *clock = &stage->clock.clock;
  size_t count = 0;
  play_until(stage, beginning + RS_SECOND);
  while (stage->clock.time < beginning + 4 * RS_SECOND) { // Without feeding
    clock->sleep_until(clock, rs_output_step(&stage->output, stage->clock.time));
  }
  assert_int_equal(stage->output.stats.missed, 1);
  play_until(stage, beginning + 5 * RS_SECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(stage->output.stats.frames, 8 + 8 + 7); // None was played in a hurry
  assert_true(in_order(all, count));
  leave(stage);
}

static void after_the_machine_slept_nothing_is_caught_up(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND);
  const uint64_t frame = stage->output.transport.frame;
  stage->clock.time += 3600 * RS_SECOND;
  play_until(stage, stage->clock.time + RS_SECOND);
  assert_int_equal(stage->output.transport.frame - frame, 8);
  leave(stage);
}

static void a_port_that_returns_is_silenced_and_played_on(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.program = 5;
  Stage *stage = enter(settings, 0);
  size_t before = 0, count = 0;
  play_until(stage, beginning + RS_SECOND);
  recorded(stage, &before);
  rs_sink_record_disconnect(stage->sink, true);
  play_until(stage, beginning + 5 * RS_SECOND);
  assert_true(atomic_load(&stage->output.shared.view_port_lost));
  rs_sink_record_disconnect(stage->sink, false);
  play_until(stage, beginning + 6 * RS_SECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_false(atomic_load(&stage->output.shared.view_port_lost));
  assert_int_equal(all[before].message.bytes[0], 0x80);
  size_t ends = before; // Of what sounded when it went
  while (all[ends].message.bytes[0] == 0x80) {
    ++ends;
  }
  assert_int_equal(open_notes(all, ends), 0);
  assert_int_equal(all[ends].message.bytes[0], 0xb0);
  assert_int_equal(count_status(all + before, count - before, 0xc0), 1);
  assert_int_equal(open_notes(all, count), 3);
  assert_int_equal(stage->output.transport.frame, 48); // Time went on
  leave(stage);
}

static void a_port_that_is_seen_to_be_gone_is_not_sent_to(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t before = 0, count = 0;
  stage->sink->reopen = NULL; // It is there at once
  play_until(stage, beginning + RS_SECOND);
  recorded(stage, &before);
  command(stage, RS_PLAYER_RECEIVER, RS_RECEIVER_MISSING);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND / 2);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0); // It is welcomed
  assert_int_equal(all[count - 1].message.bytes[1], 120);
  leave(stage);
}

static void a_port_that_stays_away_ends_it(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND);
  rs_sink_record_disconnect(stage->sink, true);
  play_until(stage, beginning + 60 * RS_SECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_DONE);
  assert_int_equal(stage->output.status, RS_ERR_PORT);
  assert_true(stage->clock.time < beginning + 12 * RS_SECOND);
  leave(stage);
}

static void a_receiver_that_is_stuck_gets_its_note_ends_and_the_music_when_it_reads(void **state) {
  for (int seconds = 1; seconds <= 30; seconds += 29) {
    RsPlayerSettings settings = stage_settings(120);
    settings.program = 5;
    Stage *stage = enter(settings, 0);
    size_t before = 0, held = 0, count = 0;
    play_until(stage, beginning + RS_SECOND);
    recorded(stage, &before);
    command(stage, RS_PLAYER_RECEIVER, RS_RECEIVER_STALLED);
    play_until(stage, beginning + RS_SECOND + 50 * RS_MILLISECOND);
    const RsRecorded *all = recorded(stage, &held);
    assert_int_equal(open_notes(all, held), 0);
    assert_true(stage->output.sender.suspended);
    play_until(stage, beginning + (1 + seconds) * RS_SECOND + 50 * RS_MILLISECOND);
    recorded(stage, &count);
    assert_int_equal(count, held); // Nothing is sent, however long
    command(stage, RS_PLAYER_RECEIVER, RS_RECEIVER_READY);
    play_until(stage, beginning + (2 + seconds) * RS_SECOND + 60 * RS_MILLISECOND);
    all = recorded(stage, &count);
    assert_int_equal(count_status(all + held, count - held, 0xc0), 1);
    assert_int_equal(open_notes(all, count), 3);
    assert_int_equal(stage->output.transport.frame, 8 * (2 + seconds) + 1); // Time went on
    assert_int_equal(stage->output.stats.stalls, 1);
    leave(stage);
  }
}

static void it_begins_when_enough_is_ready_or_soon_all_the_same(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  stage->output.queue.prebuffer = 8; // As many as are fed
  play_until(stage, beginning + 10 * RS_MILLISECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  leave(stage);
  stage = enter(stage_settings(120), 0);
  stage->output.queue.prebuffer = 9;
  play_until(stage, beginning + 490 * RS_MILLISECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_BUFFERING);
  atomic_store(&stage->output.shared.ended, true); // There will be no more
  rs_output_step(&stage->output, stage->clock.time);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  leave(stage);
  stage = enter(stage_settings(120), 0);
  stage->output.queue.prebuffer = 9;
  play_until(stage, beginning + 520 * RS_MILLISECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  leave(stage);
}

/* ---- Lateness ---- */

static void what_is_handed_over_late_but_in_time_is_not_late(void **state) {
  Stage *stage = enter(stage_settings(120), 100 * RS_MILLISECOND);
  play_until(stage, beginning + RS_SECOND - 10 * RS_MILLISECOND);
  stage->clock.time += 80 * RS_MILLISECOND;
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_int_equal(stage->output.sender.statistics.lateness.largest, 0);
  assert_int_equal(stage->output.stats.late_frames, 0);
  assert_in_range(stage->output.sender.statistics.delay.largest, 60 * RS_MILLISECOND,
                  95 * RS_MILLISECOND);
  stage->clock.time += 150 * RS_MILLISECOND;
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_in_range(stage->output.sender.statistics.lateness.largest, 20 * RS_MILLISECOND,
                  50 * RS_MILLISECOND);
  assert_int_equal(stage->output.stats.late_frames, 1);
  leave(stage);
}

/* ---- Ports that are opened anew ---- */

static RsOutput *reopened;
static int reopenings;

static RsStatus count_reopening(RsSink *sink) {
  ++reopenings;
  assert_int_equal(rs_active_notes_count(&reopened->sender.active), 0);
  return RS_OK;
}

static void an_input_that_is_back_costs_a_breath(void **state) {
  Stage *stage = enter(stage_settings(120), 100 * RS_MILLISECOND);
  size_t count = 0;
  reopened = &stage->output;
  reopenings = 0;
  stage->sink->reopen = count_reopening;
  play_until(stage, beginning + RS_SECOND);
  command(stage, RS_PLAYER_REFRESH, 0);
  play_until(stage, beginning + RS_SECOND + 150 * RS_MILLISECOND);
  assert_int_equal(reopenings, 0); // Not before the ends of the notes have been due
  assert_false(atomic_load(&stage->output.shared.view_port_lost));
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_int_equal(reopenings, 1);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  command(stage, RS_PLAYER_REFRESH, 0);
  play_until(stage, stage->clock.time + 50 * RS_MILLISECOND);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(stage->output.status, RS_ERR_STOPPED);
  assert_int_equal(open_notes(all, count), 0);
  assert_int_equal(all[count - 1].message.bytes[1], 120);
  leave(stage);
}

static void the_end_waits_until_ports_are_opened(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.frames = 9;
  settings.clock = true;
  Stage *stage = enter(settings, 100 * RS_MILLISECOND);
  size_t count = 0;
  reopened = &stage->output;
  reopenings = 0;
  stage->sink->reopen = count_reopening;
  play_until(stage, beginning + RS_SECOND);
  command(stage, RS_PLAYER_REFRESH, 0);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(stage->output.status, RS_OK);
  assert_int_equal(reopenings, 1);
  assert_int_equal(open_notes(all, count), 0);
  assert_int_equal(all[count - 1].message.bytes[0], 0xfc);
  assert_int_equal(stage->clock.time, stage->output.sender.last_due + 100 * RS_MILLISECOND);
  leave(stage);
}
int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_day_of_music_does_not_drift),
      cmocka_unit_test(a_piece_ends_in_silence),
      cmocka_unit_test(wherever_it_is_stopped_no_note_is_left),
      cmocka_unit_test(it_waits_until_all_that_was_sent_has_been_due),
      cmocka_unit_test(a_source_that_fails_leaves_no_note),
      cmocka_unit_test(messages_are_handed_over_ahead_of_time),
      cmocka_unit_test(a_frame_that_comes_late_moves_the_rest),
      cmocka_unit_test(after_the_machine_slept_nothing_is_caught_up),
      cmocka_unit_test(a_port_that_returns_is_silenced_and_played_on),
      cmocka_unit_test(a_port_that_is_seen_to_be_gone_is_not_sent_to),
      cmocka_unit_test(a_port_that_stays_away_ends_it),
      cmocka_unit_test(a_receiver_that_is_stuck_gets_its_note_ends_and_the_music_when_it_reads),
      cmocka_unit_test(it_begins_when_enough_is_ready_or_soon_all_the_same),
      cmocka_unit_test(what_is_handed_over_late_but_in_time_is_not_late),
      cmocka_unit_test(an_input_that_is_back_costs_a_breath),
      cmocka_unit_test(the_end_waits_until_ports_are_opened),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
