/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "player_command.h"

#include "cli/live_control.h"
#include "live/active_notes.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Live controls, port monitor and configuration, with mocks of the player and of ports, which
   record their arguments and return what the test sets. */

enum { MOST = 1000 };

static struct {
  RsPlayerCommand commands[MOST];
  int count;
  RsPlayerView view;
  RsReceivedMessage received[8]; // What has come in and was not taken
  int arrived;
  size_t heard; // Frames of the phrase that it was given last
  bool refuses; // To hear
} player;

bool rs_player_command(RsPlayer *self, RsPlayerCommand command) {
  assert_true(player.count < MOST);
  player.commands[player.count++] = command;
  return true;
}

RsPlayerView rs_player_view(RsPlayer *self) {
  return player.view;
}

bool rs_player_receive(RsPlayer *self, RsReceivedMessage *message) {
  if (!player.arrived) {
    return false;
  }
  *message = player.received[0];
  memmove(player.received, player.received + 1, --player.arrived * sizeof(*message));
  return true;
}

bool rs_player_prime(RsPlayer *self, RsRoll *phrase) {
  if (!player.refuses) {
    player.heard = phrase->frames;
    rs_roll_clear(phrase);
  }
  return !player.refuses;
}

struct RsPortWatch {
  const char *name;
  RsReceiver receiver;
  bool returned;
  size_t room;
};

static RsPortWatch output_watch, input_watch;
static int watches;       // Of the output
static bool is_unwatched; // The output

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  *out = is_unwatched ? NULL : &output_watch;
  ++watches;
  return RS_OK;
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  *out = input == RS_INPUT_LISTEN ? &input_watch : NULL;
  return RS_OK;
}

void rs_port_watch_free(RsPortWatch *watch) {}

const char *rs_port_watch_name(const RsPortWatch *watch) {
  return watch->name;
}

RsReceiver rs_port_watch_poll(RsPortWatch *watch, int64_t now) {
  return watch->receiver;
}

bool rs_port_watch_room(const RsPortWatch *watch, size_t *room) {
  *room = watch->room;
  return watch->room > 0;
}

bool rs_port_watch_returned(RsPortWatch *watch) {
  return watch->returned;
}

/* ---- Captured messages ---- */

static int real_stderr = -1;

static void begin_to_write(void) {
  const int file = open("said", O_RDWR | O_CREAT | O_TRUNC, 0600);
  fflush(stderr);
  real_stderr = dup(STDERR_FILENO);
  dup2(file, STDERR_FILENO);
  close(file);
}

/* What was said since, until the next call. */
static const char *said(void) {
  static char text[4096];
  fflush(stderr);
  dup2(real_stderr, STDERR_FILENO);
  close(real_stderr);
  FILE *file = fopen("said", "r");
  text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
  fclose(file);
  unlink("said");
  return text;
}

/* ---- Live controls ---- */

static RsOptions options;
static RsConfig config;
static RsPlayback playback;
static RsLiveSession live;

static void begin_session(const char *listen) {
  memset(&player, 0, sizeof(player));
  player.view.bpm = 120;
  options = (RsOptions){.live.listen = (char *)listen};
  config = (RsConfig){.path = NULL};
  for (int i = 0; i < RS_CONTROLS; ++i) {
    config.controls[i] = rs_live_control_controller((RsControl)i);
  }
  playback = (RsPlayback){.is_model = true, .frames_per_quarter = 4, .quarters_per_bar = 3};
  playback.settings.bpm = 120;
  playback.settings.seed = 7;
  playback.generation.settings.temperature = 1;
  playback.generation.settings.max_polyphony = 6;
  assert_ok(rs_live_init(&live, NULL, &playback, &options, &config));
}

static void press(const char *keys) {
  for (; *keys; ++keys) {
    rs_live_on_key(&live, *keys);
  }
}

static void turn(int controller, int value) {
  const RsMessage message = rs_message_control(3, controller, value);
  rs_live_on_controller(&live, &message);
}

