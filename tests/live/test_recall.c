/* SPDX-License-Identifier: ISC */

#include "stepped_output.h"

/* A sink from which messages that are not delivered yet can be recalled: a recording, and which of
   its messages are gone. */
static struct {
  Stage *stage;
  int64_t lag; // What was due so long ago is not delivered yet
  size_t recalls;
  RsStatus status;
  bool gone[MESSAGES];
} queue;

static RsStatus recall(RsSink *sink) {
  size_t count = 0;
  const RsRecorded *all = rs_sink_recorded(sink, &count);
  ++queue.recalls;
  for (size_t i = 0; !queue.status && i < count; ++i) {
    queue.gone[i] = queue.gone[i] || all[i].due > queue.stage->clock.time - queue.lag;
  }
  return queue.status;
}

static Stage *enter_with_recall(RsPlayerSettings settings, int64_t lag) {
  Stage *stage = enter(settings, 100 * RS_MILLISECOND);
  memset(&queue, 0, sizeof(queue));
  queue.stage = stage;
  queue.lag = lag;
  stage->sink->recall = recall;
  return stage;
}

/* What the receiver gets, in the order of time. */
static size_t delivered(const Stage *stage, RsRecorded *heard) {
  size_t count = 0, kept = 0;
  const RsRecorded *all = recorded(stage, &count);
  for (size_t i = 0; i < count; ++i) {
    if (!queue.gone[i]) {
      heard[kept++] = all[i];
    }
  }
  return kept;
}

static RsRecorded heard[MESSAGES];

static void a_stop_is_heard_at_once_and_leaves_no_note(void **state) {
  for (int i = 0; i < 100; ++i) {
    const int64_t lag = i % 3 * 40 * RS_MILLISECOND;
    Stage *stage = enter_with_recall(stage_settings(120), lag);
    play_until(stage, beginning + (200 + i * 37) * RS_MILLISECOND);
    const int64_t stopped = stage->clock.time;
    atomic_store(&stage->output.shared.stop, true);
    play_until(stage, INT64_MAX);
    const size_t count = delivered(stage, heard);
    assert_int_equal(queue.recalls, 1);
    assert_int_equal(open_notes(heard, count), 0);
    assert_true(in_order(heard, count));
    assert_int_equal(heard[count - 1].due, stopped);
    leave(stage);
  }
}

static void what_cannot_be_recalled_is_played_before_the_end(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  queue.status = RS_ERR_PORT;
  play_until(stage, beginning + RS_SECOND);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  const size_t count = delivered(stage, heard);
  assert_int_equal(queue.recalls, 1);
  assert_int_equal(open_notes(heard, count), 0);
  assert_true(in_order(heard, count));
  leave(stage);
}

static void a_receiver_that_does_not_read_gets_the_ends_of_notes_only(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  play_until(stage, beginning + 1030 * RS_MILLISECOND);
  command(stage, RS_PLAYER_RECEIVER, RS_RECEIVER_STALLED);
  play_until(stage, beginning + 2 * RS_SECOND);
  size_t count = delivered(stage, heard);
  assert_int_equal(queue.recalls, 1);
  assert_int_equal(open_notes(heard, count), 0);
  assert_true(heard[count - 1].due <= beginning + 1040 * RS_MILLISECOND);
  command(stage, RS_PLAYER_RECEIVER, RS_RECEIVER_READY);
  play_until(stage, beginning + 3 * RS_SECOND);
  assert_true(delivered(stage, heard) > count + 10);
  atomic_store(&stage->output.shared.stop, true);
  play_until(stage, INT64_MAX);
  count = delivered(stage, heard);
  assert_int_equal(open_notes(heard, count), 0);
  leave(stage);
}

static void send(Stage *stage, RsMessage message, int64_t due) {
  rs_sender_put(&stage->output.sender, message);
  rs_sender_send(&stage->output.sender, due, 0);
}

/* Status and data of the messages in the batch, as text. */
static const char *batch(const RsSender *sender) {
  static char text[256];
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < sender->batched && used < sizeof(text); ++i) {
    const uint8_t *bytes = sender->batch[i].bytes;
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%02x %02x %02x,", bytes[0],
                             bytes[1], bytes[2]);
  }
  return text;
}

