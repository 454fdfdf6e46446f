#include "live/phrase.h"

#include "live/active_notes.h"

enum { LONGEST = 4096 }; // Frames

static RsPhraseNote *kept(RsPhrase *phrase, size_t number) {
  return &phrase->notes[number % RS_PHRASE_NOTES];
}

static size_t first_kept(const RsPhrase *phrase) {
  return phrase->count > RS_PHRASE_NOTES ? phrase->count - RS_PHRASE_NOTES : 0;
}

static void end_note(RsPhrase *phrase, int note, int64_t time) {
  for (size_t i = phrase->count; i > first_kept(phrase); --i) {
    RsPhraseNote *one = kept(phrase, i - 1);
    if (one->note == note && !one->end) {
      one->end = time;
      --phrase->sounding;
      return;
    }
  }
}

static void begin_note(RsPhrase *phrase, int note, int velocity, int64_t time) {
  end_note(phrase, note, time);
  RsPhraseNote *place = kept(phrase, phrase->count);
  phrase->sounding += 1 - (phrase->count >= RS_PHRASE_NOTES && !place->end);
  *place = (RsPhraseNote){time, 0, (uint8_t)note, (uint8_t)velocity};
  ++phrase->count;
}

void rs_phrase_hear(RsPhrase *phrase, const RsReceived *received) {
  const uint8_t *bytes = received->message.bytes;
  const int kind = rs_midi_kind(bytes[0]);
  if (rs_message_silences(&received->message)) {
    rs_phrase_release(phrase, received->time);
  }
  if (kind != RS_MIDI_NOTE_ON && kind != RS_MIDI_NOTE_OFF) {
    return;
  }
  if (kind == RS_MIDI_NOTE_ON && bytes[2]) {
    begin_note(phrase, bytes[1] & RS_MIDI_DATA_MAX, bytes[2], received->time);
  } else {
    end_note(phrase, bytes[1] & RS_MIDI_DATA_MAX, received->time);
  }
  phrase->last = received->time;
}

void rs_phrase_release(RsPhrase *phrase, int64_t now) {
  for (int note = 0; phrase->sounding && note < RS_NOTES; ++note) {
    end_note(phrase, note, now);
    phrase->last = now;
  }
}

bool rs_phrase_over(const RsPhrase *phrase, int64_t now, int64_t pause) {
  return phrase->count && !phrase->sounding && now - phrase->last >= pause;
}

static size_t nearest_frame(int64_t time, int64_t frame) {
  const int64_t number = (time + frame / 2) / frame;
  return number < 0 ? 0 : number < LONGEST ? (size_t)number : LONGEST;
}

static void put_note(RsRoll *roll, const RsPhraseNote *note, int64_t start, int64_t frame) {
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

RsStatus rs_phrase_roll(RsPhrase *phrase, int64_t frame, RsRoll *roll) {
  if (!phrase->count) {
    return RS_ERR_EMPTY;
  }
  const size_t first = first_kept(phrase);
  const int64_t start = kept(phrase, first)->begin;
  const size_t frames = nearest_frame(phrase->last - start, frame);
  const RsStatus status =
      rs_roll_init(roll, NULL, frames ? frames : 1, RS_PLANE_ONSET | RS_PLANE_VELOCITY);
  for (size_t i = first; !status && i < phrase->count; ++i) {
    put_note(roll, kept(phrase, i), start, frame);
  }
  phrase->count = 0;
  phrase->sounding = 0;
  return status;
}
