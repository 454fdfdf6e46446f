/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_TRANSPOSITION_H
#define RS_CLI_TRANSPOSITION_H

/**
   @file transposition.h Transposition of generated songs: --transpose and --key.
*/

#include <rollsmith/roll.h>

/** The two options. */
typedef struct {
  int semitones;   ///< Of --transpose
  bool to_key;     ///< Whether --key is given
  int from_common; ///< Semitones from C major or A minor to its key, -5 to 6
} RsTranspositionOptions;

/**
   Parse a key: a letter, # or b, and m or minor for a minor one.

   @param from_common  Output: semitones from C major or A minor to it, -5 to 6.
   @return RS_OK, RS_ERR_SETTING.
*/
RsStatus rs_transposition_parse_key(const char *name, int *from_common);

/**
   Parse the options.

   @param transpose  A number of semitones, or NULL.
   @param key        A key: a letter, # or b, and m or minor for a minor one; or NULL.
   @param out        Output.
   @return RS_OK, RS_ERR_SETTING.
*/
RsStatus rs_transposition_parse(const char *transpose, const char *key, RsTranspositionOptions *out,
                                RsError *error);

/**
   Semitones by which a song is transposed.

   @param options           The two options.
   @param song              Music in the key of the song, to estimate it; NULL where it is known.
   @param key               Where it is known, semitones from C major or A minor to it.
   @param prime_transposed  Semitones by which the prime was transposed when it was read; 0 without
   one.
*/
int rs_transposition_semitones(const RsTranspositionOptions *options, const RsRoll *song, int key,
                               int prime_transposed);

#endif /* RS_CLI_TRANSPOSITION_H */
