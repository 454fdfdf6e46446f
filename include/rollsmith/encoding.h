/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_ENCODING_H
#define ROLLSMITH_ENCODING_H

/**
   @file encoding.h Frames as the vectors of a model, and back: doc/math.md, section D.

   A vector has one value a note of the range [low, high]: 0 where it is silent and 1 where it
   sounds, or, where the model learns velocities, from RS_ENCODING_GAP for the softest to 1 for the
   loudest. With articulation as many values follow that mark the notes
   that begin.
*/

#include <rollsmith/roll.h>
#include <rollsmith/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
   Where velocities begin: softer values are silence. The gap keeps the noise of a Gaussian unit
   that is silent apart from a soft note.
*/
#define RS_ENCODING_GAP 0.25f

/** How frames and vectors correspond. A plain value. */
typedef struct {
  int low;                         ///< Lowest note of the range
  int high;                        ///< Highest note of the range
  bool onsets;                     ///< Whether a second part marks onsets
  bool velocities;                 ///< Whether values are velocities
  signed char place[3 * RS_NOTES]; ///< Place of note n - 128 in the range, -1 where it is dropped
} RsEncoding;

/** The encoding that `settings` describe. */
RsEncoding rs_encoding(const RsIngest *settings);

/** Notes of the range. */
static inline size_t rs_encoding_notes(const RsEncoding *encoding) {
  const int notes = encoding->high - encoding->low + 1;
  return (size_t)notes;
}

/** Values of a vector. */
static inline size_t rs_encoding_size(const RsEncoding *encoding) {
  return rs_encoding_notes(encoding) * (encoding->onsets ? 2 : 1);
}

/** The planes that a roll of decoded frames has: of RsPlanes. */
static inline unsigned rs_encoding_planes(const RsEncoding *encoding) {
  return (encoding->onsets ? RS_PLANE_ONSET : RS_PLANE_NONE) |
         (encoding->velocities ? RS_PLANE_VELOCITY : RS_PLANE_NONE);
}

/**
   The vector of one frame of a roll.

   @param encoding   Encoding.
   @param roll       Roll; where the model learns velocities and the roll has none, notes count
   as 1.
   @param frame      Frame, below roll->frames.
   @param transpose  Semitones, -127..127.
   @param v          Output, rs_encoding_size() values.
*/
void rs_encode_frame(const RsEncoding *encoding, const RsRoll *roll, size_t frame, int transpose,
                     float *v);

/** Velocity of notes that have none: the middle of the range. */
#define RS_VELOCITY_DEFAULT 64

/** The value of a velocity of 1 to 127: equation D4. */
float rs_encode_velocity(uint8_t velocity);

/**
   The frame of one vector; values above one half are on, or above RS_ENCODING_GAP where they are
   velocities.

   @param v         rs_encoding_size() values.
   @param on        Output: notes that sound.
   @param onset     Output: notes that begin; all that is on where the encoding has no onsets.
   @param velocity  Output, RS_NOTES values, 0 where silent; or NULL.
*/
void rs_decode_frame(const RsEncoding *encoding, const float *v, RsFrame *on, RsFrame *onset,
                     uint8_t *velocity);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_ENCODING_H */
