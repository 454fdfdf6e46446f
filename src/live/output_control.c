#include "live/output.h"

/* What the output is told: by the caller's thread, and by the ports it hears. */

enum { RECEIVED_AT_ONCE = 64, CLOCKS_A_BEAT = 24, CLOCKS_A_SIXTEENTH = 6 };

/* ---- Commands ---- */

static void set_tempo(RsOutput *output, double bpm, int64_t now) {
  if (!output->settings.follow) {
    output->bpm = bpm;
    output->pace = bpm / output->score_bpm;
    rs_timeline_tempo(&output->timeline, rs_output_position(output, now), bpm);
    atomic_store_explicit(&output->seen_bpm, bpm, memory_order_relaxed);
  }
}

static void pause(RsOutput *output, bool paused, int64_t now) {
  output->paused = paused;
  if (paused && output->state == RS_OUTPUT_PLAYS) {
    rs_output_stand(output, now);
  } else if (!paused && output->state == RS_OUTPUT_STANDS && !output->settings.follow) {
    rs_output_go_on(output, rs_output_soon(output, now) + 2 * RS_MILLISECOND);
  }
}

static void panic(RsOutput *output, int64_t now) {
  rs_output_put_ends(output);
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    rs_output_put_silence(output, channel);
  }
  rs_output_send(output, rs_output_soon(output, now), 0);
}

static void see_receiver(RsOutput *output, RsReceiver receiver, int64_t now) {
  output->stuck = receiver == RS_RECEIVER_STUCK;
  if (output->stuck) {
    rs_output_hold_back(output, now);
  } else if (receiver == RS_RECEIVER_GONE) {
    rs_output_lose_port(output, now);
  }
}

/// The source has begun anew: frames that it made before are thrown away
static void begin_generation(RsOutput *output, unsigned generation) {
  output->generation = generation;
  if (output->settings.follow && output->places) {
    rs_output_place_anew(output);
  }
}

static void obey(RsOutput *output, const RsQueuedCommand *queued, int64_t now) {
  const RsPlayerCommand *command = &queued->command;
  switch (command->control) {
  case RS_PLAYER_TEMPO:
    set_tempo(output, command->bpm, now);
    return;
  case RS_PLAYER_TRANSPOSE:
    output->transpose = command->semitones;
    output->anew = true;
    return;
  case RS_PLAYER_MUTE:
    output->mute = command->on;
    output->anew = true;
    return;
  case RS_PLAYER_HOLD:
    rs_output_hold(output, command->frames);
    return;
  case RS_PLAYER_PANIC:
    panic(output, now);
    return;
  case RS_PLAYER_PAUSE:
    pause(output, command->on, now);
    return;
  case RS_PLAYER_RECEIVER:
    see_receiver(output, command->receiver, now);
    return;
  case RS_PLAYER_ROOM:
    rs_flight_seen(&output->flight, queued->time, command->room);
    return;
  case RS_PLAYER_REFRESH:
    rs_output_refresh(output, now);
    return;
  case RS_PLAYER_SEED:
    begin_generation(output, queued->generation);
    return;
  case RS_PLAYER_TEMPERATURE:
  case RS_PLAYER_DENSITY:
    return;
  }
}

void rs_output_commands(RsOutput *output, int64_t now) {
  RsQueuedCommand command;
  while (rs_ring_pop(&output->commands, &command)) {
    obey(output, &command, now);
  }
}

/* ---- A clock to follow ---- */

/// Where in the music the tick is that came last
static int64_t tick_pulse(const RsOutput *output) {
  return output->follow_base +
         ((int64_t)output->follow.ticks - 1) * (int64_t)output->timeline.pulses_a_clock;
}

/// The music goes on with this tick, in the place that the clock has
static void begin_in_place(RsOutput *output) {
  const uint64_t ticks = output->follow.ticks - 1, a_frame = output->timeline.pulses_a_frame;
  const uint64_t song = output->song_base + ticks * output->timeline.pulses_a_clock;
  const uint64_t frame = (song + a_frame - 1) / a_frame;
  rs_output_place(output, frame);
  output->follow_base = (int64_t)rs_output_frame_pulse(output) - (int64_t)(frame * a_frame - song) -
                        (int64_t)(ticks * output->timeline.pulses_a_clock);
}

