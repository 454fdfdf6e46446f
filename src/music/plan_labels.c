/* SPDX-License-Identifier: ISC */

#include "music/plan_labels.h"

#include "base/memory.h"
#include "music/likeness.h"

#include <stdlib.h>

/* Likeness from which on a bar has the label of each level. */
static const float LEVEL[RS_PLAN_LEVELS] = {RS_LIKE_AKIN, RS_LIKE_VARIED, RS_LIKE_SAME};

/* Likenesses this near are taken as the same: the distance of the bar before goes on, else the
 * longest one. */
#define SAME 0.02f

/* The bars of a song: bar b is the frames from start[b] to start[b + 1]. */
typedef struct {
  size_t count, room;
  size_t *start;
} Bars;

static bool add_start(Bars *bars, size_t frame) {
  if (bars->count == bars->room) {
    const size_t room = bars->room ? 2 * bars->room : 64;
    size_t *start = realloc(bars->start, room * sizeof *start);
    if (!start) {
      return false;
    }
    bars->start = start;
    bars->room = room;
  }
  bars->start[bars->count++] = frame;
  return true;
}

/* The first frame of every bar, and the end of the song. */
static RsStatus find_bars(const RsRoll *roll, Bars *bars) {
  RsBarPlace place;
  *bars = (Bars){.count = 0};
  if (!rs_roll_bar(roll, 0, &place)) {
    return RS_OK;
  }
  for (; place.bar_start < roll->frames; rs_roll_next_bar(roll, &place)) {
    if (!add_start(bars, place.bar_start)) {
      return RS_ERR_MEMORY;
    }
  }
  return add_start(bars, roll->frames) ? RS_OK : RS_ERR_MEMORY;
}

/* Mean Jaccard index of the frames of bar b with those of bar `then`; 0 where these are fewer. */
static float bar_likeness(const RsRoll *roll, const Bars *bars, size_t b, size_t then) {
  const size_t frames = bars->start[b + 1] - bars->start[b];
  return bars->start[then + 1] - bars->start[then] < frames
             ? 0
             : rs_likeness(roll->on + bars->start[b], roll->on + bars->start[then], frames);
}

/* Whether quarter note q of bar b is as it was in bar `then`. */
static bool quarter_returns(const RsRoll *roll, const Bars *bars, size_t b, size_t then, size_t q) {
  const size_t end = bars->start[b + 1] - bars->start[b], quarter = roll->frames_per_beat;
  const size_t from = q * quarter, to = from + quarter < end ? from + quarter : end;
  return rs_likeness(roll->on + bars->start[b] + from, roll->on + bars->start[then] + from,
                     to - from) >= RS_LIKE_SAME;
}

/* Which quarter notes of a bar return as they were, where not all do. */
static void find_exact(const RsRoll *roll, const Bars *bars, size_t b, RsBarPlan *bar) {
  const size_t frames = bars->start[b + 1] - bars->start[b], quarter = roll->frames_per_beat;
  const size_t quarters = (frames + quarter - 1) / quarter;
  bar->quarters = (unsigned char)(quarters < RS_PLAN_QUARTERS ? quarters : RS_PLAN_QUARTERS);
  for (size_t q = 0; rs_plan_is_partial(bar->label) && q < bar->quarters; ++q) {
    const size_t then = b - rs_plan_lag(rs_plan_lag_number(bar->label));
    bar->exact |= (uint16_t)(quarter_returns(roll, bars, b, then, q) << q);
  }
}

static unsigned char label_of(const RsRoll *roll, const Bars *bars, size_t b,
                              unsigned char before) {
  size_t best = 0;
  float most = 0;
  for (size_t k = 0; k < RS_PLAN_LAGS && rs_plan_lag(k) <= b; ++k) {
    const float like = bar_likeness(roll, bars, b, b - rs_plan_lag(k));
    const bool goes_on = before && rs_plan_lag_number(before) == k;
    const bool held = before && rs_plan_lag_number(before) == best && most > 0;
    if (like > most + SAME || (like >= most - SAME && (goes_on || !held))) {
      best = k;
      most = like;
    }
  }
  size_t level = 0;
  while (level < RS_PLAN_LEVELS && most >= LEVEL[level]) {
    ++level;
  }
  return (unsigned char)(level ? RS_PLAN_LEVELS * best + level : 0);
}

RsStatus rs_plan_label_bars(const RsRoll *roll, RsSongPlan *plan) {
  Bars bars;
  RsStatus status = find_bars(roll, &bars);
  const size_t count = bars.count ? bars.count - 1 : 0;
  plan->bar = status ? NULL : rs_alloc(count, sizeof *plan->bar);
  if (!status && !plan->bar) {
    status = RS_ERR_MEMORY;
  }
  for (size_t b = 0; !status && b < count; ++b) {
    plan->bar[b] = (RsBarPlan){.label = label_of(roll, &bars, b, b ? plan->bar[b - 1].label : 0)};
    find_exact(roll, &bars, b, plan->bar + b);
  }
  plan->bars = status ? 0 : count;
  free(bars.start);
  return status;
}
