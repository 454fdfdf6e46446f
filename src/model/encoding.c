/* SPDX-License-Identifier: ISC */

/* Frames as vectors, doc/math.md, equations D2, D4 and D5. */

#include <rollsmith/encoding.h>

#include <math.h>
#include <string.h>

RsEncoding rs_encoding(const RsIngest *settings) {
  RsEncoding encoding = {.low = settings->low,
                         .high = settings->high,
                         .onsets = settings->articulation,
                         .velocities = settings->velocity};
  for (int i = 0; i < 3 * RS_NOTES; ++i) {
    const int note = rs_note_fit(settings->low, settings->high, settings->outside, i - RS_NOTES);
    encoding.place[i] = (signed char)(note < 0 ? -1 : note - settings->low);
  }
  return encoding;
}

/* Velocities and their values, equation D4, both ways. */

float rs_encode_velocity(uint8_t velocity) {
  return RS_ENCODING_GAP + (1 - RS_ENCODING_GAP) / 127.0f * (float)velocity;
}

static uint8_t velocity_of(float value) {
  const float velocity = roundf((value - RS_ENCODING_GAP) * 127.0f / (1 - RS_ENCODING_GAP));
  return (uint8_t)(velocity < 1 ? 1 : velocity > 127 ? 127 : velocity);
}

void rs_encode_frame(const RsEncoding *encoding, const RsRoll *roll, size_t frame, int transpose,
                     float *v) {
  const size_t notes = rs_encoding_notes(encoding);
  const RsFrame *on = roll->on + frame;
  memset(v, 0, rs_encoding_size(encoding) * sizeof *v);
  const RsFrame begins = encoding->onsets ? rs_roll_begins(roll, frame) : (RsFrame){{0, 0}};
  for (int note = rs_frame_next(on, 0); note < RS_NOTES; note = rs_frame_next(on, note + 1)) {
    const int place = encoding->place[note + transpose + RS_NOTES];
    if (place < 0) {
      continue;
    }
    const bool soft = encoding->velocities && roll->velocity;
    const float value =
        soft ? rs_encode_velocity(roll->velocity[frame * RS_NOTES + (size_t)note]) : 1;
    v[place] = v[place] < value ? value : v[place];
    if (encoding->onsets && rs_frame_has(&begins, note)) {
      v[notes + (size_t)place] = 1;
    }
  }
}

void rs_decode_frame(const RsEncoding *encoding, const float *v, RsFrame *on, RsFrame *onset,
                     uint8_t *velocity) {
  const size_t notes = rs_encoding_notes(encoding);
  const float threshold = encoding->velocities ? RS_ENCODING_GAP : 0.5f;
  *on = *onset = (RsFrame){{0, 0}};
  if (velocity) {
    memset(velocity, 0, RS_NOTES);
  }
  for (size_t i = 0; i < notes; ++i) {
    if (!(v[i] > threshold)) {
      continue;
    }
    const int note = encoding->low + (int)i;
    rs_frame_set(on, note);
    if (!encoding->onsets || v[notes + i] > 0.5f) {
      rs_frame_set(onset, note);
    }
    if (velocity) {
      velocity[note] = velocity_of(v[i]);
    }
  }
}
