/* SPDX-License-Identifier: ISC */

/* Live controls: keys, controllers, call and response, and the status line. */

#include "live_session.h"

/* ---- Live controls ---- */

static void each_key_changes_what_it_names(void **state) {
  static const struct {
    const char *keys;
    RsPlayerControl control;
    double value;
  } cases[] = {{"+", RS_PLAYER_TEMPO, 122},        {"=", RS_PLAYER_TEMPO, 122},
               {"-", RS_PLAYER_TEMPO, 118},        {"+--", RS_PLAYER_TEMPO, 118},
               {"t", RS_PLAYER_TEMPERATURE, 0.95}, {"TT", RS_PLAYER_TEMPERATURE, 1.1},
               {"d", RS_PLAYER_MAX_POLYPHONY, 5},  {"D", RS_PLAYER_MAX_POLYPHONY, 7},
               {"[", RS_PLAYER_TRANSPOSE, -1},     {"]]", RS_PLAYER_TRANSPOSE, 2},
               {"m", RS_PLAYER_MUTE, 1},           {"mm", RS_PLAYER_MUTE, 0},
               {"h", RS_PLAYER_HOLD, 24},          {"hh", RS_PLAYER_HOLD, 0},
               {" ", RS_PLAYER_PAUSE, 1},          {"  ", RS_PLAYER_PAUSE, 0},
               {"n", RS_PLAYER_SEED, 8},           {"nn", RS_PLAYER_SEED, 9},
               {"p", RS_PLAYER_PANIC, 0},          {"E", RS_PLAYER_STEERING, 0.5},
               {"EE", RS_PLAYER_STEERING, 0.6},    {"Ee", RS_PLAYER_STEERING, 0.4}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    begin_session(NULL);
    press(cases[i].keys);
    assert_int_equal(player.count, strlen(cases[i].keys));
    expect(cases[i].control, cases[i].value);
    assert_false(live.quit);
  }
  press("q");
  assert_true(live.quit);
}

static void steering_is_sent_as_a_whole(void **state) {
  begin_session(NULL);
  press("RRVVBBKKK"); /* the first B draws V down to 1 */
  const RsSteering steering = last_steering();
  static const double d_major[] = {0.05, 1, 1, 0.05, 1, 0.05, 1, 1, 0.05, 1, 0.05, 1};
  assert_close(steering.pitch, 61, 1e-9);
  assert_int_equal(steering.polyphony_low, 1);
  assert_int_equal(steering.polyphony_high, 2);
  assert_memory_equal(steering.key_weights, d_major, sizeof(d_major));
  turn(85, 0);
  assert_close(last_steering().key_weights[0], 0, 0);
  turn(30, 127);
  assert_int_equal(last_steering().polyphony_low, 16);
  assert_int_equal(last_steering().polyphony_high, 16); /* a range does not end below its start */
}

static void nothing_goes_too_far(void **state) {
  static const struct {
    char key;
    RsPlayerControl control;
    double value;
  } cases[] = {{'+', RS_PLAYER_TEMPO, 400},       {'-', RS_PLAYER_TEMPO, 20},
               {'t', RS_PLAYER_TEMPERATURE, 0.1}, {'T', RS_PLAYER_TEMPERATURE, 4},
               {'d', RS_PLAYER_MAX_POLYPHONY, 0}, {'D', RS_PLAYER_MAX_POLYPHONY, 16},
               {'[', RS_PLAYER_TRANSPOSE, -48},   {']', RS_PLAYER_TRANSPOSE, 48}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    begin_session(NULL);
    for (int times = 0; times < 200; ++times) {
      rs_live_on_key(&live, cases[i].key);
    }
    expect(cases[i].control, cases[i].value);
  }
  playback.settings.seed = UINT32_MAX;
  assert_ok(rs_live_init(&live, NULL, &playback, &options, &config));
  press("n");
  expect(RS_PLAYER_SEED, 0);
}

