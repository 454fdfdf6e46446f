#include "cli/hands.h"
#include "cli/output.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define TELL_EVERY (RS_SECOND / 10)
#define TEMPO_SETTLES (RS_SECOND / 5)

/* ---- The terminal ---- */

static struct termios before; // As it was; the terminal is one, so this may be, too

static bool is_ours(void) {
  return isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void rs_hands_wake(RsHands *hands) {
  struct termios raw;
  if (hands->raw || hands->options->quiet || !is_ours() || tcgetattr(STDIN_FILENO, &before)) {
    return;
  }
  raw = before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); // Signals stay
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  hands->raw = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void rs_hands_sleep(RsHands *hands) {
  if (hands->raw) {
    rs_over_line("%s", "");
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    hands->raw = false;
  }
}

/* ---- Keys ---- */

static void look_at_keys(RsHands *hands) {
  struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
  char keys[64];
  ssize_t count = 0;
  while (hands->raw && poll(&terminal, 1, 0) == 1 && terminal.revents & POLLIN &&
         (count = read(STDIN_FILENO, keys, sizeof(keys))) > 0) {
    rs_hands_type(hands, keys, (size_t)count);
  }
}

/* ---- Call and response ---- */

static void listen(RsHands *hands, const RsReceived *received) {
  rs_phrase_hear(hands->phrase, received);
  if (hands->answering && hands->phrase->count) {
    hands->answering = false;
    rs_hands_mute(hands, true);
  }
}

static void answer(RsHands *hands, int64_t now) {
  const double quarter = 60e9 / hands->bpm;
  RsRoll phrase;
  if (!rs_phrase_over(hands->phrase, now, (int64_t)(quarter * hands->piece->quarters_per_bar)) ||
      rs_phrase_roll(hands->phrase, (int64_t)(quarter / hands->piece->frames_per_quarter),
                     &phrase)) {
    return;
  }
  if (rs_player_hear(hands->player, &phrase)) {
    hands->answering = true;
    rs_hands_mute(hands, false);
  } else {
    rs_roll_clear(&phrase);
  }
}

void rs_hands_see_port(void *context, const RsPortEvent *event) {
  static const char *const texts[] = {
      [RS_PORT_GONE] = "is gone; looking for it",
      [RS_PORT_BACK] = "is back",
      [RS_PORT_STUCK] = "does not read what is sent to it; waiting for it",
      [RS_PORT_READS] = "reads again",
  };
  RsHands *hands = context;
  rs_hands_say(hands, "'%s' %s", event->name, texts[event->change]);
  if (event->change == RS_PORT_GONE && event->input == RS_INPUT_LISTEN && hands->phrase) {
    rs_phrase_release(hands->phrase, event->time);
  }
}

/* ---- All of it ---- */

RsStatus rs_hands_init(RsHands *hands, RsPlayer *player, const RsPiece *piece,
                       const RsOptions *options, RsConfig *config) {
  *hands = (RsHands){.player = player,
                     .piece = piece,
                     .options = options,
                     .config = config,
                     .bpm = piece->settings.bpm,
                     .temperature = piece->is_model ? piece->composition.settings.temperature : 1,
                     .density = piece->is_model ? piece->composition.settings.max_polyphony : 0,
                     .seed = piece->settings.seed,
                     .learned = -1};
  if (options->listen) {
    hands->phrase = calloc(1, sizeof(*hands->phrase));
    if (!hands->phrase) {
      return RS_ERR_MEMORY;
    }
    rs_hands_mute(hands, true);
  }
  rs_hands_wake(hands);
  return RS_OK;
}

void rs_hands_clear(RsHands *hands) {
  rs_hands_sleep(hands);
  free(hands->phrase);
  hands->phrase = NULL;
}

void rs_hands_look(RsHands *hands, int64_t now) {
  RsReceived received;
  if (now - hands->tempo_at > TEMPO_SETTLES) { // A score or a clock may have changed it
    hands->bpm = rs_player_view(hands->player).bpm;
  }
  look_at_keys(hands);
  while (rs_player_receive(hands->player, &received)) {
    if (received.input == RS_INPUT_CONTROL) {
      rs_hands_hear_controller(hands, &received.message);
    } else if (hands->phrase) {
      listen(hands, &received);
    }
  }
  if (hands->phrase) {
    answer(hands, now);
  }
  if (hands->raw && now - hands->told_at >= TELL_EVERY) {
    hands->told_at = now;
    rs_hands_tell(hands);
  }
}
