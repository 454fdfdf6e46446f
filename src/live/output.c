/* SPDX-License-Identifier: ISC */

#include "live/output.h"

#include <stdlib.h>
#include <string.h>

#define POLL_INTERVAL (RS_MILLISECOND)   /* while waiting */
#define PREROLL (2 * RS_MILLISECOND)     /* from program change and Start to the first note */
#define SUSPENDED (RS_SECOND / 2)        /* a larger delay means that the machine was suspended */
#define MADE_AGAIN (20 * RS_MILLISECOND) /* a frame that a pressed key has delayed is not late */
#define SLOW_START (4 * RS_SECOND)       /* longest prebuffering for a slow source */

/* ---- Construction ---- */

RsStatus rs_output_init(RsOutput *output, const RsPlayerSettings *settings, RsSink *sink) {
  RsTransport *transport = &output->transport;
  memset(output, 0, sizeof(*output));
  output->settings = *settings;
  output->sender.sink = sink;
  output->sender.channel = (int)settings->channel - 1;
  output->sender.parts = rs_parts_count(settings->performance.parts);
  for (unsigned part = 0; part < output->sender.parts; ++part) {
    output->sender.channels_used |= 1u << rs_sender_channel(&output->sender, part);
  }
  output->sender.program = settings->program;
  output->sender.sent_queue = settings->reports_sent ? &output->shared.sent : NULL;
  output->score.bpm = settings->score_bpm > 0 ? settings->score_bpm : settings->bpm;
  output->score.pace = settings->bpm / output->score.bpm;
  transport->bpm = rs_output_clamp_tempo(settings->bpm);
  transport->timeline = rs_timeline(settings->frames_per_beat, settings->frame_ms, transport->bpm);
  atomic_init(&output->shared.view_bpm, transport->bpm);
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

/* Send song position and Continue, or Start; a song position is a whole number of sixteenth notes.
 */
static void send_position(RsOutput *output, int64_t due) {
  const uint64_t position = output->transport.clock / RS_CLOCKS_A_POSITION & 0x3fff;
  rs_sender_put(&output->sender,
                (RsMessage){3, {RS_MIDI_SONG_POSITION, position & 0x7f, (uint8_t)(position >> 7)}});
  rs_sender_put(&output->sender,
                rs_message_byte(output->transport.clock ? RS_MIDI_CONTINUE : RS_MIDI_START));
  rs_sender_send(&output->sender, due - PREROLL, 0);
  output->transport.cue_pending = false;
}

static void play_clock(RsOutput *output, int64_t due) {
  if (output->transport.cue_pending && output->transport.clock % RS_CLOCKS_A_POSITION == 0) {
    send_position(output, due);
  }
  rs_sender_put(&output->sender, rs_message_byte(RS_MIDI_CLOCK));
  ++output->transport.clock;
}

/* Wait while the receiver's queue is full, but not longer than SUSPENDED. @return Whether it waits.
 */
static bool must_wait_for_receiver(RsOutput *output, const RsSourceFrame *next, int64_t due,
                                   int64_t now) {
  if (output->sender.suspended || !next ||
      rs_flow_fits(&output->sender.flow, rs_output_frame_messages(output, next))) {
    return false;
  }
  output->waits = true;
  if (now - due > SUSPENDED) {
    rs_output_suspend_sending(output, now);
  }
  return !output->sender.suspended;
}

/* Whether a frame was not made in time. Where a person is accompanied, it may be made again at any
 * moment. */
static bool is_late(const RsOutput *output, int64_t due, int64_t now) {
  return now > due + (output->partner.changes ? MADE_AGAIN : 0);
}

/* Count a frame that was not made in time. */
static void miss_frame(RsOutput *output, int64_t due, int64_t now) {
  const bool late = is_late(output, due, now);
  output->stats.missed += !output->missing && late;
  atomic_store_explicit(&output->shared.missed_frames, (unsigned)output->stats.missed,
                        memory_order_relaxed);
  output->missing = output->missing || late;
}

/* End the music. @return false where that has to wait for the ports to be opened again. */
static bool finish(RsOutput *output, int64_t due, RsStatus status) {
  output->missing = false;
  if (output->sender.outage.refreshes) {
    return false; /* so that the note-offs are delivered */
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

/* Play the frame and clock of a pulse. @return false where the frame or the receiver is not ready.
 */
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
  if (must_wait_for_receiver(output, next, due, now)) {
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

/* Whether the followed clock has reached a pulse. No pulse is sent before its tick, as a Stop may
   arrive in its place. The music is halted where the clock has ceased. */
static bool may_follow(RsOutput *output, uint64_t pulse, int64_t now) {
  const int64_t ticks = (int64_t)output->sync.loop.ticks;
  if (now - output->sync.loop.last > SUSPENDED) {
    rs_output_halt(output, now);
    return false;
  }
  return (int64_t)pulse <
         output->sync.base + ticks * (int64_t)output->transport.timeline.pulses_a_clock;
}

/* Due time of a pulse; if it is long past, the timeline is shifted to the current time. */
static int64_t due_of(RsOutput *output, uint64_t pulse, int64_t now) {
  int64_t due = rs_timeline_due(&output->transport.timeline, pulse);
  const bool behind = output->missing ? is_late(output, due, now) : now - due > SUSPENDED;
  if (behind && !output->settings.follow && !output->waits && !output->sender.suspended) {
    due = rs_sender_earliest(&output->sender, now);
    rs_timeline_move(&output->transport.timeline, pulse, due);
  }
  return due > output->sender.last_due ? due : output->sender.last_due;
}

static int64_t play(RsOutput *output, int64_t now) {
  while (output->state == RS_OUTPUT_PLAYING) {
    const uint64_t pulse = next_pulse(output);
    const int64_t due = due_of(output, pulse, now);
    if (due - output->sender.sink->lookahead > now) {
      return due - output->sender.sink->lookahead;
    }
    if (output->settings.follow && !may_follow(output, pulse, now)) {
      return now + POLL_INTERVAL;
    }
    if (!play_pulse(output, pulse, due, now)) {
      return now + POLL_INTERVAL;
    }
  }
  return now + POLL_INTERVAL;
}

static void begin(RsOutput *output, int64_t now) {
  const int64_t due = now + output->sender.sink->lookahead + PREROLL;
  output->queue.least_margin = output->shared.frames.capacity;
  output->first_due = due;
  rs_sender_put_program(&output->sender);
  rs_sender_send(&output->sender, due - PREROLL, 0);
  if (output->settings.follow || output->transport.paused) {
    output->state = RS_OUTPUT_HALTED;
  } else {
    rs_output_continue(output, due);
  }
}

/* Whether the source is at least as fast as real time, since the first frame. */
static bool keeps_up(const RsOutput *output, size_t count, int64_t now) {
  const RsTimeline *timeline = &output->transport.timeline;
  const int64_t music = rs_timeline_due(timeline, (count - 1) * timeline->pulses_a_frame) -
                        rs_timeline_due(timeline, 0);
  return music >= now - output->queue.ready_at;
}

/* Whether enough frames are available to begin: more for a slow source, all where it has ended. The
   time of waiting is limited. */
static bool is_prebuffered(RsOutput *output, int64_t now) {
  RsFrameQueue *queue = &output->queue;
  const size_t count = rs_ring_count(&output->shared.frames);
  queue->ready_at = queue->ready_at || !count ? queue->ready_at : now;
  if (!count || atomic_load(&output->shared.ended)) {
    return count;
  }
  const int64_t waited = now - queue->ready_at;
  const bool slow = !keeps_up(output, count, now);
  if (slow && waited > SUSPENDED) {
    atomic_store(&output->shared.slow, true);
  }
  return slow ? waited > SLOW_START : count >= queue->prebuffer || waited > SUSPENDED;
}

static int64_t advance(RsOutput *output, int64_t now) {
  switch (output->state) {
  case RS_OUTPUT_BUFFERING:
    if (is_prebuffered(output, now)) {
      begin(output, now);
    }
    return now + POLL_INTERVAL;
  case RS_OUTPUT_PLAYING:
    return play(output, now);
  case RS_OUTPUT_DRAINING:
    if (now >= output->drained) {
      output->state = RS_OUTPUT_DONE;
    }
    return output->drained;
  case RS_OUTPUT_HALTED:
  case RS_OUTPUT_DONE:
    break;
  }
  return now + POLL_INTERVAL;
}

static void publish(RsOutput *output) {
  for (int w = 0; w < 2; ++w) {
    uint64_t notes = 0;
    for (int channel = 0; channel < RS_CHANNELS; ++channel) {
      notes |= output->sender.active.notes[channel].bits[w];
    }
    atomic_store_explicit(&output->shared.view_notes[w], notes, memory_order_relaxed);
  }
  atomic_store_explicit(&output->shared.view_lateness, output->sender.statistics.late_ms,
                        memory_order_relaxed);
  atomic_store_explicit(&output->shared.view_frame, output->transport.frame, memory_order_relaxed);
  atomic_store_explicit(&output->shared.view_port_lost,
                        output->sender.outage.since && !output->sender.outage.refreshes,
                        memory_order_release); /* after the new name of the port */
  atomic_store_explicit(&output->shared.view_suspended, output->sender.suspended,
                        memory_order_relaxed);
  atomic_store_explicit(&output->shared.view_running, output->state == RS_OUTPUT_PLAYING,
                        memory_order_relaxed);
}

/* Stop at once where what is queued can be recalled, else after it. */
static void stop_if_requested(RsOutput *output, int64_t now) {
  if (!atomic_load_explicit(&output->shared.stop, memory_order_relaxed) ||
      output->sender.outage.refreshes || output->state >= RS_OUTPUT_DRAINING) {
    return;
  }
  const bool recalled = rs_sender_recall(&output->sender, now);
  rs_output_end(output, recalled ? now : rs_sender_earliest(&output->sender, now), RS_ERR_STOPPED);
}

int64_t rs_output_step(RsOutput *output, int64_t now) {
  rs_output_inputs(output, now);
  rs_output_commands(output, now);
  stop_if_requested(output, now);
  if (output->sender.outage.since && output->state < RS_OUTPUT_DRAINING) {
    rs_output_reopen_port(output, now);
  }
  if (output->sender.suspended && output->state < RS_OUTPUT_DRAINING) {
    rs_output_check_receiver(output, now);
  }
  rs_output_seek(output, now);
  rs_output_accompany(output, now);
  const int64_t next = advance(output, now);
  publish(output);
  return next;
}
