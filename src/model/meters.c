/* SPDX-License-Identifier: ISC */

/* Time signatures of a model, doc/math.md, equation I2. */

#include "model/meters.h"

#include <math.h>
#include <stdio.h>

void rs_meter_names(const RsInputs *inputs, char *names) {
  size_t at = 0;
  names[0] = 0;
  for (size_t i = 0; i < inputs->meter_count && at < RS_METER_NAMES_SIZE; ++i) {
    at += (size_t)snprintf(names + at, RS_METER_NAMES_SIZE - at, "%s%u/%u", i ? ", " : "",
                           inputs->meters[i].beats, inputs->meters[i].unit);
  }
}

int rs_nearest_meter(const RsInputs *inputs, unsigned beats, unsigned unit) {
  const double bar = rs_meter_bar_frames(beats, unit, 1);
  const double beat = rs_meter_beat_frames(beats, unit, 1);
  double least = 0;
  bool like = false;
  int best = -1;
  for (size_t i = 0; i < inputs->meter_count; ++i) {
    const RsKnownMeter *meter = inputs->meters + i;
    const double off = fabs(rs_meter_bar_frames(meter->beats, meter->unit, 1) - bar);
    const bool same = rs_meter_beat_frames(meter->beats, meter->unit, 1) == beat;
    if (best < 0 || off < least || (off == least && same && !like)) {
      best = (int)i;
      least = off;
      like = same;
    }
  }
  return best;
}
