#include "live/output.h"

/* What comes in at the ports, and the clock among it that is followed. */

enum { RECEIVED_AT_ONCE = 64 };

/* ---- A clock to follow ---- */

/// Where in the music the tick is that came last
static int64_t tick_pulse(const RsOutput *output) {
  return output->sync.base + ((int64_t)output->sync.loop.ticks - 1) *
                                 (int64_t)output->transport.timeline.pulses_a_clock;
}

/// The music goes on with this tick, in the place that the clock has
static void begin_in_place(RsOutput *output) {
  const uint64_t ticks = output->sync.loop.ticks - 1,
                 a_frame = output->transport.timeline.pulses_a_frame;
  const uint64_t song = output->sync.song_base + ticks * output->transport.timeline.pulses_a_clock;
  const uint64_t frame = (song + a_frame - 1) / a_frame;
  rs_output_place(output, frame);
  output->sync.base = (int64_t)rs_output_frame_pulse(output) - (int64_t)(frame * a_frame - song) -
                      (int64_t)(ticks * output->transport.timeline.pulses_a_clock);
}

/// The music goes on with this tick: after Start with the next frame; else in its place, or where
/// that is past, whole beats later
static void begin_to_follow(RsOutput *output) {
  const int64_t beat = RS_CLOCKS_A_QUARTER * (int64_t)output->transport.timeline.pulses_a_clock;
  const int64_t frame = (int64_t)rs_output_frame_pulse(output);
  if (output->sync.loop.ticks == 1 && !output->sync.located) {
    output->sync.base = frame;
  }
  output->sync.located = false;
  const int64_t behind = tick_pulse(output) - frame;
  output->sync.base -= behind > 0 ? (behind + beat - 1) / beat * beat : 0;
  if (output->queue.places) {
    begin_in_place(output);
  }
  output->transport.cues = true;
  output->state = RS_OUTPUT_PLAYS;
}

/// The music goes as the ticks do
static void go_along(RsOutput *output) {
  RsTimeline *timeline = &output->transport.timeline;
  const int64_t pulse = tick_pulse(output), early = pulse < 0 ? -pulse : 0;
  const double wait = output->sync.loop.period * (double)early / (double)timeline->pulses_a_clock;
  rs_timeline_move(timeline, (uint64_t)(pulse + early), output->sync.loop.smooth + (int64_t)wait);
  if (output->sync.loop.period > 0) {
    timeline->time = (uint64_t)(output->sync.loop.period * (double)timeline->pulses /
                                (double)timeline->pulses_a_clock);
    output->transport.bpm = rs_follow_bpm(&output->sync.loop);
    atomic_store_explicit(&output->shared.seen_bpm, output->transport.bpm, memory_order_relaxed);
  }
}

static void follow_tick(RsOutput *output, int64_t time) {
  rs_follow_tick(&output->sync.loop, time);
  if (!output->sync.loop.running || output->state == RS_OUTPUT_WAITS ||
      output->state > RS_OUTPUT_STANDS) {
    return;
  }
  ++output->sync.loop.ticks;
  if (output->sync.seeks) { // It has to catch up
    output->sync.place = (uint64_t)tick_pulse(output);
    return;
  }
  if (output->transport.paused) {
    return;
  }
  if (output->state == RS_OUTPUT_STANDS) {
    begin_to_follow(output);
  }
  go_along(output);
}

static void stop_to_follow(RsOutput *output, int64_t now) {
  output->sync.loop.running = false;
  if (output->state == RS_OUTPUT_PLAYS) {
    rs_output_stand(output, now);
  }
}

/// A song position counts sixteenths; while the music goes it means nothing
static void locate(RsOutput *output, const uint8_t *bytes, int64_t now) {
  const uint64_t sixteenths =
      (bytes[1] & RS_MIDI_DATA_MAX) | (uint64_t)(bytes[2] & RS_MIDI_DATA_MAX) << 7;
  if (!output->sync.loop.running && output->state != RS_OUTPUT_WAITS) {
    rs_output_locate(
        output, sixteenths * RS_CLOCKS_A_POSITION * output->transport.timeline.pulses_a_clock, now);
  }
}

static void follow(RsOutput *output, const RsReceived *received, int64_t now) {
  switch (received->message.bytes[0]) {
  case RS_MIDI_CLOCK:
    follow_tick(output, received->time);
    return;
  case RS_MIDI_START:
    stop_to_follow(output, now);
    output->sync.loop.ticks = 0;
    output->sync.loop.running = true;
    output->sync.located = output->sync.seeks = false;
    output->sync.song_base = 0;
    rs_output_place(output, 0);
    rs_output_rewind(output);
    return;
  case RS_MIDI_SONG_POSITION:
    locate(output, received->message.bytes, now);
    return;
  case RS_MIDI_CONTINUE:
    output->sync.loop.running = true;
    return;
  case RS_MIDI_STOP:
    stop_to_follow(output, now);
    return;
  }
}

/* ---- What came in ---- */

void rs_output_inputs(RsOutput *output, int64_t now) {
  RsReceived received[RECEIVED_AT_ONCE];
  if (!output->sender.sink->receive) {
    return;
  }
  const size_t count =
      output->sender.sink->receive(output->sender.sink, received, RECEIVED_AT_ONCE);
  for (size_t i = 0; i < count; ++i) {
    if (received[i].input != RS_INPUT_SYNC) {
      rs_ring_push(&output->shared.received, &received[i]);
    } else if (output->settings.follow) {
      follow(output, &received[i], now);
    }
  }
}
