/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_MODEL_H
#define ROLLSMITH_MODEL_H

/**
   @file model.h A trained model: settings, parameters, and what is known of its training.

   The file is described in doc/model-format.md.
*/

#include <rollsmith/inputs.h>
#include <rollsmith/rnnrbm.h>
#include <rollsmith/settings.h>
#include <rollsmith/tensor_file.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the model file that this library writes; it reads this one and older ones. */
#define RS_MODEL_VERSION 2

/** Summary of the training, as in the file. */
typedef struct {
  uint64_t epochs;      ///< Passes over the songs until this state
  uint64_t updates;     ///< Updates of the parameters until this state
  uint64_t frames;      ///< Frames seen until this state
  uint64_t songs;       ///< Songs trained on
  uint64_t song_frames; ///< Their frames
  double valid_ll;      ///< Log-likelihood of the validation songs, nats a frame; 0 if not known
  double bpm;           ///< Median tempo of the songs
  unsigned meter_beats; ///< Time signature of most songs, upper number
  unsigned meter_unit;  ///< Time signature of most songs, lower number
} RsTrainingSummary;

/** The training songs as they stand in the file: rows of frames that are alike, song after song,
 * each song in the model's range and as it is at transposition 0. */
typedef struct {
  size_t songs;     ///< How many; 0: the model does not hold them
  size_t rows;      ///< Rows in all
  uint64_t *frames; ///< `songs` values: frames of each
  uint64_t *notes; ///< rows x 1, or x 2 where the range has more than 64 notes: note low + i is bit
                   ///< i % 64 of word i / 64
  uint8_t *lengths; ///< `rows` values, 1 .. 255: frames of each row
} RsModelSongs;

/** A model. Const while it generates; rs_model_free() frees what it owns. */
typedef struct {
  RsSettings settings;        ///< Complete, as it was trained
  RsInputs inputs;            ///< How frames become vectors, and what the recurrent net is given
  RsPlanPrior plan;           ///< Distribution of plans; inputs.plan points here
  RsRnnRbm *net;              ///< Topology, owned
  float *w;                   ///< Parameters, rs_rnnrbm_parameters() values, owned
  RsTrainingSummary training; ///< What is known of its training
  RsModelSongs songs;         ///< Its training songs, owned
  struct RsRuns *runs;        ///< Their runs, as rs_model_index_runs() has it; owned, may be NULL
  size_t run_length;          ///< Frames of these runs
  struct RsDiscriminator *discriminator; ///< Chooses bars among candidates; owned, may be NULL
} RsModel;

/**
   A model with parameters of zero.

   @param settings  Copied.
   @param count     Meters of the model, at most RS_METERS_MAX.
   @param meters    `count` of them, copied.
   @param out       Output, to be given to rs_model_free().
   @param error     Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_SETTING, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_model_new(const RsSettings *settings, size_t count, const RsKnownMeter *meters,
                      RsModel **out, RsError *error);

/** Free a model. NULL is allowed. */
void rs_model_free(RsModel *model);

/**
   Keep the training songs in a model, as `train.keep_songs` has it.

   @param songs  Borrowed for the call. Which notes sound is kept, in the model's range; songs of no
   frames are left out.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_model_keep_songs(RsModel *model, const RsSongs *songs);

/**
   The training songs as the model has learned them: each as it stands, and besides at every
   transposition of training at which other notes than before go outside the range.

   @param out  Output, to be given to rs_songs_clear(); none where the model does not hold them.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_model_songs(const RsModel *model, RsSongs *out);

/**
   Index all runs of so many frames of the training songs, for generators that are not to complete
   one: RsGenerateSettings.no_copy. Takes time and memory in proportion to the songs.

   @param model   Changed: not while a generator uses it.
   @param length  Frames of a run, at least 2.
   @return RS_OK; RS_ERR_SETTING where the model does not hold its songs; RS_ERR_MEMORY.
*/
RsStatus rs_model_index_runs(RsModel *model, size_t length, RsError *error);

/**
   Write a model file, whole or not at all. The same model gives the same bytes.

   @return RS_OK, RS_ERR_NONFINITE where a parameter is not a number, RS_ERR_IO, RS_ERR_MEMORY.
*/
RsStatus rs_model_save(const RsModel *model, const char *path, RsError *error);

/**
   Read a model file.

   @param out  Output, to be given to rs_model_free().
   @return RS_OK; RS_ERR_READ where it cannot be read; RS_ERR_FORMAT where it is damaged, of a later
   version or no model at all; RS_ERR_MEMORY.
*/
RsStatus rs_model_load(const char *path, RsModel **out, RsError *error);

/** As rs_model_load(), from a file that is read already. @param path  Its name in messages. */
RsStatus rs_model_from_tensors(const RsTensorFile *file, const char *path, RsModel **out,
                               RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_MODEL_H */
