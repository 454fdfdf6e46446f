/* SPDX-License-Identifier: ISC */

#include "live/note_recorder.h"

#include "live/active_notes.h"

enum { LONGEST = 4096 }; /* frames of the roll; bounds its memory */

static RsRecordedNote *kept(RsNoteRecorder *recorder, size_t number) {
  return &recorder->notes[number % RS_RECORDED_NOTES];
}

static size_t first_kept(const RsNoteRecorder *recorder) {
  return recorder->count > RS_RECORDED_NOTES ? recorder->count - RS_RECORDED_NOTES : 0;
}

static void end_note(RsNoteRecorder *recorder, int note, int64_t time) {
  for (size_t i = recorder->count; i > first_kept(recorder); --i) {
    RsRecordedNote *one = kept(recorder, i - 1);
    if (one->note == note && !one->end) {
      one->end = time;
      --recorder->active;
      return;
    }
  }
}

static void begin_note(RsNoteRecorder *recorder, int note, int velocity, int64_t time) {
  end_note(recorder, note, time);
  RsRecordedNote *place = kept(recorder, recorder->count);
  recorder->active += 1 - (recorder->count >= RS_RECORDED_NOTES && !place->end);
  *place = (RsRecordedNote){time, 0, (uint8_t)note, (uint8_t)velocity};
  ++recorder->count;
}

void rs_note_recorder_add(RsNoteRecorder *recorder, const RsReceivedMessage *received) {
  const uint8_t *bytes = received->message.bytes;
  const int kind = rs_midi_kind(bytes[0]);
  if (rs_message_silences(&received->message)) {
    rs_note_recorder_release(recorder, received->time);
  }
  if (kind != RS_MIDI_NOTE_ON && kind != RS_MIDI_NOTE_OFF) {
    return;
  }
  if (kind == RS_MIDI_NOTE_ON && bytes[2]) {
    begin_note(recorder, bytes[1] & RS_MIDI_DATA_MAX, bytes[2], received->time);
  } else {
    end_note(recorder, bytes[1] & RS_MIDI_DATA_MAX, received->time);
  }
  recorder->last = received->time;
}

void rs_note_recorder_release(RsNoteRecorder *recorder, int64_t now) {
  for (int note = 0; recorder->active && note < RS_NOTES; ++note) {
    end_note(recorder, note, now);
    recorder->last = now;
  }
}

bool rs_note_recorder_is_complete(const RsNoteRecorder *recorder, int64_t now, int64_t pause) {
  return recorder->count && !recorder->active && now - recorder->last >= pause;
}

static size_t nearest_frame(int64_t time, int64_t frame) {
  const int64_t number = (time + frame / 2) / frame;
  return number < 0 ? 0 : number < LONGEST ? (size_t)number : LONGEST;
}

static void put_note(RsRoll *roll, const RsRecordedNote *note, int64_t start, int64_t frame) {
  const size_t begin = nearest_frame(note->begin - start, frame);
  size_t end = nearest_frame(note->end - start, frame);
  end = end > begin ? end : begin + 1;
  for (size_t f = begin; f < end && f < roll->frames; ++f) {
    rs_frame_set(&roll->on[f], note->note);
    roll->velocity[f * RS_NOTES + note->note] = note->velocity;
  }
  if (begin < roll->frames) {
    rs_frame_set(&roll->onset[begin], note->note);
  }
}

RsStatus rs_note_recorder_take(RsNoteRecorder *recorder, int64_t frame, RsRoll *roll) {
  if (!recorder->count) {
    return RS_ERR_EMPTY;
  }
  const size_t first = first_kept(recorder);
  const int64_t start = kept(recorder, first)->begin;
  const size_t frames = nearest_frame(recorder->last - start, frame);
  const RsStatus status =
      rs_roll_init(roll, NULL, frames ? frames : 1, RS_PLANE_ONSET | RS_PLANE_VELOCITY);
  for (size_t i = first; !status && i < recorder->count; ++i) {
    put_note(roll, kept(recorder, i), start, frame);
  }
  recorder->count = 0;
  recorder->active = 0;
  return status;
}
