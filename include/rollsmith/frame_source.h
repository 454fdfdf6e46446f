#ifndef ROLLSMITH_FRAME_SOURCE_H
#define ROLLSMITH_FRAME_SOURCE_H

/**
   @file frame_source.h Where the frames come from that a player plays: a song, or whatever has the
   functions below.
*/

#include <rollsmith/roll.h>
#include <rollsmith/sink.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A frame of notes, ready to be performed. All zeroes but for `on` is one. */
typedef struct {
  RsFrame on;                 ///< Notes that sound
  RsFrame onset;              ///< Those that begin, if `has_onset`
  uint8_t velocity[RS_NOTES]; ///< Of each note, if `has_velocity`; 0 where there is none
  bool has_onset;             ///< Else notes begin that did not sound before
  bool has_velocity;          ///< Else velocities are shaped
} RsNoteFrame;

/** Messages of one time, as they stand in a file. */
typedef struct {
  const RsMessage *messages; ///< `count` messages, in their order, borrowed for the source's life
  size_t count;              ///< How many
  double bpm;                ///< Tempo from here on; 0: as it was
  size_t length;             ///< Frames until the next ones, maybe 0
  bool anew;                 ///< The song begins again: what sounds is ended first
} RsMessageFrame;

/** Which of the two a frame is. */
typedef enum { RS_FRAME_NOTES, RS_FRAME_MESSAGES } RsFrameKind;

/** What a source makes at a time. All zeroes is a frame of notes, a silent one. */
typedef struct {
  RsFrameKind kind;
  union {
    RsNoteFrame notes;
    RsMessageFrame messages;
  };
} RsSourceFrame;

/** What of a source can be changed while it plays. */
typedef enum {
  RS_SOURCE_TEMPERATURE, ///< Temperature of the model
  RS_SOURCE_DENSITY,     ///< Most notes at a time; 0: any number
  RS_SOURCE_SEED,        ///< Begin anew with another seed
} RsSourceControl;

/** A change of a source; the union has the member of its control. */
typedef struct {
  RsSourceControl control;
  union {
    double temperature;
    int density;
    uint64_t seed;
  };
} RsSourceChange;

/** A source; its functions get the source itself. It belongs to one thread at a time. */
typedef struct RsFrameSource {
  /** Make the next frame. @return RS_OK; RS_ERR_EMPTY at the end; anything else ends the music. */
  RsStatus (*next)(struct RsFrameSource *source, RsSourceFrame *frame);

  /** Change something from the next frame on. NULL: nothing can be. */
  void (*set)(struct RsFrameSource *source, const RsSourceChange *change);

  /** Hear a phrase, borrowed, and go on from there. NULL: cannot. */
  RsStatus (*hear)(struct RsFrameSource *source, const RsRoll *phrase);

  /** Go back to the beginning. NULL: it has none, as who improvises. */
  void (*rewind)(struct RsFrameSource *source);

  /** Let the next frame stand at this frame of the song, as a clock that is followed has it. NULL:
   * knows no places. */
  void (*place)(struct RsFrameSource *source, uint64_t frame);

  /** Free it. */
  void (*free)(struct RsFrameSource *source);
} RsFrameSource;

/** Free a source of any kind. NULL is allowed. */
void rs_frame_source_free(RsFrameSource *source);

/**
   A source that plays a roll.

   @param roll  Borrowed for the source's life.
   @param loop  Whether it begins again at its end; all notes of its first frame then begin anew.
   @param out   Output, to be given to rs_frame_source_free().
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY for a roll of no frames.
*/
RsStatus rs_frame_source_roll(const RsRoll *roll, bool loop, RsFrameSource **out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_FRAME_SOURCE_H */
