#ifndef RS_CLI_TRANSPOSITION_H
#define RS_CLI_TRANSPOSITION_H

/**
   @file transposition.h By how much a song that was made is moved: --transpose and --key.
*/

#include <rollsmith/roll.h>

/** What the user wants. */
typedef struct {
  int semitones;   // On top of all else
  bool to_key;     // To a key, wherever the prime was
  int from_common; // Semitones from C major or A minor to that key, -5 to 6
} RsMove;

/**
   Read the options.

   @param transpose  A number of semitones, or NULL.
   @param key        A key: a letter, # or b, and m or minor for a minor one; or NULL.
   @param out        Output.
   @return RS_OK, RS_ERR_SETTING.
*/
RsStatus rs_transposition_parse(const char *transpose, const char *key, RsMove *out,
                                RsError *error);

/**
   By how many semitones to move a song.

   @param move   What the user wants.
   @param song   Music in the key that the song is made in; NULL: that is known.
   @param key    Where it is known, semitones from C major or A minor to it.
   @param moved  Semitones by which the prime was moved to be heard; 0 without one.
*/
int rs_transposition_of(const RsMove *move, const RsRoll *song, int key, int moved);

#endif /* RS_CLI_TRANSPOSITION_H */
