/* SPDX-License-Identifier: ISC */

#include "cli/live_control.h"
#include "cli/console.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define STATUS_EVERY (RS_SECOND / 10) /* interval of the status line */
#define TEMPO_SETTLES (RS_SECOND / 5) /* a tempo set here is in force by then: several buffers */

/* ---- The terminal ---- */

static struct termios before; /* mode to restore; static, as there is one terminal */

static bool is_foreground(void) {
  return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void rs_live_take_terminal(RsLiveSession *live) {
  struct termios raw;
  if (live->raw || live->options->quiet || !is_foreground() || tcgetattr(STDIN_FILENO, &before)) {
    return;
  }
  raw = before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C still sends a signal */
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  live->raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void rs_live_release_terminal(RsLiveSession *live) {
  if (live->raw) {
    rs_progress_line("%s", "");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    live->raw = false;
  }
}

/* ---- Keys ---- */

static void read_keys(RsLiveSession *live) {
  struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
  char keys[64];
  ssize_t count = 0;
  while (live->raw && poll(&terminal, 1, 0) == 1 && terminal.revents & POLLIN &&
         (count = read(STDIN_FILENO, keys, sizeof(keys))) > 0) {
    rs_live_on_keys(live, keys, (size_t)count);
  }
}

/* ---- Call and response ---- */

static void receive_note(RsLiveSession *live, const RsReceivedMessage *received) {
  rs_note_recorder_add(live->recorder, received);
  if (live->answering && live->recorder->count) {
    live->answering = false;
    rs_live_set(live, RS_CONTROL_MUTE, 1);
  }
}

/* Prime the model with a phrase after a bar of silence, and let it play. */
static void answer(RsLiveSession *live, int64_t now) {
  const double quarter = 60e9 / live->values[RS_CONTROL_TEMPO];
  RsRoll phrase;
  if (!rs_note_recorder_is_complete(live->recorder, now,
                                    (int64_t)(quarter * live->playback->quarters_per_bar)) ||
      rs_note_recorder_take(live->recorder, (int64_t)(quarter / live->playback->frames_per_quarter),
                            &phrase)) {
    return;
  }
  if (rs_player_prime(live->player, &phrase)) {
    live->answering = true;
    rs_live_set(live, RS_CONTROL_MUTE, 0);
  } else {
    rs_roll_clear(&phrase);
  }
}

void rs_live_on_port_event(void *context, const RsPortEvent *event) {
  static const char *const texts[] = {
      [RS_PORT_LOST] = "disappeared; waiting for it",
      [RS_PORT_FOUND] = "is back",
      [RS_PORT_STALLED] = "does not read its messages; waiting for it",
      [RS_PORT_RESUMED] = "reads again",
  };
  RsLiveSession *live = context;
  rs_live_message(live, "'%s' %s", event->name, texts[event->change]);
  if (event->change == RS_PORT_LOST && event->input == RS_INPUT_LISTEN && live->recorder) {
    rs_note_recorder_release(live->recorder, event->time);
  }
}

/* ---- The live controls ---- */

RsStatus rs_live_init(RsLiveSession *live, RsPlayer *player, const RsPlayback *playback,
                      const RsOptions *options, RsConfig *config) {
  *live = (RsLiveSession){.player = player,
                          .playback = playback,
                          .options = options,
                          .config = config,
                          .seed = playback->settings.seed,
                          .learned = -1};
  live->values[RS_CONTROL_TEMPO] = playback->settings.bpm;
  live->values[RS_CONTROL_TEMPERATURE] =
      playback->is_model ? playback->generation.settings.temperature : 1;
  live->values[RS_CONTROL_MAX_POLYPHONY] =
      playback->is_model ? playback->generation.settings.max_polyphony : 0;
  rs_live_set_steering_values(live, &playback->generation.steering);
  if (options->live.listen) {
    live->recorder = calloc(1, sizeof(*live->recorder));
    if (!live->recorder) {
      return RS_ERR_MEMORY;
    }
    rs_live_set(live, RS_CONTROL_MUTE, 1);
  }
  rs_live_take_terminal(live);
  return RS_OK;
}

void rs_live_clear(RsLiveSession *live) {
  rs_live_release_terminal(live);
  free(live->recorder);
  live->recorder = NULL;
}

void rs_live_poll(RsLiveSession *live, int64_t now) {
  RsReceivedMessage received;
  if (now - live->tempo_set_at > TEMPO_SETTLES) { /* a file or a clock may have changed it */
    live->values[RS_CONTROL_TEMPO] = rs_player_view(live->player).bpm;
  }
  read_keys(live);
  while (rs_player_receive(live->player, &received)) {
    if (received.input == RS_INPUT_CONTROL) {
      rs_live_on_controller(live, &received.message);
    } else if (live->recorder) {
      receive_note(live, &received);
    }
  }
  if (live->recorder) {
    answer(live, now);
  }
  if (live->raw && now - live->status_at >= STATUS_EVERY) {
    live->status_at = now;
    rs_live_show_status(live);
  }
}
