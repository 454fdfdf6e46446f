/* SPDX-License-Identifier: ISC */

/* An output whose receiver reads slowly. */

#include "stepped_output.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_receiver_that_keeps_up_gets_all_in_time),
      cmocka_unit_test(one_that_pauses_is_waited_for),
      cmocka_unit_test(one_that_is_too_slow_gets_what_it_can_take_and_never_more),
      cmocka_unit_test(one_that_was_seen_long_ago_gets_no_more_than_it_had_room_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
