/* SPDX-License-Identifier: ISC */

/* Supervision of the ports while music plays. */

#include "live_session.h"

static RsPortMonitor monitor;

/* Whoever wrote there would wait for ever. */
static void a_terminal_that_stands_still_holds_no_one_up(void **state) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  while (write(ends[1], ends, sizeof(ends)) > 0) {
  }
  fcntl(ends[1], F_SETFL, 0);
  begin_session(NULL);
  begin_to_write();
  dup2(ends[1], STDERR_FILENO);
  alarm(10);
  rs_live_show_status(&live);
  press("x");
  alarm(0);
  said();
  close(ends[0]);
  close(ends[1]);
}

static void look_out(void) {
  begin_session("Keyboard");
  player.count = 0;
  output_watch = (RsPortWatch){.name = "Synth"};
  input_watch = (RsPortWatch){.name = "Keyboard"};
  assert_ok(rs_port_monitor_init(&monitor, NULL, NULL));
}

static const char *look(void) {
  begin_to_write();
  rs_port_monitor_poll(&monitor, 3 * RS_SECOND, rs_live_on_port_event, &live);
  return said();
}

static void a_port_that_goes_and_returns_is_told_once(void **state) {
  look_out();
  output_watch.receiver = RS_RECEIVER_MISSING;
  look();
  expect(RS_PLAYER_RECEIVER, RS_RECEIVER_MISSING);
  player.count = 0;
  player.view.waiting_for_port = true;
  assert_string_equal(look(), "'Synth' disappeared; waiting for it\n");
  assert_string_equal(look(), "");
  assert_int_equal(player.count, 0);
  player.view.waiting_for_port = false;
  output_watch = (RsPortWatch){.name = "Synth 2"};
  watches = 0;
  assert_string_equal(look(), "'Synth 2' is back\n");
  assert_int_equal(watches, 1); // By the name that it has now
  assert_string_equal(look(), "");
  rs_live_clear(&live);
}

static void a_receiver_is_watched(void **state) {
  look_out();
  look();
  assert_int_equal(player.count, 0);
  output_watch.room = 33;
  look();
  expect(RS_PLAYER_ROOM, 33);
  output_watch.receiver = RS_RECEIVER_STALLED;
  look();
  look();
  assert_int_equal(player.count, 2);
  expect(RS_PLAYER_RECEIVER, RS_RECEIVER_STALLED);
  assert_int_equal(monitor.seen, RS_RECEIVER_STALLED);
  output_watch.receiver = RS_RECEIVER_READY;
  output_watch.room = 0;
  assert_string_equal(look(), "'Synth' reads again\n");
  expect(RS_PLAYER_RECEIVER, RS_RECEIVER_READY);
  rs_live_clear(&live);
  player.count = 0;
  is_unwatched = true;
  assert_ok(rs_port_monitor_init(&monitor, NULL, NULL));
  assert_null(monitor.output);
  assert_string_equal(look(), "");
  assert_int_equal(player.count, 0);
  is_unwatched = false;
}

static void an_input_that_goes_holds_no_key_and_returns(void **state) {
  look_out();
  play_note(1000, 0x90);
  look_at(1100);
  input_watch.receiver = RS_RECEIVER_MISSING;
  assert_string_equal(look(), "'Keyboard' disappeared; waiting for it\n");
  assert_int_equal(live.recorder->active, 0);
  assert_string_equal(look(), "");
  assert_int_equal(player.count, 0);
  input_watch = (RsPortWatch){.name = "Keyboard", .returned = true};
  assert_string_equal(look(), "'Keyboard' is back\n");
  expect(RS_PLAYER_REFRESH, 0);
  assert_string_equal(look(), "");
  rs_live_clear(&live);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_terminal_that_stands_still_holds_no_one_up),
      cmocka_unit_test(a_port_that_goes_and_returns_is_told_once),
      cmocka_unit_test(a_receiver_is_watched),
      cmocka_unit_test(an_input_that_goes_holds_no_key_and_returns),
  };
  return cmocka_run_group_tests(tests, enter, leave_folder);
}
