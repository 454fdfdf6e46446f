#ifndef RS_LIVE_TRANSFORM_H
#define RS_LIVE_TRANSFORM_H

/**
   @file transform.h What changes the music between its source and the sink: frames are held, which
   repeats the last ones, and their notes are transposed or muted.
*/

#include "live/active_notes.h"

#include <rollsmith/frame_source.h>

enum { RS_HISTORY_FRAMES = 1024 }; // Kept to be held

/** The transformation. */
typedef struct {
  bool mute;
  int transpose;          // Semitones
  size_t hold;            // Frames of the history that are repeated; 0: none
  size_t held;            // How many of them have been since
  RsSourceFrame *history; // The last RS_HISTORY_FRAMES frames as they were played
  uint64_t history_count; // Of all frames, also those that are no longer kept
} RsTransform;

/** Set up, from all zeroes. @return RS_OK, RS_ERR_MEMORY; to be given to rs_transform_clear(). */
RsStatus rs_transform_init(RsTransform *transform);

/** Free the history. */
void rs_transform_clear(RsTransform *transform);

/** Frames from one frame to the next. */
uint64_t rs_frame_length(const RsSourceFrame *frame);

/** Repeat as much of the history as fills so many frames; 0: go on. */
void rs_transform_hold(RsTransform *transform, uint64_t frames);

/** The frame that is to be played again; NULL where none is held. */
const RsSourceFrame *rs_transform_held(const RsTransform *transform);

/** Whether the next frame is the first of those that are held; it is counted. */
bool rs_transform_repeats(RsTransform *transform);

/** Remember a frame that is played. @return The copy. */
const RsSourceFrame *rs_transform_keep(RsTransform *transform, const RsSourceFrame *frame);

/** Transpose and mute a frame of notes. */
void rs_transform_notes(const RsTransform *transform, RsNoteFrame *frame);

/** Transpose and mute a message that begins or ends a note. @return false where it is left out. */
bool rs_transform_message(const RsTransform *transform, RsMessage *message);

#endif /* RS_LIVE_TRANSFORM_H */
