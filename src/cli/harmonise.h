/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_HARMONISE_H
#define RS_CLI_HARMONISE_H

/**
   @file harmonise.h Songs of which notes are given: export --harmonise and --fill.
*/

#include "cli/options.h"
#include "music/given_song.h"

#include <rollsmith/look_ahead.h>

/** A song of which notes are given. */
typedef struct {
  RsGivenSong song;
  RsIngest settings;  ///< How it is read
  RsRoll given;       ///< The given notes in the key and range of the model, over the whole song
  int transposed;     ///< Semitones by which they were moved for that
  bool fills;         ///< Whether frames `from` up to `to` alone are generated
  size_t from, to;    ///< Frames that are generated
  RsPart part;        ///< What the given notes are
  double bpm;         ///< Asked for, in place of the tempos of the song; 0: none
  size_t look_ahead;  ///< Later frames by which a frame is decided; 0: none
  size_t particles;   ///< Generators that look ahead
  size_t betas;       ///< Annealed steps of each of their weights
  unsigned channel;   ///< Asked for, 1..16, of the generated notes; 0: none
  signed char *limit; ///< `given.frames` values: the given note beyond which nothing is added
} RsHarmony;

/**
   Read the song of --harmonise, and choose its given notes by the other options.

   @param settings  How the model's songs were read.
   @param out       Output, to be given to rs_harmony_free(); NULL after an error.
   @return RS_OK; RS_ERR_SETTING where an option names what is not there; RS_ERR_MEMORY;
   RS_ERR_READ, RS_ERR_FORMAT, RS_ERR_EMPTY for a song that cannot be used.
*/
RsStatus rs_harmony_new(const RsOptions *options, const RsIngest *settings, RsHarmony **out,
                        RsError *error);

/** Free it. NULL is allowed. */
void rs_harmony_free(RsHarmony *harmony);

/**
   Set which notes are given, by --keep-track, --keep-range and --fill, and the frames of --fill.

   @return RS_OK, RS_ERR_SETTING, RS_ERR_MEMORY.
*/
RsStatus rs_harmony_choose(const RsOptions *options, RsHarmony *harmony, RsError *error);

/** Parse --keep-as. @param part  Output: RS_PART_WHOLE where it is not given. */
RsStatus rs_harmony_parse_part(const char *text, RsPart *part, RsError *error);

/**
   Set how far a model looks ahead, by --look-ahead or else a bar of 16 frames, with how many
   --particles and --annealing-steps; Gaussian models do not.

   @return RS_OK; RS_ERR_SETTING for an option that is not such a number, that is of no effect
   without looking ahead, or of a Gaussian model.
*/
RsStatus rs_harmony_set_look_ahead(const RsOptions *options, const RsModel *model,
                                   RsHarmony *harmony, RsError *error);

/** Print a notice where more notes are given at a time than any training song of the model has.
 * @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_harmony_compare_voices(const RsOptions *options, const RsModel *model,
                                   const RsHarmony *harmony);

/** Start a song with a generator. @return As rs_generator_follow(). */
RsStatus rs_harmony_start(const RsHarmony *harmony, RsGenerator *generator);

/**
   Generate the song, in the key and range of the model; given notes stand in it as they do there.

   @param model      Model.
   @param generate   Settings of the generator.
   @param generator  At the start of the song.
   @param name       Of the song, copied.
   @param roll       Output, to be given to rs_roll_clear(), also after an error.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE.
*/
RsStatus rs_harmony_song(const RsHarmony *harmony, const RsModel *model,
                         const RsGenerateSettings *generate, RsGenerator *generator,
                         const char *name, RsRoll *roll);

/**
   Write a song with the given notes as they stand in their file.

   @param roll  What rs_harmony_song() made, moved back to the key of the given notes.
   @param how   Of the generated notes.
   @return As rs_given_song_write().
*/
RsStatus rs_harmony_write(const RsHarmony *harmony, const RsRoll *roll, const RsMidiSettings *how,
                          const char *path, RsError *error);

#endif /* RS_CLI_HARMONISE_H */
