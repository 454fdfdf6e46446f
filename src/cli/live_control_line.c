/* SPDX-License-Identifier: ISC */

#include "cli/live_control.h"
#include "cli/console.h"

#include <math.h>
#include <stdio.h>

/* The status line. */

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

/* Major keys by semitones above C. */
static const char *const keys[] = {"C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"};

/* Targets of steering. */
static void describe_steering(const RsLiveSession *live, char *text, size_t size) {
  const RsSteering steering = rs_live_steering(live);
  const int key = (int)live->values[RS_CONTROL_KEY];
  size_t used = 0;
  text[0] = '\0';
  if (steering.density > 0) {
    used += (size_t)snprintf(text + used, size - used, "density %.2f  ", steering.density);
  }
  if (steering.pitch > 0 && used < size) {
    used += (size_t)snprintf(text + used, size - used, "register %.0f  ", steering.pitch);
  }
  if ((steering.polyphony_low || steering.polyphony_high) && used < size) {
    used += (size_t)snprintf(text + used, size - used, "voices %d-%d  ", steering.polyphony_low,
                             steering.polyphony_high ? steering.polyphony_high : RS_NOTES);
  }
  if (key && used < size) {
    snprintf(text + used, size - used, "key %s  ", keys[key - 1]);
  }
}

/* Controls that differ from their defaults. */
static void describe_controls(const RsLiveSession *live, char *text, size_t size) {
  char temperature[16] = "", density[16] = "", transpose[16] = "", steering[64] = "";
  const double *values = live->values;
  if (live->playback->is_model) {
    snprintf(temperature, sizeof(temperature), "T %.2f  ", values[RS_CONTROL_TEMPERATURE]);
  }
  if (values[RS_CONTROL_MAX_POLYPHONY] > 0) {
    snprintf(density, sizeof(density), "max %.0f  ", values[RS_CONTROL_MAX_POLYPHONY]);
  }
  if (fabs(values[RS_CONTROL_TRANSPOSE]) > 0) {
    snprintf(transpose, sizeof(transpose), "%+.0f  ", values[RS_CONTROL_TRANSPOSE]);
  }
  describe_steering(live, steering, sizeof(steering));
  snprintf(text, size, "%s%s%s%s%s%s%s", temperature, density, transpose, steering,
           values[RS_CONTROL_MUTE] > 0 ? "mute  " : "", values[RS_CONTROL_HOLD] > 0 ? "hold  " : "",
           live->pause ? "pause  " : "");
}

void rs_live_show_status(RsLiveSession *live) {
  const RsPlayerView view = rs_player_view(live->player);
  const double bar = live->playback->frames_per_quarter * live->playback->quarters_per_bar;
  const double place = (double)view.frame / bar, beats = live->playback->quarters_per_bar;
  const long bars = (long)place, beat = (long)((place - (double)bars) * beats);
  char notes[40], changes[160];
  if (!rs_live_is_writable()) {
    return;
  }
  name_notes(&view.active, notes, sizeof(notes));
  describe_controls(live, changes, sizeof(changes));
  rs_progress_line("bar %ld.%ld  %.1f bpm  %s%slate %.1f ms  %s", bars + 1, beat + 1, view.bpm,
                   view.waiting_for_port       ? "NO PORT  "
                   : view.waiting_for_receiver ? "NOT READ  "
                   : view.running              ? ""
                                               : "waiting  ",
                   changes, view.lateness_ms > 0 ? view.lateness_ms : 0, notes);
}
