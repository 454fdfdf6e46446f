/* SPDX-License-Identifier: ISC */

#include <rollsmith/plan.h>

#include "base/memory.h"
#include "music/plan_exact.h"
#include "music/plan_labels.h"
#include "music/plan_register.h"

#include <rollsmith/style.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SECTION_BARS = 8, SECTIONS = 3 };

/* ---- Textures ---- */

/* What textures are classes of. */
typedef struct {
  float density, polyphony, returns, pitches;
  size_t distance; /* from which most bars return, of RS_PLAN_DISTANCES */
} Measures;

/* Whether a bar returns nearly or quite as it was. */
static bool returns_well(unsigned char label) {
  return label && rs_plan_level(label) > 1;
}

/* The distance from which most bars return well; of as many, the longest. */
static size_t distance_of(const RsSongPlan *plan) {
  size_t bars[RS_PLAN_DISTANCES] = {0}, best = 0;
  for (size_t b = 0; b < plan->bars; ++b) {
    if (returns_well(plan->bar[b].label)) {
      const size_t lag = rs_plan_lag_number(plan->bar[b].label);
      ++bars[lag ? lag - 1 : 0];
    }
  }
  for (size_t i = 1; i < RS_PLAN_DISTANCES; ++i) {
    best = bars[i] >= bars[best] ? i : best;
  }
  return best;
}

static Measures measures_of(const RsRoll *roll, const RsSongPlan *plan) {
  RsSongStatistics statistics;
  Measures m = {.distance = distance_of(plan)};
  if (!rs_song_statistics(roll, &statistics)) {
    m.density = (float)statistics.value[RS_SONG_NOTES_A_FRAME];
    m.polyphony = (float)statistics.value[RS_SONG_POLYPHONY];
    m.pitches = (float)statistics.value[RS_SONG_PITCH_ENTROPY];
  }
  for (size_t b = 0; b < plan->bars; ++b) {
    m.returns += returns_well(plan->bar[b].label);
  }
  m.returns /= (float)(plan->bars ? plan->bars : 1);
  return m;
}

static unsigned char class_of(size_t ends, const float *end, float value) {
  unsigned char class = 0;
  while (class < ends && value >= end[class]) {
    ++class;
  }
  return class;
}

static unsigned char returns_of(const RsPlanPrior *prior, Measures m) {
  const size_t share = class_of(RS_PLAN_SHARES - 1, prior->returns, m.returns);
  return (unsigned char)(share ? 1 + (share - 1) * RS_PLAN_DISTANCES + m.distance : 0);
}

static RsFramePlan texture_of(const RsPlanPrior *prior, Measures m) {
  return (RsFramePlan){
      .density = class_of(RS_PLAN_CLASSES - 1, prior->density, m.density),
      .polyphony = class_of(RS_PLAN_CLASSES - 1, prior->polyphony, m.polyphony),
      .returns = returns_of(prior, m),
      .pitches = class_of(RS_PLAN_PITCHES - 1, prior->pitches, m.pitches),
  };
}

static size_t texture_number(RsFramePlan t) {
  const size_t number = (size_t)t.density * RS_PLAN_CLASSES + t.polyphony;
  return (number * RS_PLAN_RETURNS + t.returns) * RS_PLAN_PITCHES + t.pitches;
}

static RsFramePlan texture_numbered(size_t number) {
  const size_t rest = number / RS_PLAN_PITCHES;
  return (RsFramePlan){
      .density = (unsigned char)(rest / RS_PLAN_RETURNS / RS_PLAN_CLASSES),
      .polyphony = (unsigned char)(rest / RS_PLAN_RETURNS % RS_PLAN_CLASSES),
      .returns = (unsigned char)(rest % RS_PLAN_RETURNS),
      .pitches = (unsigned char)(number % RS_PLAN_PITCHES),
  };
}

/* ---- Learning ---- */

