#ifndef RS_TRAIN_NOTE_NOISE_H
#define RS_TRAIN_NOTE_NOISE_H

/**
   @file note_noise.h Input noise that keeps notes whole: doc/math.md, equation X8.

   Some notes of a song are heard at another pitch, or not at all, from their second frame to their
   last, and some are heard beyond their end. What is to be predicted is the song where a note
   begins, and the note as it was heard where it is held, so that no lengths but those of the song
   are learned, and a note that was not ended in time is ended.
*/

#include <rollsmith/encoding.h>
#include <rollsmith/rng.h>

/** The notes of a song that sound, each by its place in the range. */
typedef struct {
  signed char heard[RS_NOTES]; /**< Where a note is heard; -1 where it is not */
  bool sounds[RS_NOTES];       /**< Whether it sounded in the frame before */
  bool late[RS_NOTES];         /**< Whether this place is heard beyond the end of its note */
} RsNoteNoise;

/** A song for the noise to work on. */
typedef struct {
  const RsEncoding *encoding;
  const RsRoll *song; /**< Where other pitches are taken from */
  int transposition;  /**< Of the song, semitones */
  double share;       /**< Share of the notes that are heard wrongly, 0..1 */
  RsRng rng;          /**< Of the noise */
  uint64_t reading;   /**< Number of this reading of the song, below 2^31 */
  double late;        /**< Share of the notes that are heard beyond their end, 0..1 */
} RsNoisySong;

/**
   The next frame of a song.

   @param noise  Changed; all zeroes before the first frame.
   @param frame  Number of the frame.
   @param v      Frame as it is, rs_encoding_size() values; output: what is to be predicted.
   @param heard  Output, as many: the frame as it is heard afterwards.
*/
void rs_note_noise_next(RsNoteNoise *noise, const RsNoisySong *song, uint64_t frame, float *v,
                        float *heard);

#endif /* RS_TRAIN_NOTE_NOISE_H */