static void expect(RsPlayerControl control, double value) {
  assert_true(player.count > 0);
  assert_int_equal(player.commands[player.count - 1].control, control);
  assert_close(value_of(&player.commands[player.count - 1]), value, 1e-9);
}

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

static RsSteering last_steering(void) {
  const RsPlayerCommand *last = &player.commands[player.count - 1];
  assert_int_equal(last->control, RS_PLAYER_STEERING);
  return last->steering;
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
                              "presets   0 none   s keep a preset\n");
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

static void play_note(int milliseconds, int status) {
  player.received[player.arrived++] = (RsReceivedMessage){
      milliseconds * RS_MILLISECOND, {3, {(uint8_t)status, 60, 90}}, RS_INPUT_LISTEN};
}

static void look_at(int milliseconds) {
  rs_live_poll(&live, milliseconds * RS_MILLISECOND);
}

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

/* ---- Port monitor ---- */

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
  assert_string_equal(look(), "'Synth' is gone; waiting for it\n");
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
  assert_string_equal(look(), "'Keyboard' is gone; waiting for it\n");
  assert_int_equal(live.recorder->active, 0);
  assert_string_equal(look(), "");
  assert_int_equal(player.count, 0);
  input_watch = (RsPortWatch){.name = "Keyboard", .returned = true};
  assert_string_equal(look(), "'Keyboard' is back\n");
  expect(RS_PLAYER_REFRESH, 0);
  assert_string_equal(look(), "");
  rs_live_clear(&live);
}

/* ---- Configuration ---- */

static const char *const variables[] = {"ROLLSMITH_PORT", "ROLLSMITH_CHANNEL", "ROLLSMITH_PROGRAM",
                                        "ROLLSMITH_TEMPO"};

static void write_config(const char *text) {
  mkdir("rollsmith", 0700);
  FILE *file = fopen("rollsmith/config.ini", "w");
  fputs(text, file);
  fclose(file);
}

static void forget_config(void) {
  for (int i = 0; i < 4; ++i) {
    unsetenv(variables[i]);
  }
  unlink("rollsmith/config.ini");
  rmdir("rollsmith");
}

static const char *assigned(const RsOptions *merged, const char *key) {
  const char *value = NULL; // The last one counts
  for (size_t i = 0; i < merged->assignment_count; ++i) {
    value = strcmp(merged->assignments[i].key, key) ? value : merged->assignments[i].value;
  }
  return value;
}

/* What is behind the folder of the configuration, which the test is in. */
static const char *behind_folder(const char *text) {
  char folder[64];
  const char *here = getcwd(folder, sizeof(folder));
  assert_int_equal(strncmp(text, here, strlen(here)), 0);
  return text + strlen(here);
}

static void options_are_above_the_environment_and_that_above_the_file(void **state) {
  RsAssignment typed = {(char *)"generate.program", (char *)"7", (char *)"--program"};
  const RsOptions given = {.assignments = &typed, .assignment_count = 1};
  const RsOptions to_port = {.live.port = (char *)"Typed", .live.driver = (char *)"jack"};
  write_config("[live]\ndriver = alsa\nport = File\nchannel = 3\nprogram = 5\ntempo = 96\n");
  setenv("ROLLSMITH_PORT", "Room", 1);
  unsetenv("ROLLSMITH_DRIVER");
  setenv("ROLLSMITH_CHANNEL", "4", 1);
  setenv("ROLLSMITH_PROGRAM", "6", 1);
  setenv("ROLLSMITH_TEMPO", "", 1); // As if it were not there
  assert_ok(rs_config_load(&config, NULL));
  RsOptions merged = rs_config_options(&config, &given, false);
  assert_string_equal(merged.live.port, "Room");
  assert_string_equal(merged.live.driver, "alsa");
  assert_string_equal(assigned(&merged, "generate.channel"), "4");
  assert_string_equal(assigned(&merged, "generate.program"), "7");
  assert_string_equal(assigned(&merged, "generate.bpm"), "96");
  assert_int_equal(merged.assignment_count, 4);
  assert_string_equal(merged.assignments[0].origin, "ROLLSMITH_CHANNEL");
  assert_string_equal(behind_folder(merged.assignments[2].origin),
                      "/rollsmith/config.ini:6: [live] tempo");
  rs_config_release(&merged);
  merged = rs_config_options(&config, &given, true); // Of a file, which has its own
  assert_string_equal(merged.live.port, "Room");
  assert_int_equal(merged.assignment_count, 1);
  assert_string_equal(assigned(&merged, "generate.program"), "7");
  rs_config_release(&merged);
  merged = rs_config_options(&config, &to_port, false);
  assert_string_equal(merged.live.port, "Typed");
  assert_string_equal(merged.live.driver, "jack");
  rs_config_release(&merged);
  rs_config_clear(&config);
  forget_config();
  assert_ok(rs_config_load(&config, NULL)); // There is no file
  assert_null(config.port);
  assert_int_equal(config.controls[RS_CONTROL_TEMPO], 20);
  rs_config_clear(&config);
}

