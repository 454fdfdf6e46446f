/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_DISCRIMINATOR_H
#define RS_MODEL_DISCRIMINATOR_H

/**
   @file discriminator.h Tells bars of songs from bars that the model generates, doc/math.md,
   equations T39 and T40: a net of one hidden layer, of the features of a bar and of the one before
   it. It is fitted when training ends, and stands in the model file.
*/

#include "music/bar_features.h"

#include <rollsmith/model.h>

enum { RS_DISCRIMINATOR_INPUTS = 2 * RS_BAR_FEATURES, RS_DISCRIMINATOR_HIDDEN = 32 };

/** A discriminator. */
typedef struct RsDiscriminator {
  float mean[RS_DISCRIMINATOR_INPUTS];  /**< Of the features of the bar before, then of the bar */
  float scale[RS_DISCRIMINATOR_INPUTS]; /**< What they are multiplied by, less the mean */
  float hidden[RS_DISCRIMINATOR_HIDDEN * RS_DISCRIMINATOR_INPUTS]; /**< Weights, row-major */
  float bias[RS_DISCRIMINATOR_HIDDEN];                             /**< Of the hidden units */
  float output[RS_DISCRIMINATOR_HIDDEN + 1]; /**< Weights of the output, then its bias */
} RsDiscriminator;

/**
   Logarithm of the odds that a bar after another one is of a song, and not generated, where both
   are as frequent. The sum has a fixed order: the same bits on every processor.

   @param before, bar  RS_BAR_FEATURES values each.
*/
double rs_discriminator_log_odds(const RsDiscriminator *discriminator, const float *before,
                                 const float *bar);

/** Tensors of the discriminator that a file holds: 5, or 0. */
size_t rs_discriminator_count(const RsTensorFile *file);

/** Add the tensors, where the model has a discriminator. @return RS_OK, RS_ERR_NONFINITE,
 * RS_ERR_MEMORY. */
RsStatus rs_discriminator_add(const RsModel *model, RsTensorFile *file);

/**
   Take the discriminator out of a file, if it holds one.

   @param path  Name of the file in messages.
   @return RS_OK; RS_ERR_FORMAT where a tensor is missing or of another shape; RS_ERR_MEMORY.
*/
RsStatus rs_discriminator_read(const RsTensorFile *file, const char *path, RsModel *model,
                               RsError *error);

#endif /* RS_MODEL_DISCRIMINATOR_H */
