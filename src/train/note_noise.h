/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_NOTE_NOISE_H
#define RS_TRAIN_NOTE_NOISE_H

/**
   @file note_noise.h Input noise that keeps notes whole: doc/math.md, equation X8.

   Some notes of a song are moved to another pitch or left out, from their second frame to their
   last, and some are held beyond their end. The target is the song's note in the frame in which it
   begins, and the noisy note while it is held, so that no lengths but those of the song are
   learned; a note that was held beyond its end is to end.
*/

#include <rollsmith/encoding.h>
#include <rollsmith/rng.h>

/** The notes of a song that sound, each by its place in the range. */
typedef struct {
  signed char place[RS_NOTES]; /**< Where a note is moved to; -1 where it is left out */
  bool sounds[RS_NOTES];       /**< Whether it sounded in the frame before */
  bool held[RS_NOTES];         /**< Whether a note is held here beyond its end */
} RsNoteNoise;

/** Song to which noise is applied. */
typedef struct {
  const RsEncoding *encoding;
  const RsRoll *song; /**< Where other pitches are taken from */
  int transposition;  /**< Of the song, semitones */
  double share;       /**< Share of the notes that are replaced, 0..1 */
  RsRng rng;          /**< Of the noise */
  uint64_t reading;   /**< Number of this reading of the song, below 2^31 */
  double held;        /**< Share of the notes that are held beyond their end, 0..1 */
} RsNoisySong;

/**
   The next frame of a song.

   @param noise  Changed; all zeroes before the first frame.
   @param frame  Number of the frame.
   @param v      Frame as it is, rs_encoding_size() values; output: the target.
   @param noisy  Output, as many: the frame as the inputs of later frames have it.
*/
void rs_note_noise_next(RsNoteNoise *noise, const RsNoisySong *song, uint64_t frame, float *v,
                        float *noisy);

#endif /* RS_TRAIN_NOTE_NOISE_H */
