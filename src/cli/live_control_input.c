/* SPDX-License-Identifier: ISC */

#include "cli/live_control.h"

#include "live/active_notes.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Keys and MIDI controllers. */

enum {
  ESCAPE = 27,
  HELD_BARS = 2, /* what hold repeats */
};

/* ---- Controls ---- */

/* The command that sends a control to the player. */
static RsPlayerCommand command_of(const RsLiveSession *live, RsControl control) {
  const double value = live->values[control];
  const double bar = live->playback->frames_per_quarter * live->playback->quarters_per_bar;
  switch (control) {
  case RS_CONTROL_TEMPO:
    return (RsPlayerCommand){RS_PLAYER_TEMPO, {.bpm = value}};
  case RS_CONTROL_TEMPERATURE:
    return (RsPlayerCommand){RS_PLAYER_TEMPERATURE, {.temperature = value}};
  case RS_CONTROL_MAX_POLYPHONY:
    return (RsPlayerCommand){RS_PLAYER_MAX_POLYPHONY, {.max_polyphony = (int)value}};
  case RS_CONTROL_TRANSPOSE:
    return (RsPlayerCommand){RS_PLAYER_TRANSPOSE, {.semitones = (int)value}};
  case RS_CONTROL_MUTE:
    return (RsPlayerCommand){RS_PLAYER_MUTE, {.on = value != 0}};
  case RS_CONTROL_HOLD:
    return (RsPlayerCommand){RS_PLAYER_HOLD,
                             {.frames = value != 0 ? (uint64_t)(HELD_BARS * bar + 0.5) : 0}};
  case RS_CONTROL_SEED:
    return (RsPlayerCommand){RS_PLAYER_SEED, {.seed = live->seed}};
  case RS_CONTROL_DENSITY:
  case RS_CONTROL_REGISTER:
  case RS_CONTROL_POLYPHONY_LOW:
  case RS_CONTROL_POLYPHONY_HIGH:
  case RS_CONTROL_KEY:
    return (RsPlayerCommand){RS_PLAYER_STEERING, {.steering = rs_live_steering(live)}};
  case RS_CONTROL_PANIC:
  case RS_CONTROLS:
    break;
  }
  return (RsPlayerCommand){RS_PLAYER_PANIC, {0}};
}

void rs_live_set(RsLiveSession *live, RsControl control, double value) {
  const RsLiveControl *row = &rs_live_controls[control];
  double low = row->low, high = row->high;
  if (control == RS_CONTROL_TEMPO) {
    RsClock *clock = rs_clock_monotonic();
    live->tempo_set_at = clock->now(clock);
    low = fmin(low, live->values[control]); /* --bpm may be outside the range of the keys */
    high = fmax(high, live->values[control]);
  }
  if (control == RS_CONTROL_SEED) {
    live->seed = (live->seed + 1) & UINT32_MAX;
  }
  live->values[control] = value < low ? low : value > high ? high : value;
  rs_live_match_steering(live, control);
  rs_player_command(live->player, command_of(live, control));
}

void rs_live_set_seed(RsLiveSession *live, double seed) {
  live->seed = (uint64_t)fmin(fmax(seed, 0), UINT32_MAX) - 1; /* setting it takes the next */
  rs_live_set(live, RS_CONTROL_SEED, 1);
}

/* ---- Keys ---- */

static void help(RsLiveSession *live) {
  char line[160] = "";
  size_t used = 0;
  for (int i = 0; i <= RS_CONTROL_HOLD; ++i) {
    used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", i ? "   " : "",
                             rs_live_controls[i].help);
  }
  rs_live_message(live, "%s", line);
  rs_live_message(live, "space pause   %s   %s   l learn a controller   q quit",
                  rs_live_controls[RS_CONTROL_SEED].help, rs_live_controls[RS_CONTROL_PANIC].help);
  line[0] = '\0';
  for (int i = RS_CONTROL_DENSITY; i <= RS_CONTROL_KEY; ++i) {
    g_strlcat(line, rs_live_controls[i].help, sizeof(line));
    g_strlcat(line, "   ", sizeof(line));
  }
  rs_live_message(live, "%s1 to 9 steering presets   0 none   s save a preset", line);
}

