/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_TRAINER_STATE_H
#define RS_TRAIN_TRAINER_STATE_H

/**
   @file trainer_state.h What a state of training consists of, for the files that write it
   (trainer_save.c) and read it (trainer_resume.c). See doc/model-format.md, "The state of
   training".
*/

#include "train/trainer_internal.h"

/** Values of the strings "format" and "version". */
#define RS_STATE_FORMAT "rollsmith-state"
#define RS_STATE_VERSION "2"

/** Name of the state that belongs to a model, to be given to free(); NULL without memory. */
char *rs_state_path(const char *model_path);

/** Counters as JSON, to be given to free(); NULL without memory. */
char *rs_state_counters_to_json(const RsTrainCounters *counters);

/** Counters from JSON, which may be NULL. @return Whether all of them were there. */
bool rs_state_counters_from_json(const char *text, RsTrainCounters *counters);

/** Settings as JSON but for those that may change between stop and resume; `out` is to be given to
 * free(). @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_state_settings(const RsSettings *settings, char **out);

/**
   Settings from what rs_state_settings() gave to an earlier or later version of this program: keys
   that are missing have their defaults, and those that change no training are passed over.

   @param json  May be NULL.
   @param path  Where it stands, for messages.
   @return RS_OK; RS_ERR_FORMAT where a key or value is unknown here; RS_ERR_MEMORY.
*/
RsStatus rs_state_settings_from_json(const char *json, const char *path, RsSettings *settings,
                                     RsError *error);

/**
   Check that a training of the settings `theirs` can go on with `ours`.

   @param path  Where theirs stand, for messages.
   @return RS_OK; RS_ERR_FORMAT with the first key in which they differ.
*/
RsStatus rs_state_same_settings(const RsSettings *theirs, const RsSettings *ours, const char *path,
                                RsError *error);

/** A hash of all songs, those to learn and those to validate with, as 16 hexadecimal digits. */
void rs_state_songs(const RsTrainer *trainer, char text[17]);

/** One array of the state: a tensor of rank 1. */
typedef struct {
  char name[32];
  RsTensorType type;
  size_t count;          /**< Its values */
  void *data;            /**< Where they stand in the trainer; NULL for a carry */
  RsRnnLearner *learner; /**< Whose carry they are; else NULL */
} RsStateArray;

/**
   All arrays of the state, one list for writing and for reading.

   @param position  Room for the series' position, rs_series_position_size() numbers.
   @param count     Output.
   @return To be given to free(); NULL without memory.
*/
RsStateArray *rs_state_arrays(const RsTrainer *trainer, uint64_t *position, size_t *count);

#endif /* RS_TRAIN_TRAINER_STATE_H */
