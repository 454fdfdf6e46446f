/* SPDX-License-Identifier: ISC */

#include <rollsmith/statistics.h>

#include "music/outliers.h"
#include "music/pitch_classes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CROWDED_ABOVE = 6 };

static const struct {
  const char *name, *unit;
} NAMES[RS_STATISTICS] = {
    [RS_POLYPHONY] = {"polyphony", "notes a frame"},
    [RS_CROWDED] = {"crowded", "of frames have more than 6 notes"},
    [RS_PITCH_ENTROPY] = {"pitch_entropy", "bits, of 3.58 if all pitch classes were alike"},
    [RS_SCALE] = {"scale", "of notes are of one scale"},
    [RS_JACCARD] = {"jaccard", "of the notes stay from frame to frame"},
    [RS_ONE_FRAME] = {"one_frame", "of notes last one frame"},
    [RS_CLASHES] = {"clashes", "pairs a semitone apart in a frame"},
    [RS_SILENCE] = {"silence", "of frames are silent"},
};

const char *rs_statistic_name(RsStatistic which) {
  return which < RS_STATISTICS ? NAMES[which].name : NULL;
}

const char *rs_statistic_unit(RsStatistic which) {
  return which < RS_STATISTICS ? NAMES[which].unit : NULL;
}

/* What is counted over some frames; the shares are taken at the end. */
typedef struct {
  size_t notes, crowded, clashes, silent;
  size_t classes[RS_PITCH_CLASSES];
  size_t runs, short_runs;
  double similarity;
} Counts;

static RsFrame both(const RsFrame *a, const RsFrame *b) {
  return (RsFrame){{a->bits[0] & b->bits[0], a->bits[1] & b->bits[1]}};
}

static RsFrame except(const RsFrame *a, const RsFrame *b) {
  return (RsFrame){{a->bits[0] & ~b->bits[0], a->bits[1] & ~b->bits[1]}};
}

static void count_frame(Counts *c, const RsFrame *frame) {
  const RsFrame up = rs_frame_shift(frame, 1);
  const RsFrame clashes = both(frame, &up);
  const int notes = rs_frame_count(frame);
  c->notes += (size_t)notes;
  c->crowded += notes > CROWDED_ABOVE;
  c->silent += !notes;
  c->clashes += (size_t)rs_frame_count(&clashes);
  for (int n = rs_frame_next(frame, 0); n < RS_NOTES; n = rs_frame_next(frame, n + 1)) {
    ++c->classes[n % RS_PITCH_CLASSES];
  }
}

static void count_step(Counts *c, const RsFrame *before, const RsFrame *frame) {
  const RsFrame common = both(before, frame);
  const int shared = rs_frame_count(&common);
  const int all = rs_frame_count(before) + rs_frame_count(frame) - shared;
  c->similarity += all ? (double)shared / all : 1.0;
}

/* Runs that frame f ends, if their beginning was seen too; `whole` has the notes that sound of
 * which it was. */
static void count_runs(Counts *c, const RsFrame *on, size_t f, RsFrame *whole) {
  const RsFrame begun = except(&on[f], &on[f - 1]), ended = except(&on[f - 1], &on[f]);
  const RsFrame counted = both(&ended, whole);
  const RsFrame single = f < 2 ? counted : except(&counted, &on[f - 2]);
  c->runs += (size_t)rs_frame_count(&counted);
  c->short_runs += (size_t)rs_frame_count(&single);
  *whole = except(whole, &ended);
  whole->bits[0] |= begun.bits[0];
  whole->bits[1] |= begun.bits[1];
}

static Counts count(const RsFrame *on, size_t frames) {
  Counts c = {0};
  RsFrame whole = {{0, 0}};
  for (size_t f = 0; f < frames; ++f) {
    count_frame(&c, &on[f]);
    if (f > 0) {
      count_step(&c, &on[f - 1], &on[f]);
      count_runs(&c, on, f, &whole);
    }
  }
  return c;
}

RsStatistics rs_statistics(const RsFrame *on, size_t frames) {
  const Counts c = count(on, frames);
  const double length = frames ? (double)frames : 1.0;
  RsStatistics s;
  s.value[RS_POLYPHONY] = (double)c.notes / length;
  s.value[RS_CROWDED] = (double)c.crowded / length;
  s.value[RS_PITCH_ENTROPY] = rs_pitch_class_entropy(c.classes);
  s.value[RS_SCALE] = rs_pitch_class_scale(c.classes);
  s.value[RS_JACCARD] = frames > 1 ? c.similarity / (length - 1) : 1.0;
  s.value[RS_ONE_FRAME] = c.runs ? (double)c.short_runs / (double)c.runs : 0.0;
  s.value[RS_CLASHES] = (double)c.clashes / length;
  s.value[RS_SILENCE] = (double)c.silent / length;
  return s;
}

size_t rs_windows(size_t frames) {
  return frames && frames < RS_WINDOW ? 1 : frames / RS_WINDOW;
}

