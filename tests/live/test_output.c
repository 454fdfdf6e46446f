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

/* ---- Commands ---- */

static void a_new_tempo_acts_at_once(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  const uint64_t before = stage->output.transport.frame;
  command(stage, RS_PLAYER_TEMPO, 60);
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_int_equal(stage->output.transport.frame - before, 8);
  leave(stage);
}

/* What sounds is this frame of the source, so many semitones higher. */
static void assert_sounds(const Stage *stage, size_t frame, int higher) {
  Chords source = chords();
  RsSourceFrame expected;
  source.frame = frame;
  source.transposed = higher;
  assert_ok(chords_next(&source.source, &expected));
  assert_memory_equal(&stage->output.sender.active.notes[0], &expected.notes.on,
                      sizeof expected.notes.on);
}

static void a_transposition_moves_what_sounds(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t count = 0;
  play_until(stage, beginning + RS_SECOND);
  command(stage, RS_PLAYER_TRANSPOSE, 30);
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_sounds(stage, 15, 30);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0);
  leave(stage);
}

static void mute_ends_the_notes_while_time_goes_on(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  command(stage, RS_PLAYER_MUTE, 1);
  play_until(stage, beginning + 2 * RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  const uint64_t frame = stage->output.transport.frame;
  command(stage, RS_PLAYER_MUTE, 0);
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 3);
  assert_int_equal(stage->output.transport.frame, frame + 8);
  leave(stage);
}

static void hold_repeats_the_last_frames(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + 3 * RS_SECOND + RS_MILLISECOND); // 24 frames
  command(stage, RS_PLAYER_HOLD, 16);
  feed(stage);
  const size_t made = stage->chords.frame;
  play_until(stage, beginning + 11 * RS_SECOND);
  assert_int_equal(stage->chords.frame, made);
  for (int f = 24; f < 80; ++f) {
    assert_memory_equal(&stage->output.transform.history[f],
                        &stage->output.transform.history[f - 16], sizeof(RsSourceFrame));
  }
  command(stage, RS_PLAYER_HOLD, 0);
  play_until(stage, beginning + 12 * RS_SECOND);
  assert_int_equal(stage->chords.frame, made + 7); // One of the eight is yet to be replaced
  leave(stage);
}

static void panic_silences_all_channels(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  size_t before = 0, count = 0;
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  recorded(stage, &before);
  command(stage, RS_PLAYER_PANIC, 0);
  play_until(stage, beginning + RS_SECOND + 2 * RS_MILLISECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0);
  for (int channel = 0; channel < 16; ++channel) {
    assert_int_equal(count_status(all + before, count - before, 0xb0 | channel), 3);
  }
  leave(stage);
}

