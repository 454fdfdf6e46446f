#include "cli/hands.h"

#include "cli/output.h"

#include "live/sounding.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { HELD_BARS = 2, MOST_TRANSPOSED = 48, MOST_DENSITY = 16 };

#define TELL_EVERY (RS_SECOND / 10)
#define LOWEST_BPM 20.0
#define HIGHEST_BPM 400.0
#define LOWEST_TEMPERATURE 0.1
#define HIGHEST_TEMPERATURE 4.0

static double between(double low, double value, double high) {
  return value < low ? low : value > high ? high : value;
}

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
    fputs("\r\033[K", stderr);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    hands->raw = false;
  }
}

void rs_hands_say(RsHands *hands, const char *format, ...) {
  va_list arguments;
  if (hands->options->quiet) {
    return;
  }
  va_start(arguments, format);
  fputs(hands->raw ? "\r\033[K" : "", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
}

/* ---- What can be changed ---- */

static void set_tempo(RsHands *hands, double bpm) {
  hands->bpm = between(LOWEST_BPM, bpm, HIGHEST_BPM);
  rs_player_command(hands->player, RS_PLAYER_TEMPO, hands->bpm);
}

static void set_temperature(RsHands *hands, double temperature) {
  hands->temperature = between(LOWEST_TEMPERATURE, temperature, HIGHEST_TEMPERATURE);
  rs_player_command(hands->player, RS_PLAYER_TEMPERATURE, hands->temperature);
}

static void set_density(RsHands *hands, int notes) {
  hands->density = (int)between(0, notes, MOST_DENSITY);
  rs_player_command(hands->player, RS_PLAYER_DENSITY, hands->density);
}

static void set_transpose(RsHands *hands, int semitones) {
  hands->transpose = (int)between(-MOST_TRANSPOSED, semitones, MOST_TRANSPOSED);
  rs_player_command(hands->player, RS_PLAYER_TRANSPOSE, hands->transpose);
}

static void set_mute(RsHands *hands, bool mute) {
  hands->mute = mute;
  rs_player_command(hands->player, RS_PLAYER_MUTE, mute);
}

static void set_hold(RsHands *hands, bool hold) {
  const double bar = hands->piece->frames_per_quarter * hands->piece->quarters_per_bar;
  hands->hold = hold;
  rs_player_command(hands->player, RS_PLAYER_HOLD, hold ? HELD_BARS * bar + 0.5 : 0);
}

static void set_pause(RsHands *hands, bool pause) {
  hands->pause = pause;
  rs_player_command(hands->player, RS_PLAYER_PAUSE, pause);
}

static void new_seed(RsHands *hands) {
  hands->seed = (hands->seed + 1) & UINT32_MAX;
  rs_player_command(hands->player, RS_PLAYER_SEED, (double)hands->seed);
}

/* ---- Keys ---- */

static const char help[] =
    "+ - tempo   t T temperature   d D density   [ ] transpose   m mute   h hold the last bars\n"
    "space pause   n new seed   p panic   l learn a controller   q quit";

/// What a key stands for, to be learned by a controller
static int control_of(int key) {
  static const char keys[RS_CONTROLS + 1] = "+td]mhpn";
  const char *found = strchr(keys, key);
  return found && *found ? (int)(found - keys) : -1;
}

static void learn_key(RsHands *hands, int key) {
  hands->learned = control_of(key);
  hands->learning = hands->learned >= 0;
  rs_hands_say(hands, hands->learning ? "now move the controller for %s" : "nothing is learned%s",
               hands->learning ? rs_config_control_names[hands->learned] : "");
}

static void press(RsHands *hands, int key) {
  switch (key) {
  case '+':
  case '=':
    set_tempo(hands, hands->bpm + 2);
    return;
  case '-':
    set_tempo(hands, hands->bpm - 2);
    return;
  case 't':
    set_temperature(hands, hands->temperature - 0.05);
    return;
  case 'T':
    set_temperature(hands, hands->temperature + 0.05);
    return;
  case 'd':
    set_density(hands, hands->density - 1);
    return;
  case 'D':
    set_density(hands, hands->density + 1);
    return;
  case '[':
    set_transpose(hands, hands->transpose - 1);
    return;
  case ']':
    set_transpose(hands, hands->transpose + 1);
    return;
  case 'm':
    set_mute(hands, !hands->mute);
    return;
  case 'h':
    set_hold(hands, !hands->hold);
    return;
  case ' ':
    set_pause(hands, !hands->pause);
    return;
  case 'n':
    new_seed(hands);
    return;
  case 'p':
    rs_player_command(hands->player, RS_PLAYER_PANIC, 0);
    return;
  case 'l':
    hands->learning = true;
    hands->learned = -1;
    rs_hands_say(hands, "which one: + t d ] m h p n?");
    return;
  case 'q':
    hands->quit = true;
    return;
  default:
    rs_hands_say(hands, "%s", help);
  }
}

static void look_at_keys(RsHands *hands) {
  struct pollfd terminal = {.fd = STDIN_FILENO, .events = POLLIN};
  char key = 0;
  while (hands->raw && poll(&terminal, 1, 0) == 1 && terminal.revents & POLLIN &&
         read(STDIN_FILENO, &key, 1) == 1) {
    if (hands->learning && hands->learned < 0) {
      learn_key(hands, key);
    } else {
      press(hands, key);
    }
  }
}

/* ---- Controllers ---- */

static void turn(RsHands *hands, RsControl control, int value) {
  const double share = value / 127.0;
  switch (control) {
  case RS_CONTROL_TEMPO:
    set_tempo(hands, 40 + share * 200);
    return;
  case RS_CONTROL_TEMPERATURE:
    set_temperature(hands, 0.5 + share * 1.5);
    return;
  case RS_CONTROL_DENSITY:
    set_density(hands, (int)(share * MOST_DENSITY + 0.5));
    return;
  case RS_CONTROL_TRANSPOSE:
    set_transpose(hands, (value - 64) * 24 / 63);
    return;
  case RS_CONTROL_MUTE:
    set_mute(hands, value >= 64);
    return;
  case RS_CONTROL_HOLD:
    set_hold(hands, value >= 64);
    return;
  case RS_CONTROL_PANIC:
    press(hands, value >= 64 ? 'p' : 0);
    return;
  case RS_CONTROL_SEED:
    press(hands, value >= 64 ? 'n' : 0);
    return;
  case RS_CONTROLS:
    return;
  }
}

static void learn(RsHands *hands, int controller) {
  RsError error = {RS_OK, ""};
  const RsControl control = (RsControl)hands->learned;
  hands->learning = false;
  if (rs_config_learn(hands->config, control, controller, &error)) {
    rs_hands_say(hands, "%s", error.message);
  } else {
    rs_hands_say(hands, "controller %d is %s from now on", controller,
                 rs_config_control_names[control]);
  }
}

static void hear_controller(RsHands *hands, const RsMessage *message) {
  const int controller = message->bytes[1];
  if ((message->bytes[0] & 0xf0) != RS_MIDI_CONTROL) {
    return;
  }
  if (hands->learning && hands->learned >= 0) {
    learn(hands, controller);
    return;
  }
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (hands->config->controls[i] == controller) {
      turn(hands, (RsControl)i, message->bytes[2]);
    }
  }
}

