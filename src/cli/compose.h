#ifndef RS_CLI_COMPOSE_H
#define RS_CLI_COMPOSE_H

/**
   @file compose.h A model that is ready to make songs, as the user's options have it.

   What `export` writes and `play` sends begins here, so that the same seed gives the same music.
*/

#include "cli/options.h"
#include "cli/transposition.h"

#include <rollsmith/generator.h>

/** A model with everything that its songs depend on. */
typedef struct {
  RsModel *model;
  RsGenerateSettings settings; // Of the model, changed by the options; the seed is never 0
  RsSongs prime;               // At most one song is used
  int moved;                   // Semitones by which the prime was moved to be heard
  RsMove transposition;        // Of the result
  double bpm;                  // Quarter notes a minute
  size_t frames;               // Length of a song
  unsigned meter_beats;        // Time signature that bars are counted in, upper number
  unsigned meter_unit;         // Lower number
} RsComposition;

/**
   Load the model and work out what to make.

   @param path     Of the model.
   @param options  What the user wants.
   @param out      Output, to be given to rs_composition_clear(), also after an error.
   @return RS_OK; what rs_model_load(), rs_options_apply() and rs_read_song_file() return.
*/
RsStatus rs_composition_init(const char *path, const RsOptions *options, RsComposition *out,
                             RsError *error);

/** Free what it owns. */
void rs_composition_clear(RsComposition *composition);

/** Seed of song number `index`, from 0: the seed of the settings and those that follow it. */
uint64_t rs_composition_seed(const RsComposition *composition, int index);

/** A generator for song number `index` that has heard the prime. */
RsStatus rs_composition_generator(const RsComposition *composition, int index, RsGenerator **out,
                                  RsError *error);

/**
   By how many semitones song number `index` is moved from where its generator makes it: by
   --transpose, and to --key or else to the key of the prime.

   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE.
*/
RsStatus rs_composition_transposition(const RsComposition *composition, int index, int *semitones);

/** The key that a song is made in, where rs_composition_is_common(): semitones above C major or A
 * minor. */
int rs_composition_key(const RsComposition *composition, int index);

/** Whether songs are made in a known distance from C major or A minor, before they are moved. */
bool rs_composition_is_common(const RsComposition *composition);

/**
   Make song number `index`.

   @param name  Its name, copied.
   @param roll  Output, to be given to rs_roll_clear(), also after an error.
   @return RS_OK; what the two above return.
*/
RsStatus rs_composition_song(const RsComposition *composition, int index, const char *name,
                             RsRoll *roll, RsError *error);

#endif /* RS_CLI_COMPOSE_H */