static void frames_of_an_earlier_seed_are_thrown_away(void **state) {
  Stage *stage = enter(stage_settings(120), 0);
  play_until(stage, beginning + RS_SECOND + RS_MILLISECOND);
  stage->chords.transposed = 24;
  ++stage->generation;
  command(stage, RS_PLAYER_SEED, 1);
  play_until(stage, beginning + RS_SECOND + 200 * RS_MILLISECOND);
  assert_sounds(stage, 16, 24); // The first one that was made with the new seed
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

/* ---- A receiver that reads slowly ---- */

enum { PLACES = 60 };

/* Its queue: what has come and was not read. */
typedef struct {
  double reads; /* Messages in a second */
  double unread;
  size_t arrived;
  double most;
} Receiver;

/* Let it read for 20 ms, and be looked at. */
static void read_on(Stage *stage, Receiver *receiver) {
  size_t count = 0;
  const RsRecorded *all = recorded(stage, &count);
  while (receiver->arrived < count && all[receiver->arrived].due <= stage->clock.time) {
    ++receiver->arrived;
    ++receiver->unread;
  }
  receiver->most = receiver->unread > receiver->most ? receiver->unread : receiver->most;
  receiver->unread = fmax(0, receiver->unread - receiver->reads / 50);
  command(stage, RS_PLAYER_ROOM, floor(PLACES - receiver->unread));
}

static void play_to(Stage *stage, Receiver *receiver, int64_t time) {
  while (stage->output.state != RS_OUTPUT_DONE && stage->clock.time < time) {
    read_on(stage, receiver);
    play_until(stage, stage->clock.time + 20 * RS_MILLISECOND);
  }
}

static void a_receiver_that_keeps_up_gets_all_in_time(void **state) {
  Stage *stage = enter(stage_settings(600), 100 * RS_MILLISECOND);
  Receiver receiver = {.reads = 1000};
  play_to(stage, &receiver, beginning + 10 * RS_SECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  assert_in_range(stage->output.transport.frame, 395, 405);
  assert_int_equal(stage->output.sender.statistics.lateness.largest, 0);
  leave(stage);
}

static void one_that_pauses_is_waited_for(void **state) {
  Stage *stage = enter(stage_settings(600), 100 * RS_MILLISECOND);
  Receiver receiver = {.reads = 1000};
  play_to(stage, &receiver, beginning + RS_SECOND);
  receiver.reads = 0;
  play_to(stage, &receiver, stage->clock.time + 600 * RS_MILLISECOND);
  receiver.reads = 1000;
  play_to(stage, &receiver, stage->clock.time + 3 * RS_SECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  assert_true(receiver.most <= PLACES);
  assert_true(stage->output.sender.statistics.lateness.largest > 0);
  assert_in_range(stage->output.transport.frame, 178, 186);
  const uint64_t frame = stage->output.transport.frame;
  stage->clock.time += 3600 * RS_SECOND; // The wait is over: what is missed now is missed
  play_to(stage, &receiver, stage->clock.time + RS_SECOND);
  assert_true(stage->output.transport.frame - frame <= 42);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  leave(stage);
}

static void one_that_is_too_slow_gets_what_it_can_take_and_never_more(void **state) {
  Stage *stage = enter(stage_settings(600), 100 * RS_MILLISECOND);
  Receiver receiver = {.reads = 70};
  size_t count = 0;
  play_to(stage, &receiver, beginning + 20 * RS_SECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_PLAYING);
  assert_true(stage->output.stats.stalls > 0);
  assert_true(receiver.most <= PLACES);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(open_notes(all, count), 0);
  leave(stage);
}

/* As under load: then nothing is known of what it has read. */
static void one_that_was_seen_long_ago_gets_no_more_than_it_had_room_for(void **state) {
  Stage *stage = enter(stage_settings(600), 0);
  size_t before = 0, count = 0;
  play_until(stage, beginning + RS_SECOND);
  recorded(stage, &before);
  command(stage, RS_PLAYER_ROOM, PLACES);
  play_until(stage, beginning + 10 * RS_SECOND);
  recorded(stage, &count);
  assert_true(count - before <= PLACES);
  assert_true(stage->output.sender.suspended);
  assert_int_equal(stage->output.transport.frame, 400); // Time goes on
  command(stage, RS_PLAYER_ROOM, PLACES);
  play_until(stage, beginning + 11 * RS_SECOND);
  recorded(stage, &before);
  assert_true(before > count);
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
      cmocka_unit_test(a_new_tempo_acts_at_once),
      cmocka_unit_test(a_transposition_moves_what_sounds),
      cmocka_unit_test(mute_ends_the_notes_while_time_goes_on),
      cmocka_unit_test(hold_repeats_the_last_frames),
      cmocka_unit_test(panic_silences_all_channels),
      cmocka_unit_test(frames_of_an_earlier_seed_are_thrown_away),
      cmocka_unit_test(a_frame_that_comes_late_moves_the_rest),
      cmocka_unit_test(after_the_machine_slept_nothing_is_caught_up),
      cmocka_unit_test(a_port_that_returns_is_silenced_and_played_on),
      cmocka_unit_test(a_port_that_is_seen_to_be_gone_is_not_sent_to),
      cmocka_unit_test(a_port_that_stays_away_ends_it),
      cmocka_unit_test(a_receiver_that_is_stuck_gets_its_note_ends_and_the_music_when_it_reads),
      cmocka_unit_test(it_begins_when_enough_is_ready_or_soon_all_the_same),
      cmocka_unit_test(a_receiver_that_keeps_up_gets_all_in_time),
      cmocka_unit_test(one_that_pauses_is_waited_for),
      cmocka_unit_test(one_that_is_too_slow_gets_what_it_can_take_and_never_more),
      cmocka_unit_test(one_that_was_seen_long_ago_gets_no_more_than_it_had_room_for),
      cmocka_unit_test(what_is_handed_over_late_but_in_time_is_not_late),
      cmocka_unit_test(an_input_that_is_back_costs_a_breath),
      cmocka_unit_test(the_end_waits_until_ports_are_opened),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