/* ---- Call and response ---- */

static void listen(RsHands *hands, const RsReceived *received) {
  rs_phrase_hear(hands->phrase, received);
  if (hands->answering && hands->phrase->count) {
    hands->answering = false;
    set_mute(hands, true);
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
    set_mute(hands, false);
  } else {
    rs_roll_clear(&phrase);
  }
}

/* ---- The line ---- */

static void name_notes(const RsFrame *notes, char *text, size_t size) {
  static const char *const names[] = {"C",  "C#", "D",  "D#", "E",  "F",
                                      "F#", "G",  "G#", "A",  "A#", "B"};
  size_t used = 0;
  text[0] = '\0';
  for (int n = rs_frame_next(notes, 0); n < RS_NOTES && used + 8 < size;
       n = rs_frame_next(notes, n + 1)) {
    used += (size_t)snprintf(text + used, size - used, "%s%d ", names[n % 12], n / 12 - 1);
  }
}

static void tell(RsHands *hands) {
  const RsPlayerView view = rs_player_view(hands->player);
  const double bar = hands->piece->frames_per_quarter * hands->piece->quarters_per_bar;
  const double place = (double)view.frame / bar;
  char notes[40];
  name_notes(&view.sounding, notes, sizeof(notes));
  fprintf(
      stderr, "\r\033[Kbar %.0f.%.0f  %.1f bpm  %s%s%s%s%slate %.1f ms  %s",
      (double)(long)place + 1,
      (double)(long)((place - (double)(long)place) * hands->piece->quarters_per_bar) + 1, view.bpm,
      view.waiting_for_port ? "NO PORT  "
      : view.running        ? ""
                            : "waiting  ",
      hands->mute ? "mute  " : "", hands->hold ? "hold  " : "", hands->pause ? "pause  " : "",
      hands->transpose ? "transposed  " : "", view.lateness_ms > 0 ? view.lateness_ms : 0, notes);
  fflush(stderr);
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
    set_mute(hands, true);
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
  look_at_keys(hands);
  while (rs_player_receive(hands->player, &received)) {
    if (received.input == RS_INPUT_CONTROL) {
      hear_controller(hands, &received.message);
    } else if (hands->phrase) {
      listen(hands, &received);
    }
  }
  if (hands->phrase) {
    answer(hands, now);
  }
  if (hands->raw && now - hands->told_at >= TELL_EVERY) {
    hands->told_at = now;
    tell(hands);
  }
}