static void a_tempo_out_of_reach_is_not_drawn_in(void **state) {
  begin_session(NULL);
  live.values[RS_CONTROL_TEMPO] = 480; // By --bpm
  press("+");
  expect(RS_PLAYER_TEMPO, 480);
  press("-");
  expect(RS_PLAYER_TEMPO, 478);
  live.values[RS_CONTROL_TEMPO] = 8;
  press("-");
  expect(RS_PLAYER_TEMPO, 8);
  press("+");
  expect(RS_PLAYER_TEMPO, 10);
}

static void arrows_and_the_like_do_nothing(void **state) {
  static const char keys[] = "\033[A\033[D\033OD\033[1;5D\033[3~\033m\033";
  begin_session(NULL);
  begin_to_write();
  rs_live_on_keys(&live, keys, sizeof(keys) - 1);
  rs_live_on_keys(&live, "\033[", 2); // Cut off
  assert_string_equal(said(), "");
  assert_int_equal(player.count, 0);
  rs_live_on_keys(&live, "\033[D]", 4);
  expect(RS_PLAYER_TRANSPOSE, 1);
  assert_int_equal(player.count, 1);
}

static void a_key_that_means_nothing_lists_them_all(void **state) {
  begin_session(NULL);
  begin_to_write();
  press("x");
  assert_string_equal(said(), "+ - tempo   t T temperature   d D most notes   [ ] transpose   m "
                              "mute   h hold the last bars\n"
                              "space pause   n new seed   p panic   l learn a controller   q quit\n"
                              "e E density   r R register   v V fewest voices   b B most voices   "
                              "k K key   1 to 9 steering "
                              "presets   0 none   s save a preset\n");
  assert_int_equal(player.count, 0);
  options.quiet = true;
  begin_to_write();
  press("x");
  assert_string_equal(said(), "");
}

static void each_controller_has_its_range(void **state) {
  static const struct {
    int controller, value;
    RsPlayerControl control;
    double result;
  } cases[] = {
      {20, 0, RS_PLAYER_TEMPO, 40},
      {20, 127, RS_PLAYER_TEMPO, 240},
      {21, 0, RS_PLAYER_TEMPERATURE, 0.5},
      {21, 127, RS_PLAYER_TEMPERATURE, 2},
      {22, 0, RS_PLAYER_MAX_POLYPHONY, 0},
      {22, 64, RS_PLAYER_MAX_POLYPHONY, 8},
      {22, 127, RS_PLAYER_MAX_POLYPHONY, 16},
      {23, 64, RS_PLAYER_TRANSPOSE, 0},
      {23, 127, RS_PLAYER_TRANSPOSE, 24},
      {23, 0, RS_PLAYER_TRANSPOSE, -24},
      {24, 63, RS_PLAYER_MUTE, 0},
      {24, 64, RS_PLAYER_MUTE, 1},
      {25, 63, RS_PLAYER_HOLD, 0},
      {25, 64, RS_PLAYER_HOLD, 24},
      {26, 64, RS_PLAYER_PANIC, 0},
      {27, 64, RS_PLAYER_SEED, 8},
      {28, 0, RS_PLAYER_STEERING, 0},
      {28, 127, RS_PLAYER_STEERING, 2},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    begin_session(NULL);
    turn(cases[i].controller, cases[i].value);
    assert_int_equal(player.count, 1);
    expect(cases[i].control, cases[i].result);
  }
}

static void what_is_no_controller_of_ours_does_nothing(void **state) {
  const RsMessage note = rs_message_note(true, 0, 20, 90);
  begin_session(NULL);
  begin_to_write();
  rs_live_on_controller(&live, &note);
  turn(19, 127);
  turn(26, 63); // A button that is let go
  turn(27, 0);
  assert_string_equal(said(), "");
  assert_int_equal(player.count, 0);
}

static void a_tempo_by_hand_stays_until_the_player_has_it(void **state) {
  RsClock *clock = rs_clock_monotonic();
  begin_session(NULL);
  press("+");
  rs_live_poll(&live, clock->now(clock) + 50 * RS_MILLISECOND);
  press("+");
  expect(RS_PLAYER_TEMPO, 124);
  player.view.bpm = 90; // A score has another one now
  rs_live_poll(&live, clock->now(clock) + RS_SECOND);
  press("+");
  expect(RS_PLAYER_TEMPO, 92);
}

/* ---- Call and response ---- */

