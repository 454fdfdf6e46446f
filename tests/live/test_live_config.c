/* SPDX-License-Identifier: ISC */

/* Configuration of playing: options, environment and file, and controllers that are learned. */

#include "live_session.h"

static void write_config(const char *text) {
  mkdir("rollsmith", 0700);
  FILE *file = fopen("rollsmith/config.ini", "w");
  fputs(text, file);
  fclose(file);
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
  assert_string_equal(said(), "which control: + t d ] m h p n e r v b k?\n");
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
  assert_string_equal(said(), "which control: + t d ] m h p n e r v b k?\n"
                              "no controller was assigned\n"
                              "which control: + t d ] m h p n e r v b k?\n"
                              "now move the controller for mute\n"
                              "controller 30 now sets mute\n");
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
      cmocka_unit_test(options_are_above_the_environment_and_that_above_the_file),
      cmocka_unit_test(what_is_wrong_in_the_file_is_said),
      cmocka_unit_test(the_keys_by_which_controllers_learn_are_told),
      cmocka_unit_test(a_controller_is_learned_and_written_down),
      cmocka_unit_test(a_steering_preset_is_kept_and_recalled),
      cmocka_unit_test(a_controller_does_one_thing),
  };
  return cmocka_run_group_tests(tests, enter, leave_folder);
}
