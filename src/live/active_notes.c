/* SPDX-License-Identifier: ISC */

#include "live/active_notes.h"

RsMessage rs_message_note(bool on, int channel, int note, int velocity) {
  return (RsMessage){3,
                     {(uint8_t)((on ? RS_MIDI_NOTE_ON : RS_MIDI_NOTE_OFF) | channel), (uint8_t)note,
                      (uint8_t)velocity}};
}

bool rs_message_begins_note(const RsMessage *message) {
  return rs_midi_kind(message->bytes[0]) == RS_MIDI_NOTE_ON && message->bytes[2];
}

bool rs_message_ends_note(const RsMessage *message) {
  const int kind = rs_midi_kind(message->bytes[0]);
  return kind == RS_MIDI_NOTE_OFF || (kind == RS_MIDI_NOTE_ON && !message->bytes[2]);
}

RsMessage rs_message_control(int channel, int number, int value) {
  return (RsMessage){3, {(uint8_t)(RS_MIDI_CONTROL | channel), (uint8_t)number, (uint8_t)value}};
}

bool rs_message_silences(const RsMessage *message) {
  return rs_midi_kind(message->bytes[0]) == RS_MIDI_CONTROL &&
         (message->bytes[1] == RS_CONTROL_ALL_SOUND_OFF ||
          message->bytes[1] == RS_CONTROL_ALL_NOTES_OFF);
}

RsMessage rs_message_byte(uint8_t byte) {
  return (RsMessage){1, {byte, 0, 0}};
}

void rs_active_notes_update(RsActiveNotes *active, const RsMessage *messages, size_t count,
                            bool delivered) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = messages[i].bytes;
    RsFrame *notes = &active->notes[rs_midi_channel(bytes[0])];
    if (rs_message_begins_note(&messages[i])) {
      rs_frame_set(notes, bytes[1]);
    } else if (rs_message_ends_note(&messages[i]) && delivered) {
      rs_frame_clear(notes, bytes[1]);
    }
  }
}

int rs_active_notes_count(const RsActiveNotes *active) {
  int count = 0;
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    count += rs_frame_count(&active->notes[channel]);
  }
  return count;
}

size_t rs_active_notes_end(const RsActiveNotes *active, int channel, RsMessage *messages) {
  const RsFrame *notes = &active->notes[channel];
  size_t count = 0;
  for (int n = rs_frame_next(notes, 0); n < RS_NOTES; n = rs_frame_next(notes, n + 1)) {
    messages[count++] = rs_message_note(false, channel, n, 0);
  }
  return count;
}

size_t rs_silence_messages(int channel, RsMessage *messages) {
  messages[0] = rs_message_control(channel, RS_CONTROL_SUSTAIN, 0);
  messages[1] = rs_message_control(channel, RS_CONTROL_ALL_NOTES_OFF, 0);
  messages[2] = rs_message_control(channel, RS_CONTROL_ALL_SOUND_OFF, 0);
  return RS_SILENCE_MESSAGES;
}
