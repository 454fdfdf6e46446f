/* SPDX-License-Identifier: ISC */

/* Frames that would complete a run of a training song are drawn again: equation T31 of doc/math.md.
 */

#include "model/generator_internal.h"

#include "base/elementwise.h"
#include "base/memory.h"
#include "music/runs.h"
#include "rbm/counts.h"

#include <stdlib.h>
#include <string.h>

/* How often a frame is drawn again before it is changed. */
enum { DRAWS = 16 };

struct RsCopyGuard {
  RsRunTail *tail;
  float *before; /* the frame before the current one, as a vector */
  float *drawn;  /* what was drawn first */
  float *best;   /* the best of the frames that differ from it by a note */
  float *spread; /* e^{-z/2} of Gaussian units, else 1 */
  float *field;  /* of the hidden units */
};

RsStatus rs_copy_guard_new(const RsModel *model, RsCopyGuard **out) {
  const RsRbm *rbm = rs_rnnrbm_rbm(model->net);
  RsCopyGuard *guard = *out = rs_alloc(1, sizeof *guard);
  if (!guard) {
    return RS_ERR_MEMORY;
  }
  guard->before = rs_alloc(rbm->visible, sizeof(float));
  guard->drawn = rs_alloc(rbm->visible, sizeof(float));
  guard->best = rs_alloc(rbm->visible, sizeof(float));
  guard->spread = rs_alloc(rbm->visible, sizeof(float));
  guard->field = rs_alloc(rbm->hidden, sizeof(float));
  const bool all = guard->before && guard->drawn && guard->best && guard->spread && guard->field;
  const RsStatus status = all ? rs_run_tail_new(model->runs, &guard->tail) : RS_ERR_MEMORY;
  if (status) {
    rs_copy_guard_free(guard);
    *out = NULL;
  }
  return status;
}

void rs_copy_guard_free(RsCopyGuard *guard) {
  if (guard) {
    rs_run_tail_free(guard->tail);
    free(guard->before);
    free(guard->drawn);
    free(guard->best);
    free(guard->spread);
    free(guard->field);
    free(guard);
  }
}

void rs_copy_guard_copy(RsCopyGuard *to, const RsCopyGuard *from) {
  rs_run_tail_copy(to->tail, from->tail);
}

void rs_copy_guard_start(RsCopyGuard *guard) {
  rs_run_tail_start(guard->tail);
}

/* ---- The likeliest frame that differs by a note ---- */

/* How far each Gaussian unit lies from its mean counts by this, and its share of the fields. */
static void take_spread(const RsGenerator *generator) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  float *spread = generator->guard->spread;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
    spread[i] = gaussian ? -generator->now.biases[rbm->visible + rbm->hidden + i] / 2 : 0;
  }
  rs_exp(rbm->visible, spread, spread);
}

/* Equations E5, H1 and G5 at the temperature of the biases, added up in one order everywhere. */
static double free_energy(const RsGenerator *generator, const float *v) {
  const RsRbm *rbm = rs_rnnrbm_rbm(generator->model->net);
  const float *a = generator->now.biases, *w = generator->model->w;
  const RsCopyGuard *guard = generator->guard;
  double energy = rs_counts_energy(rbm, a + rs_rbm_potentials(rbm), v);
  memcpy(guard->field, a + rbm->visible, rbm->hidden * sizeof *guard->field);
  for (size_t i = 0; i < rbm->visible; ++i) {
    const float off = (v[i] - a[i]) * guard->spread[i];
    energy += rbm->kind == RS_RBM_GAUSSIAN ? 0.5 * (double)off * (double)off
                                           : -(double)a[i] * (double)v[i];
    const float seen = generator->now.coupling * v[i] * guard->spread[i];
    for (size_t j = 0; seen != 0 && j < rbm->hidden; ++j) {
      guard->field[j] += seen * w[j * rbm->visible + i];
    }
  }
  rs_softplus(rbm->hidden, guard->field, guard->field);
  for (size_t j = 0; j < rbm->hidden; ++j) {
    energy -= (double)guard->field[j];
  }
  return energy;
}

