#include "live/output.h"

#include <stdlib.h>
#include <string.h>

enum {
  CLOCKS_A_POSITION = 6,
  FRAMES_IN_QUEUE = 1024,
  COMMANDS_IN_QUEUE = 256,
  MESSAGES_IN_QUEUE = 1024,
};

#define NAP (RS_MILLISECOND)         // While something is awaited
#define PREFACE (2 * RS_MILLISECOND) // From program and Start to the first note
#define STANDSTILL (RS_SECOND / 2)   // So late is no delay: the machine slept
#define DRAIN (100 * RS_MILLISECOND) // What a queue in the kernel takes on top
#define MOST_LAG (RS_SECOND)
#define REOPEN_EVERY (RS_SECOND / 4)
#define TICKS_AHEAD 2 // So far the clock that is followed is trusted

/* ---- Life ---- */

RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink) {
  memset(output, 0, sizeof(*output));
  output->settings = *settings;
  output->sink = sink;
  output->bpm = settings->bpm;
  output->timeline = rs_timeline(settings->frames_per_beat, settings->frame_ms, settings->bpm);
  atomic_init(&output->seen_bpm, settings->bpm);
  output->history = calloc(RS_HISTORY_FRAMES, sizeof(*output->history));
  RsStatus status = output->history ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    status = rs_ring_init(&output->frames, FRAMES_IN_QUEUE, sizeof(RsQueuedFrame));
  }
  if (!status) {
    status = rs_ring_init(&output->commands, COMMANDS_IN_QUEUE, sizeof(RsQueuedCommand));
  }
  if (!status) {
    status = rs_ring_init(&output->received, MESSAGES_IN_QUEUE, sizeof(RsReceived));
  }
  if (!status) {
    status = rs_performer_new(&settings->performance, settings->seed, &output->performer);
  }
  return status;
}

void rs_output_clear(RsOutput *output) {
  rs_performer_free(output->performer);
  rs_ring_clear(&output->frames);
  rs_ring_clear(&output->commands);
  rs_ring_clear(&output->received);
  free(output->history);
}

/* ---- Sending ---- */

static int channel_of(const RsOutput *output) {
  return (int)output->settings.channel - 1;
}

void rs_output_put(RsOutput *output, RsMessage message) {
  if (output->batched < RS_BATCH) {
    output->batch[output->batched++] = message;
  }
}

static void put_all(RsOutput *output, const RsMessage *messages, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    rs_output_put(output, messages[i]);
  }
}

static void show(RsOutput *output) {
  const RsFrame *notes = &output->sounding.notes[channel_of(output)];
  atomic_store_explicit(&output->seen_notes[0], notes->bits[0], memory_order_relaxed);
  atomic_store_explicit(&output->seen_notes[1], notes->bits[1], memory_order_relaxed);
  atomic_store_explicit(&output->seen_frame, output->frame, memory_order_relaxed);
  atomic_store_explicit(&output->seen_gone, output->gone_since != 0, memory_order_relaxed);
  atomic_store_explicit(&output->seen_running, output->state == RS_OUTPUT_PLAYS,
                        memory_order_relaxed);
}

static void lose_port(RsOutput *output, int64_t now) {
  if (!output->gone_since) {
    output->gone_since = now ? now : 1;
    output->reopen_at = now;
  }
}

void rs_output_send(RsOutput *output, int64_t due, int64_t now) {
  const size_t count = output->batched;
  output->batched = 0;
  output->last_due = due > output->last_due ? due : output->last_due;
  if (!count) {
    return;
  }
  if (output->gone_since) {
    output->stats.lost += count;
    return;
  }
  const RsStatus status = output->sink->send(output->sink, output->last_due, output->batch, count);
  rs_sounding_account(&output->sounding, output->batch, count, !status);
  if (status) {
    output->stats.lost += count;
    lose_port(output, now ? now : due);
    return;
  }
  output->stats.events += count;
  if (now) {
    const int64_t late = now - (due - output->sink->lookahead);
    rs_histogram_add(&output->lateness, late);
    atomic_store_explicit(&output->seen_lateness, (double)late / RS_MILLISECOND,
                          memory_order_relaxed);
  }
}

static void put_note_ends(RsOutput *output) {
  RsMessage ends[RS_NOTES];
  put_all(output, ends, rs_sounding_end(&output->sounding, channel_of(output), ends));
}

static void put_silence(RsOutput *output, int channel) {
  RsMessage silence[RS_SILENCE_MESSAGES];
  put_all(output, silence, rs_silence(channel, silence));
}

/// As early as is safe: what ends notes must never come before what begins them, and a batch that
/// is given the whole of its time cannot overtake
static int64_t soon(const RsOutput *output, int64_t now) {
  return now + output->sink->lookahead;
}

void rs_output_hush(RsOutput *output, int64_t now) {
  RsNoteEvent events[RS_NOTES];
  rs_performer_end(output->performer, events);
  put_note_ends(output);
  rs_output_send(output, soon(output, now), 0);
}

