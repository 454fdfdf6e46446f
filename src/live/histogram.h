/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_HISTOGRAM_H
#define RS_LIVE_HISTOGRAM_H

/**
   @file histogram.h A histogram of lateness in classes of 0.1 ms.
*/

#include <stddef.h>
#include <stdint.h>

enum { RS_HISTOGRAM_CLASSES = 2000 }; ///< Up to 200 ms; the last class has everything above

/** A histogram; all zeroes is an empty one. */
typedef struct {
  uint64_t counts[RS_HISTOGRAM_CLASSES];
  uint64_t total;
  int64_t largest; ///< Nanoseconds
} RsHistogram;

/** Count a time in nanoseconds; negative times count as zero. */
void rs_histogram_add(RsHistogram *histogram, int64_t nanoseconds);

/** Quantile in milliseconds; 0 for an empty histogram. @param share 0..1. */
double rs_histogram_quantile(const RsHistogram *histogram, double share);

/**
   Sort what was counted into coarser classes.

   @param count   Edges.
   @param edges   Where classes end, in milliseconds, ascending: whole tenths.
   @param counts  `count` + 1 of them, the last for what is not below the last edge; added to.
*/
void rs_histogram_sort(const RsHistogram *histogram, size_t count, const double *edges,
                       uint64_t *counts);

#endif /* RS_LIVE_HISTOGRAM_H */
