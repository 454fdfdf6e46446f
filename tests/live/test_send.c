/* SPDX-License-Identifier: ISC */

#include "output_stage.h"

/* What is sent, what is lost, and what is known of the receiver: the output's lower half, by hand.
 */
typedef struct {
  RsSimulatedClock clock;
  RsSink *sink;
  RsOutput output;
} Stage;

static const int64_t beginning = RS_SECOND;

static Stage *enter(void) {
  const RsPlayerSettings settings = stage_settings(120);
  Stage *stage = calloc(1, sizeof(*stage));
  open_output(&settings, beginning, 1 << 13, &stage->clock, &stage->sink, &stage->output);
  return stage;
}

static void leave(Stage *stage) {
  close_output(stage->sink, &stage->output);
  free(stage);
}

/* Send so many controllers. @param now As for rs_sender_send(). */
static void send(Stage *stage, int messages, int64_t due, int64_t now) {
  for (int i = 0; i < messages; ++i) {
    rs_sender_put(&stage->output.sender, rs_message_control(0, 7, i % 128));
  }
  rs_sender_send(&stage->output.sender, due, now);
}

static void nothing_is_due_before_what_was_sent(void **state) {
  Stage *stage = enter();
  size_t count = 0;
  send(stage, 1, beginning + 100, 0);
  send(stage, 1, beginning + 50, 0);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(count, 2);
  assert_int_equal(all[1].due, beginning + 100);
  assert_int_equal(stage->sink->delivered, beginning + 100);
  leave(stage);
}

static void what_is_lost_is_counted(void **state) {
  Stage *stage = enter();
  rs_sink_record_disconnect(stage->sink, true);
  send(stage, 3, beginning, 0);
  assert_int_equal(stage->output.sender.statistics.lost, 3);
  send(stage, 2, beginning, 0);
  assert_int_equal(stage->output.sender.statistics.lost, 5);
  assert_int_equal(stage->output.sender.statistics.sent, 0);
  leave(stage);
}

static void a_port_may_go_at_any_time(void **state) {
  Stage *stage = enter();
  rs_sender_port_lost(&stage->output.sender, 0);
  assert_true(stage->output.sender.outage.since != 0);
  leave(stage);
}

static RsStatus deliver_late(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  sink->delivered = due + 30 * RS_MILLISECOND;
  return RS_OK;
}

static void late_is_what_the_sink_says(void **state) {
  Stage *stage = enter();
  stage->sink->send = deliver_late;
  send(stage, 1, beginning, beginning);
  assert_int_equal(stage->output.sender.statistics.lateness.largest, 30 * RS_MILLISECOND);
  leave(stage);
}

static void the_end_waits_for_a_late_queue_but_not_for_ever(void **state) {
  static const int64_t late[] = {0, RS_SECOND / 2, 10 * RS_SECOND};
  for (int i = 0; i < 3; ++i) {
    Stage *stage = enter();
    stage->sink->lookahead = 100 * RS_MILLISECOND;
    stage->output.sender.statistics.delay.largest = late[i];
    rs_output_end(&stage->output, beginning, RS_OK);
    assert_int_equal(stage->output.drained - beginning,
                     100 * RS_MILLISECOND + (late[i] < RS_SECOND ? late[i] : RS_SECOND));
    leave(stage);
  }
}

static void a_clock_that_stands_is_not_stopped_again(void **state) {
  for (int stands = 0; stands < 2; ++stands) {
    Stage *stage = enter();
    size_t count = 0;
    stage->output.settings.clock = true;
    stage->output.state = stands ? RS_OUTPUT_HALTED : RS_OUTPUT_PLAYING;
    rs_output_end(&stage->output, beginning, RS_OK);
    const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
    assert_int_equal(count_status(all, count, 0xfc), !stands);
    leave(stage);
  }
}

static void without_a_port_the_end_is_no_good_one(void **state) {
  Stage *stage = enter();
  rs_sender_port_lost(&stage->output.sender, beginning);
  rs_output_end(&stage->output, beginning, RS_OK);
  assert_int_equal(stage->output.status, RS_ERR_PORT);
  leave(stage);
}

/* ---- A port that is looked for ---- */

static int looks;

static RsStatus look_in_vain(RsSink *sink) {
  ++looks;
  return RS_ERR_PORT;
}

static void look_for(Stage *stage, int64_t time) {
  for (const int64_t end = stage->clock.time + time; stage->clock.time < end;
       stage->clock.time += RS_MILLISECOND) {
    rs_output_reopen_port(&stage->output, stage->clock.time);
  }
}

static void it_is_looked_for_now_and_then_and_if_asked_for_ever(void **state) {
  Stage *stage = enter();
  looks = 0;
  stage->sink->reopen = look_in_vain;
  stage->output.settings.patience = -1;
  rs_sender_port_lost(&stage->output.sender, beginning);
  look_for(stage, 60 * RS_SECOND);
  assert_in_range(looks, 230, 241);
  assert_int_equal(stage->output.state, RS_OUTPUT_BUFFERING);
  stage->output.settings.patience = 61;
  look_for(stage, 2 * RS_SECOND);
  assert_int_equal(stage->output.state, RS_OUTPUT_DRAINING);
  leave(stage);
}

static void whoever_returns_is_not_taken_for_who_was_there(void **state) {
  Stage *stage = enter();
  rs_flow_observe(&stage->output.sender.flow, beginning, 3);
  rs_sender_port_lost(&stage->output.sender, beginning);
  rs_output_reopen_port(&stage->output, beginning + RS_SECOND / 10);
  assert_int_equal(stage->output.sender.outage.since, 0);
  assert_true(rs_flow_fits(&stage->output.sender.flow, 50));
  leave(stage);
}

/* ---- Room at the receiver ---- */