static void lose_input(RsInput input, int64_t time) {
  const RsPortEvent event = {RS_PORT_LOST, "Keyboard", (int)input, time};
  rs_live_on_port_event(&live, &event);
}

static void a_phrase_is_answered_after_a_bar_and_the_answer_ends_with_the_next(void **state) {
  begin_session("Keyboard");
  expect(RS_PLAYER_MUTE, 1); // The person begins
  play_note(1000, 0x90);
  play_note(2000, 0x80);
  look_at(2100);
  look_at(3400);
  assert_int_equal(player.heard, 0);
  look_at(3600); // A bar of three quarter notes is 1.5 s
  assert_int_equal(player.heard, 8);
  assert_int_equal(player.count, 2);
  expect(RS_PLAYER_MUTE, 0);
  look_at(9000);
  assert_int_equal(player.count, 2);
  play_note(9100, 0x90);
  look_at(9200);
  expect(RS_PLAYER_MUTE, 1);
  play_note(9250, 0x90);
  look_at(9300);
  assert_int_equal(player.count, 3); // It is muted already
  lose_input(RS_INPUT_CONTROL, 9300 * RS_MILLISECOND);
  look_at(20000);
  assert_int_equal(player.count, 3); // The key is still down
  lose_input(RS_INPUT_LISTEN, 20000 * RS_MILLISECOND);
  player.refuses = true;
  look_at(22000);
  assert_int_equal(player.count, 3);
  rs_live_clear(&live);
}

static void controllers_and_notes_go_their_own_ways(void **state) {
  begin_session("Keyboard");
  player.received[player.arrived++] =
      (RsReceivedMessage){RS_SECOND, rs_message_control(0, 23, 127), RS_INPUT_CONTROL};
  play_note(1000, 0x90);
  look_at(1100);
  expect(RS_PLAYER_TRANSPOSE, 24);
  assert_int_equal(live.recorder->count, 1);
  rs_live_clear(&live);
}

/* ---- The line ---- */

static void the_line_tells_how_it_is(void **state) {
  begin_session(NULL);
  player.view = (RsPlayerView){.frame = 30, .bpm = 97.25, .lateness_ms = 0.25, .running = true};
  rs_frame_set(&player.view.active, 60);
  rs_frame_set(&player.view.active, 78);
  begin_to_write();
  press("]]mh ");
  rs_live_show_status(&live);
  assert_string_equal(said(), "\r\033[Kbar 3.2  97.2 bpm  T 1.00  max 6  +2  mute  hold  pause  "
                              "late 0.2 ms  C4 F#5 ");
  player.view.running = false;
  begin_to_write();
  rs_live_show_status(&live);
  assert_string_equal(said(), "\r\033[Kbar 3.2  97.2 bpm  waiting  T 1.00  max 6  +2  mute  hold  "
                              "pause  late 0.2 ms  "); // As far as 79 columns go
  player.view.waiting_for_port = true;
  playback.is_model = false;
  begin_to_write();
  rs_live_show_status(&live);
  assert_string_equal(
      said(),
      "\r\033[Kbar 3.2  97.2 bpm  NO PORT  max 6  +2  mute  hold  pause  late 0.2 ms  C4 F#5 ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_key_changes_what_it_names),
      cmocka_unit_test(steering_is_sent_as_a_whole),
      cmocka_unit_test(nothing_goes_too_far),
      cmocka_unit_test(a_tempo_out_of_reach_is_not_drawn_in),
      cmocka_unit_test(arrows_and_the_like_do_nothing),
      cmocka_unit_test(a_key_that_means_nothing_lists_them_all),
      cmocka_unit_test(each_controller_has_its_range),
      cmocka_unit_test(what_is_no_controller_of_ours_does_nothing),
      cmocka_unit_test(a_tempo_by_hand_stays_until_the_player_has_it),
      cmocka_unit_test(a_phrase_is_answered_after_a_bar_and_the_answer_ends_with_the_next),
      cmocka_unit_test(controllers_and_notes_go_their_own_ways),
      cmocka_unit_test(the_line_tells_how_it_is),
  };
  return cmocka_run_group_tests(tests, enter, leave_folder);
}