#define KEYS                                                                                       \
  "keys are [live] port, driver, channel, program, tempo, [control] tempo, temperature, "          \
  "max-polyphony, transpose, mute, hold, panic, seed, density, register, polyphony-low, "          \
  "polyphony-high, key, "                                                                          \
  "and those of [steering 1] to [steering 9]"
#define NO_CONTROLLER "2: [control] tempo: must be the number of a controller, 0 to 119"

static void what_is_wrong_in_the_file_is_said(void **state) {
  static const char *const cases[][2] = {
      {"[live]\nprot = x\n", "2: [live] prot: no such key; " KEYS},
      {"[controls]\ntempo = 3\n", "1: [controls]: no such section; " KEYS},
      {"[control]\nspeed = 3\n", "2: [control] speed: no such key; " KEYS},
      {"[control]\ntempo = 120\n", NO_CONTROLLER},
      {"[control]\ntempo = \n", NO_CONTROLLER},
      {"[control]\ntempo = 3x\n", NO_CONTROLLER},
      {"[live]\ntempo = 90\ntempo = 90\n", "3: live.tempo: already set in line 2"},
      {"[steering 0]\ndensity = 1\n", "1: [steering 0]: no such section; " KEYS},
      {"[steering 3]\ndensity = 0\n",
       "2: [steering 3] density 0: must be a number of notes that begin a frame, above 0 and up to "
       "16"},
      {"[steering 3]\npolyphony = 4-2\n",
       "2: [steering 3] polyphony 4-2: must be a range of numbers of notes at a time, such as 2-4, "
       "up to 128"},
      {"[steering 3]\ntempo = 90\n",
       "2: [steering 3] tempo: tempo: no such key; keys of steering are density, register, "
       "polyphony and key-weights"},
      {"tempo\n", "1: tempo: must be [section], key = value or # comment"}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    RsError error = {RS_OK, ""};
    write_config(cases[i][0]);
    assert_int_equal(rs_config_load(&config, &error), RS_ERR_SETTING);
    char message[512];
    snprintf(message, sizeof(message), "/rollsmith/config.ini:%s", cases[i][1]);
    assert_string_equal(behind_folder(error.message), message);
    rs_config_clear(&config);
  }
  forget_config();
}

static void the_keys_by_which_controllers_learn_are_told(void **state) {
  begin_session(NULL);
  begin_to_write();
  press("l");
  assert_string_equal(said(), "which one: + t d ] m h p n e r v b k?\n");
  rs_live_clear(&live);
}

