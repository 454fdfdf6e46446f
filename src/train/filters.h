/* SPDX-License-Identifier: ISC */

#ifndef RS_TRAIN_FILTERS_H
#define RS_TRAIN_FILTERS_H

/**
   @file filters.h Filters: hidden units whose weights are the same for all notes, transposed.

   The first model.filters x notes hidden units are filters: unit k x notes + p is filter k at note
   p. A weight between it and a value that belongs to note q depends on k and q - p alone, one to a
   value of no note on k alone, and one to the plan's key on k and the distance from the key to p
   (doc/math.md, section F). These weights are entries of W, of the direct connections and of the
   biases that are held equal: their gradients are replaced by the mean over those that are equal.
*/

#include <rollsmith/model.h>

/** Replace each entry of a vector in the order of the model's parameters, where filters hold it
 * equal to others, by the mean of all of these: equation F2. */
void rs_filters_mean(const RsModel *model, float *values);

/** Make first weights of filters equal, and as large as before: means times the root of their
 * number. */
void rs_filters_initialise(const RsModel *model, float *w);

#endif /* RS_TRAIN_FILTERS_H */
