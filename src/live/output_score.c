#include "live/output.h"

/* The frames of a score: messages as they stand in a file, on any channel. */

/// The tempo of the score changes: so does that in which it is played, in the same proportion
static void change_tempo(RsOutput *output, double bpm) {
  output->score_bpm = bpm;
  if (!output->settings.follow) {
    const double played = rs_output_playable(output->pace * bpm);
    output->bpm = played;
    rs_timeline_tempo(&output->timeline, rs_output_frame_pulse(output), played);
    atomic_store_explicit(&output->seen_bpm, played, memory_order_relaxed);
  }
}

/// End all that sounds, since its own ends may not come, or come elsewhere
static void begin_anew(RsOutput *output) {
  rs_output_put_ends(output);
  output->anew = false;
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    for (int note = 0; note < RS_NOTES; ++note) {
      output->depth[channel][note] = 0;
    }
  }
}

/// A note that sounds already is ended before it begins again, and ends with the last of them
static void put_note(RsOutput *output, RsMessage message) {
  const int channel = rs_midi_channel(message.bytes[0]);
  const int note = message.bytes[1] + (channel == RS_DRUM_CHANNEL ? 0 : output->transpose);
  const bool on = rs_midi_kind(message.bytes[0]) == RS_MIDI_NOTE_ON && message.bytes[2];
  if (note < 0 || note >= RS_NOTES || (on && output->mute)) {
    return;
  }
  uint8_t *depth = &output->depth[channel][note];
  message.bytes[1] = (uint8_t)note;
  if (on && *depth) {
    rs_output_put(output, rs_message_note(false, channel, note, 0));
  }
  if (on) {
    *depth += *depth < UINT8_MAX;
  } else if (*depth) {
    --*depth;
  }
  if (on || !*depth) {
    rs_output_put(output, message);
  }
}

void rs_output_pass_score(RsOutput *output, const RsMessageFrame *frame) {
  if (frame->bpm > 0) {
    change_tempo(output, frame->bpm);
  }
  output->anew = true;
  rs_channels_account(&output->set, frame->messages, frame->count, false);
}

void rs_output_perform_score(RsOutput *output, const RsMessageFrame *frame, int64_t due) {
  if (frame->bpm > 0) {
    change_tempo(output, frame->bpm);
  }
  if (output->anew || frame->anew) {
    begin_anew(output);
  }
  for (size_t i = 0; i < frame->count; ++i) {
    const RsMessage *message = &frame->messages[i];
    const int kind = rs_midi_kind(message->bytes[0]);
    output->channels |= 1u << rs_midi_channel(message->bytes[0]);
    if (output->batched + 2 > RS_BATCH) {
      rs_output_send(output, due, 0);
    }
    if (kind == RS_MIDI_NOTE_ON || kind == RS_MIDI_NOTE_OFF) {
      put_note(output, *message);
    } else {
      rs_output_put(output, *message);
    }
  }
}
