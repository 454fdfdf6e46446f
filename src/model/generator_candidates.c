/* SPDX-License-Identifier: ISC */

/* Bars that are chosen among several, doc/math.md, equations T41 and T42. */

#include "model/discriminator.h"
#include "model/generator_internal.h"

#include "base/portable_math.h"

#include <math.h>

/* Random words of a candidate: the seed of its draws, and the number that chooses. */
enum { WORDS = 3 };

/* Make a candidate. @param out  Its RS_BAR_FEATURES features. */
static RsStatus make(const RsGenerator *generator, const RsBarPlace *bar, uint64_t seed,
                     float *out) {
  RsGenerator *other = generator->candidate;
  RsBarFeatures features = generator->bars.features;
  RsStatus status = rs_generator_copy(other, generator);
  other->rng.seed = seed;
  for (size_t n = 0; !status && n < bar->bar_frames; ++n) {
    RsFrame on, begins;
    status = rs_generator_make_frame(other, &on, &begins, NULL);
    if (!status) {
      rs_generated_bars_add(other, bar, n, &on, &begins, &features);
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
                                                 generator->bars.before, features) +
                       rs_steerer_bar_log_weight(generator->candidate->steerer) + gumbel(words[2]);
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
  rs_generated_bars_end(&generator->bars, bar.frame_in_bar);
  return !bar.frame_in_bar && generator->bars.known && is_free(generator) ? choose(generator, &bar)
                                                                          : RS_OK;
}
