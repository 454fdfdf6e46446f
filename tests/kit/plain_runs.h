/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_PLAIN_RUNS_H
#define RS_TESTS_PLAIN_RUNS_H

/**
   @file plain_runs.h Runs of frames and their copies by plain search, as musical statistics define
   them.
*/

#include <rollsmith/roll.h>

static inline bool sounds(const RsFrame *frame) {
  return rs_frame_count(frame) > 0;
}

/* Whether one frame at most of two runs differs, at some transposition, and the others are a run.
 */
static inline bool is_alike(const RsFrame *a, const RsFrame *b, size_t length, int by,
                            size_t allowed) {
  size_t hole = SIZE_MAX, different = 0, changes = 0, before = SIZE_MAX;
  for (size_t j = 0; different <= allowed && j < length; ++j) {
    const RsFrame moved = rs_frame_shift(&b[j], by);
    if (!rs_frame_equal(&a[j], &moved)) {
      hole = j;
      ++different;
    }
  }
  for (size_t j = 0; j < length; ++j) {
    changes += j != hole && before != SIZE_MAX && !rs_frame_equal(&a[j], &a[before]);
    before = j == hole ? before : j;
  }
  return different <= allowed && changes > 0;
}

static inline bool stands_in(const RsFrame *run, const RsRoll *song, size_t length,
                             size_t allowed) {
  for (size_t i = 0; i + length <= song->frames; ++i) {
    for (int by = -60; by <= 60; ++by) {
      if (is_alike(run, song->on + i, length, by, allowed)) {
        return true;
      }
    }
  }
  return false;
}

/* Whether it sounds at both ends and is not one chord all along. */
static inline bool is_run(const RsFrame *run, size_t length) {
  return sounds(run) && sounds(run + length - 1) && is_alike(run, run, length, 0, 0);
}

#endif /* RS_TESTS_PLAIN_RUNS_H */
