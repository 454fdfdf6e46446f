#include "cli/hands.h"

#include "live/active_notes.h"

#include <math.h>
#include <string.h>

/* What keys and controllers change. */

enum { ESCAPE = 27, HELD_BARS = 2, MOST_TRANSPOSED = 48, MOST_DENSITY = 16 };

#define LOWEST_BPM 20.0
#define HIGHEST_BPM 400.0
#define LOWEST_TEMPERATURE 0.1
#define HIGHEST_TEMPERATURE 4.0

static double between(double low, double value, double high) {
  return value < low ? low : value > high ? high : value;
}

/* ---- What can be changed ---- */

static void set_tempo(RsHands *hands, double bpm) {
  RsClock *clock = rs_clock_monotonic();
  hands->bpm = between(fmin(LOWEST_BPM, hands->bpm), bpm, fmax(HIGHEST_BPM, hands->bpm));
  hands->tempo_at = clock->now(clock);
  rs_player_command(hands->player, (RsPlayerCommand){RS_PLAYER_TEMPO, {.bpm = hands->bpm}});
}

static void set_temperature(RsHands *hands, double temperature) {
  hands->temperature = between(LOWEST_TEMPERATURE, temperature, HIGHEST_TEMPERATURE);
  rs_player_command(hands->player,
                    (RsPlayerCommand){RS_PLAYER_TEMPERATURE, {.temperature = hands->temperature}});
}

static void set_density(RsHands *hands, int notes) {
  hands->density = (int)between(0, notes, MOST_DENSITY);
  rs_player_command(hands->player,
                    (RsPlayerCommand){RS_PLAYER_DENSITY, {.density = hands->density}});
}

static void set_transpose(RsHands *hands, int semitones) {
  hands->transpose = (int)between(-MOST_TRANSPOSED, semitones, MOST_TRANSPOSED);
  rs_player_command(hands->player,
                    (RsPlayerCommand){RS_PLAYER_TRANSPOSE, {.semitones = hands->transpose}});
}

void rs_hands_mute(RsHands *hands, bool mute) {
  hands->mute = mute;
  rs_player_command(hands->player, (RsPlayerCommand){RS_PLAYER_MUTE, {.on = mute}});
}

static void set_hold(RsHands *hands, bool hold) {
  const double bar = hands->piece->frames_per_quarter * hands->piece->quarters_per_bar;
  hands->hold = hold;
  rs_player_command(
      hands->player,
      (RsPlayerCommand){RS_PLAYER_HOLD, {.frames = hold ? (uint64_t)(HELD_BARS * bar + 0.5) : 0}});
}

static void set_pause(RsHands *hands, bool pause) {
  hands->pause = pause;
  rs_player_command(hands->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = pause}});
}

static void new_seed(RsHands *hands) {
  hands->seed = (hands->seed + 1) & UINT32_MAX;
  rs_player_command(hands->player, (RsPlayerCommand){RS_PLAYER_SEED, {.seed = hands->seed}});
}

/* ---- Keys ---- */

static void help(RsHands *hands) {
  rs_hands_say(hands, "+ - tempo   t T temperature   d D density   [ ] transpose   m mute   "
                      "h hold the last bars");
  rs_hands_say(hands, "space pause   n new seed   p panic   l learn a controller   q quit");
}

/// What a key stands for, to be learned by a controller; -1: nothing
static int control_of(int key) {
  int control = RS_CONTROLS - 1;
  while (control >= 0 && rs_live_controls[control].key != key) {
    --control;
  }
  return control;
}

static void ask_for_control(RsHands *hands) {
  char keys[2 * RS_CONTROLS + 1] = "";
  for (int i = 0; i < RS_CONTROLS; ++i) {
    keys[2 * i] = ' ';
    keys[2 * i + 1] = rs_live_controls[i].key;
  }
  hands->learning = true;
  hands->learned = -1;
  rs_hands_say(hands, "which one:%s?", keys);
}

static void learn_key(RsHands *hands, int key) {
  hands->learned = control_of(key);
  hands->learning = hands->learned >= 0;
  rs_hands_say(hands, hands->learning ? "now move the controller for %s" : "nothing is learned%s",
               hands->learning ? rs_live_controls[hands->learned].name : "");
}

static void obey(RsHands *hands, int key) {
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
    rs_hands_mute(hands, !hands->mute);
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
    rs_player_command(hands->player, (RsPlayerCommand){RS_PLAYER_PANIC, {0}});
    return;
  case 'l':
    ask_for_control(hands);
    return;
  case 'q':
    hands->quit = true;
    return;
  default:
    help(hands);
  }
}

void rs_hands_press(RsHands *hands, int key) {
  if (hands->learning && hands->learned < 0) {
    learn_key(hands, key);
  } else {
    obey(hands, key);
  }
}

/// Length of what an arrow or the like sends, or Alt with another key: none of these means anything
static size_t sequence_length(const char *keys, size_t count) {
  size_t i = 1;
  if (count > 1 && (keys[1] == '[' || keys[1] == 'O')) {
    for (i = 2; i < count && (keys[i] < '@' || keys[i] > '~'); ++i) {
    }
  }
  return i < count ? i + 1 : count;
}

void rs_hands_type(RsHands *hands, const char *keys, size_t count) {
  for (size_t i = 0; i < count;) {
    if (keys[i] == ESCAPE) {
      i += sequence_length(keys + i, count - i);
    } else {
      rs_hands_press(hands, keys[i++]);
    }
  }
}

/* ---- Controllers ---- */

/// A button is a key when it is pressed, and nothing when it is let go
static void strike(RsHands *hands, int key, int value) {
  if (value >= 64) {
    obey(hands, key);
  }
}

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
    rs_hands_mute(hands, value >= 64);
    return;
  case RS_CONTROL_HOLD:
    set_hold(hands, value >= 64);
    return;
  case RS_CONTROL_PANIC:
    strike(hands, 'p', value);
    return;
  case RS_CONTROL_SEED:
    strike(hands, 'n', value);
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
                 rs_live_controls[control].name);
  }
}

void rs_hands_hear_controller(RsHands *hands, const RsMessage *message) {
  const int controller = message->bytes[1];
  if (rs_midi_kind(message->bytes[0]) != RS_MIDI_CONTROL) {
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
