/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_PARAMETERS_H
#define RS_TRAIN_PARAMETERS_H

/**
   @file parameters.h The parameters that are trained, their gradient and their optimisers.
*/

#include <rollsmith/model.h>
#include <rollsmith/optimiser.h>

/** Parameters in training. All arrays have `count` values but where it is said. */
typedef struct {
  const RsRnnRbm *net;        /**< Topology, borrowed */
  size_t count;               /**< Number of parameters */
  float *w;                   /**< Current parameters */
  float *g;                   /**< Gradient */
  float *average;             /**< Running mean of w */
  float *before;              /**< w before a step: W, and all of it where some is put back */
  float *good;                /**< rs_parameters_good_size() values: the last good state */
  float *offset;              /**< visible: mean frame of the songs, for centring */
  RsOptimiser *optimisers[2]; /**< Of W, and of the recurrent net, whose learning rates differ */
} RsParameters;

/** Values of a tensor of the net. */
static inline size_t rs_tensor_values(const RsRnnRbmTensor *tensor) {
  return tensor->rows * tensor->columns;
}

/**
   Parameters of zero.

   @param net  Topology, borrowed for their life.
   @param out  Output, to be given to rs_parameters_clear(), also after a failure.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_parameters_init(const RsTrainSettings *settings, const RsRnnRbm *net, RsParameters *out,
                            RsError *error);

/** Free what the parameters own. */
void rs_parameters_clear(RsParameters *p);

/** Values of `good`: w, average and the states of the optimisers. */
size_t rs_parameters_good_size(const RsParameters *p);

/** Take the current state as the last good one. */
void rs_parameters_remember(RsParameters *p);

/** Go back to the last good state. */
void rs_parameters_restore(RsParameters *p);

/**
   First values of all parameters (equation K9), and the mean frame of the songs.

   @param model  Its settings and inputs; its parameters stay.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_EMPTY where no song has a note in the range.
*/
RsStatus rs_parameters_begin(RsParameters *p, const RsModel *model, const RsSongs *songs,
                             RsError *error);

/** The static biases a and b, and what follows them, in an array of parameters: `output.bias`. */
float *rs_parameters_biases(const RsRnnRbm *net, float *parameters);

#endif /* RS_TRAIN_PARAMETERS_H */
