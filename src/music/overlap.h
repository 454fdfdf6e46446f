/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_OVERLAP_H
#define RS_MUSIC_OVERLAP_H

/**
   @file overlap.h How alike random halves of a sample are.
*/

#include <stddef.h>
#include <stdint.h>

/**
   The mean overlap of the halves of a sample, over six random splits (T28).

   @param values, count  Sample; put into another order.
   @param stream         Number of the sample: those of different numbers are split independently.
   @return 0..1; NaN where there are fewer than four values: a single one has no density.
*/
double rs_overlap_of_halves(double *values, size_t count, uint32_t stream);

#endif /* RS_MUSIC_OVERLAP_H */
