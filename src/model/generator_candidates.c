/* SPDX-License-Identifier: ISC */

/* Bars that are chosen among several, doc/math.md, equations T41 and T42. */

#include "model/discriminator.h"
#include "model/generator_internal.h"

#include "base/memory.h"
#include "base/portable_math.h"

#include <math.h>
#include <stdlib.h>

/* Random words of a candidate: the seed of its draws, and the number that chooses. */
enum { WORDS = 3 };

struct RsCandidates {
  RsGenerator *other;     /* makes the candidates */
  RsBarFeatures features; /* of the current bar */
  float before[RS_BAR_FEATURES];
  bool known; /* whether `before` is that of the bar before */
};

RsStatus rs_candidates_new(const RsGenerator *generator, RsCandidates **out) {
  RsGenerateSettings settings = generator->settings;
  settings.candidates = 1;
  settings.burn_in = 0;
  RsCandidates *candidates = *out = rs_alloc(1, sizeof *candidates);
  return candidates ? rs_generator_new(generator->model, &settings, generator->plan.seed,
                                       &candidates->other, NULL)
                    : RS_ERR_MEMORY;
}

void rs_candidates_free(RsCandidates *candidates) {
  if (candidates) {
    rs_generator_free(candidates->other);
    free(candidates);
  }
}

void rs_candidates_start(RsCandidates *candidates) {
  candidates->features = (RsBarFeatures){.top = 0};
  candidates->known = false;
}

void rs_candidates_copy(RsCandidates *to, const RsCandidates *from) {
  RsGenerator *other = to->other;
  *to = *from;
  to->other = other;
}

/* Where a bar begins, the one before it is over. */
static void end_bar(RsCandidates *candidates, size_t frame_in_bar) {
  if (!frame_in_bar && candidates->features.frames) {
    rs_bar_features_end(&candidates->features, candidates->before);
    candidates->known = true;
  }
}

/* Add a frame at a place of its bar. */
static void add_frame(const RsGenerator *generator, const RsBarPlace *bar, size_t frame_in_bar,
                      const RsFrame *on, const RsFrame *begins, RsBarFeatures *features) {
  const double frames_per_beat = generator->model->inputs.frames_per_beat;
  const bool on_beat = rs_begins_beat(bar, frame_in_bar, frames_per_beat);
  rs_bar_features_add(features, on, begins, on_beat, generator->plan.now.key);
}

void rs_candidates_observe(RsGenerator *generator, const RsInputPlace *place) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  RsCandidates *candidates = generator->candidates;
  RsBarPlace bar;
  RsFrame on, begins;
  if (!place || !rs_roll_bar(&generator->clock, generator->position, &bar)) {
    return;
  }
  end_bar(candidates, place->frame_in_bar);
  rs_decode_frame(encoding, generator->now.v, &on, &begins, NULL);
  rs_complete_begins(encoding->onsets, &candidates->features.on, &on, &begins);
  add_frame(generator, &bar, place->frame_in_bar, &on, &begins, &candidates->features);
}

/* Make a candidate. @param out  Its RS_BAR_FEATURES features. */
static RsStatus make(const RsGenerator *generator, const RsBarPlace *bar, uint64_t seed,
                     float *out) {
  RsGenerator *other = generator->candidates->other;
  RsBarFeatures features = generator->candidates->features;
  RsStatus status = rs_generator_copy(other, generator);
  other->rng.seed = seed;
  for (size_t n = 0; !status && n < bar->bar_frames; ++n) {
    RsFrame on, begins;
    status = rs_generator_next(other, &on, &begins, NULL);
    if (!status) {
      add_frame(other, bar, n, &on, &begins, &features);
    }
  }
  rs_bar_features_end(&features, out);
  return status;
}

/* A number of the Gumbel distribution: added to log-odds, the largest sum is drawn by the odds. */
static double gumbel(uint32_t word) {
  return -rs_portable_log(-rs_portable_log(((double)word + 0.5) * 0x1p-32));
}

/* Whether the frames to come are free. */
static bool is_free(const RsGenerator *generator) {
  const RsGivenNotes *given = &generator->now.given;
  return !generator->plan.song.bars && !given->known.bits[0] && !given->known.bits[1];
}

/* Make candidates for a bar, and take the draws of one. */
static RsStatus choose(RsGenerator *generator, const RsBarPlace *bar) {
  const RsRng rng = {generator->plan.seed, RS_STREAM_CANDIDATES};
  uint64_t chosen = generator->rng.seed;
  double best = -INFINITY;
  RsStatus status = RS_OK;
  for (int k = 0; !status && k < generator->settings.candidates; ++k) {
    float features[RS_BAR_FEATURES];
    uint32_t words[WORDS];
    rs_rng_words(rng, generator->frame * RS_CANDIDATES_MAX + (uint64_t)k, WORDS, words);
    const uint64_t seed = (uint64_t)words[0] << 32 | words[1];
    status = make(generator, bar, seed, features);
    const double sum = rs_discriminator_log_odds(generator->model->discriminator,
                                                 generator->candidates->before, features) +
                       gumbel(words[2]);
    if (sum > best) {
      best = sum;
      chosen = seed;
    }
  }
  generator->rng.seed = chosen;
  return status;
}

RsStatus rs_candidates_choose(RsGenerator *generator) {
  RsBarPlace bar;
  if (!rs_roll_bar(&generator->clock, generator->position, &bar)) {
    return RS_OK;
  }
  end_bar(generator->candidates, bar.frame_in_bar);
  return !bar.frame_in_bar && generator->candidates->known && is_free(generator)
             ? choose(generator, &bar)
             : RS_OK;
}
