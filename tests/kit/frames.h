/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_FRAMES_H
#define RS_TESTS_FRAMES_H

/**
   @file frames.h Frames written out as their notes: FRAME(60, 64, 67).
*/

#include "kit.h"

#include <rollsmith/roll.h>

static inline RsFrame frame_of(const int *notes, size_t count) {
  RsFrame frame = {{0, 0}};
  for (size_t i = 0; i < count; ++i) {
    rs_frame_set(&frame, notes[i]);
  }
  return frame;
}

#define FRAME(...) frame_of((const int[]){__VA_ARGS__}, sizeof(int[]){__VA_ARGS__} / sizeof(int))

#define assert_frame(frame, ...)                                                                   \
  do {                                                                                             \
    const RsFrame assert_f_ = (frame), assert_g_ = FRAME(__VA_ARGS__);                             \
    assert_memory_equal(&assert_f_, &assert_g_, sizeof assert_f_);                                 \
  } while (0)

#define SILENCE ((RsFrame){{0, 0}})

#endif /* RS_TESTS_FRAMES_H */