static int by_value(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

/* Shares of the songs below the end of each class, of SHARE_UNIT. Of density and polyphony the
 * outer classes are small: the few songs there, such as melodies without chords, are unlike all
 * others. */
enum { SHARE_UNIT = 24 };
static const unsigned char EVEN_3[] = {8, 16}, EVEN_4[] = {6, 12, 18},
                           OUTER_SMALL[] = {1, 5, 12, 19, 23};

/* Ends of classes that hold these shares of the songs; sorts the values. */
static void find_ends(size_t count, float *values, size_t ends, const unsigned char *share,
                      float *end) {
  qsort(values, count, sizeof *values, by_value);
  for (size_t i = 0; i < ends; ++i) {
    end[i] = count ? values[share[i] * count / SHARE_UNIT] : 0;
  }
}

/* Songs that a distribution of all songs counts as, beside those of a meter. */
#define PRIOR_SONGS 1.0f

/* The share of texture i where its classes were independent, each with half a song more. */
static float independent(double sums[4][RS_PLAN_RETURNS], double songs, size_t i) {
  const RsFramePlan t = texture_numbered(i);
  const double d = (sums[0][t.density] + 0.5) / (songs + 0.5 * RS_PLAN_CLASSES);
  const double p = (sums[1][t.polyphony] + 0.5) / (songs + 0.5 * RS_PLAN_CLASSES);
  const double r = (sums[2][t.returns] + 0.5) / (songs + 0.5 * RS_PLAN_RETURNS);
  const double c = (sums[3][t.pitches] + 0.5) / (songs + 0.5 * RS_PLAN_PITCHES);
  return (float)(d * p * r * c);
}

/* What a song of mean length counts as 1 of: textures are those of a bar of the songs, so that
 * long songs, which return more, have their share. */
static float mean_bars(size_t count, const RsSongPlan *plans) {
  float bars = 0, songs = 0;
  for (size_t i = 0; i < count; ++i) {
    bars += (float)plans[i].bars;
    songs += plans[i].bars > 0;
  }
  return songs > 0 ? bars / songs : 1;
}

static void learn_textures(size_t count, const RsSongPlan *plans, const unsigned char *meter,
                           RsPlanPrior *out) {
  const float mean = mean_bars(count, plans);
  double sums[4][RS_PLAN_RETURNS] = {{0}};
  float all[RS_PLAN_TEXTURES] = {0}, of_meter[RS_PLAN_METERS] = {0}, songs = 0;
  memset(out->texture, 0, sizeof out->texture);
  for (size_t i = 0; i < count; ++i) {
    if (plans[i].bars) {
      const RsFramePlan t = plans[i].texture;
      const float share = (float)plans[i].bars / mean;
      sums[0][t.density] += (double)share, sums[1][t.polyphony] += (double)share;
      sums[2][t.returns] += (double)share, sums[3][t.pitches] += (double)share;
      all[texture_number(t)] += share, out->texture[meter[i]][texture_number(t)] += share;
      of_meter[meter[i]] += share, songs += share;
    }
  }
  for (size_t i = 0; i < RS_PLAN_TEXTURES; ++i) {
    const float alone = independent(sums, (double)songs, i);
    const float any = (all[i] + PRIOR_SONGS * alone) / (songs + PRIOR_SONGS);
    for (size_t m = 0; m < RS_PLAN_METERS; ++m) {
      float *p = out->texture[m] + i;
      *p = (*p + PRIOR_SONGS * any) / (of_meter[m] + PRIOR_SONGS);
    }
  }
}

/* Number of the section of a bar, of those of a class of returns. */
static size_t section_of(RsFramePlan before, size_t bar) {
  const size_t section = bar / SECTION_BARS < SECTIONS ? bar / SECTION_BARS : SECTIONS - 1;
  return before.returns * SECTIONS + section;
}

static size_t section_case_of(RsFramePlan before, size_t bar) {
  return section_of(before, bar) * RS_PLAN_LABELS + before.label;
}

static size_t case_of(RsFramePlan before, size_t bar) {
  return (section_of(before, bar) * SECTION_BARS + bar % SECTION_BARS) * RS_PLAN_LABELS +
         before.label;
}

/* How often each label follows, in the cases of equation P3 from the narrowest on. */
typedef struct {
  float narrow[RS_PLAN_CASES][RS_PLAN_LABELS];
  float section[RS_PLAN_RETURNS * SECTIONS * RS_PLAN_LABELS][RS_PLAN_LABELS];
  float wide[SECTION_BARS * RS_PLAN_LABELS][RS_PLAN_LABELS];
  float any[RS_PLAN_RETURNS * RS_PLAN_LABELS][RS_PLAN_LABELS];
  float returns[RS_PLAN_RETURNS][RS_PLAN_LABELS];
} LabelCounts;

/* Bars that a wider distribution counts as, and even shares: 30 is the best for songs left out. */
#define PRIOR_BARS 30.0f
#define EVEN_BARS 3.0f

static float total(const float *counts) {
  float sum = 0;
  for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
    sum += counts[l];
  }
  return sum;
}

