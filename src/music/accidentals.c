/* SPDX-License-Identifier: ISC */

#include "music/accidentals.h"

#include "music/spelling.h"

/* The alteration in force for a note of a chord: that of the last note on its line or space, other
   than tied ones, that begins before it or is an earlier voice's at the same time. */
static int in_force(const RsStaffMeasure *staff, RsKeySignature key, unsigned voice, size_t start,
                    RsSpelling is) {
  int alteration = rs_key_alteration(key, is.letter);
  size_t latest = 0;
  for (unsigned v = 0; v < staff->count; ++v) {
    for (size_t i = 0; i < staff->voices[v].count; ++i) {
      const RsChord *chord = &staff->voices[v].list[i];
      if (chord->start > start || (chord->start == start && v >= voice) || chord->start < latest) {
        continue;
      }
      for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
           n = rs_frame_next(&chord->notes, n + 1)) {
        const RsSpelling other = rs_spell(key, n);
        if (rs_same_place(is, other) && !rs_frame_has(&chord->from, n)) {
          alteration = other.alteration;
          latest = chord->start;
        }
      }
    }
  }
  return alteration;
}

/* Whether another note of a chord is on the same line or space. */
static bool shares_place(const RsChord *chord, RsKeySignature key, int note) {
  const RsSpelling is = rs_spell(key, note);
  for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
       n = rs_frame_next(&chord->notes, n + 1)) {
    if (n != note && rs_same_place(is, rs_spell(key, n))) {
      return true;
    }
  }
  return false;
}

RsFrame rs_accidentals(const RsStaffMeasure *staff, RsKeySignature key, unsigned voice,
                       size_t index) {
  const RsChord *chord = &staff->voices[voice].list[index];
  RsFrame needed = {{0, 0}};
  for (int n = rs_frame_next(&chord->notes, 0); n < RS_NOTES;
       n = rs_frame_next(&chord->notes, n + 1)) {
    const RsSpelling is = rs_spell(key, n);
    const bool tied = rs_frame_has(&chord->from, n);
    if (!tied && (shares_place(chord, key, n) ||
                  in_force(staff, key, voice, chord->start, is) != is.alteration)) {
      rs_frame_set(&needed, n);
    }
  }
  return needed;
}