RsStatistics rs_window_statistics(const RsRoll *roll, size_t window) {
  const size_t length = roll->frames < RS_WINDOW ? roll->frames : RS_WINDOW;
  return rs_statistics(roll->on + window * RS_WINDOW, length);
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Quantile of sorted values, straight lines between them. */
static double quantile(const double *sorted, size_t count, double share) {
  const double place = share * (double)(count - 1);
  const size_t below = (size_t)place;
  const size_t above = below + 1 < count ? below + 1 : below;
  return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

static void measure_windows(const RsSongs *songs, RsStatistics *windows) {
  for (size_t s = 0; s < songs->count; ++s) {
    const size_t count = rs_windows(songs->rolls[s].frames);
    for (size_t w = 0; w < count; ++w) {
      *windows++ = rs_window_statistics(&songs->rolls[s], w);
    }
  }
}

RsStatus rs_band(const RsSongs *songs, RsBand *out) {
  size_t count = 0;
  for (size_t s = 0; s < songs->count; ++s) {
    count += rs_windows(songs->rolls[s].frames);
  }
  if (!count) {
    return RS_ERR_EMPTY;
  }
  RsStatistics *windows = calloc(count, sizeof *windows);
  double *values = calloc(count, sizeof *values);
  if (windows && values) {
    measure_windows(songs, windows);
    out->windows = count;
    for (int i = 0; i < RS_STATISTICS; ++i) {
      for (size_t w = 0; w < count; ++w) {
        values[w] = windows[w].value[i];
      }
      qsort(values, count, sizeof *values, compare);
      out->low.value[i] = quantile(values, count, 0.005);
      out->high.value[i] = quantile(values, count, 0.995);
    }
  }
  const RsStatus status = windows && values ? RS_OK : RS_ERR_MEMORY;
  free(windows);
  free(values);
  return status;
}

bool rs_is_inside(const RsStatistics *s, const RsBand *band, bool inside[RS_STATISTICS]) {
  bool every = true;
  for (int i = 0; i < RS_STATISTICS; ++i) {
    const bool in = s->value[i] >= band->low.value[i] && s->value[i] <= band->high.value[i];
    every = every && in;
    if (inside) {
      inside[i] = in;
    }
  }
  return every;
}

/* Some windows against a band. */
typedef struct {
  double all;     /* share of them inside every band */
  size_t outside; /* how many at the end are not */
} Share;

/* The windows [first, last), with the share of them in the band for each statistic. */
static Share judge_windows(const RsRoll *roll, const RsBand *band, size_t first, size_t last,
                           RsStatistics *inside) {
  const double share = last > first ? 1.0 / (double)(last - first) : 0.0;
  Share found = {0, 0};
  memset(inside, 0, sizeof *inside);
  for (size_t w = first; w < last; ++w) {
    const RsStatistics s = rs_window_statistics(roll, w);
    bool in[RS_STATISTICS];
    const bool every = rs_is_inside(&s, band, in);
    for (int i = 0; i < RS_STATISTICS; ++i) {
      inside->value[i] += in[i] ? share : 0;
    }
    found.all += every ? share : 0;
    found.outside = every ? 0 : found.outside + 1;
  }
  return found;
}

RsJudgement rs_judge(const RsRoll *roll, const RsBand *band) {
  const size_t windows = rs_windows(roll->frames), some = (windows + 3) / 4;
  const size_t frames = (roll->frames + 3) / 4;
  RsJudgement j = {.windows = windows};
  const Share share = judge_windows(roll, band, 0, windows, &j.inside);
  j.all_inside = share.all;
  j.diverged = share.outside >= RS_DIVERGED;
  j.diverged_at = j.diverged ? (windows - share.outside) * RS_WINDOW : 0;
  judge_windows(roll, band, 0, some, &j.first_inside);
  judge_windows(roll, band, windows - some, windows, &j.last_inside);
  j.first = rs_statistics(roll->on, frames);
  j.last = rs_statistics(roll->on + (roll->frames - frames), frames);
  return j;
}

static size_t longest_run(const RsFrame *on, size_t frames, bool silent) {
  size_t longest = 0, run = 0;
  for (size_t f = 0; f < frames; ++f) {
    const bool same = f && rs_frame_equal(&on[f], &on[f - 1]);
    const bool counts = !rs_frame_count(&on[f]) == silent;
    run = !counts ? 0 : same ? run + 1 : 1;
    longest = run > longest ? run : longest;
  }
  return longest;
}

size_t rs_longest_chord(const RsFrame *on, size_t frames) {
  return longest_run(on, frames, false);
}

size_t rs_longest_silence(const RsFrame *on, size_t frames) {
  return longest_run(on, frames, true);
}

size_t rs_longest_note(const RsFrame *on, size_t frames) {
  const RsRoll roll = {.on = (RsFrame *)on, .frames = frames};
  return rs_held_note(&roll).frames;
}

size_t rs_longest_of(RsLongest longest, const RsSongs *songs) {
  size_t most = 0;
  for (size_t s = 0; s < songs->count; ++s) {
    const size_t own = longest(songs->rolls[s].on, songs->rolls[s].frames);
    most = own > most ? own : most;
  }
  return most;
}
