#include "live/output.h"

#include <stdlib.h>
#include <string.h>

#define NAP (RS_MILLISECOND)         // While something is awaited
#define PREFACE (2 * RS_MILLISECOND) // From program and Start to the first note
#define STANDSTILL (RS_SECOND / 2)   // So late is no delay: the machine slept
#define SLOW_START (4 * RS_SECOND)   // So long a beginning waits for a source that is slow

/* ---- Life ---- */

RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink) {
  RsTransport *transport = &output->transport;
  memset(output, 0, sizeof(*output));
  output->settings = *settings;
  output->sender.sink = sink;
  output->sender.channel = (int)settings->channel - 1;
  output->sender.program = settings->program;
  output->score.bpm = settings->score_bpm > 0 ? settings->score_bpm : settings->bpm;
  output->score.pace = settings->bpm / output->score.bpm;
  transport->bpm = rs_output_playable(settings->bpm);
  transport->timeline = rs_timeline(settings->frames_per_beat, settings->frame_ms, transport->bpm);
  atomic_init(&output->shared.seen_bpm, transport->bpm);
  RsStatus status = rs_transform_init(&output->transform);
  if (!status) {
    status = rs_shared_init(&output->shared);
  }
  if (!status) {
    status = rs_performer_new(&settings->performance, settings->seed, &output->performer);
  }
  return status;
}

void rs_output_clear(RsOutput *output) {
  rs_performer_free(output->performer);
  rs_shared_clear(&output->shared);
  rs_transform_clear(&output->transform);
}

/* ---- Playing ---- */

static uint64_t next_pulse(const RsOutput *output) {
  const uint64_t frame = rs_output_frame_pulse(output), clock = rs_output_clock_pulse(output);
  return frame < clock ? frame : clock;
}

/// A song position counts sixteenths: who hears the clock goes on where one begins
static void cue(RsOutput *output, int64_t due) {
  const uint64_t position = output->transport.clock / RS_CLOCKS_A_POSITION & 0x3fff;
  rs_sender_put(&output->sender,
                (RsMessage){3, {RS_MIDI_SONG_POSITION, position & 0x7f, (uint8_t)(position >> 7)}});
  rs_sender_put(&output->sender,
                rs_message_byte(output->transport.clock ? RS_MIDI_CONTINUE : RS_MIDI_START));
  rs_sender_send(&output->sender, due - PREFACE, 0);
  output->transport.cues = false;
}

static void play_clock(RsOutput *output, int64_t due) {
  if (output->transport.cues && output->transport.clock % RS_CLOCKS_A_POSITION == 0) {
    cue(output, due);
  }
  rs_sender_put(&output->sender, rs_message_byte(RS_MIDI_CLOCK));
  ++output->transport.clock;
}

/// The receiver has no room: the music waits, but not for long. @return Whether it waits.
static bool waits_for_receiver(RsOutput *output, const RsSourceFrame *next, int64_t due,
                               int64_t now) {
  if (output->sender.held || !next ||
      rs_flow_fits(&output->sender.flow, rs_output_frame_messages(output, next))) {
    return false;
  }
  output->waits = true;
  if (now - due > STANDSTILL) {
    rs_output_hold_back(output, now);
  }
  return !output->sender.held;
}

/// The frame that is next is still being made
static void miss_frame(RsOutput *output, int64_t due, int64_t now) {
  output->stats.missed += !output->missing && now > due;
  atomic_store_explicit(&output->shared.seen_missed, (unsigned)output->stats.missed,
                        memory_order_relaxed);
  output->missing = output->missing || now > due;
}

/// The music is at its end. @return Whether that is now.
static bool finish(RsOutput *output, int64_t due, RsStatus status) {
  output->missing = false;
  if (output->sender.gone.refreshes) {
    return false; // The ports are opened anew just now, and get the end as well
  }
  rs_output_end(output, due, status == RS_ERR_EMPTY ? RS_OK : status);
  return true;
}

static void play_frame(RsOutput *output, const RsSourceFrame *next, int64_t due, int64_t now) {
  rs_output_perform(output, next, due);
  output->waits = false;
  output->stats.late_frames += now > due && output->sender.sink->lookahead;
  ++output->stats.frames;
}

/// Play what is due together at a pulse. @return Whether there was all that it takes.
static bool play_pulse(RsOutput *output, uint64_t pulse, int64_t due, int64_t now) {
  const RsSourceFrame *next = NULL;
  const bool framed = rs_output_frame_pulse(output) == pulse,
             clocked = rs_output_clock_pulse(output) == pulse;
  RsStatus status = RS_OK;
  switch (framed ? rs_output_next_frame(output, &next, &status) : RS_NEXT_READY) {
  case RS_NEXT_NOT_YET:
    miss_frame(output, due, now);
    return false;
  case RS_NEXT_NONE:
    return finish(output, due, status);
  case RS_NEXT_READY:
    break;
  }
  output->missing = false;
  if (waits_for_receiver(output, next, due, now)) {
    return false;
  }
  if (clocked) {
    play_clock(output, due);
  }
  if (framed) {
    play_frame(output, next, due, now);
  }
  output->transport.pulse = pulse;
  rs_sender_send(&output->sender, due, now);
  return true;
}