/* MIDI learn: ask for the key of a control. */
static void begin_learning(RsLiveSession *live) {
  char keys[2 * RS_CONTROLS + 1] = "";
  for (int i = 0; i < RS_CONTROLS; ++i) {
    keys[2 * i] = ' ';
    keys[2 * i + 1] = rs_live_controls[i].learn_key;
  }
  live->learning = true;
  live->learned = -1;
  rs_live_message(live, "which control:%s?", keys);
}

static void learn_key(RsLiveSession *live, int key) {
  const RsControl control = rs_live_control_to_learn(key);
  live->learning = control != RS_CONTROLS;
  live->learned = live->learning ? (int)control : -1;
  if (live->learning) {
    rs_live_message(live, "now move the controller for %s", rs_live_controls[control].name);
  } else {
    rs_live_message(live, "no controller was assigned");
  }
}

static void operate(RsLiveSession *live, RsControl control, int key) {
  const RsLiveControl *row = &rs_live_controls[control];
  const double value = live->values[control];
  switch (row->type) {
  case RS_CONTROL_VALUE:
    rs_live_set(live, control,
                key != row->increase           ? value - row->step
                : row->first > 0 && value == 0 ? row->first
                                               : value + row->step);
    return;
  case RS_CONTROL_SWITCH:
    rs_live_set(live, control, value == 0);
    return;
  case RS_CONTROL_BUTTON:
    rs_live_set(live, control, 1);
    return;
  }
}

static void handle_key(RsLiveSession *live, int key) {
  const RsControl control = rs_live_control_of_key(key == '=' ? '+' : key);
  if (key >= '0' && key <= '9') {
    rs_live_recall_preset(live, key - '0');
    return;
  }
  if (control != RS_CONTROLS) {
    operate(live, control, key == '=' ? '+' : key);
    return;
  }
  switch (key) {
  case ' ':
    live->pause = !live->pause;
    rs_player_command(live->player, (RsPlayerCommand){RS_PLAYER_PAUSE, {.on = live->pause}});
    return;
  case 'l':
    begin_learning(live);
    return;
  case 's':
    live->keeping = true;
    rs_live_message(live, "save the steering as preset 1 to 9?");
    return;
  case 'q':
    live->quit = true;
    return;
  default:
    help(live);
  }
}

void rs_live_on_key(RsLiveSession *live, int key) {
  if (live->keeping) {
    live->keeping = false;
    rs_live_keep_preset(live, key - '0');
  } else if (live->learning && live->learned < 0) {
    learn_key(live, key);
  } else {
    handle_key(live, key);
  }
}

/* Length of an escape sequence, as of an arrow key or of Alt with another key. */
static size_t sequence_length(const char *keys, size_t count) {
  size_t i = 1;
  if (count > 1 && (keys[1] == '[' || keys[1] == 'O')) {
    for (i = 2; i < count && (keys[i] < '@' || keys[i] > '~'); ++i) {
    }
  }
  return i < count ? i + 1 : count;
}

void rs_live_on_keys(RsLiveSession *live, const char *keys, size_t count) {
  for (size_t i = 0; i < count;) {
    if (keys[i] == ESCAPE) {
      i += sequence_length(keys + i, count - i);
    } else {
      rs_live_on_key(live, keys[i++]);
    }
  }
}

/* ---- MIDI controllers ---- */

static void set_from_controller(RsLiveSession *live, RsControl control, int value) {
  const RsLiveControl *row = &rs_live_controls[control];
  const double set = rs_live_control_from_midi(row, value);
  if (row->type != RS_CONTROL_BUTTON || set != 0) { /* releasing a button does nothing */
    rs_live_set(live, control, set);
  }
}

static void learn_controller(RsLiveSession *live, int controller) {
  RsError error = {RS_OK, ""};
  const RsControl control = (RsControl)live->learned;
  live->learning = false;
  if (rs_config_learn(live->config, control, controller, &error)) {
    rs_live_message(live, "%s", error.message);
  } else {
    rs_live_message(live, "controller %d now sets %s", controller, rs_live_controls[control].name);
  }
}

void rs_live_on_controller(RsLiveSession *live, const RsMessage *message) {
  const int controller = message->bytes[1];
  if (rs_midi_kind(message->bytes[0]) != RS_MIDI_CONTROL) {
    return;
  }
  if (live->learning && live->learned >= 0) {
    learn_controller(live, controller);
    return;
  }
  for (int i = 0; i < RS_CONTROLS; ++i) {
    if (live->config->controls[i] == controller) {
      set_from_controller(live, (RsControl)i, message->bytes[2]);
    }
  }
}
