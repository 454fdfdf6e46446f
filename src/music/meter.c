/* SPDX-License-Identifier: ISC */

#include "music/meter.h"

#include <math.h>
#include <stdbool.h>

/* Frames of time, and odd meters on a coarse grid, begin their beats between two frames: the beat
   belongs to the first frame that is not before it, give or take what rounding may cost. */
#define ROUNDING 1e-6

RsMeter rs_meter(double frames_per_quarter, unsigned beats, unsigned unit) {
  const bool compound = unit >= 8 && beats > 3 && beats % 3 == 0;
  const unsigned units_a_beat = compound ? 3 : 1;
  const double unit_frames = frames_per_quarter * 4.0 / unit;
  return (RsMeter){
      .bar_frames = unit_frames * beats,
      .beat_frames = unit_frames * units_a_beat,
      .beats = beats / units_a_beat,
      .divisions = compound ? 3 : 2,
  };
}

double rs_roll_frames_per_quarter(const RsRoll *roll) {
  return roll->frames_per_beat ? roll->frames_per_beat : 60000.0 / (roll->bpm * roll->frame_ms);
}

RsMeter rs_meter_of(const RsRoll *roll) {
  const double quarter = rs_roll_frames_per_quarter(roll);
  const bool sound = isfinite(quarter) && quarter > 0 && roll->meter_beats && roll->meter_unit;
  return sound ? rs_meter(quarter, roll->meter_beats, roll->meter_unit) : rs_meter(4, 4, 4);
}

/* How many lines of a grid have passed when a frame begins; line 0 is at frame 0. */
static double lines_until(double frame, double length) {
  return floor((frame + ROUNDING) / length);
}

static bool line_at(double frame, double length) {
  return frame < ROUNDING || lines_until(frame, length) > lines_until(frame - 1, length);
}

RsPlace rs_meter_place(const RsMeter *meter, uint64_t frame) {
  const double at = (double)frame;
  if (line_at(at, meter->bar_frames)) {
    return RS_PLACE_BAR;
  }
  if (line_at(at, meter->beat_frames)) {
    const double in_bar =
        at - ceil(lines_until(at, meter->bar_frames) * meter->bar_frames - ROUNDING);
    const double beat = lines_until(in_bar, meter->beat_frames);
    const bool even = meter->beats >= 4 && meter->beats % 2 == 0;
    const int middle = meter->beats / 2;
    return even && beat == middle ? RS_PLACE_MIDDLE : RS_PLACE_BEAT;
  }
  return line_at(at, meter->beat_frames / meter->divisions) ? RS_PLACE_HALF : RS_PLACE_BETWEEN;
}

uint64_t rs_meter_bar_start(const RsMeter *meter, uint64_t bar) {
  return (uint64_t)ceil((double)bar * meter->bar_frames - ROUNDING);
}