void rs_output_end(RsOutput *output, int64_t due, RsStatus status) {
  if (output->state >= RS_OUTPUT_DRAINS) {
    return;
  }
  put_note_ends(output);
  put_silence(output, channel_of(output));
  if (output->settings.clock && output->state == RS_OUTPUT_PLAYS) {
    rs_output_put(output, rs_message_byte(RS_MIDI_STOP));
  }
  rs_output_send(output, due, 0);
  output->status = status || !output->gone_since ? status : RS_ERR_PORT;
  output->state = RS_OUTPUT_DRAINS;
  output->drained = output->last_due;
  if (output->sink->lookahead && !output->gone_since) {
    const int64_t lag = output->lateness.largest; // As late as we were, others may be
    output->drained += DRAIN + (lag < MOST_LAG ? lag : MOST_LAG);
  }
}

/* ---- Time stands still ---- */

static uint64_t frame_pulse(const RsOutput *output) {
  return output->frame * output->timeline.pulses_a_frame;
}

static uint64_t clock_pulse(const RsOutput *output) {
  return output->settings.clock ? output->clock * output->timeline.pulses_a_clock : UINT64_MAX;
}

static uint64_t next_pulse(const RsOutput *output) {
  const uint64_t frame = frame_pulse(output), clock = clock_pulse(output);
  return frame < clock ? frame : clock;
}

void rs_output_stand(RsOutput *output, int64_t now) {
  rs_output_hush(output, now);
  if (output->settings.clock) {
    rs_output_put(output, rs_message_byte(RS_MIDI_STOP));
    rs_output_send(output, now, 0);
  }
  output->state = RS_OUTPUT_STANDS;
}

static void put_position(RsOutput *output) {
  const uint64_t position = output->clock / CLOCKS_A_POSITION & 0x3fff;
  rs_output_put(output,
                (RsMessage){3, {RS_MIDI_SONG_POSITION, position & 0x7f, (uint8_t)(position >> 7)}});
}

void rs_output_go_on(RsOutput *output, int64_t due) {
  rs_timeline_move(&output->timeline, next_pulse(output), due);
  if (output->settings.clock) {
    put_position(output);
    rs_output_put(output, rs_message_byte(output->clock ? RS_MIDI_CONTINUE : RS_MIDI_START));
    rs_output_send(output, due - PREFACE, 0);
  }
  output->state = RS_OUTPUT_PLAYS;
}

/* ---- The port is gone ---- */

static void welcome_port(RsOutput *output, int64_t now) {
  output->gone_since = 0;
  rs_output_hush(output, now);
  put_silence(output, channel_of(output));
  if (output->settings.program >= 0) {
    rs_output_put(output, (RsMessage){2,
                                      {(uint8_t)(RS_MIDI_PROGRAM | channel_of(output)),
                                       (uint8_t)output->settings.program, 0}});
  }
  rs_output_send(output, now, 0);
}

static void look_for_port(RsOutput *output, int64_t now) {
  const double patience = output->settings.patience;
  if (now < output->reopen_at) {
    return;
  }
  if (output->sink->reopen && !output->sink->reopen(output->sink)) {
    welcome_port(output, now);
  } else if (patience >= 0 && (double)(now - output->gone_since) > patience * RS_SECOND) {
    rs_output_end(output, now, RS_ERR_PORT);
  }
  output->reopen_at = now + REOPEN_EVERY;
}

/* ---- Frames ---- */

/// Frame that is played again while the last bars are held
static const RsSourceFrame *held_frame(const RsOutput *output) {
  size_t length = output->hold < RS_HISTORY_FRAMES ? output->hold : RS_HISTORY_FRAMES;
  length = length < output->frame ? length : (size_t)output->frame;
  return length ? &output->history[(output->frame - length) % RS_HISTORY_FRAMES] : NULL;
}

/// The next frame from the queue, or why there is none: RS_ERR_ARGUMENT if it is not there yet
static RsStatus pop_frame(RsOutput *output, RsSourceFrame *frame) {
  RsQueuedFrame queued;
  size_t margin = rs_ring_count(&output->frames);
  while (rs_ring_pop(&output->frames, &queued)) {
    if (queued.generation == output->generation) {
      if (!queued.status && margin < output->stats.least_margin) {
        output->stats.least_margin = margin;
      }
      *frame = queued.frame;
      return queued.status;
    }
    --margin;
  }
  return RS_ERR_ARGUMENT;
}

static RsStatus take_frame(RsOutput *output, RsSourceFrame *frame) {
  const RsSourceFrame *held = output->hold ? held_frame(output) : NULL;
  if (output->settings.frames && output->frame == output->settings.frames) {
    return RS_ERR_EMPTY;
  }
  if (held) {
    *frame = *held;
    return RS_OK;
  }
  return pop_frame(output, frame);
}

