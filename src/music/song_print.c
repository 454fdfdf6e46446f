/* SPDX-License-Identifier: ISC */

#include "music/song_print.h"

/* Finaliser of MurmurHash3, with another constant for each word. */
static uint64_t mix(uint64_t x, uint64_t constant) {
  x ^= x >> 33;
  x *= constant;
  x ^= x >> 29;
  x *= UINT64_C(0xc4ceb9fe1a85ec53);
  return x ^ x >> 32;
}

void rs_hash_add(RsHash *hash, uint64_t number) {
  hash->words[0] = mix(hash->words[0] + number, UINT64_C(0xff51afd7ed558ccd)) + 1;
  hash->words[1] = mix(hash->words[1] + number, UINT64_C(0xbf58476d1ce4e5b9)) + 2;
}

void rs_hash_sum(RsHash *sum, const RsHash *hash) {
  sum->words[0] += hash->words[0];
  sum->words[1] += hash->words[1];
}

static bool equal(const RsHash *a, const RsHash *b) {
  return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

RsHash rs_note_hash(int pitch, int64_t first, int64_t end, unsigned velocity) {
  RsHash hash = {{0, 0}};
  rs_hash_add(&hash, (uint64_t)pitch);
  rs_hash_add(&hash, (uint64_t)first);
  rs_hash_add(&hash, (uint64_t)end);
  rs_hash_add(&hash, velocity);
  return hash;
}

static int lowest_of(const RsRoll *roll) {
  int low = RS_NOTES;
  for (size_t f = 0; f < roll->frames; ++f) {
    const int first = rs_frame_next(&roll->on[f], 0);
    low = first < low ? first : low;
  }
  return low < RS_NOTES ? low : 0;
}

/* The first frame in which a note sounds; 0 where none does. */
static size_t start_of(const RsRoll *roll) {
  for (size_t f = 0; f < roll->frames; ++f) {
    if (rs_frame_next(&roll->on[f], 0) < RS_NOTES) {
      return f;
    }
  }
  return 0;
}

static bool sounds(const RsRoll *roll, size_t frame, int note) {
  return frame < roll->frames && rs_frame_has(&roll->on[frame], note);
}

RsHash rs_runs_hash(const RsRoll *roll) {
  const int low = lowest_of(roll);
  const int64_t start = (int64_t)start_of(roll);
  size_t begins[RS_NOTES] = {0};
  RsHash sum = {{0, 0}};
  for (size_t f = 0; f < roll->frames; ++f) {
    const RsFrame *on = &roll->on[f];
    for (int n = rs_frame_next(on, 0); n < RS_NOTES; n = rs_frame_next(on, n + 1)) {
      begins[n] = f && sounds(roll, f - 1, n) ? begins[n] : f;
      if (!sounds(roll, f + 1, n)) {
        const RsHash note =
            rs_note_hash(n - low, (int64_t)begins[n] - start, (int64_t)f + 1 - start, 0);
        rs_hash_sum(&sum, &note);
      }
    }
  }
  if (!sum.words[0] && !sum.words[1]) {
    rs_hash_add(&sum, roll->frames); /* of silence */
  }
  return sum;
}

static void add_frame(RsHash *hash, const RsFrame *frame, int low) {
  const RsFrame shifted = rs_frame_shift(frame, -low);
  rs_hash_add(hash, shifted.bits[0]);
  rs_hash_add(hash, shifted.bits[1]);
}

static void add_velocities(RsHash *hash, const RsRoll *roll, size_t frame) {
  const RsFrame *on = &roll->on[frame];
  for (int n = rs_frame_next(on, 0); n < RS_NOTES; n = rs_frame_next(on, n + 1)) {
    rs_hash_add(hash, roll->velocity[frame * RS_NOTES + (size_t)n]);
  }
}

RsSongPrint rs_roll_print(const RsRoll *roll) {
  RsSongPrint print = {.plain = false};
  const int low = lowest_of(roll);
  for (size_t f = start_of(roll); f < roll->frames; ++f) {
    add_frame(&print.on, &roll->on[f], low);
    add_frame(&print.planes, &roll->on[f], low);
    if (roll->onset) {
      add_frame(&print.planes, &roll->onset[f], low);
    }
    if (roll->velocity) {
      add_velocities(&print.planes, roll, f);
    }
  }
  return print;
}

bool rs_song_prints_equal(const RsSongPrint *a, const RsSongPrint *b) {
  return equal(&a->notes, &b->notes) || equal(&a->planes, &b->planes) ||
         ((a->plain || b->plain) && equal(&a->on, &b->on));
}