/// Whether the clock that is followed has come as far as a pulse, or has ceased. No pulse is sent
/// before the tick that it belongs to: a Stop may come in its place.
static bool may_follow(RsOutput *output, uint64_t pulse, int64_t now) {
  const int64_t ticks = (int64_t)output->sync.loop.ticks;
  if (now - output->sync.loop.last > STANDSTILL) {
    rs_output_stand(output, now);
    return false;
  }
  return (int64_t)pulse <
         output->sync.base + ticks * (int64_t)output->transport.timeline.pulses_a_clock;
}

/// When the next pulse is due; where that is long past, time goes on from now
static int64_t due_of(RsOutput *output, uint64_t pulse, int64_t now) {
  int64_t due = rs_timeline_due(&output->transport.timeline, pulse);
  const bool behind = output->missing ? now > due : now - due > STANDSTILL;
  if (behind && !output->settings.follow && !output->waits && !output->sender.held) {
    due = rs_sender_soon(&output->sender, now);
    rs_timeline_move(&output->transport.timeline, pulse, due);
  }
  return due > output->sender.last_due ? due : output->sender.last_due;
}

static int64_t play(RsOutput *output, int64_t now) {
  while (output->state == RS_OUTPUT_PLAYS) {
    const uint64_t pulse = next_pulse(output);
    const int64_t due = due_of(output, pulse, now);
    if (due - output->sender.sink->lookahead > now) {
      return due - output->sender.sink->lookahead;
    }
    if (output->settings.follow && !may_follow(output, pulse, now)) {
      return now + NAP;
    }
    if (!play_pulse(output, pulse, due, now)) {
      return now + NAP;
    }
  }
  return now + NAP;
}

static void begin(RsOutput *output, int64_t now) {
  const int64_t due = now + output->sender.sink->lookahead + PREFACE;
  output->queue.least_margin = output->shared.frames.capacity;
  output->first_due = due;
  rs_sender_put_program(&output->sender);
  rs_sender_send(&output->sender, due - PREFACE, 0);
  if (output->settings.follow || output->transport.paused) {
    output->state = RS_OUTPUT_STANDS;
  } else {
    rs_output_go_on(output, due);
  }
}

/// Whether frames have come as fast, since the first one, as they will be played
static bool keeps_up(const RsOutput *output, size_t count, int64_t now) {
  const RsTimeline *timeline = &output->transport.timeline;
  const int64_t music = rs_timeline_due(timeline, (count - 1) * timeline->pulses_a_frame) -
                        rs_timeline_due(timeline, 0);
  return music >= now - output->queue.ready_at;
}

/// Whether the source has got ahead, so that a busy machine does not hold up the music: one that is
/// slow makes a larger store first. For long no one waits, and there may be no more.
static bool has_enough(RsOutput *output, int64_t now) {
  RsFrameQueue *queue = &output->queue;
  const size_t count = rs_ring_count(&output->shared.frames);
  queue->ready_at = queue->ready_at || !count ? queue->ready_at : now;
  if (!count || atomic_load(&output->shared.ended)) {
    return count;
  }
  const int64_t waited = now - queue->ready_at;
  const bool slow = !keeps_up(output, count, now);
  if (slow && waited > STANDSTILL) {
    atomic_store(&output->shared.slow, true);
  }
  return slow ? waited > SLOW_START : count >= queue->enough || waited > STANDSTILL;
}

static int64_t advance(RsOutput *output, int64_t now) {
  switch (output->state) {
  case RS_OUTPUT_WAITS:
    if (has_enough(output, now)) {
      begin(output, now);
    }
    return now + NAP;
  case RS_OUTPUT_PLAYS:
    return play(output, now);
  case RS_OUTPUT_DRAINS:
    if (now >= output->drained) {
      output->state = RS_OUTPUT_DONE;
    }
    return output->drained;
  case RS_OUTPUT_STANDS:
  case RS_OUTPUT_DONE:
    break;
  }
  return now + NAP;
}

static void show(RsOutput *output) {
  for (int w = 0; w < 2; ++w) {
    uint64_t notes = 0;
    for (int channel = 0; channel < RS_CHANNELS; ++channel) {
      notes |= output->sender.active.notes[channel].bits[w];
    }
    atomic_store_explicit(&output->shared.seen_notes[w], notes, memory_order_relaxed);
  }
  atomic_store_explicit(&output->shared.seen_lateness, output->sender.late_ms,
                        memory_order_relaxed);
  atomic_store_explicit(&output->shared.seen_frame, output->transport.frame, memory_order_relaxed);
  atomic_store_explicit(&output->shared.seen_gone,
                        output->sender.gone.since && !output->sender.gone.refreshes,
                        memory_order_release); // With what the port is called now
  atomic_store_explicit(&output->shared.seen_held, output->sender.held, memory_order_relaxed);
  atomic_store_explicit(&output->shared.seen_running, output->state == RS_OUTPUT_PLAYS,
                        memory_order_relaxed);
}

int64_t rs_output_step(RsOutput *output, int64_t now) {
  rs_output_inputs(output, now);
  rs_output_commands(output, now);
  if (atomic_load_explicit(&output->shared.stop, memory_order_relaxed) &&
      !output->sender.gone.refreshes) {
    rs_output_end(output, rs_sender_soon(&output->sender, now), RS_ERR_STOPPED);
  }
  if (output->sender.gone.since && output->state < RS_OUTPUT_DRAINS) {
    rs_output_look_for_port(output, now);
  }
  if (output->sender.held && output->state < RS_OUTPUT_DRAINS) {
    rs_output_look_at_receiver(output, now);
  }
  rs_output_seek(output, now);
  const int64_t next = advance(output, now);
  show(output);
  return next;
}