/* Equation P3: `wider` counts as so many bars. */
static float mixed(const float *counts, size_t label, float bars, float wider) {
  return (counts[label] + bars * wider) / (total(counts) + bars);
}

static void count_labels(const RsSongPlan *plan, LabelCounts *counts) {
  RsFramePlan before = plan->texture;
  for (size_t b = 0; b < plan->bars; ++b) {
    const unsigned char label = plan->bar[b].label;
    ++counts->narrow[case_of(before, b)][label];
    ++counts->section[section_case_of(before, b)][label];
    ++counts->wide[b % SECTION_BARS * RS_PLAN_LABELS + before.label][label];
    ++counts->any[before.returns * RS_PLAN_LABELS + before.label][label];
    ++counts->returns[before.returns][label];
    before.label = label;
  }
}

/* The probability of a label by the counts of a case and of wider ones, the widest first. */
static float mixed_label(const float *const counts[], size_t cases, size_t label) {
  float p = mixed(counts[0], label, EVEN_BARS, 1.0f / RS_PLAN_LABELS);
  for (size_t i = 1; i < cases; ++i) {
    p = mixed(counts[i], label, PRIOR_BARS, p);
  }
  return p;
}

static void mix_labels(const LabelCounts *counts, RsPlanPrior *out) {
  for (size_t c = 0; c < RS_PLAN_CASES; ++c) {
    const size_t before = c % RS_PLAN_LABELS, bar = c / RS_PLAN_LABELS % SECTION_BARS;
    const size_t section = c / (RS_PLAN_LABELS * SECTION_BARS), returns = section / SECTIONS;
    const float *const cases[] = {
        counts->returns[returns],
        counts->any[returns * RS_PLAN_LABELS + before],
        counts->wide[bar * RS_PLAN_LABELS + before],
        counts->section[section * RS_PLAN_LABELS + before],
        counts->narrow[c],
    };
    for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
      out->next[c][l] = mixed_label(cases, sizeof cases / sizeof *cases, l);
    }
  }
}

static RsStatus learn_labels(size_t count, const RsSongPlan *plans, RsPlanPrior *out) {
  LabelCounts *counts = rs_alloc(1, sizeof *counts);
  if (!counts) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < count; ++i) {
    count_labels(plans + i, counts);
  }
  mix_labels(counts, out);
  free(counts);
  return RS_OK;
}

/* The measures of all songs with bars, by kind. @return How many. */
static size_t take_measures(const RsSongs *songs, const RsSongPlan *plans, float *values) {
  size_t count = 0;
  for (size_t i = 0; i < songs->count; ++i) {
    if (plans[i].bars) {
      const Measures m = measures_of(songs->rolls + i, plans + i);
      values[count] = m.density;
      values[songs->count + count] = m.polyphony;
      values[2 * songs->count + count] = m.returns;
      values[3 * songs->count + count] = m.pitches;
      ++count;
    }
  }
  return count;
}

/* How many of the songs were in each key. */
static void learn_keys(size_t count, const RsSongPlan *plans, RsPlanPrior *out) {
  for (size_t i = 0; i < count; ++i) {
    const int key = plans[i].key - RS_PLAN_KEY_LOW;
    out->key[(key % RS_PLAN_KEYS + RS_PLAN_KEYS) % RS_PLAN_KEYS] += 1 / (float)count;
  }
}

static RsStatus learn(const RsSongs *songs, const unsigned char *meter, RsSongPlan *plans,
                      RsPlanPrior *out) {
  float *values = rs_alloc(songs->count, 4 * sizeof *values);
  if (!values) {
    return RS_ERR_MEMORY;
  }
  const size_t count = take_measures(songs, plans, values);
  find_ends(count, values, RS_PLAN_CLASSES - 1, OUTER_SMALL, out->density);
  find_ends(count, values + songs->count, RS_PLAN_CLASSES - 1, OUTER_SMALL, out->polyphony);
  find_ends(count, values + 2 * songs->count, RS_PLAN_SHARES - 1, EVEN_3, out->returns);
  find_ends(count, values + 3 * songs->count, RS_PLAN_PITCHES - 1, EVEN_4, out->pitches);
  free(values);
  for (size_t i = 0; i < songs->count; ++i) {
    plans[i].texture = texture_of(out, measures_of(songs->rolls + i, plans + i));
    rs_plan_register(songs->rolls + i, &plans[i].texture);
  }
  rs_plan_learn_registers(songs->count, plans, out);
  rs_plan_learn_exact(songs->count, plans, out);
  learn_keys(songs->count, plans, out);
  learn_textures(songs->count, plans, meter, out);
  return learn_labels(songs->count, plans, out);
}

