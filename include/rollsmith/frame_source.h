/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_FRAME_SOURCE_H
#define ROLLSMITH_FRAME_SOURCE_H

/**
   @file frame_source.h Sources of the frames that a player plays.
*/

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>
#include <rollsmith/status.h>
#include <rollsmith/steering.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A frame of notes. All members but `on` may be zero. */
typedef struct {
  RsFrame on;                 ///< Active notes
  RsFrame onset;              ///< Notes with an onset, if `has_onset`
  uint8_t velocity[RS_NOTES]; ///< Of each note, if `has_velocity`; 0 where there is no note
  bool has_onset;             ///< If not, notes begin that are not active in the previous frame
  bool has_velocity;          ///< If not, velocities are computed by RsPerformance
} RsNoteFrame;

/** The messages of a tick of a file. */
typedef struct {
  const RsMessage *messages; ///< `count` messages in the order of the file, owned by the source
  size_t count;              ///< Number of messages
  double bpm;                ///< New tempo; 0: unchanged
  size_t length;             ///< Frames (ticks) until the next messages, possibly 0
  bool restart;              ///< The song begins again: active notes are ended first
} RsMessageFrame;

/** Type of a frame. */
typedef enum { RS_FRAME_NOTES, RS_FRAME_MESSAGES } RsSourceFrameType;

/** A frame of a source. All zeroes is a silent frame of notes. */
typedef struct {
  RsSourceFrameType type; ///< Which member of the union is used
  union {
    RsNoteFrame notes;
    RsMessageFrame messages;
  };
} RsSourceFrame;

/** Parameters of a source that can be changed while it plays. */
typedef enum {
  RS_SOURCE_TEMPERATURE,   ///< Temperature of the model
  RS_SOURCE_MAX_POLYPHONY, ///< Most notes at a time; 0: any number
  RS_SOURCE_STEERING,      ///< What the model is steered to
  RS_SOURCE_SEED,          ///< Restart with another seed
} RsSourceControl;

/** A change of a parameter; the member of the union is that of the control. */
typedef struct {
  RsSourceControl control; ///< Which parameter
  union {
    double temperature;
    int max_polyphony;
    RsSteering steering;
    uint64_t seed;
  };
} RsSourceChange;

/** What a source that accompanies a person does while that person is silent. */
typedef enum {
  RS_WHEN_SILENT_LEAD, ///< Plays on alone
  RS_WHEN_SILENT_REST, ///< Rests until a note is played
} RsWhenSilent;

/** A source; its functions take the source itself. It is used by one thread at a time. */
typedef struct RsFrameSource {
  /** Make the next frame. @return RS_OK; RS_ERR_EMPTY at the end; another status for an error,
   * which ends the music. */
  RsStatus (*next)(struct RsFrameSource *source, RsSourceFrame *frame);

  /** Change a parameter from the next frame on. NULL: not supported. */
  void (*set)(struct RsFrameSource *source, const RsSourceChange *change);

  /** Continue after the given roll, which is borrowed. NULL: not supported. */
  RsStatus (*prime)(struct RsFrameSource *source, const RsRoll *roll);

  /** Go back to the beginning. NULL: not supported, as of a generator. */
  void (*rewind)(struct RsFrameSource *source);

  /** Set the position of the next frame within the song, in frames, for a clock that is followed.
   * NULL: not supported. */
  void (*locate)(struct RsFrameSource *source, uint64_t frame);

  /** Set the notes that a person holds, from the next frame on, and those of them that begin in it:
   * they are part of the music, and not of the frames. NULL: the source does not accompany. */
  void (*set_held)(struct RsFrameSource *source, const RsFrame *held, const RsFrame *pressed);

  /** Go back, so that the next frame is this one of the last few, counted from 0. @return false,
   * with nothing done, where that is too far. NULL where `set_held` is. */
  bool (*back)(struct RsFrameSource *source, uint64_t frame);

  /** Free the source. */
  void (*free)(struct RsFrameSource *source);
} RsFrameSource;

/** Free a source of any kind. NULL is allowed. */
void rs_frame_source_free(RsFrameSource *source);

/**
   A source that plays a roll.

   @param roll  Borrowed; must outlive the source.
   @param loop  Whether it begins again at its end; all notes of its first frame then have an onset.
   @param out   Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY for a roll of no frames.
*/
RsStatus rs_frame_source_roll(const RsRoll *roll, bool loop, RsFrameSource **out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_FRAME_SOURCE_H */
