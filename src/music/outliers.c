/* SPDX-License-Identifier: ISC */

#include "music/outliers.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* How far outside of the quartiles is far, in distances of the quartiles, and at least as a factor.
 */
#define FAR 3
#define LEAST_FACTOR 4

static int compare_sizes(const void *a, const void *b) {
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* The value that so large a share of the sorted ones is below. */
static size_t quantile(const size_t *sorted, size_t count, double share) {
  return sorted[(size_t)(share * (double)(count - 1) + 0.5)];
}

RsStatus rs_usual_lengths(const RsSongs *songs, RsUsualLengths *out) {
  *out = (RsUsualLengths){.highest = SIZE_MAX};
  if (songs->count < RS_OUTLIER_SONGS) {
    return RS_OK;
  }
  size_t *lengths = rs_alloc(songs->count, sizeof *lengths);
  if (!lengths) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < songs->count; ++i) {
    lengths[i] = songs->rolls[i].frames;
  }
  qsort(lengths, songs->count, sizeof *lengths, compare_sizes);
  out->low = quantile(lengths, songs->count, 0.25);
  out->high = quantile(lengths, songs->count, 0.75);
  free(lengths);
  const double spread = pow((double)out->high / (double)out->low, FAR);
  const double factor = fmax(spread, LEAST_FACTOR);
  out->lowest = (size_t)ceil((double)out->low / factor);
  out->highest = (size_t)fmin(floor((double)out->high * factor), 0x1p62);
  return RS_OK;
}

bool rs_is_shorter_than_a_bar(const RsRoll *roll) {
  unsigned beats = roll->meter_beats, unit = roll->meter_unit;
  const double quarter = rs_roll_frames_per_quarter(roll);
  const bool known = beats && unit && isfinite(quarter) && quarter > 0;
  const double bar = known ? rs_meter_bar_frames(beats, unit, quarter) : 16;
  return (double)roll->frames < bar;
}

RsHeldNote rs_held_note(const RsRoll *roll) {
  size_t since[RS_NOTES] = {0};
  RsHeldNote longest = {.frames = 0};
  for (size_t f = 0; f < roll->frames; ++f) {
    const RsFrame begins = rs_roll_begins(roll, f);
    for (int n = rs_frame_next(&roll->on[f], 0); n < RS_NOTES;
         n = rs_frame_next(&roll->on[f], n + 1)) {
      since[n] = rs_frame_has(&begins, n) ? f : since[n];
      if (f + 1 - since[n] > longest.frames) {
        longest = (RsHeldNote){n, since[n], f + 1 - since[n]};
      }
    }
  }
  return longest;
}
