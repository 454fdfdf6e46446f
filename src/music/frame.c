/* SPDX-License-Identifier: ISC */

/* Sets of notes. */

#include <rollsmith/roll.h>

#include <stdlib.h>

int rs_frame_count(const RsFrame *frame) {
  return __builtin_popcountll(frame->bits[0]) + __builtin_popcountll(frame->bits[1]);
}

int rs_frame_next(const RsFrame *frame, int from) {
  for (int word = from / 64; word < 2; ++word, from = 64 * word) {
    const uint64_t rest = frame->bits[word] & ~UINT64_C(0) << (from % 64);
    if (rest) {
      return 64 * word + __builtin_ctzll(rest);
    }
  }
  return RS_NOTES;
}

int rs_frame_highest(const RsFrame *frame) {
  for (int word = 1; word >= 0; --word) {
    if (frame->bits[word]) {
      return 64 * word + 63 - __builtin_clzll(frame->bits[word]);
    }
  }
  return -1;
}

RsFrame rs_frame_shift(const RsFrame *frame, int semitones) {
  const uint64_t low = frame->bits[0], high = frame->bits[1];
  const int by = abs(semitones);
  if (by == 0) {
    return *frame;
  }
  if (by >= 64) {
    return semitones < 0 ? (RsFrame){{high >> (by - 64), 0}} : (RsFrame){{0, low << (by - 64)}};
  }
  return semitones < 0 ? (RsFrame){{low >> by | high << (64 - by), high >> by}}
                       : (RsFrame){{low << by, high << by | low >> (64 - by)}};
}
