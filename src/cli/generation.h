/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_GENERATION_H
#define RS_CLI_GENERATION_H

/**
   @file generation.h A model and all settings of generating songs with it.

   It is used by `export` and `play`, so that the same seed gives the same music.
*/

#include "cli/harmonise.h"
#include "cli/options.h"
#include "cli/steering_options.h"
#include "cli/transposition.h"

#include <rollsmith/generator.h>
#include <rollsmith/performance.h>

/** A model with everything that its songs depend on. */
typedef struct {
  RsModel *model;
  RsGenerateSettings settings; ///< Of the model, changed by the options; the seed is not 0
  RsSongs prime;               ///< The first song is used
  RsHarmony *harmony;          ///< Of --harmonise, whose given notes are the prime then; or NULL
  int prime_transposed;        ///< Semitones by which the prime was transposed when it was read
  RsTranspositionOptions transposition; ///< Of the result
  RsSteering steering;                  ///< Of the result
  RsParts parts;                        ///< Of --split and --voices
  unsigned split;                       ///< Of --split
  double bpm;                           ///< Quarter notes a minute
  size_t frames;                        ///< Length of a song
  unsigned meter_beats; ///< Upper number of the time signature in which bars are counted
  unsigned meter_unit;  ///< Lower number
} RsGeneration;

/**
   Load the model and apply the options.

   @param path     Of the model.
   @param options  Options of the command.
   @param out      Output, to be given to rs_generation_clear(), also after an error.
   @return RS_OK; what rs_model_load(), rs_options_apply() and rs_read_song_file() return.
*/
RsStatus rs_generation_init(const char *path, const RsOptions *options, RsGeneration *out,
                            RsError *error);

/** Free what it owns. */
void rs_generation_clear(RsGeneration *generation);

/** Seed of song number `index`, from 0: the seed of the settings and those that follow it. */
uint64_t rs_generation_seed(const RsGeneration *generation, int index);

/** Make a generator for song number `index`, primed if there is a prime, and steered. */
RsStatus rs_generation_generator(const RsGeneration *generation, int index, RsGenerator **out,
                                 RsError *error);

/**
   Semitones by which song number `index` is transposed after it was generated: by --transpose, and
   to --key or else to the key of the prime.

   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE.
*/
RsStatus rs_generation_transposition(const RsGeneration *generation, int index, int *semitones);

/** Key in which a song is generated, if rs_generation_key_is_known(): semitones above C major or A
 * minor. */
int rs_generation_key(const RsGeneration *generation, int index);

/** Whether the key of songs is known before they are generated. */
bool rs_generation_key_is_known(const RsGeneration *generation);

/**
   Generate song number `index`.

   @param name  Its name, copied.
   @param roll  Output, to be given to rs_roll_clear(), also after an error.
   @param steered  Output: the result of steering, its penalty measured; pitch as it is in the
   result. May be NULL.
   @return RS_OK; what the two above return.
*/
RsStatus rs_generation_song(const RsGeneration *generation, int index, const char *name,
                            RsRoll *roll, RsSteeringReport *steered, RsError *error);

#endif /* RS_CLI_GENERATION_H */
