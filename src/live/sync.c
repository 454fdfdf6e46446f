/* SPDX-License-Identifier: ISC */

#include "live/output.h"

/* Received messages, and following of a MIDI clock. */

enum { RECEIVED_AT_ONCE = 64 }; /* messages per step; more are read in the next one */

/* ---- Following a clock ---- */

/* Pulse of the last tick. */
static int64_t tick_pulse(const RsOutput *output) {
  return output->sync.base + ((int64_t)output->sync.loop.ticks - 1) *
                                 (int64_t)output->transport.timeline.pulses_a_clock;
}

/* Continue with this tick at the position of the clock. */
static void continue_at_position(RsOutput *output) {
  const uint64_t ticks = output->sync.loop.ticks - 1,
                 a_frame = output->transport.timeline.pulses_a_frame;
  const uint64_t song = output->sync.song_base + ticks * output->transport.timeline.pulses_a_clock;
  const uint64_t frame = (song + a_frame - 1) / a_frame;
  rs_output_locate_source(output, frame);
  output->sync.base = (int64_t)rs_output_frame_pulse(output) - (int64_t)(frame * a_frame - song) -
                      (int64_t)(ticks * output->transport.timeline.pulses_a_clock);
}

/* Continue with this tick: after Start with the next frame; else at the position of the clock or,
   where that has passed, a whole number of beats later. */
static void start_following(RsOutput *output) {
  const int64_t beat = RS_CLOCKS_A_QUARTER * (int64_t)output->transport.timeline.pulses_a_clock;
  const int64_t frame = (int64_t)rs_output_frame_pulse(output);
  if (output->sync.loop.ticks == 1 && !output->sync.located) {
    output->sync.base = frame;
  }
  output->sync.located = false;
  const int64_t behind = tick_pulse(output) - frame;
  output->sync.base -= behind > 0 ? (behind + beat - 1) / beat * beat : 0;
  if (output->queue.can_locate) {
    continue_at_position(output);
  }
  output->transport.cue_pending = true;
  output->state = RS_OUTPUT_PLAYING;
}

/* Set the timeline by the last tick. */
static void apply_tick(RsOutput *output) {
  RsTimeline *timeline = &output->transport.timeline;
  const int64_t pulse = tick_pulse(output), early = pulse < 0 ? -pulse : 0;
  const double wait = output->sync.loop.period * (double)early / (double)timeline->pulses_a_clock;
  rs_timeline_move(timeline, (uint64_t)(pulse + early), output->sync.loop.smooth + (int64_t)wait);
  if (output->sync.loop.period > 0) {
    timeline->time = (uint64_t)(output->sync.loop.period * (double)timeline->pulses /
                                (double)timeline->pulses_a_clock);
    output->transport.bpm = rs_clock_follower_bpm(&output->sync.loop);
    atomic_store_explicit(&output->shared.view_bpm, output->transport.bpm, memory_order_relaxed);
  }
}

static void follow_tick(RsOutput *output, int64_t time) {
  rs_clock_follower_tick(&output->sync.loop, time);
  if (!output->sync.loop.running || output->state == RS_OUTPUT_BUFFERING ||
      output->state > RS_OUTPUT_HALTED) {
    return;
  }
  ++output->sync.loop.ticks;
  if (output->sync.seeks) { /* catch up first */
    output->sync.target = (uint64_t)tick_pulse(output);
    return;
  }
  if (output->transport.paused) {
    return;
  }
  if (output->state == RS_OUTPUT_HALTED) {
    start_following(output);
  }
  apply_tick(output);
}

static void stop_following(RsOutput *output, int64_t now) {
  output->sync.loop.running = false;
  if (output->state == RS_OUTPUT_PLAYING) {
    rs_output_halt(output, now);
  }
}

/* Song position in sixteenth notes; ignored while the clock is running. */
static void locate(RsOutput *output, const uint8_t *bytes, int64_t now) {
  const uint64_t sixteenths =
      (bytes[1] & RS_MIDI_DATA_MAX) | (uint64_t)(bytes[2] & RS_MIDI_DATA_MAX) << 7;
  if (!output->sync.loop.running && output->state != RS_OUTPUT_BUFFERING) {
    rs_output_locate(
        output, sixteenths * RS_CLOCKS_A_POSITION * output->transport.timeline.pulses_a_clock, now);
  }
}

static void follow(RsOutput *output, const RsReceivedMessage *received, int64_t now) {
  switch (received->message.bytes[0]) {
  case RS_MIDI_CLOCK:
    follow_tick(output, received->time);
    return;
  case RS_MIDI_START:
    stop_following(output, now);
    output->sync.loop.ticks = 0;
    output->sync.loop.running = true;
    output->sync.located = output->sync.seeks = false;
    output->sync.song_base = 0;
    rs_output_locate_source(output, 0);
    rs_output_rewind(output);
    return;
  case RS_MIDI_SONG_POSITION:
    locate(output, received->message.bytes, now);
    return;
  case RS_MIDI_CONTINUE:
    output->sync.loop.running = true;
    return;
  case RS_MIDI_STOP:
    stop_following(output, now);
    return;
  }
}

/* ---- Received messages ---- */

void rs_output_inputs(RsOutput *output, int64_t now) {
  RsReceivedMessage received[RECEIVED_AT_ONCE];
  RsSink *sink = output->sender.sink;
  if (!sink->receive) {
    return;
  }
  const size_t count = sink->receive(sink, received, RECEIVED_AT_ONCE);
  if (sink->joined) {
    sink->joined = false;
    rs_output_receiver_joined(output, now);
  }
  for (size_t i = 0; i < count; ++i) {
    if (received[i].input == RS_INPUT_FOLLOW) {
      rs_output_partner_message(output, &received[i].message);
    } else if (received[i].input != RS_INPUT_SYNC) {
      rs_ring_push(&output->shared.received, &received[i]);
    } else if (output->settings.follow) {
      follow(output, &received[i], now);
    }
  }
}
