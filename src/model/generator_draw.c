/* SPDX-License-Identifier: ISC */

/* The frame that is drawn, doc/math.md, equations T1, T2, T12, T14 and T32. */

#include "model/generator_internal.h"

#include "base/linear_algebra.h"
#include "base/portable_math.h"
#include "model/chain.h"

#include <math.h>

/* Chains of a frame at most. One frame in 20 to 50 needs more than one (the 58 songs, Nottingham);
 * most frames of a model that has learned nothing need more than there are. */
enum { MOST_DRAWS = 20 };

/*
  Turn the biases into those of the machine that plays at temperature T, and give back its coupling:
  equation T12. log-variances grow by log T.
*/
static float heat(const RsRbm *rbm, double temperature, float *biases) {
  const float cold = (float)(1 / temperature);
  float *b = biases + rbm->visible;
  rs_scale(rbm->hidden, cold, b);
  if (rbm->kind == RS_RBM_BERNOULLI) {
    rs_scale(rbm->visible, cold, biases);
    rs_scale(rbm->planes * RS_COUNT_CLASSES, cold, biases + rs_rbm_potentials(rbm));
    return cold;
  }
  for (size_t i = 0; i < rbm->visible; ++i) {
    b[rbm->hidden + i] += (float)rs_portable_log(temperature);
  }
  return (float)sqrt(1 / temperature);
}

void rs_generator_heat(RsGenerator *generator) {
  generator->now.coupling = heat(rs_rnnrbm_rbm(generator->model->net),
                                 generator->settings.temperature, generator->now.biases);
}

/* The inner note that is nearest to a neighbour, or else an outer one, but none of those to be
 * kept: the one that thinning takes first. -1: there is none. */
static int most_crowded(const RsFrame *on, const RsFrame *keep) {
  int best = -1;
  int best_gap = RS_NOTES;
  int below = rs_frame_next(on, 0);
  int note = rs_frame_next(on, below + 1);
  for (int above = rs_frame_next(on, note + 1); above < RS_NOTES;
       above = rs_frame_next(on, above + 1)) {
    const int gap = note - below < above - note ? note - below : above - note;
    if (gap < best_gap && !rs_frame_has(keep, note)) {
      best = note;
      best_gap = gap;
    }
    below = note;
    note = above;
  }
  for (int outer = rs_frame_next(on, 0); best < 0 && outer < RS_NOTES;
       outer = rs_frame_next(on, outer + 1)) {
    best = rs_frame_has(keep, outer) ? -1 : outer;
  }
  return best;
}

/* Keep the outer voices, and notes that are given, and thin out the inner ones until `most` notes
 * are left. */
static void thin_out(const RsEncoding *encoding, int most, const RsFrame *keep, RsFrame *on,
                     float *v) {
  for (int left = rs_frame_count(on); most > 0 && left > most; --left) {
    const int note = most_crowded(on, keep);
    if (note < 0) {
      return;
    }
    rs_frame_clear(on, note);
    const size_t place = (size_t)(note - encoding->low);
    v[place] = 0;
    if (encoding->onsets) {
      v[rs_encoding_notes(encoding) + place] = 0;
    }
  }
}

/*
  Gaussian units are real numbers, frames of songs are not: a velocity is between 0 and 1, and
  silence is exactly 0; any other value is 0 or 1.
*/
static void to_frame_values(const RsModel *model, float *v) {
  const RsEncoding *encoding = &model->inputs.encoding;
  const size_t notes = rs_encoding_notes(encoding);
  const size_t size = rs_encoding_size(encoding);
  for (size_t i = 0; rs_rnnrbm_rbm(model->net)->kind == RS_RBM_GAUSSIAN && i < size; ++i) {
    if (encoding->velocities && i < notes) {
      v[i] = v[i] > RS_ENCODING_GAP ? fminf(v[i], 1) : 0;
    } else {
      v[i] = v[i] > 0.5f;
    }
  }
}

/* A note begins where it sounds after silence, and nowhere but where it sounds. @return Whether
 * that was so already. */
static bool correct_onsets(const RsEncoding *encoding, const RsFrame *before, float *v) {
  const size_t notes = rs_encoding_notes(encoding);
  bool correct = true;
  for (size_t i = 0; encoding->onsets && i < notes; ++i) {
    const bool sounds = v[i] > 0, sounded = rs_frame_has(before, encoding->low + (int)i);
    const bool begins = sounds && (!sounded || v[notes + i] > 0);
    correct = correct && begins == (v[notes + i] > 0);
    v[notes + i] = begins;
  }
  return correct;
}

/* How many notes begin, before onsets are corrected. */
static size_t count_beginning(const RsEncoding *encoding, const float *v) {
  const size_t size = rs_encoding_size(encoding);
  size_t count = 0;
  for (size_t i = rs_encoding_notes(encoding); encoding->onsets && i < size; ++i) {
    count += v[i] > 0;
  }
  return count;
}

/* Rounds of tempered replicas: as many as a chain makes sweeps, of which a quarter finds means. */
static void draw_tempered(const RsGenerator *generator, const RsGibbsRun *run, RsRng rng,
                          uint64_t number) {
  const size_t pilot = run->steps / 4;
  const RsTemperedRun tempered = {.biases = run->biases,
                                  .coupling = run->coupling,
                                  .states = run->states,
                                  .sweeps = 1,
                                  .pilot = pilot,
                                  .burn_in = run->steps - pilot,
                                  .v = run->v,
                                  .rng = rng,
                                  .first = number * RS_TEMPERED_RUNGS_MAX};
  rs_tempered_run(generator->gibbs, generator->tempered, &tempered, NULL); /* needs no memory */
}

/* The next frame, by a chain from the frame before, which goes on until a song can have its frame,
 * with as many notes that begin as it had at first: equation T32. Replicas begin anew. */
static void sample(RsGenerator *generator, RsRng rng, uint64_t step) {
  const RsGibbsRun run = {.count = 1,
                          .biases = generator->now.biases,
                          .coupling = generator->now.coupling,
                          .steps = (size_t)generator->settings.gibbs_steps,
                          .v = generator->now.v,
                          .states =
                              rs_generator_restrict(generator) ? generator->now.states : NULL};
  rs_gibbs_seed(generator->chain, 1, rng, step);
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  size_t wanted = 0;
  bool found = false;
  for (uint64_t draw = 0; draw < MOST_DRAWS && !found; ++draw) {
    if (generator->tempered) {
      draw_tempered(generator, &run, rng, step * MOST_DRAWS + draw);
    } else {
      rs_chain_run(generator->gibbs, generator->chain, &run);
    }
    rs_generator_keep_drawn(generator);
    to_frame_values(generator->model, generator->now.v);
    const size_t count = count_beginning(encoding, generator->now.v);
    wanted = draw ? wanted : count;
    found = correct_onsets(encoding, &generator->now.before, generator->now.v) && count == wanted;
  }
}

void rs_generator_draw(RsGenerator *generator, RsRng rng, uint64_t step, RsFrame *on,
                       RsFrame *begins, uint8_t *velocity) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  sample(generator, rng, step);
  rs_decode_frame(encoding, generator->now.v, on, begins, NULL);
  thin_out(encoding, generator->settings.max_polyphony, &generator->now.given.on, on,
           generator->now.v);
  rs_decode_frame(encoding, generator->now.v, on, begins, encoding->velocities ? velocity : NULL);
}
