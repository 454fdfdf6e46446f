/* SPDX-License-Identifier: ISC */

#include "live/output.h"

/* Position of the music: running, halted, located and ended. */

#define MOST_LAG (RS_SECOND) /* longest additional wait for delivery at the end */

#define SLOWEST_BPM 4.0     /* of a MIDI file: 2^24 microseconds a quarter note are 3.6 */
#define FASTEST_BPM 60000.0 /* a quarter note a millisecond */

/* ---- Time ---- */

double rs_output_clamp_tempo(double bpm) {
  return bpm < SLOWEST_BPM ? SLOWEST_BPM : bpm > FASTEST_BPM ? FASTEST_BPM : bpm;
}

uint64_t rs_output_frame_pulse(const RsOutput *output) {
  return output->transport.frame * output->transport.timeline.pulses_a_frame;
}

uint64_t rs_output_clock_pulse(const RsOutput *output) {
  const RsTransport *transport = &output->transport;
  return output->settings.clock ? transport->clock * transport->timeline.pulses_a_clock
                                : UINT64_MAX;
}

uint64_t rs_output_position(const RsOutput *output, int64_t now) {
  const RsTransport *transport = &output->transport;
  const uint64_t pulse =
      rs_timeline_pulse(&transport->timeline, rs_sender_earliest(&output->sender, now));
  const uint64_t frame = rs_output_frame_pulse(output), clock = rs_output_clock_pulse(output);
  const uint64_t next = frame < clock ? frame : clock;
  return pulse < transport->pulse ? transport->pulse : pulse < next ? pulse : next;
}

void rs_output_set_tempo(RsOutput *output, uint64_t pulse, double bpm) {
  output->transport.bpm = bpm;
  rs_timeline_tempo(&output->transport.timeline, pulse, bpm);
  atomic_store_explicit(&output->shared.view_bpm, bpm, memory_order_relaxed);
}

/* ---- Halting ---- */

void rs_output_end_notes(RsOutput *output, int64_t due) {
  RsNoteEvent events[RS_NOTES];
  rs_performer_end(output->performer, events);
  rs_sender_put_ends(&output->sender);
  rs_sender_send(&output->sender, due, 0);
}

void rs_output_halt(RsOutput *output, int64_t now) {
  rs_output_end_notes(output, rs_sender_earliest(&output->sender, now));
  if (output->settings.clock && !output->transport.cue_pending) {
    rs_sender_put(&output->sender, rs_message_byte(RS_MIDI_STOP));
    rs_sender_send(&output->sender, now, 0);
  }
  output->transport.halted_at = rs_output_position(output, now);
  output->state = RS_OUTPUT_HALTED;
}

void rs_output_continue(RsOutput *output, int64_t due) {
  rs_timeline_move(&output->transport.timeline, output->transport.halted_at, due);
  output->transport.cue_pending = true;
  output->state = RS_OUTPUT_PLAYING;
}

void rs_output_end(RsOutput *output, int64_t due, RsStatus status) {
  RsSender *sender = &output->sender;
  if (output->state >= RS_OUTPUT_DRAINING) {
    return;
  }
  sender->suspended = false; /* note-offs are sent in any case */
  rs_sender_put_ends(sender);
  rs_sender_put_silences(sender);
  if (output->settings.clock && output->state == RS_OUTPUT_PLAYING) {
    rs_sender_put(sender, rs_message_byte(RS_MIDI_STOP));
  }
  rs_sender_send(sender, due, 0);
  output->status =
      status || !sender->outage.since || sender->outage.refreshes ? status : RS_ERR_PORT;
  output->state = RS_OUTPUT_DRAINING;
  output->drained = sender->last_due;
  if (sender->sink->lookahead && !sender->outage.since) {
    const int64_t lag =
        sender->statistics.delay.largest; /* other threads may be as late as this one was */
    output->drained += RS_DRAIN + (lag < MOST_LAG ? lag : MOST_LAG);
  }
}

/* ---- Locating ---- */

void rs_output_rewind(RsOutput *output) {
  RsTransport *transport = &output->transport;
  if (!output->queue.can_rewind || !transport->frame) {
    return;
  }
  rs_frame_queue_discard(&output->queue, &output->shared);
  transport->frame = transport->clock = transport->pulse = 0;
}

void rs_output_relocate_source(RsOutput *output) {
  atomic_store(&output->shared.song_frame, output->transport.frame + (uint64_t)output->sync.ahead);
  rs_frame_queue_discard(&output->queue, &output->shared);
}

void rs_output_locate_source(RsOutput *output, uint64_t frame) {
  const uint64_t next = output->transport.frame;
  if (output->queue.can_locate && frame != next + (uint64_t)output->sync.ahead) {
    output->sync.ahead = (int64_t)(frame - next);
    rs_output_relocate_source(output);
    rs_performer_go_to(output->performer, frame);
  }
}
