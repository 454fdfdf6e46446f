#include "live/output.h"

/* What the output is told: by the caller's thread, and by the ports it hears. */

enum { RECEIVED_AT_ONCE = 64 };

/* ---- Commands ---- */

static void set_tempo(RsOutput *output, double bpm) {
  if (!output->settings.follow) {
    output->bpm = bpm;
    rs_timeline_tempo(&output->timeline, output->pulse, bpm);
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
  if (receiver == RS_RECEIVER_STUCK) {
    rs_output_end(output, rs_output_soon(output, now), RS_ERR_PORT);
  } else if (receiver == RS_RECEIVER_GONE) {
    rs_output_lose_port(output, now);
  }
}

static void obey(RsOutput *output, const RsQueuedCommand *command, int64_t now) {
  switch (command->control) {
  case RS_PLAYER_TEMPO:
    set_tempo(output, command->value);
    return;
  case RS_PLAYER_TRANSPOSE:
    output->transpose = (int)command->value;
    output->anew = true;
    return;
  case RS_PLAYER_MUTE:
    output->mute = command->value != 0;
    output->anew = true;
    return;
  case RS_PLAYER_HOLD:
    rs_output_hold(output, (uint64_t)command->value);
    return;
  case RS_PLAYER_PANIC:
    panic(output, now);
    return;
  case RS_PLAYER_PAUSE:
    pause(output, command->value != 0, now);
    return;
  case RS_PLAYER_RECEIVER:
    see_receiver(output, (RsReceiver)command->value, now);
    return;
  case RS_PLAYER_ROOM:
    rs_flight_seen(&output->flight, command->time, (size_t)command->value);
    return;
  case RS_PLAYER_REFRESH:
    rs_output_refresh(output, now);
    return;
  case RS_PLAYER_TEMPERATURE:
  case RS_PLAYER_DENSITY:
    return;
  case RS_PLAYER_SEED:
    output->generation = command->generation;
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

/// The first tick: the music goes on from here
static void begin_to_follow(RsOutput *output) {
  output->follow.ticks = 1;
  output->follow_base = output->frame * output->timeline.pulses_a_frame;
  output->state = RS_OUTPUT_PLAYS;
}

static void follow_tick(RsOutput *output, int64_t time) {
  RsTimeline *timeline = &output->timeline;
  rs_follow_tick(&output->follow, time);
  if (!output->follow.running || output->paused || output->state > RS_OUTPUT_STANDS) {
    return;
  }
  ++output->follow.ticks;
  if (output->state == RS_OUTPUT_STANDS) {
    begin_to_follow(output);
  }
  rs_timeline_move(timeline,
                   output->follow_base + (output->follow.ticks - 1) * timeline->pulses_a_clock,
                   output->follow.smooth);
  if (output->follow.period > 0) {
    timeline->time = (uint64_t)(output->follow.period * (double)timeline->pulses /
                                (double)timeline->pulses_a_clock);
    output->bpm = rs_follow_bpm(&output->follow);
    atomic_store_explicit(&output->seen_bpm, output->bpm, memory_order_relaxed);
  }
}

static void follow(RsOutput *output, const RsReceived *received, int64_t now) {
  switch (received->message.bytes[0]) {
  case RS_MIDI_CLOCK:
    follow_tick(output, received->time);
    return;
  case RS_MIDI_START:
  case RS_MIDI_CONTINUE:
    output->follow.running = true;
    return;
  case RS_MIDI_STOP:
    output->follow.running = false;
    if (output->state == RS_OUTPUT_PLAYS) {
      rs_output_stand(output, now);
    }
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
