/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_TIMELINE_H
#define RS_LIVE_TIMELINE_H

/**
   @file timeline.h Due times of frames and MIDI clocks.

   Music is counted in pulses: both a frame and a clock (24 per quarter note) are a whole number of
   pulses. Time is a piecewise linear function of the pulse with rational slope, so that rounding
   errors do not accumulate. A change of tempo begins a new segment.
*/

#include <stdint.h>

/** The current segment: time = anchor_time + (pulse - anchor_pulse) x time / pulses. */
typedef struct {
  uint64_t pulses_a_frame;
  uint64_t pulses_a_clock;
  int64_t anchor_time;
  uint64_t anchor_pulse;
  uint64_t time;      ///< Nanoseconds in `pulses`
  uint64_t pulses;    ///< A quarter note or, where frames have a fixed duration, a frame
  double frame_time;  ///< Fixed duration of a frame at `nominal_bpm`, nanoseconds; 0: none
  double nominal_bpm; ///< Initial tempo
} RsTimeline;

/**
   A timeline whose pulse 0 is at time 0.

   @param frames_per_beat  Frames per quarter note, 1 to 32767; 0 where frames have a fixed
   duration.
   @param frame_ms         Fixed duration of a frame at the given tempo, milliseconds.
   @param bpm              Quarter notes a minute.
*/
RsTimeline rs_timeline(unsigned frames_per_beat, double frame_ms, double bpm);

/** Due time of a pulse; pulses before the anchor are due with it. */
int64_t rs_timeline_due(const RsTimeline *timeline, uint64_t pulse);

/** The last pulse that is due by a time, not before the anchor. By rounding it may be one less. */
uint64_t rs_timeline_pulse(const RsTimeline *timeline, int64_t time);

/** Shift the function so that `pulse` is due at `time`. */
void rs_timeline_move(RsTimeline *timeline, uint64_t pulse, int64_t time);

/** Change the tempo from `pulse` on; its due time is unchanged. */
void rs_timeline_tempo(RsTimeline *timeline, uint64_t pulse, double bpm);

#endif /* RS_LIVE_TIMELINE_H */
