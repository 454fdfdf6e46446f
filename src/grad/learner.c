/* SPDX-License-Identifier: ISC */

/* Learners: engines of the gradient through time, doc/math.md, section R. */

#include "grad/learner_internal.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <complex.h>
#include <stdlib.h>
#include <string.h>

/* Scalars of the carry without M. */
static size_t bare_size(const RsRnnLearner *l) {
  return l->streams * (1 + l->rnn->state_size) + (l->history ? rs_history_size(l->history) : 0);
}

/* Scalars of M of all streams: none where no parameter reaches the state. @return Whether they can
 * be counted. */
static bool count_sensitivities(const RsRnnLearner *l, size_t *size) {
  const size_t each = l->sensitivity ? rs_sensitivity_size(l->sensitivity) : 0;
  return rs_multiply_sizes(l->streams, each, size) && *size <= SIZE_MAX - bare_size(l);
}

/* The same, of an M that exists. */
static size_t sensitivities_size(const RsRnnLearner *l) {
  size_t size = 0;
  return count_sensitivities(l, &size) ? size : 0;
}

RsStatus rs_learner_add_sensitivities(RsRnnLearner *l) {
  size_t size = 0;
  l->m = count_sensitivities(l, &size) ? rs_alloc(size, sizeof *l->m) : NULL;
  return l->m ? RS_OK : RS_ERR_MEMORY;
}

static RsStatus allocate(RsRnnLearner *l, RsError *error) {
  const size_t rows = l->max_frames * l->streams;
  l->starts = rs_alloc(rows, 1);
  l->nonzeros.first = rs_alloc(rows + 1, sizeof *l->nonzeros.first);
  l->nonzeros.list = rs_alloc(rows, l->rnn->inputs * sizeof *l->nonzeros.list);
  l->fresh = rs_alloc(l->streams, sizeof *l->fresh);
  l->states = rs_alloc(l->streams, l->rnn->state_size * sizeof *l->states);
  const bool carries = l->engine == RS_ENGINE_RTRL;
  const bool lists = l->nonzeros.first && l->nonzeros.list;
  return l->starts && lists && l->fresh && l->states &&
                 (!carries || !rs_learner_add_sensitivities(l))
             ? RS_OK
             : rs_error(error, RS_ERR_MEMORY, "no memory for a learner of %zu streams", l->streams);
}

RsStatus rs_rnn_learner_new(const RsRnn *rnn, RsRnnEngine engine, size_t max_frames, size_t streams,
                            RsRnnLearner **out, RsError *error) {
  size_t rows = 0;
  if ((unsigned)engine > RS_ENGINE_RTRL || !max_frames || !streams) {
    return rs_error(error, RS_ERR_ARGUMENT, "a learner of engine %u, %zu frames, %zu streams: %s",
                    (unsigned)engine, max_frames, streams,
                    "expected a known engine and at least 1 of each");
  }
  if (!rs_multiply_sizes(max_frames, streams, &rows) || rows > RS_MOST) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu frames of %zu streams are too many to count",
                    max_frames, streams);
  }
  RsRnnLearner *l = rs_alloc(1, sizeof *l);
  if (!l) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a learner");
  }
  l->rnn = rs_rnn_share(rnn);
  l->engine = engine;
  l->max_frames = max_frames;
  l->streams = streams;
  l->from_x = rs_layer_inputs(&rnn->net->layer[0], 0, rnn->inputs);
  l->from_r = rs_layer_inputs(&rnn->net->layer[0], rnn->inputs, rnn->state_size);
  RsStatus status = rs_net_work_new(rnn->net, rows, &l->work, error);
  if (!status && (rs_sparse_work_new(&l->from_x, &l->x_work) ||
                  rs_net_work_add_packed(l->work, &l->from_r, true))) {
    status = rs_error(error, RS_ERR_MEMORY, "no memory for a learner");
  }
  if (!status && engine != RS_ENGINE_BPTT) {
    const size_t frames = engine == RS_ENGINE_RTRL ? 1 : max_frames;
    status = rs_sensitivity_new(rnn, frames, streams, &l->sensitivity, error);
  }
  if (!status && engine == RS_ENGINE_BLOCK) {
    status = rs_history_new(rnn, max_frames, streams, &l->history, error);
  }
  status = status ? status : allocate(l, error);
  if (status) {
    rs_rnn_learner_free(l);
    return status;
  }
  rs_rnn_learner_reset(l);
  *out = l;
  return RS_OK;
}

