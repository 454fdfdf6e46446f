/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_CENTRING_H
#define RS_TRAIN_CENTRING_H

/**
   @file centring.h Centred learning of a Bernoulli RBM, where train.centre is set.
*/

#include "train/parameters.h"

/** Make the gradient that of the centred parameters: equation K11. */
void rs_centre_gradient(RsParameters *p, const RsTrainSettings *settings);

/** After a step of W, move the biases with the offsets (equation K12); uses up p->before. */
void rs_centre_step(RsParameters *p, const RsTrainSettings *settings);

#endif /* RS_TRAIN_CENTRING_H */