static void what_may_not_have_arrived_takes_room(void **state) {
  RsFlowControl flow = {.seen_at = 0};
  rs_flow_observe(&flow, beginning - RS_SECOND, 60);
  rs_flow_sent(&flow, beginning, 10);
  rs_flow_observe(&flow, beginning + 10 * RS_MILLISECOND, 12);
  assert_true(rs_flow_fits(&flow, 2));
  assert_false(rs_flow_fits(&flow, 3));
  rs_flow_observe(&flow, beginning + 40 * RS_MILLISECOND, 12);
  assert_true(rs_flow_fits(&flow, 12));
  assert_false(rs_flow_fits(&flow, 13));
}

static void whoever_has_read_all_gets_even_what_is_larger_than_its_queue(void **state) {
  RsFlowControl flow = {.seen_at = 0};
  rs_flow_observe(&flow, beginning, 60);
  assert_true(rs_flow_fits(&flow, 100));
  rs_flow_observe(&flow, beginning, 59);
  assert_false(rs_flow_fits(&flow, 100));
  rs_flow_observe(&flow, beginning, 60);
  rs_flow_sent(&flow, beginning + 3600 * RS_SECOND, 30); // However long ago it was seen
  assert_true(rs_flow_fits(&flow, 30));
  assert_false(rs_flow_fits(&flow, 31));
}

static void more_batches_than_are_remembered_are_not_forgotten(void **state) {
  RsFlowControl flow = {.seen_at = 0};
  size_t sent = 0;
  rs_flow_observe(&flow, beginning, 1000);
  for (int i = 0; i < 3 * RS_FLOW_BATCHES; sent += 1 + (size_t)i % 3, ++i) {
    rs_flow_sent(&flow, beginning + i, 1 + (size_t)i % 3);
  }
  assert_int_equal(flow.messages, sent);
  rs_flow_observe(&flow, beginning + 31 * RS_MILLISECOND, 900);
  assert_int_equal(flow.messages, 0);
}

/* ---- Scores ---- */

static void score(Stage *stage, const RsMessage *messages, size_t count, double bpm) {
  const RsMessageFrame frame = {.messages = messages, .count = count, .bpm = bpm};
  rs_output_perform_messages(&stage->output, &frame, beginning);
  rs_sender_send(&stage->output.sender, beginning, 0);
}

static void a_moment_may_have_more_messages_than_a_batch(void **state) {
  enum { MANY = 6000 };
  Stage *stage = enter();
  RsMessage *messages = calloc(MANY, sizeof(*messages));
  size_t count = 0;
  for (int i = 0; i < MANY; ++i) {
    messages[i] = rs_message_control(0, i % 64, i / 64);
  }
  score(stage, messages, MANY, 0);
  const RsRecorded *all = rs_sink_recorded(stage->sink, &count);
  assert_int_equal(count, MANY);
  for (int i = 0; i < MANY; ++i) {
    assert_memory_equal(&all[i].message, &messages[i], sizeof(*messages));
  }
  free(messages);
  leave(stage);
}

static void after_a_new_beginning_a_note_ends_with_its_own_end(void **state) {
  Stage *stage = enter();
  const RsMessage on = rs_message_note(true, 0, 50, 90), off = rs_message_note(false, 0, 50, 0);
  score(stage, &on, 1, 0);
  score(stage, &on, 1, 0);
  stage->output.sender.restart_notes = true;
  score(stage, &on, 1, 0);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 1);
  score(stage, &off, 1, 0);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  stage->output.transform.mute = true;
  score(stage, &on, 1, 0);
  assert_int_equal(rs_active_notes_count(&stage->output.sender.active), 0);
  leave(stage);
}

static void a_tempo_of_the_score_stays_within_what_can_be_played(void **state) {
  static const struct {
    double played, before, then, result;
  } cases[] = {{240, 120, 60, 120}, {30000, 60, 600, 60000}, {5, 600, 60, 4}};
  for (int follow = 0; follow < 2; ++follow) {
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
      Stage *stage = enter();
      stage->output.settings.follow = follow;
      stage->output.transport.bpm = cases[i].played;
      stage->output.score.bpm = cases[i].before;
      stage->output.score.pace = cases[i].played / cases[i].before;
      score(stage, NULL, 0, cases[i].then);
      assert_close(stage->output.transport.bpm, follow ? cases[i].played : cases[i].result, 1e-9);
      score(stage, NULL, 0, cases[i].before); // And what was out of reach is forgotten
      assert_close(stage->output.transport.bpm, cases[i].played, 1e-9);
      leave(stage);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_due_before_what_was_sent),
      cmocka_unit_test(what_is_lost_is_counted),
      cmocka_unit_test(a_port_may_go_at_any_time),
      cmocka_unit_test(late_is_what_the_sink_says),
      cmocka_unit_test(the_end_waits_for_a_late_queue_but_not_for_ever),
      cmocka_unit_test(a_clock_that_stands_is_not_stopped_again),
      cmocka_unit_test(without_a_port_the_end_is_no_good_one),
      cmocka_unit_test(it_is_looked_for_now_and_then_and_if_asked_for_ever),
      cmocka_unit_test(whoever_returns_is_not_taken_for_who_was_there),
      cmocka_unit_test(what_may_not_have_arrived_takes_room),
      cmocka_unit_test(whoever_has_read_all_gets_even_what_is_larger_than_its_queue),
      cmocka_unit_test(more_batches_than_are_remembered_are_not_forgotten),
      cmocka_unit_test(a_moment_may_have_more_messages_than_a_batch),
      cmocka_unit_test(after_a_new_beginning_a_note_ends_with_its_own_end),
      cmocka_unit_test(a_tempo_of_the_score_stays_within_what_can_be_played),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