void rs_rnn_learner_free(RsRnnLearner *l) {
  if (l) {
    rs_net_work_free(l->work);
    rs_sensitivity_free(l->sensitivity);
    rs_history_free(l->history);
    rs_sparse_work_free(&l->x_work);
    rs_rnn_free(l->rnn);
    free(l->nonzeros.first);
    free(l->nonzeros.list);
    free(l->starts);
    free(l->fresh);
    free(l->states);
    free(l->m);
    free(l);
  }
}

void rs_rnn_learner_reset(RsRnnLearner *l) {
  memset(l->states, 0, l->streams * l->rnn->state_size * sizeof *l->states);
  memset(l->fresh, true, l->streams * sizeof *l->fresh);
  if (l->m) {
    memset(l->m, 0, sensitivities_size(l) * sizeof *l->m);
  }
  if (l->history) {
    rs_history_reset(l->history);
  }
  l->frames = 0;
}

/* ---- What passes from block to block ---- */

size_t rs_rnn_learner_carry_size(const RsRnnLearner *l) {
  return bare_size(l) + (l->m ? sensitivities_size(l) : 0);
}

RsStatus rs_rnn_learner_carry_resize(RsRnnLearner *l, size_t size) {
  if (size == rs_rnn_learner_carry_size(l)) {
    return RS_OK;
  }
  if (l->history && size == bare_size(l)) {
    free(l->m);
    l->m = NULL;
    return RS_OK;
  }
  if (!l->history || size < bare_size(l) || size - bare_size(l) != sensitivities_size(l)) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "a carry of %zu values, the learner's has %zu",
                    size, rs_rnn_learner_carry_size(l));
  }
  return rs_learner_add_sensitivities(l) ? rs_error(&l->error, RS_ERR_MEMORY, "no memory for dr/dw")
                                         : RS_OK;
}

void rs_rnn_learner_carry_save(const RsRnnLearner *l, rs_scalar *carry) {
  const size_t R = l->rnn->state_size;
  for (size_t s = 0; s < l->streams; ++s, carry += 1 + R) {
    *carry = l->fresh[s];
    memcpy(carry + 1, rs_learner_state(l, s), R * sizeof *carry);
  }
  if (l->history) {
    rs_history_save(l->history, carry);
    carry += rs_history_size(l->history);
  }
  if (l->m) {
    memcpy(carry, l->m, sensitivities_size(l) * sizeof *carry);
  }
}

bool rs_rnn_learner_carry_valid(const RsRnnLearner *l, const rs_scalar *carry) {
  return !l->history || rs_history_valid(l->history, carry + l->streams * (1 + l->rnn->state_size));
}

RsStatus rs_rnn_learner_carry_restore(RsRnnLearner *l, const rs_scalar *carry) {
  const size_t R = l->rnn->state_size;
  if (!rs_rnn_learner_carry_valid(l, carry)) {
    return rs_error(&l->error, RS_ERR_ARGUMENT, "what is carried was never this learner's");
  }
  for (size_t s = 0; s < l->streams; ++s, carry += 1 + R) {
    l->fresh[s] = creal(*carry) != 0;
    memcpy(rs_learner_state(l, s), carry + 1, R * sizeof *carry);
  }
  if (l->history) {
    rs_history_restore(l->history, carry);
    carry += rs_history_size(l->history);
  }
  if (l->m) {
    memcpy(l->m, carry, sensitivities_size(l) * sizeof *carry);
  }
  l->frames = 0;
  return RS_OK;
}

const rs_scalar *rs_rnn_learner_outputs(const RsRnnLearner *l) {
  return rs_net_output(l->work);
}

const RsNonzeros *rs_learner_nonzeros(const RsRnnLearner *l) {
  return &l->nonzeros;
}

rs_scalar *rs_learner_outputs(RsRnnLearner *l) {
  return l->work->y[l->rnn->net->layers];
}

rs_scalar *rs_rnn_learner_cotangents(RsRnnLearner *l) {
  return l->work->c[l->rnn->net->layers];
}

const RsError *rs_rnn_learner_error(const RsRnnLearner *l) {
  return &l->error;
}

RsStatus rs_learner_bad_row(RsRnnLearner *l, size_t rows, size_t n, const rs_scalar *x,
                            const char *what) {
  size_t row = 0;
  while (row < rows && rs_all_finite(n, x + row * n)) {
    ++row;
  }
  return rs_error(&l->error, RS_ERR_NONFINITE,
                  "%s of frame %zu, stream %zu, holds a NaN or an infinity", what, row / l->streams,
                  row % l->streams);
}
