#include "live/output.h"

#include <string.h>

/* The frames of the output: which one is next, and what it takes to perform it. */

/// Pedal up and the like, the clock's Stop, where it goes on, and some clocks
enum { CONTROLS_AT_END = 10 };

/// Frame that is played again while the last bars are held
static const RsSourceFrame *held_frame(const RsOutput *output) {
  return &output->history[(output->history_count - output->hold) % RS_HISTORY_FRAMES];
}

void rs_output_hold(RsOutput *output, uint64_t frames) {
  const uint64_t most =
      output->history_count < RS_HISTORY_FRAMES ? output->history_count : RS_HISTORY_FRAMES;
  uint64_t held = 0;
  output->anew = output->anew || output->hold; // The end of what began lies in the bars held
  output->hold = output->hold_at = 0;
  while (held < frames && output->hold < most) {
    ++output->hold;
    held += rs_output_frame_length(held_frame(output));
  }
}

static bool is_wanted(const RsOutput *output) {
  return output->next.generation == output->generation &&
         output->next.rewound == atomic_load_explicit(&output->rewound, memory_order_relaxed);
}

/// The next frame of the queue is made the next one to be played, unless there is one already
static RsStatus pop_frame(RsOutput *output) {
  size_t margin = rs_ring_count(&output->frames);
  while (!output->has_next || !is_wanted(output)) {
    output->has_next = rs_ring_pop(&output->frames, &output->next);
    if (!output->has_next) {
      return RS_ERR_ARGUMENT;
    }
    if (is_wanted(output) && !output->next.status && margin < output->stats.least_margin) {
      output->stats.least_margin = margin;
    }
    --margin;
  }
  return output->next.status;
}

void rs_output_discard(RsOutput *output) {
  atomic_fetch_add(&output->rewound, 1);
  do { // Make room at once
    output->has_next = false;
  } while (rs_ring_pop(&output->frames, &output->next));
}

void rs_output_rewind(RsOutput *output) {
  if (!output->rewinds || !output->frame) {
    return;
  }
  rs_output_discard(output);
  output->frame = output->clock = output->pulse = 0;
}

RsStatus rs_output_see_frame(RsOutput *output, const RsSourceFrame **frame) {
  *frame = output->hold ? held_frame(output) : NULL;
  if (output->settings.frames && output->frame == output->settings.frames) {
    return RS_ERR_EMPTY;
  }
  if (*frame) {
    return RS_OK;
  }
  *frame = &output->next.frame;
  return pop_frame(output);
}

static size_t note_messages(const RsOutput *output, const RsNoteFrame *frame) {
  const RsFrame *sounding = &output->sounding.notes[rs_output_channel(output)];
  RsFrame on = rs_frame_shift(&frame->on, output->transpose), changed, again = {{0, 0}};
  const RsFrame onset = rs_frame_shift(&frame->onset, output->transpose);
  for (int w = 0; w < 2; ++w) {
    on.bits[w] = output->mute ? 0 : on.bits[w];
    changed.bits[w] = on.bits[w] ^ sounding->bits[w];
    again.bits[w] = frame->has_onset ? on.bits[w] & sounding->bits[w] & onset.bits[w] : 0;
  }
  return (size_t)(rs_frame_count(&changed) + 2 * rs_frame_count(&again) + rs_frame_count(&on));
}

size_t rs_output_frame_messages(const RsOutput *output, const RsSourceFrame *frame) {
  const size_t messages =
      frame->kind == RS_FRAME_NOTES
          ? note_messages(output, &frame->notes)
          : frame->messages.count + (size_t)rs_sounding_count(&output->sounding);
  return messages + CONTROLS_AT_END;
}

uint64_t rs_output_frame_length(const RsSourceFrame *frame) {
  return frame->kind == RS_FRAME_NOTES ? 1 : frame->messages.length;
}

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

static void perform_notes(RsOutput *output, RsNoteFrame frame) {
  RsNoteEvent events[RS_PERFORMER_EVENTS];
  if (output->transpose) {
    transpose(&frame, output->transpose);
  }
  if (output->mute) {
    frame.on = frame.onset = (RsFrame){{0, 0}};
  }
  const size_t count =
      rs_performer_frame(output->performer, &frame.on, frame.has_onset ? &frame.onset : NULL,
                         frame.has_velocity ? frame.velocity : NULL, events);
  for (size_t i = 0; i < count; ++i) {
    rs_output_put(output, rs_message_note(events[i].on, rs_output_channel(output), events[i].note,
                                          events[i].velocity));
  }
}

/// Remember a frame, for it may be held
static const RsSourceFrame *keep(RsOutput *output, const RsSourceFrame *frame) {
  RsSourceFrame *kept = &output->history[output->history_count++ % RS_HISTORY_FRAMES];
  *kept = *frame;
  return kept;
}

void rs_output_perform(RsOutput *output, const RsSourceFrame *next, int64_t due) {
  output->has_next = output->has_next && next != &output->next.frame;
  if (output->hold && output->hold_at++ % output->hold == 0) {
    output->anew = true; // What began before the bars that are held has no end in them
  }
  const RsSourceFrame *frame = keep(output, next);
  if (frame->kind == RS_FRAME_NOTES) {
    perform_notes(output, frame->notes);
  } else {
    rs_output_perform_score(output, &frame->messages, due);
  }
  output->frame += rs_output_frame_length(frame);
}