/// The music goes on with this tick: after Start with the next frame; else in its place, or where
/// that is past, whole beats later
static void begin_to_follow(RsOutput *output) {
  const int64_t beat = CLOCKS_A_BEAT * (int64_t)output->timeline.pulses_a_clock;
  const int64_t frame = (int64_t)rs_output_frame_pulse(output);
  if (output->follow.ticks == 1 && !output->located) {
    output->follow_base = frame;
  }
  output->located = false;
  const int64_t behind = tick_pulse(output) - frame;
  output->follow_base -= behind > 0 ? (behind + beat - 1) / beat * beat : 0;
  if (output->places) {
    begin_in_place(output);
  }
  output->cues = true;
  output->state = RS_OUTPUT_PLAYS;
}

/// The music goes as the ticks do
static void go_along(RsOutput *output) {
  RsTimeline *timeline = &output->timeline;
  const int64_t pulse = tick_pulse(output), early = pulse < 0 ? -pulse : 0;
  const double wait = output->follow.period * (double)early / (double)timeline->pulses_a_clock;
  rs_timeline_move(timeline, (uint64_t)(pulse + early), output->follow.smooth + (int64_t)wait);
  if (output->follow.period > 0) {
    timeline->time = (uint64_t)(output->follow.period * (double)timeline->pulses /
                                (double)timeline->pulses_a_clock);
    output->bpm = rs_follow_bpm(&output->follow);
    atomic_store_explicit(&output->seen_bpm, output->bpm, memory_order_relaxed);
  }
}

static void follow_tick(RsOutput *output, int64_t time) {
  rs_follow_tick(&output->follow, time);
  if (!output->follow.running || output->state == RS_OUTPUT_WAITS ||
      output->state > RS_OUTPUT_STANDS) {
    return;
  }
  ++output->follow.ticks;
  if (output->seeks) { // It has to catch up
    output->place = (uint64_t)tick_pulse(output);
    return;
  }
  if (output->paused) {
    return;
  }
  if (output->state == RS_OUTPUT_STANDS) {
    begin_to_follow(output);
  }
  go_along(output);
}

static void stop_to_follow(RsOutput *output, int64_t now) {
  output->follow.running = false;
  if (output->state == RS_OUTPUT_PLAYS) {
    rs_output_stand(output, now);
  }
}

/// A song position counts sixteenths; while the music goes it means nothing
static void locate(RsOutput *output, const uint8_t *bytes, int64_t now) {
  const uint64_t sixteenths =
      (bytes[1] & RS_MIDI_DATA_MAX) | (uint64_t)(bytes[2] & RS_MIDI_DATA_MAX) << 7;
  if (!output->follow.running && output->state != RS_OUTPUT_WAITS) {
    rs_output_locate(output, sixteenths * CLOCKS_A_SIXTEENTH * output->timeline.pulses_a_clock,
                     now);
  }
}

static void follow(RsOutput *output, const RsReceived *received, int64_t now) {
  switch (received->message.bytes[0]) {
  case RS_MIDI_CLOCK:
    follow_tick(output, received->time);
    return;
  case RS_MIDI_START:
    stop_to_follow(output, now);
    output->follow.ticks = 0;
    output->follow.running = true;
    output->located = output->seeks = false;
    output->song_base = 0;
    rs_output_place(output, 0);
    rs_output_rewind(output);
    return;
  case RS_MIDI_SONG_POSITION:
    locate(output, received->message.bytes, now);
    return;
  case RS_MIDI_CONTINUE:
    output->follow.running = true;
    return;
  case RS_MIDI_STOP:
    stop_to_follow(output, now);
    return;
  }
}

/* ---- What came in ---- */

void rs_output_inputs(RsOutput *output, int64_t now) {
  RsReceived received[RECEIVED_AT_ONCE];
  if (!output->sink->receive) {
    return;
  }
  const size_t count = output->sink->receive(output->sink, received, RECEIVED_AT_ONCE);
  for (size_t i = 0; i < count; ++i) {
    if (received[i].input != RS_INPUT_SYNC) {
      rs_ring_push(&output->received, &received[i]);
    } else if (output->settings.follow) {
      follow(output, &received[i], now);
    }
  }
}
