/* SPDX-License-Identifier: ISC */

#include "live/output.h"

#include <string.h>

/* Frames: the next one, its messages, and skipping frames up to a position. */

/* Messages besides notes: silence of a channel (3), Stop, song position, Continue, and clocks */
enum { CONTROLS_AT_END = 10 };

RsNext rs_output_next_frame(RsOutput *output, const RsSourceFrame **frame, RsStatus *status) {
  const size_t frames = output->settings.frames;
  const RsSourceFrame *held = rs_transform_held(&output->transform);
  *frame = held ? held : &output->queue.next.frame;
  if (frames && output->transport.frame == frames) {
    *status = RS_ERR_EMPTY;
    return RS_NEXT_NONE;
  }
  if (held) {
    return RS_NEXT_READY;
  }
  const RsNext next = rs_frame_queue_next(&output->queue, &output->shared);
  *status = output->queue.next.status;
  return next;
}

/* ---- Notes ---- */

/* Active notes of all parts. */
static RsFrame part_notes(const RsOutput *output) {
  const RsSender *sender = &output->sender;
  RsFrame notes = {{0, 0}};
  for (unsigned part = 0; part < sender->parts; ++part) {
    const RsFrame *active = &sender->active.notes[rs_sender_channel(sender, part)];
    notes.bits[0] |= active->bits[0];
    notes.bits[1] |= active->bits[1];
  }
  return notes;
}

static size_t note_messages(const RsOutput *output, RsNoteFrame frame) {
  const RsFrame active = part_notes(output);
  RsFrame changed, again = {{0, 0}};
  rs_transform_notes(&output->transform, &frame);
  for (int w = 0; w < 2; ++w) {
    changed.bits[w] = frame.on.bits[w] ^ active.bits[w];
    again.bits[w] = frame.has_onset ? frame.on.bits[w] & active.bits[w] & frame.onset.bits[w] : 0;
  }
  const int messages =
      rs_frame_count(&changed) + 2 * rs_frame_count(&again) + rs_frame_count(&frame.on);
  return (size_t)messages;
}

size_t rs_output_frame_messages(const RsOutput *output, const RsSourceFrame *frame) {
  const size_t messages =
      frame->type == RS_FRAME_NOTES
          ? note_messages(output, frame->notes)
          : frame->messages.count + (size_t)rs_active_notes_count(&output->sender.active);
  return messages + CONTROLS_AT_END;
}

static void perform_notes(RsOutput *output, RsNoteFrame frame) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  RsSender *sender = &output->sender;
  rs_transform_notes(&output->transform, &frame);
  const size_t count =
      rs_performer_frame(output->performer, &frame.on, frame.has_onset ? &frame.onset : NULL,
                         frame.has_velocity ? frame.velocity : NULL, events);
  for (size_t i = 0; i < count; ++i) {
    rs_sender_put(sender, rs_message_note(events[i].on, rs_sender_channel(sender, events[i].part),
                                          events[i].note, events[i].velocity));
  }
}

void rs_output_perform_again(RsOutput *output, const RsSourceFrame *next) {
  RsNoteFrame frame = rs_transform_replace(&output->transform, next)->notes;
  frame.has_onset = false; /* notes that sound go on */
  rs_performer_again(output->performer);
  perform_notes(output, frame);
}

/* ---- Messages of a file ---- */

/* Change the tempo in proportion to that of the file. */
static void change_tempo(RsOutput *output, double bpm) {
  if (bpm <= 0) {
    return;
  }
  output->score.bpm = bpm;
  if (!output->settings.follow) {
    rs_output_set_tempo(output, rs_output_frame_pulse(output),
                        rs_output_clamp_tempo(output->score.pace * bpm));
  }
}

/* End all notes, as their note-offs may be missing or have another pitch. */
static void restart_notes(RsOutput *output) {
  rs_sender_put_ends(&output->sender);
  output->sender.restart_notes = false;
  memset(output->score.depth, 0, sizeof(output->score.depth));
}

/* Of overlapping notes of one pitch, the earlier one is ended first; the last note-off ends the
 * note. */
static void put_note(RsOutput *output, RsMessage message) {
  if (!rs_transform_message(&output->transform, &message)) {
    return;
  }
  const int channel = rs_midi_channel(message.bytes[0]), note = message.bytes[1];
  const bool on = rs_message_begins_note(&message);
  uint8_t *depth = &output->score.depth[channel][note];
  if (on && *depth) {
    rs_sender_put(&output->sender, rs_message_note(false, channel, note, 0));
  }
  if (on) {
    *depth += *depth < UINT8_MAX;
  } else if (*depth) {
    --*depth;
  }
  if (on || !*depth) {
    rs_sender_put(&output->sender, message);
  }
}