/* End a note that sounds, or begin one that does not. */
static void change_note(const RsEncoding *encoding, size_t note, float *v) {
  const float level = encoding->velocities ? rs_encode_velocity(RS_VELOCITY_DEFAULT) : 1;
  const bool begins = !(v[note] > 0);
  v[note] = begins ? level : 0;
  if (encoding->onsets) {
    v[rs_encoding_notes(encoding) + note] = begins;
  }
}

/* Whether a frame is neither too full nor a copy. */
static bool is_allowed(const RsGenerator *generator, const float *v) {
  const int most = generator->settings.max_polyphony;
  RsFrame on, begins;
  rs_decode_frame(&generator->model->inputs.encoding, v, &on, &begins, NULL);
  return (!most || rs_frame_count(&on) <= most) && !rs_run_tail_copies(generator->guard->tail, &on);
}

/* Whether a note is not to be changed. */
static bool is_given(const RsGenerator *generator, size_t note) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  return rs_frame_has(&generator->now.given.known, encoding->low + (int)note);
}

/* Put the best frame that differs from the one that was drawn by a note into v; where there is
   none, silence, which is not a copy, or, where notes are given, the frame as it was drawn. */
static void change_frame(RsGenerator *generator) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  const size_t size = rs_encoding_size(encoding) * sizeof(float);
  RsCopyGuard *guard = generator->guard;
  float *v = generator->now.v;
  double least = 0;
  bool found = false;
  take_spread(generator);
  memset(guard->best, 0, size);
  if (rs_frame_next(&generator->now.given.known, 0) < RS_NOTES) {
    memcpy(guard->best, guard->drawn, size);
  }
  for (size_t note = 0; note < rs_encoding_notes(encoding); ++note) {
    memcpy(v, guard->drawn, size);
    change_note(encoding, note, v);
    if (!is_given(generator, note) && is_allowed(generator, v)) {
      const double energy = free_energy(generator, v);
      if (!found || energy < least) {
        memcpy(guard->best, v, size);
        least = energy;
        found = true;
      }
    }
  }
  memcpy(v, guard->best, size);
}

/* ---- Drawing ---- */

/* Draw the frame again, until it is not a copy. @return Whether that came about. */
static bool draw_again(RsGenerator *generator, RsFrame *on, RsFrame *begins, uint8_t *velocity) {
  const size_t size = rs_encoding_size(&generator->model->inputs.encoding) * sizeof(float);
  RsCopyGuard *guard = generator->guard;
  for (uint64_t draw = 0; draw < DRAWS; ++draw) {
    const RsRng rng = {generator->rng.seed, RS_STREAM_REDRAW};
    memcpy(generator->now.v, guard->before, size);
    rs_generator_draw(generator, rng, generator->frame * DRAWS + draw, on, begins, velocity);
    if (!rs_run_tail_copies(guard->tail, on)) {
      return true;
    }
  }
  return false;
}

void rs_copy_guard_draw(RsGenerator *generator, RsFrame *on, RsFrame *begins, uint8_t *velocity) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  const size_t size = rs_encoding_size(encoding) * sizeof(float);
  RsCopyGuard *guard = generator->guard;
  memcpy(guard->before, generator->now.v, size);
  rs_generator_draw(generator, generator->rng, generator->frame, on, begins, velocity);
  if (rs_run_tail_copies(guard->tail, on)) {
    memcpy(guard->drawn, generator->now.v, size);
    if (!draw_again(generator, on, begins, velocity)) {
      change_frame(generator);
      rs_decode_frame(encoding, generator->now.v, on, begins,
                      encoding->velocities ? velocity : NULL);
    }
  }
  rs_run_tail_add(guard->tail, on);
}
