/* SPDX-License-Identifier: ISC */

#include "cli/live_control.h"

#include <stdio.h>
#include <string.h>

/* Controls of steering, and its presets. */

RsSteering rs_live_steering(const RsLiveSession *live) {
  RsSteering steering = {.density = live->values[RS_CONTROL_DENSITY],
                         .pitch = live->values[RS_CONTROL_REGISTER],
                         .polyphony_low = (int)live->values[RS_CONTROL_POLYPHONY_LOW],
                         .polyphony_high = (int)live->values[RS_CONTROL_POLYPHONY_HIGH]};
  memcpy(steering.key_weights, live->key_weights, sizeof(steering.key_weights));
  return steering;
}

static bool same_weights(const double *a, const double *b) {
  int i = 0;
  while (i < RS_STEERING_CLASSES && a[i] == b[i]) {
    ++i;
  }
  return i == RS_STEERING_CLASSES;
}

/* The value of the control of the key whose weights these are; 0: of none. */
static double key_of(const RsSteering *steering) {
  RsSteering key = {.density = 0};
  for (int i = 0; i < RS_STEERING_CLASSES; ++i) {
    rs_steering_key(&key, i);
    if (same_weights(key.key_weights, steering->key_weights)) {
      return i + 1;
    }
  }
  return 0;
}

void rs_live_set_steering_values(RsLiveSession *live, const RsSteering *steering) {
  live->values[RS_CONTROL_DENSITY] = steering->density;
  live->values[RS_CONTROL_REGISTER] = steering->pitch;
  live->values[RS_CONTROL_POLYPHONY_LOW] = steering->polyphony_low;
  live->values[RS_CONTROL_POLYPHONY_HIGH] = steering->polyphony_high;
  live->values[RS_CONTROL_KEY] = key_of(steering);
  memcpy(live->key_weights, steering->key_weights, sizeof(live->key_weights));
}

void rs_live_steer(RsLiveSession *live, const RsSteering *steering) {
  rs_live_set_steering_values(live, steering);
  rs_player_command(live->player, (RsPlayerCommand){RS_PLAYER_STEERING, {.steering = *steering}});
}

void rs_live_match_steering(RsLiveSession *live, RsControl control) {
  double *low = &live->values[RS_CONTROL_POLYPHONY_LOW];
  double *high = &live->values[RS_CONTROL_POLYPHONY_HIGH];
  if (*high > 0 && *low > *high) {
    *(control == RS_CONTROL_POLYPHONY_LOW ? high : low) =
        control == RS_CONTROL_POLYPHONY_LOW ? *low : *high;
  }
  if (control == RS_CONTROL_KEY) {
    RsSteering key = {.density = 0};
    if (live->values[RS_CONTROL_KEY] > 0) {
      rs_steering_key(&key, (int)live->values[RS_CONTROL_KEY] - 1);
    }
    memcpy(live->key_weights, key.key_weights, sizeof(live->key_weights));
  }
}

/* ---- Presets ---- */

void rs_live_recall_preset(RsLiveSession *live, int number) {
  const RsSteering *preset = &live->config->presets[number];
  if (!live->playback->is_model) {
    rs_live_message(live, "a file is played unchanged: steering is for models");
  } else if (number && !rs_steering_active(preset)) {
    rs_live_message(live, "no steering preset %d: section [steering %d] of %s; s saves one", number,
                    number, live->config->path);
  } else {
    rs_live_steer(live, preset);
  }
}

void rs_live_keep_preset(RsLiveSession *live, int number) {
  RsError error = {RS_OK, ""};
  const RsSteering steering = rs_live_steering(live);
  if (number < 1 || number >= RS_STEERING_PRESETS) {
    rs_live_message(live, "no preset was saved");
  } else if (rs_config_keep_preset(live->config, number, &steering, &error)) {
    rs_live_message(live, "%s", error.message);
  } else {
    rs_live_message(live, "saved steering preset %d in %s", number, live->config->path);
  }
}
