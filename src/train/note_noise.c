/* SPDX-License-Identifier: ISC */

/* Input noise, doc/math.md, equation X8. */

#include "train/note_noise.h"

#include "base/sparse.h"

#include <string.h>

/* Of the notes that are replaced, the share that is replaced by nothing. */
#define LEFT_OUT 0.25

/* Probability, a frame, that a note that is held beyond its end is held on. */
#define HELD_ON 0.7

/* A random number for a place in a frame, apart from those of replace_note(). */
static double hold_number(const RsNoisySong *song, uint64_t frame, size_t place) {
  uint32_t words[4];
  rs_rng_words(song->rng, (song->reading << 32) + frame * RS_NOTES + place, 4, words);
  return words[3] * 0x1p-32;
}

/* A note of another frame of the song, as a place in the range; `place` where that is silent. */
static int other_note(const RsNoisySong *song, const uint32_t words[2], int place) {
  float v[2 * RS_NOTES];
  uint32_t on[RS_NOTES];
  const size_t frame = (size_t)((uint64_t)words[0] * song->song->frames >> 32);
  rs_encode_frame(song->encoding, song->song, frame, song->transposition, v);
  const size_t count = rs_list_nonzero(rs_encoding_notes(song->encoding), v, on);
  return count ? (int)on[(uint64_t)words[1] * count >> 32] : place;
}

/* The place that a note is moved to as it begins; -1 where it is left out. */
static int replace_note(const RsNoisySong *song, uint64_t frame, int place) {
  uint32_t words[4];
  rs_rng_words(song->rng, (song->reading << 32) + frame * RS_NOTES + (uint64_t)place, 4, words);
  const double chance = words[0] * 0x1p-32;
  if (chance >= song->share) {
    return place;
  }
  return chance < LEFT_OUT * song->share ? -1 : other_note(song, words + 1, place);
}

/* Notes that have ended, and are held on. */
static void hold_notes(RsNoteNoise *noise, const RsNoisySong *song, uint64_t frame,
                       const bool *sounds, float *noisy) {
  const size_t notes = rs_encoding_notes(song->encoding);
  for (size_t i = 0; i < notes; ++i) {
    const bool ends = noise->sounds[i] && !sounds[i];
    const int at = ends ? noise->place[i] : -1;
    if (at >= 0 && hold_number(song, frame, i) < song->held) {
      noise->held[at] = true;
    } else if (noise->held[i] && hold_number(song, frame, i) >= HELD_ON) {
      noise->held[i] = false;
    }
  }
  for (size_t i = 0; i < notes; ++i) {
    noise->held[i] = noise->held[i] && !(noisy[i] > 0);
    noisy[i] = noise->held[i] ? 1 : noisy[i];
  }
}

void rs_note_noise_next(RsNoteNoise *noise, const RsNoisySong *song, uint64_t frame, float *v,
                        float *noisy) {
  const size_t notes = rs_encoding_notes(song->encoding);
  const size_t size = rs_encoding_size(song->encoding);
  float clean[2 * RS_NOTES];
  uint32_t on[RS_NOTES];
  bool sounds[RS_NOTES] = {false};
  const size_t count = rs_list_nonzero(notes, v, on);
  memcpy(clean, v, size * sizeof *v);
  memset(v, 0, size * sizeof *v);
  memset(noisy, 0, size * sizeof *noisy);
  for (size_t k = 0; k < count; ++k) {
    const size_t i = on[k];
    const float onset = song->encoding->onsets ? clean[notes + i] : !noise->sounds[i];
    if (onset > 0) {
      noise->place[i] = (signed char)replace_note(song, frame, (int)i);
    }
    const int to = noise->place[i];
    const int target = onset > 0 ? (int)i : to;
    if (target >= 0) {
      v[target] = clean[i];
    }
    if (to >= 0) {
      noisy[to] = clean[i];
    }
    if (song->encoding->onsets && onset > 0) {
      v[notes + i] = 1;
      if (to >= 0) {
        noisy[notes + (size_t)to] = 1;
      }
    }
    sounds[i] = true;
  }
  hold_notes(noise, song, frame, sounds, noisy);
  memcpy(noise->sounds, sounds, sizeof sounds);
}