static void recalled_ends_programs_and_controllers_are_sent_again(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  RsSender *sender = &stage->output.sender;
  const int64_t now = stage->clock.time;
  send(stage, rs_message_note(true, 2, 60, 90), now - RS_SECOND); // Delivered long ago
  send(stage, rs_message_note(false, 2, 60, 0), now + 1);
  send(stage, (RsMessage){2, {0xc2, 5, 0}}, now + 2);
  send(stage, rs_message_control(2, 7, 100), now + 3);
  send(stage, rs_message_note(true, 2, 64, 90), now + 4); // Begins and ends
  send(stage, rs_message_note(true, 2, 64, 0), now + 5);
  send(stage, rs_message_note(true, 3, 65, 90), now + 6);
  assert_true(rs_sender_recall(sender, now));
  assert_int_equal(sender->last_due, now);
  rs_sender_put_ends(sender);
  assert_string_equal(batch(sender), "82 3c 00,82 40 00,83 41 00,");
  sender->batched = 0;
  rs_sender_restore(sender);
  assert_string_equal(batch(sender), "c2 05 00,b2 07 64,");
  sender->batched = 0;
  assert_true(rs_sender_recall(sender, now)); // Nothing is left to be recalled
  rs_sender_restore(sender);
  assert_int_equal(sender->batched, 0);
  leave(stage);
}

static void without_knowing_what_was_sent_nothing_is_recalled(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  RsSender *sender = &stage->output.sender;
  for (int i = 0; i < RS_SENT_MESSAGES; ++i) {
    send(stage, rs_message_control(0, 7, i % 128), stage->clock.time + i);
  }
  assert_true(rs_sender_recall(sender, stage->clock.time));
  for (int i = 0; i <= RS_SENT_MESSAGES; ++i) {
    send(stage, rs_message_control(0, 7, i % 128), stage->clock.time + i);
  }
  assert_false(rs_sender_recall(sender, stage->clock.time));
  assert_int_equal(queue.recalls, 1);
  leave(stage);
}

static void a_lost_port_and_one_that_does_not_read_recall_nothing(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  RsSender *sender = &stage->output.sender;
  sender->suspended = true;
  assert_false(rs_sender_recall(sender, stage->clock.time));
  sender->suspended = false;
  rs_sender_port_lost(sender, stage->clock.time);
  assert_false(rs_sender_recall(sender, stage->clock.time));
  assert_int_equal(queue.recalls, 0);
  leave(stage);
}

static size_t nothing_arrives(RsSink *sink, RsReceivedMessage *messages, size_t room) {
  return 0;
}

static void a_receiver_that_joins_gets_program_and_controllers(void **state) {
  RsPlayerSettings settings = stage_settings(120);
  settings.program = 7;
  Stage *stage = enter_with_recall(settings, 0);
  size_t count = 0;
  stage->sink->receive = nothing_arrives;
  stage->sink->joined = true; // Before the first note: it gets no other program than all others
  play_until(stage, beginning + RS_SECOND);
  const RsRecorded *all = recorded(stage, &count);
  assert_int_equal(count_status(all, count, 0xc0), 1);
  const RsMessage volume = rs_message_control(0, 7, 100);
  rs_channel_state_update(&stage->output.sender.channel_state, &volume, 1, true);
  stage->sink->joined = true;
  play_until(stage, beginning + 2 * RS_SECOND);
  all = recorded(stage, &count);
  assert_false(stage->sink->joined);
  assert_int_equal(count_status(all, count, 0xc0), 2);
  assert_int_equal(count_status(all, count, 0xb0), 1);
  assert_true(in_order(all, count));
  leave(stage);
}

static void a_sink_that_reconnects_inputs_is_not_opened_again_for_them(void **state) {
  Stage *stage = enter_with_recall(stage_settings(120), 0);
  stage->sink->reconnects = true;
  play_until(stage, beginning + RS_SECOND);
  command(stage, RS_PLAYER_REFRESH, 0);
  play_until(stage, beginning + 1100 * RS_MILLISECOND);
  assert_int_equal(stage->output.sender.outage.since, 0);
  stage->sink->reconnects = false;
  command(stage, RS_PLAYER_REFRESH, 0);
  play_until(stage, beginning + 1110 * RS_MILLISECOND);
  assert_true(stage->output.sender.outage.since != 0);
  leave(stage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stop_is_heard_at_once_and_leaves_no_note),
      cmocka_unit_test(what_cannot_be_recalled_is_played_before_the_end),
      cmocka_unit_test(a_receiver_that_does_not_read_gets_the_ends_of_notes_only),
      cmocka_unit_test(recalled_ends_programs_and_controllers_are_sent_again),
      cmocka_unit_test(without_knowing_what_was_sent_nothing_is_recalled),
      cmocka_unit_test(a_lost_port_and_one_that_does_not_read_recall_nothing),
      cmocka_unit_test(a_receiver_that_joins_gets_program_and_controllers),
      cmocka_unit_test(a_sink_that_reconnects_inputs_is_not_opened_again_for_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