RsStatus rs_plan_learn(const RsSongs *songs, const unsigned char *meter, RsPlanPrior *out) {
  RsSongPlan *plans = rs_alloc(songs->count, sizeof *plans);
  RsStatus status = plans ? RS_OK : RS_ERR_MEMORY;
  memset(out, 0, sizeof *out);
  for (size_t i = 0; !status && i < songs->count; ++i) {
    status = rs_plan_label_bars(songs->rolls + i, plans + i);
    plans[i].key = -songs->rolls[i].to_common;
  }
  status = status ? status : learn(songs, meter, plans, out);
  for (size_t i = 0; plans && i < songs->count; ++i) {
    rs_song_plan_clear(plans + i);
  }
  free(plans);
  return status;
}

/* ---- Use ---- */

RsStatus rs_song_plan(const RsPlanPrior *prior, const RsRoll *roll, RsSongPlan *out) {
  *out = (RsSongPlan){.bars = 0};
  const RsStatus status = rs_plan_label_bars(roll, out);
  out->key = -roll->to_common;
  if (!status && out->bars) {
    out->texture = texture_of(prior, measures_of(roll, out));
    rs_plan_register(roll, &out->texture);
  }
  return status;
}

void rs_song_plan_clear(RsSongPlan *plan) {
  free(plan->bar);
  *plan = (RsSongPlan){.bars = 0};
}

RsFramePlan rs_song_plan_at(const RsSongPlan *plan, size_t bar, size_t quarter) {
  RsFramePlan at = plan->texture;
  const RsBarPlan planned = bar < plan->bars ? plan->bar[bar] : (RsBarPlan){.label = 0};
  at.label = rs_plan_label_at(planned.label, planned.exact, quarter);
  return at;
}

/* Labels of bar `bar` look back no further than the first bar: the rest have no probability. */
static float possible(const RsPlanPrior *prior, size_t c, size_t bar, size_t label) {
  return !label || rs_plan_lag(rs_plan_lag_number(label)) <= bar ? prior->next[c][label] : 0;
}

static float all_possible(const RsPlanPrior *prior, size_t c, size_t bar) {
  float sum = 0;
  for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
    sum += possible(prior, c, bar, l);
  }
  return sum;
}

double rs_plan_log_probability(const RsPlanPrior *prior, const RsSongPlan *plan, unsigned meter) {
  RsFramePlan before = plan->texture;
  double sum = plan->bars ? log((double)prior->texture[meter][texture_number(before)]) +
                                rs_plan_register_log_probability(prior, plan)
                          : 0;
  for (size_t b = 0; b < plan->bars; ++b) {
    const size_t c = case_of(before, b);
    const RsBarPlan *bar = plan->bar + b;
    sum += log((double)(possible(prior, c, b, bar->label) / all_possible(prior, c, b)));
    sum += rs_plan_exact_log_probability(prior, bar);
    before.label = bar->label;
  }
  return sum;
}

RsFramePlan rs_plan_draw_texture(const RsPlanPrior *prior, unsigned meter, double place) {
  return texture_numbered(rs_plan_draw(RS_PLAN_TEXTURES, prior->texture[meter], place));
}

int rs_plan_draw_key(const RsPlanPrior *prior, double place) {
  return (int)rs_plan_draw(RS_PLAN_KEYS, prior->key, place) + RS_PLAN_KEY_LOW;
}

unsigned char rs_plan_draw_label(const RsPlanPrior *prior, RsFramePlan before, size_t bar,
                                 double place) {
  const size_t c = case_of(before, bar);
  const double all = (double)all_possible(prior, c, bar);
  double sum = 0;
  for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
    sum += (double)possible(prior, c, bar, l);
    if (place * all < sum) {
      return (unsigned char)l;
    }
  }
  return 0;
}
