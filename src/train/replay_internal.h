/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_REPLAY_INTERNAL_H
#define RS_TRAIN_REPLAY_INTERNAL_H

/**
   @file replay_internal.h Where the passages are kept, for replay.c, which finds them, and
   replay_apply.c.
*/

#include "train/replay.h"

/** Passages that are kept, of so many that were found. */
static inline uint64_t rs_replay_count(uint64_t found) {
  return found < RS_PASSAGES ? found : RS_PASSAGES;
}

/** Values of a frame. */
static inline size_t rs_replay_visible(const RsReplay *replay) {
  return rs_encoding_size(&replay->inputs->encoding);
}

/** Place of the frames of a passage: its context, then its window. */
static inline size_t rs_replay_offset(const RsReplay *replay, uint64_t number) {
  const size_t frames = replay->context + RS_WINDOW;
  return number % RS_PASSAGES * frames * rs_replay_visible(replay);
}

/** The frames of a passage. */
static inline const float *rs_replay_frames(const RsReplay *replay, uint64_t number) {
  return replay->frames + rs_replay_offset(replay, number);
}

#endif /* RS_TRAIN_REPLAY_INTERNAL_H */
