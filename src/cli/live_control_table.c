/* SPDX-License-Identifier: ISC */

#include "cli/live_control_table.h"

#include "music/midi.h"

#include <math.h>

/* Values of a controller. */
enum { CENTRE = 64, MOST = 127 };

/* Controllers that MIDI leaves undefined: 20 to 31, and from 85 on. */
enum { FIRST = 20, LAST_OF_FIRST = 31, SECOND = 85 };

// clang-format off
const RsLiveControl rs_live_controls[RS_CONTROLS] = {
  [RS_CONTROL_TEMPO] = {"tempo", "+ - tempo", RS_CONTROL_VALUE, '+', '-', '+',
    .step = 2, .low = 20, .high = 400, .controller_low = 40, .controller_high = 240},
  [RS_CONTROL_TEMPERATURE] = {"temperature", "t T temperature", RS_CONTROL_VALUE, 't', 't', 'T',
    .step = 0.05, .low = 0.1, .high = 4, .controller_low = 0.5, .controller_high = 2},
  [RS_CONTROL_MAX_POLYPHONY] = {"max-polyphony", "d D most notes", RS_CONTROL_VALUE, 'd', 'd', 'D',
    .step = 1, .low = 0, .high = 16, .controller_low = 0, .controller_high = 16, .integer = true},
  [RS_CONTROL_TRANSPOSE] = {"transpose", "[ ] transpose", RS_CONTROL_VALUE, ']', '[', ']',
    .step = 1, .low = -48, .high = 48, .controller_low = -24, .controller_high = 24,
    .bipolar = true, .integer = true},
  [RS_CONTROL_MUTE] = {"mute", "m mute", RS_CONTROL_SWITCH, 'm', 0, 'm', .high = 1},
  [RS_CONTROL_HOLD] = {"hold", "h hold the last bars", RS_CONTROL_SWITCH, 'h', 0, 'h', .high = 1},
  [RS_CONTROL_PANIC] = {"panic", "p panic", RS_CONTROL_BUTTON, 'p', 0, 'p', .high = 1},
  [RS_CONTROL_SEED] = {"seed", "n new seed", RS_CONTROL_BUTTON, 'n', 0, 'n', .high = 1},
  [RS_CONTROL_DENSITY] = {"density", "e E density", RS_CONTROL_VALUE, 'e', 'e', 'E',
    .step = 0.1, .first = 0.5, .low = 0, .high = 8, .controller_low = 0, .controller_high = 2},
  [RS_CONTROL_REGISTER] = {"register", "r R register", RS_CONTROL_VALUE, 'r', 'r', 'R',
    .step = 1, .first = 60, .low = 0, .high = 127, .controller_low = 0, .controller_high = 127,
    .integer = true},
  [RS_CONTROL_POLYPHONY_LOW] = {"polyphony-low", "v V fewest voices", RS_CONTROL_VALUE,
    'v', 'v', 'V', .step = 1, .low = 0, .high = 16, .controller_low = 0, .controller_high = 16,
    .integer = true},
  [RS_CONTROL_POLYPHONY_HIGH] = {"polyphony-high", "b B most voices", RS_CONTROL_VALUE,
    'b', 'b', 'B', .step = 1, .low = 0, .high = 16, .controller_low = 0, .controller_high = 16,
    .integer = true},
  [RS_CONTROL_KEY] = {"key", "k K key", RS_CONTROL_VALUE, 'k', 'k', 'K',
    .step = 1, .low = 0, .high = 12, .controller_low = 0, .controller_high = 12, .integer = true},
};
// clang-format on

int rs_live_control_controller(RsControl control) {
  const int number = (int)control;
  return number <= LAST_OF_FIRST - FIRST ? FIRST + number
                                         : SECOND + number - (LAST_OF_FIRST - FIRST + 1);
}

RsControl rs_live_control_of_key(int key) {
  int control = 0;
  while (control < RS_CONTROLS && (!key || (rs_live_controls[control].increase != key &&
                                            rs_live_controls[control].decrease != key))) {
    ++control;
  }
  return (RsControl)control;
}

RsControl rs_live_control_to_learn(int key) {
  int control = 0;
  while (control < RS_CONTROLS && rs_live_controls[control].learn_key != key) {
    ++control;
  }
  return (RsControl)control;
}

double rs_live_control_from_midi(const RsLiveControl *control, int value) {
  const double low = control->controller_low, high = control->controller_high;
  if (control->type != RS_CONTROL_VALUE) {
    return value >= RS_MIDI_SWITCH_ON;
  }
  if (control->bipolar) {
    return trunc((value - CENTRE) * high / (MOST - CENTRE));
  }
  const double set = low + value * (high - low) / MOST;
  return control->integer ? floor(set + 0.5) : set;
}
