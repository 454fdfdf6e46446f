/* SPDX-License-Identifier: ISC */

#include <rollsmith/style.h>

#include "base/memory.h"
#include "music/overlap.h"
#include "music/runs.h"

#include <rollsmith/statistics.h>

#include <math.h>
#include <stdlib.h>

/* Kinds of copies */
enum { RUN16, RUN32, NEAR16, KINDS };

static const struct {
  size_t length;
  bool near;
} KIND[KINDS] = {[RUN16] = {16, false}, [RUN32] = {32, false}, [NEAR16] = {16, true}};

/* The values of each statistic over some songs, those that have none left out. */
typedef struct {
  size_t songs;                      /* that are long enough */
  double *value[RS_SONG_STATISTICS]; /* parts of one array, that of the first one owned */
  size_t count[RS_SONG_STATISTICS];
} Values;

struct RsStyle {
  Values values;
  double ceiling[RS_SONG_STATISTICS];
  RsRuns *runs[KINDS]; /* NULL for what is not looked for */
  RsCopies copies;     /* of the songs from each other */
};

/* ---- Statistics ------------------------------------------------------------------------------ */

static RsStatus add_song(Values *values, const RsRoll *song) {
  RsSongStatistics s;
  const RsStatus status = rs_song_statistics(song, &s);
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    if (!isnan(s.value[i])) {
      values->value[i][values->count[i]++] = s.value[i];
    }
  }
  values->songs += !status;
  return status == RS_ERR_EMPTY ? RS_OK : status;
}

static RsStatus measure(const RsSongs *songs, Values *out) {
  *out = (Values){.value = {rs_alloc(songs->count, RS_SONG_STATISTICS * sizeof(double))}};
  RsStatus status = out->value[0] ? RS_OK : RS_ERR_MEMORY;
  for (int i = 1; !status && i < RS_SONG_STATISTICS; ++i) {
    out->value[i] = out->value[i - 1] + songs->count;
  }
  for (size_t s = 0; !status && s < songs->count; ++s) {
    status = add_song(out, &songs->rolls[s]);
  }
  return status;
}

/* A mean that grows. */
typedef struct {
  double sum;
  size_t count;
} Mean;

static void add_to(Mean *mean, double value) {
  if (!isnan(value)) {
    mean->sum += value;
    ++mean->count;
  }
}

static double value_of(const Mean *mean) {
  return mean->count ? mean->sum / (double)mean->count : NAN;
}

static double mean(const double *values, size_t count) {
  Mean all = {0, 0};
  for (size_t i = 0; i < count; ++i) {
    add_to(&all, values[i]);
  }
  return value_of(&all);
}

static RsStyleStatistic compare(const RsStyle *style, const Values *music, int i) {
  const Values *songs = &style->values;
  return (RsStyleStatistic){
      .songs = mean(songs->value[i], songs->count[i]),
      .model = mean(music->value[i], music->count[i]),
      .overlap = rs_overlap(songs->value[i], songs->count[i], music->value[i], music->count[i]),
      .ceiling = style->ceiling[i],
  };
}

/* What is of the ceiling comes from the statistics that have one. */
static void sum_up(RsStyleComparison *out) {
  Mean overlap = {0, 0}, ceiling = {0, 0}, below = {0, 0};
  for (int i = 0; i < RS_SONG_STATISTICS; ++i) {
    const RsStyleStatistic *s = &out->statistic[i];
    add_to(&overlap, s->overlap);
    add_to(&ceiling, isnan(s->overlap) ? NAN : s->ceiling);
    add_to(&below, isnan(s->ceiling) ? NAN : s->overlap);
  }
  out->overlap = value_of(&overlap);
  out->ceiling = value_of(&ceiling);
  out->of_ceiling = value_of(&below) / out->ceiling;
}

/* ---- Copies ---------------------------------------------------------------------------------- */

/* Share of the windows of some songs that hold a copy; `own`: of the songs of the style. */
static RsStatus share_copied(const RsRuns *runs, const RsSongs *songs, bool own, size_t windows,
                             double *share) {
  size_t sum = 0;
  RsStatus status = RS_OK;
  *share = NAN;
  for (size_t s = 0; runs && !status && s < songs->count; ++s) {
    size_t copied;
    status = rs_runs_copied(runs, &songs->rolls[s], own, &copied);
    sum += copied;
  }
  if (runs && !status && windows) {
    *share = (double)sum / (double)windows;
  }
  return status;
}

static RsStatus copies(const RsStyle *style, const RsSongs *songs, bool own, RsCopies *out) {
  double *const shares[KINDS] = {&out->run16, &out->run32, &out->near16};
  RsStatus status = RS_OK;
  *out = (RsCopies){0, NAN, NAN, NAN};
  for (size_t s = 0; s < songs->count; ++s) {
    out->windows += songs->rolls[s].frames / RS_WINDOW;
  }
  for (int kind = 0; !status && kind < KINDS; ++kind) {
    status = share_copied(style->runs[kind], songs, own, out->windows, shares[kind]);
  }
  return status;
}

RsStatus rs_style_copies(const RsStyle *style, const RsSongs *music, RsCopies *out) {
  return copies(style, music, false, out);
}

/* ---- Styles ---------------------------------------------------------------------------------- */

static RsStatus index_songs(RsStyle *style, const RsSongs *songs, bool near) {
  RsStatus status = RS_OK;
  for (int kind = 0; !status && kind < KINDS; ++kind) {
    if (!KIND[kind].near || near) {
      status = rs_runs_new(songs, KIND[kind].length, KIND[kind].near, &style->runs[kind]);
    }
  }
  return status ? status : copies(style, songs, true, &style->copies);
}

RsStatus rs_style_new(const RsSongs *songs, bool near, RsStyle **out) {
  RsStyle *style = *out = rs_alloc(1, sizeof *style);
  RsStatus status = style ? measure(songs, &style->values) : RS_ERR_MEMORY;
  for (int i = 0; !status && i < RS_SONG_STATISTICS; ++i) {
    style->ceiling[i] =
        rs_overlap_of_halves(style->values.value[i], style->values.count[i], (uint32_t)i);
  }
  status = status ? status : index_songs(style, songs, near);
  if (status) {
    rs_style_free(style);
    *out = NULL;
  }
  return status;
}

void rs_style_free(RsStyle *style) {
  if (style) {
    for (int kind = 0; kind < KINDS; ++kind) {
      rs_runs_free(style->runs[kind]);
    }
    free(style->values.value[0]);
    free(style);
  }
}

RsStatus rs_style_compare(const RsStyle *style, const RsSongs *music, RsStyleComparison *out) {
  Values values;
  RsStatus status = measure(music, &values);
  *out = (RsStyleComparison){
      .songs = style->values.songs, .compared = values.songs, .copies_songs = style->copies};
  for (int i = 0; !status && i < RS_SONG_STATISTICS; ++i) {
    out->statistic[i] = compare(style, &values, i);
  }
  if (!status) {
    sum_up(out);
    status = rs_style_copies(style, music, &out->copies);
  }
  free(values.value[0]);
  return status;
}
