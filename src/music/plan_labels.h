/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_PLAN_LABELS_H
#define RS_MUSIC_PLAN_LABELS_H

/**
   @file plan_labels.h Which bars of a song return, from where and how well: equation P1 of
   doc/math.md.
*/

#include <rollsmith/plan.h>

#include <stdbool.h>

/** Distance k in bars, of RS_PLAN_LAGS: 1, 2, 4 and 8. */
static inline size_t rs_plan_lag(size_t k) {
  return (size_t)1 << k;
}

/** Number of the distance of a label that is not 0. */
static inline size_t rs_plan_lag_number(size_t label) {
  return (label - 1) / RS_PLAN_LEVELS;
}

/** Level of a label that is not 0, 1 to RS_PLAN_LEVELS. */
static inline size_t rs_plan_level(size_t label) {
  return 1 + (label - 1) % RS_PLAN_LEVELS;
}

/** Whether a bar of this label returns in part: neither new nor as it was. */
static inline bool rs_plan_is_partial(size_t label) {
  return label && rs_plan_level(label) < RS_PLAN_LEVELS;
}

/**
   Label the bars of a song.

   @param plan  Output: labels and bars; none of a song without meters.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_plan_label_bars(const RsRoll *roll, RsSongPlan *plan);

#endif /* RS_MUSIC_PLAN_LABELS_H */
