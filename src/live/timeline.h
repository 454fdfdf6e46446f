#ifndef RS_LIVE_TIMELINE_H
#define RS_LIVE_TIMELINE_H

/**
   @file timeline.h When frames and MIDI clocks are due.

   Music is counted in pulses, of which both a frame and a clock (24 a quarter note) have a whole
   number. Time is a rational function of the pulse, so that no error adds up: after a day a frame
   is due to the nanosecond. A change of tempo begins a new piece of that function where it happens.
*/

#include <stdint.h>

/** The present piece of the function: time = anchor_time + (pulse - anchor_pulse) x time / pulses.
 */
typedef struct {
  uint64_t pulses_a_frame;
  uint64_t pulses_a_clock;
  int64_t anchor_time;
  uint64_t anchor_pulse;
  uint64_t time;      // Nanoseconds in `pulses`
  uint64_t pulses;    // A quarter note or, where frames are of time, a frame
  double frame_time;  // Where frames are of time, nanoseconds of one at `nominal_bpm`; else 0
  double nominal_bpm; // Tempo of the beginning
} RsTimeline;

/**
   A timeline whose pulse 0 is at time 0.

   @param frames_per_beat  Frames a quarter note, 1 to 32767; 0 where frames are of time.
   @param frame_ms         Where frames are of time, milliseconds of one at the given tempo.
   @param bpm              Quarter notes a minute.
*/
RsTimeline rs_timeline(unsigned frames_per_beat, double frame_ms, double bpm);

/** When a pulse is due; those before the anchor are due with it. */
int64_t rs_timeline_due(const RsTimeline *timeline, uint64_t pulse);

/** The last pulse that is due by a time, not before the anchor. Within the rounding of a nanosecond
    it may be the one before. */
uint64_t rs_timeline_pulse(const RsTimeline *timeline, int64_t time);

/** Let `pulse` be due at `time`; what comes later moves along. */
void rs_timeline_move(RsTimeline *timeline, uint64_t pulse, int64_t time);

/** Another tempo from `pulse` on, which stays where it is. */
void rs_timeline_tempo(RsTimeline *timeline, uint64_t pulse, double bpm);

#endif /* RS_LIVE_TIMELINE_H */
