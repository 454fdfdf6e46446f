#include "live/output.h"

#include <stdlib.h>
#include <string.h>

enum {
  FRAMES_IN_QUEUE = 1024,
  COMMANDS_IN_QUEUE = 256,
  MESSAGES_IN_QUEUE = 1024,
};

#define NAP (RS_MILLISECOND)         // While something is awaited
#define PREFACE (2 * RS_MILLISECOND) // From program and Start to the first note
#define STANDSTILL (RS_SECOND / 2)   // So late is no delay: the machine slept
#define SLOW_START (4 * RS_SECOND)   // So long a beginning waits for a source that is slow

#define SLOWEST_BPM 4.0
#define FASTEST_BPM 60000.0

/* ---- Life ---- */

double rs_output_playable(double bpm) {
  return bpm < SLOWEST_BPM ? SLOWEST_BPM : bpm > FASTEST_BPM ? FASTEST_BPM : bpm;
}

RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink) {
  memset(output, 0, sizeof(*output));
  output->settings = *settings;
  output->sink = sink;
  output->bpm = rs_output_playable(settings->bpm);
  output->score_bpm = settings->score_bpm > 0 ? settings->score_bpm : settings->bpm;
  output->pace = settings->bpm / output->score_bpm;
  output->timeline = rs_timeline(settings->frames_per_beat, settings->frame_ms, output->bpm);
  atomic_init(&output->seen_bpm, output->bpm);
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

/* ---- Time stands still ---- */

uint64_t rs_output_frame_pulse(const RsOutput *output) {
  return output->frame * output->timeline.pulses_a_frame;
}

static uint64_t clock_pulse(const RsOutput *output) {
  return output->settings.clock ? output->clock * output->timeline.pulses_a_clock : UINT64_MAX;
}

static uint64_t next_pulse(const RsOutput *output) {
  const uint64_t frame = rs_output_frame_pulse(output), clock = clock_pulse(output);
  return frame < clock ? frame : clock;
}

uint64_t rs_output_position(const RsOutput *output, int64_t now) {
  const uint64_t pulse = rs_timeline_pulse(&output->timeline, rs_output_soon(output, now));
  const uint64_t next = next_pulse(output);
  return pulse < output->pulse ? output->pulse : pulse < next ? pulse : next;
}

void rs_output_stand(RsOutput *output, int64_t now) {
  rs_output_hush(output, now);
  if (output->settings.clock && !output->cues) {
    rs_output_put(output, rs_message_byte(RS_MIDI_STOP));
    rs_output_send(output, now, 0);
  }
  output->stood_at = rs_output_position(output, now);
  output->state = RS_OUTPUT_STANDS;
}

void rs_output_go_on(RsOutput *output, int64_t due) {
  rs_timeline_move(&output->timeline, output->stood_at, due);
  output->cues = true;
  output->state = RS_OUTPUT_PLAYS;
}

/// A song position counts sixteenths: who hears the clock goes on where one begins
static void cue(RsOutput *output, int64_t due) {
  const uint64_t position = output->clock / RS_CLOCKS_A_POSITION & 0x3fff;
  rs_output_put(output,
                (RsMessage){3, {RS_MIDI_SONG_POSITION, position & 0x7f, (uint8_t)(position >> 7)}});
  rs_output_put(output, rs_message_byte(output->clock ? RS_MIDI_CONTINUE : RS_MIDI_START));
  rs_output_send(output, due - PREFACE, 0);
  output->cues = false;
}

static void play_clock(RsOutput *output, int64_t due) {
  if (output->cues && output->clock % RS_CLOCKS_A_POSITION == 0) {
    cue(output, due);
  }
  rs_output_put(output, rs_message_byte(RS_MIDI_CLOCK));
  ++output->clock;
}

/* ---- Playing ---- */

/// The receiver has no room: the music waits, but not for long. @return Whether it waits.
static bool waits_for_receiver(RsOutput *output, const RsSourceFrame *next, int64_t due,
                               int64_t now) {
  if (output->held || !next ||
      rs_flight_fits(&output->flight, rs_output_frame_messages(output, next))) {
    return false;
  }
  output->waits = true;
  if (now - due > STANDSTILL) {
    rs_output_hold_back(output, now);
  }
  return !output->held;
}

/// Play what is due together at a pulse. @return Whether there was all that it takes.
static bool play_pulse(RsOutput *output, uint64_t pulse, int64_t due, int64_t now) {
  const RsSourceFrame *next = NULL;
  const bool framed = rs_output_frame_pulse(output) == pulse,
             clocked = clock_pulse(output) == pulse;
  const RsStatus status = framed ? rs_output_see_frame(output, &next) : RS_OK;
  if (status == RS_ERR_ARGUMENT) {
    output->stats.missed += !output->missing && now > due;
    atomic_store_explicit(&output->seen_missed, (unsigned)output->stats.missed,
                          memory_order_relaxed);
    output->missing = output->missing || now > due;
    return false;
  }
  output->missing = false;
  if (status && output->refreshes) {
    return false; // The ports are opened anew just now, and get the end as well
  }
  if (status) {
    rs_output_end(output, due, status == RS_ERR_EMPTY ? RS_OK : status);
    return true;
  }
  if (waits_for_receiver(output, next, due, now)) {
    return false;
  }
  if (clocked) {
    play_clock(output, due);
  }
  if (framed) {
    rs_output_perform(output, next, due);
    output->waits = false;
    output->stats.late_frames += now > due && output->sink->lookahead;
    ++output->stats.frames;
  }
  output->pulse = pulse;
  rs_output_send(output, due, now);
  return true;
}

/// Whether the clock that is followed has come as far as a pulse, or has ceased. No pulse is sent
/// before the tick that it belongs to: a Stop may come in its place.
static bool may_follow(RsOutput *output, uint64_t pulse, int64_t now) {
  const int64_t ticks = (int64_t)output->follow.ticks;
  if (now - output->follow.last > STANDSTILL) {
    rs_output_stand(output, now);
    return false;
  }
  return (int64_t)pulse < output->follow_base + ticks * (int64_t)output->timeline.pulses_a_clock;
}

/// When the next pulse is due; where that is long past, time goes on from now
static int64_t due_of(RsOutput *output, uint64_t pulse, int64_t now) {
  int64_t due = rs_timeline_due(&output->timeline, pulse);
  const bool behind = output->missing ? now > due : now - due > STANDSTILL;
  if (behind && !output->settings.follow && !output->waits && !output->held) {
    due = rs_output_soon(output, now);
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
  rs_output_program(output);
  rs_output_send(output, due - PREFACE, 0);
  if (output->settings.follow || output->paused) {
    output->state = RS_OUTPUT_STANDS;
  } else {
    rs_output_go_on(output, due);
  }
}

/// Whether frames have come as fast, since the first one, as they will be played
static bool keeps_up(const RsOutput *output, size_t count, int64_t now) {
  const int64_t music =
      rs_timeline_due(&output->timeline, (count - 1) * output->timeline.pulses_a_frame) -
      rs_timeline_due(&output->timeline, 0);
  return music >= now - output->ready_at;
}

/// Whether the source has got ahead, so that a busy machine does not hold up the music: one that is
/// slow makes a larger store first. For long no one waits, and there may be no more.
static bool has_enough(RsOutput *output, int64_t now) {
  const size_t count = rs_ring_count(&output->frames);
  output->ready_at = output->ready_at || !count ? output->ready_at : now;
  if (!count || atomic_load(&output->ended)) {
    return count;
  }
  const int64_t waited = now - output->ready_at;
  const bool slow = !keeps_up(output, count, now);
  if (slow && waited > STANDSTILL) {
    atomic_store(&output->slow, true);
  }
  return slow ? waited > SLOW_START : count >= output->enough || waited > STANDSTILL;
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
      notes |= output->sounding.notes[channel].bits[w];
    }
    atomic_store_explicit(&output->seen_notes[w], notes, memory_order_relaxed);
  }
  atomic_store_explicit(&output->seen_frame, output->frame, memory_order_relaxed);
  atomic_store_explicit(&output->seen_gone, output->gone_since && !output->refreshes,
                        memory_order_release); // With what the port is called now
  atomic_store_explicit(&output->seen_held, output->held, memory_order_relaxed);
  atomic_store_explicit(&output->seen_running, output->state == RS_OUTPUT_PLAYS,
                        memory_order_relaxed);
}

int64_t rs_output_step(RsOutput *output, int64_t now) {
  rs_output_inputs(output, now);
  rs_output_commands(output, now);
  if (atomic_load_explicit(&output->stop, memory_order_relaxed) && !output->refreshes) {
    rs_output_end(output, rs_output_soon(output, now), RS_ERR_STOPPED);
  }
  if (output->gone_since && output->state < RS_OUTPUT_DRAINS) {
    rs_output_look_for_port(output, now);
  }
  if (output->held && output->state < RS_OUTPUT_DRAINS) {
    rs_output_look_at_receiver(output, now);
  }
  rs_output_seek(output, now);
  const int64_t next = advance(output, now);
  show(output);
  return next;
}
