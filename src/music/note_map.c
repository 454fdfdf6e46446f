/* SPDX-License-Identifier: ISC */

#include "music/note_map.h"

int rs_note_fit(int low, int high, RsOutside outside, int note) {
  if (note >= low && note <= high) {
    return note;
  }
  if (outside != RS_OUTSIDE_FOLD) {
    return -1;
  }
  const int octaves = note < low ? (low - note + 11) / 12 : -((note - high + 11) / 12);
  const int folded = note + 12 * octaves;
  return folded >= low && folded <= high ? folded : -1;
}

RsNoteMap rs_note_map(int low, int high, RsOutside outside, int transpose) {
  RsNoteMap map;
  for (int n = 0; n < RS_NOTES; ++n) {
    map.place[n] = rs_note_fit(low, high, outside, n + transpose);
  }
  return map;
}

RsFrame rs_note_map_frame(const RsNoteMap *map, const RsFrame *frame) {
  RsFrame out = {{0, 0}};
  for (int n = rs_frame_next(frame, 0); n < RS_NOTES; n = rs_frame_next(frame, n + 1)) {
    if (map->place[n] >= 0) {
      rs_frame_set(&out, map->place[n]);
    }
  }
  return out;
}

void rs_note_map_velocities(const RsNoteMap *map, const uint8_t *in, uint8_t *out) {
  for (int n = 0; n < RS_NOTES; ++n) {
    const int place = map->place[n];
    if (place >= 0 && in[n] > out[place]) {
      out[place] = in[n];
    }
  }
}
