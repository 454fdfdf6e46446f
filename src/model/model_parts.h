/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_MODEL_PARTS_H
#define RS_MODEL_MODEL_PARTS_H

/**
   @file model_parts.h A model and the parts of its file: the strings and the tensors. The
   JSON of the strings is model_file.c alone.
*/

#include <rollsmith/model.h>

/** Contents of the strings of a model file. */
typedef struct {
  RsSettings settings;                ///< Complete, checked by rs_model_assemble()
  size_t meter_count;                 ///< Meters of the model
  RsKnownMeter meters[RS_METERS_MAX]; ///< `meter_count` of them
  RsTrainingSummary training;         ///< What is known of its training
} RsModelRecord;

/** What a model of version 1 was made with and its settings do not say. */
void rs_model_settings_of_version_1(RsSettings *settings);

/**
   Make a model of the strings and tensors of its file.

   @param path  Name of the file in messages.
   @param out   Output, to be given to rs_model_free().
   @return RS_OK; RS_ERR_SETTING for settings that contradict each other; RS_ERR_FORMAT where the
   tensors are not those that the settings make; RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_model_assemble(const RsModelRecord *record, const RsTensorFile *file, const char *path,
                           RsModel **out, RsError *error);

/** Add the tensors of a model to a file. @return RS_OK, RS_ERR_NONFINITE, RS_ERR_MEMORY. */
RsStatus rs_model_add_tensors(const RsModel *model, RsTensorFile *file);

/** Check the tensors against the shape of a model that has no parameters yet, before there is
 * memory for them. @return RS_OK, RS_ERR_FORMAT. */
RsStatus rs_model_check_tensors(const RsTensorFile *file, const char *path, const RsModel *model,
                                RsError *error);

/** Copy the tensors, which were checked, into the parameters and the plan of a model. */
void rs_model_copy_tensors(const RsTensorFile *file, RsModel *model);

#endif /* RS_MODEL_MODEL_PARTS_H */
