/* SPDX-License-Identifier: ISC */

#include "live/output.h"

/* A person who is accompanied: the notes that are held, and the frame that is made again for them.
 */

static const RsFrame none = {{0, 0}};

/* Notes that sound: held keys, and, while the pedal is down, those that sounded. */
static void update_notes(RsPartner *partner) {
  for (int w = 0; w < 2; ++w) {
    const uint64_t kept = partner->pedal ? partner->notes.bits[w] : 0;
    const uint64_t notes = partner->keys.bits[w] | kept;
    partner->changed = partner->changed || notes != partner->notes.bits[w];
    partner->notes.bits[w] = notes;
  }
}

static void press(RsPartner *partner, int note) {
  rs_frame_set(&partner->keys, note);
  rs_frame_set(&partner->pressed, note);
  partner->changed = true;
}

static void control(RsPartner *partner, int controller, int value) {
  const bool ends =
      controller == RS_CONTROL_ALL_SOUND_OFF || controller >= RS_CONTROL_ALL_NOTES_OFF;
  if (controller == RS_CONTROL_SUSTAIN) {
    partner->pedal = value >= RS_MIDI_SWITCH_ON;
  } else if (ends || controller == RS_CONTROL_RESET) {
    partner->keys = ends ? none : partner->keys;
    partner->pedal = false;
  }
}

void rs_output_partner_message(RsOutput *output, const RsMessage *message) {
  RsPartner *partner = &output->partner;
  const int note = message->bytes[1] - output->transform.transpose;
  switch (rs_midi_kind(message->bytes[0])) {
  case RS_MIDI_NOTE_ON:
  case RS_MIDI_NOTE_OFF:
    if (note < 0 || note >= RS_NOTES) {
      return;
    }
    if (rs_message_begins_note(message)) {
      press(partner, note);
    } else {
      rs_frame_clear(&partner->keys, note);
    }
    break;
  case RS_MIDI_CONTROL:
    control(partner, message->bytes[1], message->bytes[2]);
    break;
  default:
    return;
  }
  update_notes(partner);
}

/* Frames that were made without these notes are discarded. A full queue is tried again. */
static void tell_source(RsOutput *output) {
  RsPartner *partner = &output->partner;
  const RsHeldNotes held = {.notes = partner->notes,
                            .pressed = partner->pressed,
                            .sounds = partner->sounds,
                            .frame = partner->frame,
                            .change = partner->changes + 1};
  if (rs_ring_push(&output->shared.held, &held)) {
    partner->pressed = none;
    partner->changed = false;
    output->queue.held = ++partner->changes;
  }
}

void rs_output_accompany(RsOutput *output, int64_t now) {
  RsFrameQueue *queue = &output->queue;
  if (output->partner.changed) {
    tell_source(output);
  }
  if (!output->partner.changes || output->state != RS_OUTPUT_PLAYING) {
    return;
  }
  rs_frame_queue_next(queue, &output->shared);
  const bool again = queue->has_again && queue->again.held == queue->held &&
                     queue->again.number == output->partner.frame;
  queue->has_again = false;
  if (again && !queue->again.status && !output->sender.suspended &&
      rs_flow_fits(&output->sender.flow, rs_output_frame_messages(output, &queue->again.frame))) {
    rs_output_perform_again(output, &queue->again.frame);
    rs_sender_send(&output->sender, rs_sender_earliest(&output->sender, now), now);
  }
}