static void a_controller_is_learned_and_written_down(void **state) {
  write_config("# mine\n[live]\nport = File\n[control]\nhold = 119\n");
  begin_session(NULL);
  assert_ok(rs_config_load(&config, NULL));
  begin_to_write();
  press("lx"); // Nothing that could be learned
  turn(24, 127);
  expect(RS_PLAYER_MUTE, 1);
  press("l");
  turn(24, 0); // Not learned before it is said what
  expect(RS_PLAYER_MUTE, 0);
  press("m");
  turn(30, 127);
  assert_int_equal(player.count, 2);
  turn(24, 127);
  assert_int_equal(player.count, 2);
  turn(30, 127);
  assert_string_equal(said(), "which one: + t d ] m h p n e r v b k?\n"
                              "nothing was learned\n"
                              "which one: + t d ] m h p n e r v b k?\n"
                              "now move the controller for mute\n"
                              "controller 30 is mute from now on\n");
  expect(RS_PLAYER_MUTE, 1);
  rs_config_clear(&config);
  assert_ok(rs_config_load(&config, NULL));
  assert_string_equal(config.port, "File");
  assert_int_equal(config.controls[RS_CONTROL_MUTE], 30);
  assert_int_equal(config.controls[RS_CONTROL_HOLD], 119);
  rs_config_clear(&config);
  forget_config();
}

static void a_steering_preset_is_kept_and_recalled(void **state) {
  write_config("# mine\n[steering 2]\nregister = 67\npolyphony = 2-4\nkey-weights = Am\n");
  begin_session(NULL);
  assert_ok(rs_config_load(&config, NULL));
  press("2");
  assert_close(last_steering().pitch, 67, 0);
  assert_int_equal(last_steering().polyphony_high, 4);
  assert_close(last_steering().key_weights[1], 0.05, 1e-9);
  press("0");
  assert_close(last_steering().pitch, 0, 0);
  assert_close(last_steering().key_weights[1], 0, 0);
  const int count = player.count;
  press("3"); /* there is none */
  assert_int_equal(player.count, count);
  press("2Es3");
  rs_config_clear(&config);
  assert_ok(rs_config_load(&config, NULL));
  assert_close(config.presets[3].density, 0.5, 0);
  assert_close(config.presets[3].pitch, 67, 0);
  assert_int_equal(config.presets[3].polyphony_low, 2);
  assert_close(config.presets[3].key_weights[1], 0.05, 1e-9);
  assert_close(config.presets[2].density, 0, 0);
  rs_config_clear(&config);
  forget_config();
}

static int enter(void **state) {
  char folder[64];
  const int status = enter_folder(state);
  forget_config();
  return status || setenv("XDG_CONFIG_HOME", getcwd(folder, sizeof(folder)), 1);
}

static void a_controller_does_one_thing(void **state) {
  write_config("[control]\nhold = 20\n"); // As the tempo would by itself
  begin_session(NULL);
  assert_ok(rs_config_load(&config, NULL));
  turn(20, 127);
  assert_int_equal(player.count, 1);
  begin_to_write();
  press("lm");
  turn(20, 0);
  turn(20, 127); // It holds no longer
  expect(RS_PLAYER_MUTE, 1);
  assert_int_equal(player.count, 2);
  press("lp");
  turn(23, 0); // It transposed
  said();
  rs_config_clear(&config);
  for (int times = 0; times < 2; ++times) {
    begin_session(NULL);
    assert_ok(rs_config_load(&config, NULL));
    turn(20, 127);
    expect(RS_PLAYER_MUTE, 1);
    assert_int_equal(player.count, 1);
    turn(23, 127);
    expect(RS_PLAYER_PANIC, 0);
    assert_int_equal(player.count, 2);
    rs_config_clear(&config);
  }
  forget_config();
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
      cmocka_unit_test(a_terminal_that_stands_still_holds_no_one_up),
      cmocka_unit_test(a_port_that_goes_and_returns_is_told_once),
      cmocka_unit_test(a_receiver_is_watched),
      cmocka_unit_test(an_input_that_goes_holds_no_key_and_returns),
      cmocka_unit_test(options_are_above_the_environment_and_that_above_the_file),
      cmocka_unit_test(what_is_wrong_in_the_file_is_said),
      cmocka_unit_test(the_keys_by_which_controllers_learn_are_told),
      cmocka_unit_test(a_controller_is_learned_and_written_down),
      cmocka_unit_test(a_steering_preset_is_kept_and_recalled),
      cmocka_unit_test(a_controller_does_one_thing),
  };
  return cmocka_run_group_tests(tests, enter, leave_folder);
}
