/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_SONG_PRINT_H
#define RS_MUSIC_SONG_PRINT_H

/**
   @file song_print.h Hashes by which songs are found to be equal at some transposition.

   Pitches count from the lowest one of the song. Hashes have 128 bits, so that songs with the same
   one are taken to be the same.
*/

#include <rollsmith/roll.h>

/** A hash. */
typedef struct {
  uint64_t words[2];
} RsHash;

/** The hashes of a song. */
typedef struct {
  RsHash notes;  ///< Its notes in frames, each at its own pitch, before any is moved into the range
  RsHash on;     ///< RsRoll.on
  RsHash planes; ///< All planes of the roll
  bool plain;    ///< It is from a text, and has onsets and velocities by convention alone
} RsSongPrint;

/** Add a number; the hash depends on the order. */
void rs_hash_add(RsHash *hash, uint64_t number);

/** Add a hash; the sum does not depend on the order. */
void rs_hash_sum(RsHash *sum, const RsHash *hash);

/** Hash of a note; a song's is the sum of those of its notes. */
RsHash rs_note_hash(int pitch, int64_t first, int64_t end, unsigned velocity);

/** Hash of the notes of a roll that is `on` alone, each a run of frames. */
RsHash rs_runs_hash(const RsRoll *roll);

/** The hashes of a roll, all but `notes` and `plain`. */
RsSongPrint rs_roll_print(const RsRoll *roll);

/** Whether two songs are equal; of a text, only which notes sound when is compared. */
bool rs_song_prints_equal(const RsSongPrint *a, const RsSongPrint *b);

#endif /* RS_MUSIC_SONG_PRINT_H */