static void transpose(RsSourceFrame *frame, int semitones) {
  uint8_t velocity[RS_NOTES] = {0};
  frame->on = rs_frame_shift(&frame->on, semitones);
  frame->onset = rs_frame_shift(&frame->onset, semitones);
  for (int n = 0; n < RS_NOTES; ++n) {
    if (n + semitones >= 0 && n + semitones < RS_NOTES) {
      velocity[n + semitones] = frame->velocity[n];
    }
  }
  memcpy(frame->velocity, velocity, sizeof(velocity));
}

static void perform(RsOutput *output, RsSourceFrame *frame) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  output->history[output->frame % RS_HISTORY_FRAMES] = *frame;
  if (output->transpose) {
    transpose(frame, output->transpose);
  }
  if (output->mute) {
    frame->on = frame->onset = (RsFrame){{0, 0}};
  }
  const size_t count =
      rs_performer_frame(output->performer, &frame->on, frame->has_onset ? &frame->onset : NULL,
                         frame->has_velocity ? frame->velocity : NULL, events);
  for (size_t i = 0; i < count; ++i) {
    rs_output_put(output, rs_message_note(events[i].on, channel_of(output), events[i].note,
                                          events[i].velocity));
  }
  ++output->frame;
}

/* ---- Playing ---- */

/// Play what is due together at a pulse. @return Whether there was all that it takes.
static bool play_pulse(RsOutput *output, uint64_t pulse, int64_t due, int64_t now) {
  RsSourceFrame frame;
  const bool framed = frame_pulse(output) == pulse, clocked = clock_pulse(output) == pulse;
  const RsStatus status = framed ? take_frame(output, &frame) : RS_OK;
  if (status == RS_ERR_ARGUMENT) {
    output->stats.missed += !output->missing && now > due;
    output->missing = output->missing || now > due;
    return false;
  }
  output->missing = false;
  if (status) {
    rs_output_end(output, due, status == RS_ERR_EMPTY ? RS_OK : status);
    return true;
  }
  if (clocked) {
    rs_output_put(output, rs_message_byte(RS_MIDI_CLOCK));
    ++output->clock;
  }
  if (framed) {
    perform(output, &frame);
    output->stats.late_frames += now > due && output->sink->lookahead;
    ++output->stats.frames;
  }
  output->pulse = pulse;
  rs_output_send(output, due, now);
  return true;
}

/// Whether the clock that is followed has come as far as a pulse, or has ceased
static bool may_follow(RsOutput *output, uint64_t pulse, int64_t now) {
  const uint64_t ticks = output->follow.ticks - 1 + TICKS_AHEAD;
  if (now - output->follow.last > STANDSTILL) {
    rs_output_stand(output, now);
    return false;
  }
  return pulse <= output->follow_base + ticks * output->timeline.pulses_a_clock;
}

/// When the next pulse is due; where that is long past, time goes on from now
static int64_t due_of(RsOutput *output, uint64_t pulse, int64_t now) {
  int64_t due = rs_timeline_due(&output->timeline, pulse);
  const bool behind = output->missing ? now > due : now - due > STANDSTILL;
  if (behind && !output->settings.follow) {
    due = soon(output, now);
    rs_timeline_move(&output->timeline, pulse, due);
  }
  return due > output->last_due ? due : output->last_due;
}

static int64_t play(RsOutput *output, int64_t now) {
  while (output->state == RS_OUTPUT_PLAYS) {
    const uint64_t pulse = next_pulse(output);
    const int64_t due = due_of(output, pulse, now);
    if (due - output->sink->lookahead > now) {
      return due - output->sink->lookahead;
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
  const int64_t due = now + output->sink->lookahead + PREFACE;
  output->stats.least_margin = FRAMES_IN_QUEUE;
  output->first_due = due;
  if (output->settings.program >= 0) {
    rs_output_put(output, (RsMessage){2,
                                      {(uint8_t)(RS_MIDI_PROGRAM | channel_of(output)),
                                       (uint8_t)output->settings.program, 0}});
    rs_output_send(output, due - PREFACE, 0);
  }
  if (output->settings.follow || output->paused) {
    output->state = RS_OUTPUT_STANDS;
  } else {
    rs_output_go_on(output, due);
  }
}

static int64_t advance(RsOutput *output, int64_t now) {
  switch (output->state) {
  case RS_OUTPUT_WAITS:
    if (rs_ring_count(&output->frames)) {
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

int64_t rs_output_step(RsOutput *output, int64_t now) {
  rs_output_inputs(output, now);
  rs_output_commands(output, now);
  if (atomic_load_explicit(&output->stop, memory_order_relaxed)) {
    rs_output_end(output, soon(output, now), RS_ERR_STOPPED);
  }
  if (output->gone_since && output->state < RS_OUTPUT_DRAINS) {
    look_for_port(output, now);
  }
  const int64_t next = advance(output, now);
  show(output);
  return next;
}
