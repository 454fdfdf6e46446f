/* SPDX-License-Identifier: ISC */

#include "live/transform.h"

#include <stdlib.h>
#include <string.h>

RsStatus rs_transform_init(RsTransform *transform) {
  transform->history = calloc(RS_HISTORY_FRAMES, sizeof(*transform->history));
  return transform->history ? RS_OK : RS_ERR_MEMORY;
}

void rs_transform_clear(RsTransform *transform) {
  free(transform->history);
}

uint64_t rs_frame_length(const RsSourceFrame *frame) {
  return frame->type == RS_FRAME_NOTES ? 1 : frame->messages.length;
}

/* ---- Holding ---- */

static const RsSourceFrame *from_history(const RsTransform *transform, size_t back) {
  return &transform->history[(transform->history_count - back) % RS_HISTORY_FRAMES];
}

void rs_transform_hold(RsTransform *transform, uint64_t frames) {
  const uint64_t most =
      transform->history_count < RS_HISTORY_FRAMES ? transform->history_count : RS_HISTORY_FRAMES;
  uint64_t held = 0;
  transform->hold = transform->held = 0;
  while (held < frames && transform->hold < most) {
    ++transform->hold;
    held += rs_frame_length(from_history(transform, transform->hold));
  }
}

const RsSourceFrame *rs_transform_held(const RsTransform *transform) {
  return transform->hold ? from_history(transform, transform->hold) : NULL;
}

bool rs_transform_repeats(RsTransform *transform) {
  return transform->hold && transform->held++ % transform->hold == 0;
}

const RsSourceFrame *rs_transform_keep(RsTransform *transform, const RsSourceFrame *frame) {
  RsSourceFrame *kept = &transform->history[transform->history_count++ % RS_HISTORY_FRAMES];
  *kept = *frame;
  return kept;
}

const RsSourceFrame *rs_transform_replace(RsTransform *transform, const RsSourceFrame *frame) {
  transform->history_count -= transform->history_count > 0;
  return rs_transform_keep(transform, frame);
}

/* ---- Notes ---- */

static void transpose(RsNoteFrame *frame, int semitones) {
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

void rs_transform_notes(const RsTransform *transform, RsNoteFrame *frame) {
  if (transform->transpose) {
    transpose(frame, transform->transpose);
  }
  if (transform->mute) {
    frame->on = frame->onset = (RsFrame){{0, 0}};
  }
}

bool rs_transform_message(const RsTransform *transform, RsMessage *message) {
  const bool drums = rs_midi_channel(message->bytes[0]) == RS_DRUM_CHANNEL;
  const int note = message->bytes[1] + (drums ? 0 : transform->transpose);
  if (note < 0 || note >= RS_NOTES || (rs_message_begins_note(message) && transform->mute)) {
    return false;
  }
  message->bytes[1] = (uint8_t)note;
  return true;
}
