/* SPDX-License-Identifier: ISC */

#include "cli/steering_options.h"

#include "cli/transposition.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The scale of C major as a set of pitch classes, and the weight of the notes outside it: one in
   twenty as likely as it was. */
#define MAJOR 0xab5u
#define OUTSIDE 0.05

const char *const rs_steering_names[] = {"density", "register", "polyphony", "key-weights", NULL};

/* A finite number within bounds at the beginning of a text; `end` is moved behind it. */
static bool take_number(const char **end, double low, double high, double *number) {
  char *rest = NULL;
  const char *text = *end;
  if (!*text || !strchr("0123456789.", *text)) {
    return false;
  }
  *number = g_ascii_strtod(text, &rest);
  *end = rest;
  return rest != text && isfinite(*number) && *number >= low && *number <= high;
}

static RsStatus take_density(RsSteering *steering, const char *value, const char *origin,
                             RsError *error) {
  const char *end = value;
  double density = 0;
  if (!take_number(&end, 0, RS_DENSITY_MAX, &density) || *end || !(density > 0)) {
    return rs_error(error, RS_ERR_SETTING,
                    "%s %.80s: must be a number of notes that begin a frame, above 0 and up to %d",
                    origin, value, RS_DENSITY_MAX);
  }
  steering->density = density;
  return RS_OK;
}

static RsStatus take_register(RsSteering *steering, const char *value, const char *origin,
                              RsError *error) {
  const char *end = value;
  double pitch = 0;
  if (!take_number(&end, 1, RS_NOTES - 1, &pitch) || *end) {
    return rs_error(error, RS_ERR_SETTING,
                    "%s %.80s: must be the MIDI number of a mean pitch, 1 to %d; 60 is middle C",
                    origin, value, RS_NOTES - 1);
  }
  steering->pitch = pitch;
  return RS_OK;
}

static RsStatus take_polyphony(RsSteering *steering, const char *value, const char *origin,
                               RsError *error) {
  const char *end = value;
  double low = 0, high = 0;
  bool good = take_number(&end, 0, RS_NOTES, &low);
  high = low;
  if (good && *end == '-') {
    ++end;
    good = take_number(&end, low, RS_NOTES, &high);
  }
  if (!good || *end || low != floor(low) || high != floor(high) || high < 1) {
    return rs_error(
        error, RS_ERR_SETTING,
        "%s %.80s: must be a range of numbers of notes at a time, such as 2-4, up to %d", origin,
        value, RS_NOTES);
  }
  steering->polyphony_low = (int)low;
  steering->polyphony_high = (int)high;
  return RS_OK;
}

void rs_steering_key(RsSteering *steering, int from_common) {
  for (int i = 0; i < RS_STEERING_CLASSES; ++i) {
    const int degree = (i - from_common + 2 * RS_STEERING_CLASSES) % RS_STEERING_CLASSES;
    steering->key_weights[i] = MAJOR >> degree & 1 ? 1 : OUTSIDE;
  }
}

static bool parse_weights(const char *value, double weights[RS_STEERING_CLASSES]) {
  const char *end = value;
  double sum = 0;
  for (int i = 0; i < RS_STEERING_CLASSES; ++i) {
    if ((i && *end++ != ',') || !take_number(&end, 0, RS_WEIGHT_MAX, &weights[i])) {
      return false;
    }
    sum += weights[i];
  }
  return !*end && sum > 0;
}

static RsStatus take_weights(RsSteering *steering, const char *value, const char *origin,
                             RsError *error) {
  int from_common = 0;
  if (!rs_transposition_parse_key(value, &from_common)) {
    rs_steering_key(steering, from_common);
    return RS_OK;
  }
  return parse_weights(value, steering->key_weights)
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING,
                        "%s %.80s: must be 12 weights from C on, separated by commas, each 0 to %d "
                        "and not all 0, or a key such as D, F# or Bb minor",
                        origin, value, RS_WEIGHT_MAX);
}

RsStatus rs_steering_assign(RsSteering *steering, const char *name, const char *value,
                            const char *origin, RsError *error) {
  static RsStatus (*const take[])(RsSteering *, const char *, const char *, RsError *) = {
      take_density, take_register, take_polyphony, take_weights};
  for (size_t i = 0; rs_steering_names[i]; ++i) {
    if (!strcmp(name, rs_steering_names[i])) {
      return take[i](steering, value, origin, error);
    }
  }
  return rs_error(error, RS_ERR_SETTING,
                  "%s: %.80s: no such key; keys of steering are density, register, polyphony and "
                  "key-weights",
                  origin, name);
}

static bool format_weights(const RsSteering *steering, char *text) {
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  double sum = 0;
  *text = '\0';
  for (int i = 0; i < RS_STEERING_CLASSES; ++i) {
    g_ascii_formatd(number, sizeof(number), "%.6g", steering->key_weights[i]);
    g_strlcat(text, i ? "," : "", RS_STEERING_TEXT_SIZE);
    g_strlcat(text, number, RS_STEERING_TEXT_SIZE);
    sum += steering->key_weights[i];
  }
  return sum > 0;
}

bool rs_steering_format(const RsSteering *steering, const char *name,
                        char text[RS_STEERING_TEXT_SIZE]) {
  if (!strcmp(name, "density")) {
    g_ascii_formatd(text, RS_STEERING_TEXT_SIZE, "%.6g", steering->density);
    return steering->density > 0;
  }
  if (!strcmp(name, "register")) {
    g_ascii_formatd(text, RS_STEERING_TEXT_SIZE, "%.6g", steering->pitch);
    return steering->pitch > 0;
  }
  if (!strcmp(name, "polyphony")) {
    const int high = steering->polyphony_high;
    g_snprintf(text, RS_STEERING_TEXT_SIZE, "%d-%d", steering->polyphony_low,
               high ? high : RS_NOTES);
    return steering->polyphony_low || high;
  }
  return format_weights(steering, text);
}

/* Value of option number `i` of rs_steering_names. */
static const char *value_of(const RsOptions *options, size_t i) {
  const char *const values[] = {options->music.density, options->music.pitch,
                                options->music.polyphony, options->music.key_weights};
  return values[i];
}

RsStatus rs_steering_parse(const RsOptions *options, RsSteering *steering, RsError *error) {
  RsStatus status = RS_OK;
  *steering = (RsSteering){.density = 0};
  for (size_t i = 0; !status && rs_steering_names[i]; ++i) {
    char origin[32];
    g_snprintf(origin, sizeof(origin), "--%s", rs_steering_names[i]);
    if (value_of(options, i)) {
      status =
          rs_steering_assign(steering, rs_steering_names[i], value_of(options, i), origin, error);
    }
  }
  return status;
}

const char *rs_steering_option(const RsOptions *options) {
  static const char *const names[] = {"--density", "--register", "--polyphony", "--key-weights"};
  for (size_t i = 0; rs_steering_names[i]; ++i) {
    if (value_of(options, i)) {
      return names[i];
    }
  }
  return NULL;
}
