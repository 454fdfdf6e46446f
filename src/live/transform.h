/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_TRANSFORM_H
#define RS_LIVE_TRANSFORM_H

/**
   @file transform.h Transformation of the music between source and sink: hold (repeat the last
   frames), transpose and mute.
*/

#include "live/active_notes.h"

#include <rollsmith/frame_source.h>

enum { RS_HISTORY_FRAMES = 1024 }; ///< Most frames that can be held

/** The transformation. */
typedef struct {
  bool mute;
  int transpose;          ///< Semitones
  size_t hold;            ///< Number of frames that are repeated; 0: none
  size_t held;            ///< Number of frames played since the hold began
  RsSourceFrame *history; ///< The last RS_HISTORY_FRAMES frames, before transposing and muting
  uint64_t history_count; ///< Number of all frames, including those no longer kept
} RsTransform;

/** Set up, from all zeroes. @return RS_OK, RS_ERR_MEMORY; to be given to rs_transform_clear(). */
RsStatus rs_transform_init(RsTransform *transform);

/** Free the history. */
void rs_transform_clear(RsTransform *transform);

/** Number of frames until the next frame of the source. */
uint64_t rs_frame_length(const RsSourceFrame *frame);

/** Repeat the last frames. @param frames Length of what is repeated; 0: stop repeating. */
void rs_transform_hold(RsTransform *transform, uint64_t frames);

/** The next frame of the hold; NULL without one. */
const RsSourceFrame *rs_transform_held(const RsTransform *transform);

/** Advance the hold. @return Whether the frame is the first of the repeated ones. */
bool rs_transform_repeats(RsTransform *transform);

/** Add a frame to the history. @return The copy. */
const RsSourceFrame *rs_transform_keep(RsTransform *transform, const RsSourceFrame *frame);

/** Replace the last frame of the history. @return The copy. */
const RsSourceFrame *rs_transform_replace(RsTransform *transform, const RsSourceFrame *frame);

/** Transpose and mute a frame of notes. */
void rs_transform_notes(const RsTransform *transform, RsNoteFrame *frame);

/** Transpose and mute a note-on or note-off. @return false where it is dropped. */
bool rs_transform_message(const RsTransform *transform, RsMessage *message);

#endif /* RS_LIVE_TRANSFORM_H */