void rs_output_perform_messages(RsOutput *output, const RsMessageFrame *frame, int64_t due) {
  RsSender *sender = &output->sender;
  change_tempo(output, frame->bpm);
  if (sender->restart_notes || frame->restart) {
    restart_notes(output);
  }
  for (size_t i = 0; i < frame->count; ++i) {
    const RsMessage *message = &frame->messages[i];
    const int kind = rs_midi_kind(message->bytes[0]);
    sender->channels_used |= 1u << rs_midi_channel(message->bytes[0]);
    if (sender->batched + 2 > RS_BATCH) {
      rs_sender_send(sender, due, 0);
    }
    if (kind == RS_MIDI_NOTE_ON || kind == RS_MIDI_NOTE_OFF) {
      put_note(output, *message);
    } else {
      rs_sender_put(sender, *message);
    }
  }
}

void rs_output_perform(RsOutput *output, const RsSourceFrame *next, int64_t due) {
  if (next == &output->queue.next.frame) {
    output->partner.frame = output->queue.next.number;
    output->partner.sounds = true;
  }
  output->queue.has_next = output->queue.has_next && next != &output->queue.next.frame;
  if (rs_transform_repeats(&output->transform)) {
    output->sender.restart_notes = true; /* earlier notes have no note-off within the bars held */
  }
  const RsSourceFrame *frame = rs_transform_keep(&output->transform, next);
  if (frame->type == RS_FRAME_NOTES) {
    perform_notes(output, frame->notes);
  } else {
    rs_output_perform_messages(output, &frame->messages, due);
  }
  output->transport.frame += rs_frame_length(frame);
}

/* ---- Skipping ---- */

static void skip_messages(RsOutput *output, const RsMessageFrame *frame) {
  change_tempo(output, frame->bpm);
  output->sender.restart_notes = true;
  rs_channel_state_update(&output->sender.channel_state, frame->messages, frame->count, false);
}

static void skip_frame(RsOutput *output) {
  const RsSourceFrame *frame = NULL;
  RsStatus status = RS_OK;
  const RsNext next = rs_output_next_frame(output, &frame, &status);
  if (next != RS_NEXT_READY) {
    output->sync.seeks = next == RS_NEXT_NOT_YET;
    return;
  }
  output->queue.has_next = false;
  if (frame->type == RS_FRAME_MESSAGES) {
    skip_messages(output, &frame->messages);
  }
  output->transport.frame += rs_frame_length(frame);
}

void rs_output_seek(RsOutput *output, int64_t now) {
  RsSync *sync = &output->sync;
  const bool sought = sync->seeks;
  while (sync->seeks && rs_output_frame_pulse(output) < sync->target) {
    skip_frame(output);
    if (!output->queue.has_next && !rs_ring_count(&output->shared.frames)) {
      break;
    }
  }
  sync->seeks = sync->seeks && rs_output_frame_pulse(output) < sync->target;
  if (sought && !sync->seeks) {
    output->transport.pulse = sync->target;
    output->transport.clock = sync->target / output->transport.timeline.pulses_a_clock;
    rs_sender_restore(&output->sender);
    rs_sender_send(&output->sender, rs_sender_earliest(&output->sender, now), 0);
  }
}

/* Locate a generated source: it has no past frames, but a position in the meter. */
static void locate_generated(RsOutput *output, uint64_t pulse) {
  const uint64_t frame = output->transport.timeline.pulses_a_frame;
  output->sync.loop.ticks = 0;
  output->sync.song_base = pulse;
  rs_output_locate_source(output, (pulse + frame - 1) / frame);
}

void rs_output_locate(RsOutput *output, uint64_t pulse, int64_t now) {
  RsSync *sync = &output->sync;
  if (output->queue.can_locate) {
    locate_generated(output, pulse);
    return;
  }
  if (!output->queue.can_rewind || output->transform.hold) {
    return; /* the source has no positions */
  }
  if (pulse < rs_output_frame_pulse(output)) {
    rs_output_rewind(output);
  }
  sync->loop.ticks = 0;
  sync->base = (int64_t)pulse;
  sync->target = pulse;
  sync->located = sync->seeks = true;
  rs_output_seek(output, now);
}
