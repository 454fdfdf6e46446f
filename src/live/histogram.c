/* SPDX-License-Identifier: ISC */

#include "live/histogram.h"

#include <rollsmith/clock.h>

#define CLASS_WIDTH (RS_MILLISECOND / 10)

void rs_histogram_add(RsHistogram *histogram, int64_t nanoseconds) {
  const int64_t time = nanoseconds > 0 ? nanoseconds : 0;
  const int64_t class = time / CLASS_WIDTH;
  ++histogram->counts[class < RS_HISTOGRAM_CLASSES ? class : RS_HISTOGRAM_CLASSES - 1];
  ++histogram->total;
  histogram->largest = time > histogram->largest ? time : histogram->largest;
}

double rs_histogram_quantile(const RsHistogram *histogram, double share) {
  const double largest = (double)histogram->largest / RS_MILLISECOND;
  uint64_t seen = 0;
  if (!histogram->total) {
    return 0;
  }
  for (size_t i = 0; i + 1 < RS_HISTOGRAM_CLASSES; ++i) {
    seen += histogram->counts[i];
    if ((double)seen >= share * (double)histogram->total) {
      const double edge = (double)((int64_t)(i + 1) * CLASS_WIDTH) / RS_MILLISECOND;
      return edge < largest ? edge : largest;
    }
  }
  return largest;
}

void rs_histogram_sort(const RsHistogram *histogram, size_t count, const double *edges,
                       uint64_t *counts) {
  for (size_t i = 0; i < RS_HISTOGRAM_CLASSES; ++i) {
    size_t class = 0;
    while (class < count && (double)(i + 1) > 10 * edges[class]) {
      ++class;
    }
    counts[class] += histogram->counts[i];
  }
}
