/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_LIVE_SESSION_H
#define RS_TESTS_LIVE_SESSION_H

/* Live controls with a player and ports that only record what they are told. */

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

static int real_stderr = -1;

static inline void begin_to_write(void) {
  const int file = open("said", O_RDWR | O_CREAT | O_TRUNC, 0600);
  fflush(stderr);
  real_stderr = dup(STDERR_FILENO);
  dup2(file, STDERR_FILENO);
  close(file);
}

/* What was said since, until the next call. */
static inline const char *said(void) {
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

static RsOptions options;
static RsConfig config;
static RsPlayback playback;
static RsLiveSession live;

static inline void begin_session(const char *listen) {
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

static inline void press(const char *keys) {
  for (; *keys; ++keys) {
    rs_live_on_key(&live, *keys);
  }
}

static inline void turn(int controller, int value) {
  const RsMessage message = rs_message_control(3, controller, value);
  rs_live_on_controller(&live, &message);
}

static inline void expect(RsPlayerControl control, double value) {
  assert_true(player.count > 0);
  assert_int_equal(player.commands[player.count - 1].control, control);
  assert_close(value_of(&player.commands[player.count - 1]), value, 1e-9);
}

static inline RsSteering last_steering(void) {
  const RsPlayerCommand *last = &player.commands[player.count - 1];
  assert_int_equal(last->control, RS_PLAYER_STEERING);
  return last->steering;
}

static inline void play_note(int milliseconds, int status) {
  player.received[player.arrived++] = (RsReceivedMessage){
      milliseconds * RS_MILLISECOND, {3, {(uint8_t)status, 60, 90}}, RS_INPUT_LISTEN};
}

static inline void look_at(int milliseconds) {
  rs_live_poll(&live, milliseconds * RS_MILLISECOND);
}

static const char *const variables[] = {"ROLLSMITH_PORT", "ROLLSMITH_CHANNEL", "ROLLSMITH_PROGRAM",
                                        "ROLLSMITH_TEMPO"};

static inline void forget_config(void) {
  for (int i = 0; i < 4; ++i) {
    unsetenv(variables[i]);
  }
  unlink("rollsmith/config.ini");
  rmdir("rollsmith");
}

static inline int enter(void **state) {
  char folder[64];
  const int status = enter_folder(state);
  forget_config();
  return status || setenv("XDG_CONFIG_HOME", getcwd(folder, sizeof(folder)), 1);
}

#endif /* RS_TESTS_LIVE_SESSION_H */
