/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_MODEL_SONGS_H
#define RS_MODEL_MODEL_SONGS_H

/**
   @file model_songs.h The training songs in a model file: three tensors, in doc/model-format.md.
*/

#include <rollsmith/model.h>

/** Tensors of the songs that a file holds: 3, or 0. */
size_t rs_model_songs_count(const RsTensorFile *file);

/** Add the tensors of the songs, where the model holds any. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_model_songs_add(const RsModel *model, RsTensorFile *file);

/**
   Take the songs out of a file, if it holds any.

   @param path  Name of the file in messages.
   @return RS_OK; RS_ERR_FORMAT where the tensors do not fit each other or the model's range;
   RS_ERR_MEMORY.
*/
RsStatus rs_model_songs_read(const RsTensorFile *file, const char *path, RsModel *model,
                             RsError *error);

/** Free the songs and the index of their runs. */
void rs_model_songs_clear(RsModel *model);

#endif /* RS_MODEL_MODEL_SONGS_H */
