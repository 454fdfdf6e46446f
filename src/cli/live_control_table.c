#include "cli/live_control_table.h"

#include <math.h>

/* Values of a controller from here on switch on, as of the sustain pedal (MIDI 1.0). */
enum { SWITCH_ON = 64, CENTRE = 64, MOST = 127 };

// clang-format off
const RsLiveControl rs_live_controls[RS_CONTROLS] = {
  [RS_CONTROL_TEMPO] = {"tempo", "+ - tempo", RS_CONTROL_VALUE, '+', '-', '+',
    .step = 2, .low = 20, .high = 400, .controller_low = 40, .controller_high = 240},
  [RS_CONTROL_TEMPERATURE] = {"temperature", "t T temperature", RS_CONTROL_VALUE, 't', 't', 'T',
    .step = 0.05, .low = 0.1, .high = 4, .controller_low = 0.5, .controller_high = 2},
  [RS_CONTROL_DENSITY] = {"density", "d D density", RS_CONTROL_VALUE, 'd', 'd', 'D',
    .step = 1, .low = 0, .high = 16, .controller_low = 0, .controller_high = 16, .integer = true},
  [RS_CONTROL_TRANSPOSE] = {"transpose", "[ ] transpose", RS_CONTROL_VALUE, ']', '[', ']',
    .step = 1, .low = -48, .high = 48, .controller_low = -24, .controller_high = 24,
    .bipolar = true, .integer = true},
  [RS_CONTROL_MUTE] = {"mute", "m mute", RS_CONTROL_SWITCH, 'm', 0, 'm', .high = 1},
  [RS_CONTROL_HOLD] = {"hold", "h hold the last bars", RS_CONTROL_SWITCH, 'h', 0, 'h', .high = 1},
  [RS_CONTROL_PANIC] = {"panic", "p panic", RS_CONTROL_BUTTON, 'p', 0, 'p', .high = 1},
  [RS_CONTROL_SEED] = {"seed", "n new seed", RS_CONTROL_BUTTON, 'n', 0, 'n', .high = 1},
};
// clang-format on

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
    return value >= SWITCH_ON;
  }
  if (control->bipolar) {
    return trunc((value - CENTRE) * high / (MOST - CENTRE));
  }
  const double set = low + value * (high - low) / MOST;
  return control->integer ? floor(set + 0.5) : set;
}
