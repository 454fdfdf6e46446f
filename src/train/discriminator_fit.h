/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_DISCRIMINATOR_FIT_H
#define RS_TRAIN_DISCRIMINATOR_FIT_H

/** @file discriminator_fit.h Fits the discriminator of a model, doc/math.md, equation T40. */

#include "train/bar_pairs.h"

#include <rollsmith/model.h>

/**
   Fit the discriminator of a model to songs and to what the model generates. A model or songs
   without meters get none, and so do songs of too few bars.

   @param model  Its discriminator is replaced.
   @param pool   Threads, or NULL; never changes the result.
   @param stop   Asked now and then.
   @return RS_OK; RS_ERR_STOPPED, RS_ERR_NONFINITE, RS_ERR_MEMORY: the model then has none.
*/
RsStatus rs_discriminator_fit(RsModel *model, const RsSongs *songs, RsThreadPool *pool,
                              const RsStop *stop);

#endif /* RS_TRAIN_DISCRIMINATOR_FIT_H */
