/* SPDX-License-Identifier: ISC */

#include "live/timeline.h"

#include "music/midi.h"

#include <math.h>

enum {
  PULSES_A_TIMED_FRAME = 24000 /* a clock is then rounded to whole pulses within 0.01 % */
};

static uint64_t greatest_divisor(uint64_t a, uint64_t b) {
  while (b) {
    const uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* Nanoseconds of a quarter note, in whole microseconds as in a MIDI file. */
static uint64_t quarter_time(double bpm) {
  return (uint64_t)llrint(60e6 / bpm) * 1000;
}

RsTimeline rs_timeline(unsigned frames_per_beat, double frame_ms, double bpm) {
  RsTimeline timeline = {.nominal_bpm = bpm};
  if (frames_per_beat) {
    timeline.pulses = frames_per_beat / greatest_divisor(frames_per_beat, RS_CLOCKS_A_QUARTER) *
                      RS_CLOCKS_A_QUARTER;
    timeline.pulses_a_frame = timeline.pulses / frames_per_beat;
    timeline.pulses_a_clock = timeline.pulses / RS_CLOCKS_A_QUARTER;
  } else {
    const double frames_a_clock = 60e3 / bpm / frame_ms / RS_CLOCKS_A_QUARTER;
    timeline.frame_time = frame_ms * 1e6;
    timeline.pulses = timeline.pulses_a_frame = PULSES_A_TIMED_FRAME;
    timeline.pulses_a_clock = (uint64_t)llrint(frames_a_clock * PULSES_A_TIMED_FRAME);
    timeline.pulses_a_clock += !timeline.pulses_a_clock;
  }
  rs_timeline_tempo(&timeline, 0, bpm);
  return timeline;
}

int64_t rs_timeline_due(const RsTimeline *timeline, uint64_t pulse) {
  const uint64_t since = pulse > timeline->anchor_pulse ? pulse - timeline->anchor_pulse : 0;
  const uint64_t whole = since / timeline->pulses, rest = since % timeline->pulses;
  return timeline->anchor_time +
         (int64_t)(whole * timeline->time + rest * timeline->time / timeline->pulses);
}

uint64_t rs_timeline_pulse(const RsTimeline *timeline, int64_t time) {
  const int64_t since = time - timeline->anchor_time;
  if (since <= 0) {
    return timeline->anchor_pulse;
  }
  const uint64_t whole = (uint64_t)since / timeline->time, rest = (uint64_t)since % timeline->time;
  return timeline->anchor_pulse + whole * timeline->pulses +
         rest * timeline->pulses / timeline->time;
}

void rs_timeline_move(RsTimeline *timeline, uint64_t pulse, int64_t time) {
  timeline->anchor_pulse = pulse;
  timeline->anchor_time = time;
}

void rs_timeline_tempo(RsTimeline *timeline, uint64_t pulse, double bpm) {
  rs_timeline_move(timeline, pulse, timeline->time ? rs_timeline_due(timeline, pulse) : 0);
  timeline->time = timeline->frame_time > 0
                       ? (uint64_t)llrint(timeline->frame_time * timeline->nominal_bpm / bpm)
                       : quarter_time(bpm);
}
