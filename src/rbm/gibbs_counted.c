#include "rbm/gibbs_counted.h"

#include "base/clones.h"
#include "base/elementwise.h"
#include "base/memory.h"
#include "rbm/counts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef rs_scalar Vector __attribute__((vector_size(64), aligned(sizeof(rs_scalar)), may_alias));

/* Numbers of a vector, to which rows are padded; vectors that are summed at a time. */
enum { LANES = sizeof(Vector) / sizeof(rs_scalar), COLUMNS = 5 };

struct RsCounted {
  RsRbm rbm;
  size_t visible_pad, hidden_pad;
  rs_scalar *rows;    /* H x visible_pad: W */
  rs_scalar *columns; /* V x hidden_pad: W transposed */
};

struct RsCountedWork {
  uint32_t *on;       /* units of a layer that are on */
  rs_scalar *hidden;  /* 2 x hidden_pad: what W sends to the hidden units */
  rs_scalar *visible; /* visible_pad: fields of the visible units */
  rs_scalar *uniform; /* V + planes */
  double *scratch;    /* rs_counts_scratch() */
};

static size_t padded(size_t units) {
  return (units + LANES - 1) / LANES * LANES;
}

RsCounted *rs_counted_new(const RsRbm *rbm) {
  RsCounted *counted = rs_alloc(1, sizeof *counted);
  if (!counted) {
    return NULL;
  }
  counted->rbm = *rbm;
  counted->visible_pad = padded(rbm->visible);
  counted->hidden_pad = padded(rbm->hidden);
  counted->rows = rs_alloc(rbm->hidden, counted->visible_pad * sizeof *counted->rows);
  counted->columns = rs_alloc(rbm->visible, counted->hidden_pad * sizeof *counted->columns);
  if (!counted->rows || !counted->columns) {
    rs_counted_free(counted);
    return NULL;
  }
  return counted;
}

void rs_counted_free(RsCounted *counted) {
  if (counted) {
    free(counted->rows);
    free(counted->columns);
    free(counted);
  }
}

void rs_counted_set_weights(RsCounted *counted, const rs_scalar *w) {
  const size_t visible = counted->rbm.visible;
  for (size_t j = 0; j < counted->rbm.hidden; ++j) {
    memcpy(counted->rows + j * counted->visible_pad, w + j * visible, visible * sizeof *w);
    for (size_t i = 0; i < visible; ++i) {
      counted->columns[i * counted->hidden_pad + j] = w[j * visible + i];
    }
  }
}

RsCountedWork *rs_counted_work_new(const RsCounted *counted) {
  const RsRbm *rbm = &counted->rbm;
  const size_t larger = rbm->visible > rbm->hidden ? rbm->visible : rbm->hidden;
  RsCountedWork *work = rs_alloc(1, sizeof *work);
  if (!work) {
    return NULL;
  }
  work->on = rs_alloc(larger, sizeof *work->on);
  work->hidden = rs_alloc(counted->hidden_pad, 2 * sizeof *work->hidden);
  work->visible = rs_alloc(counted->visible_pad, sizeof *work->visible);
  work->uniform = rs_alloc(rbm->visible + rbm->planes, sizeof *work->uniform);
  work->scratch = rs_alloc(rs_counts_scratch(rbm), sizeof *work->scratch);
  if (!work->on || !work->hidden || !work->visible || !work->uniform || !work->scratch) {
    rs_counted_work_free(work);
    return NULL;
  }
  return work;
}

void rs_counted_work_free(RsCountedWork *work) {
  if (work) {
    free(work->on);
    free(work->hidden);
    free(work->visible);
    free(work->uniform);
    free(work->scratch);
    free(work);
  }
}

/* The sum of some rows over `width` vectors, which stay in registers. */
RS_INLINED void sum_columns(size_t width, size_t count, const uint32_t *on, size_t stride,
                            const rs_scalar *rows, rs_scalar *out) {
  Vector sum[COLUMNS] = {0};
  for (size_t k = 0; k < count; ++k) {
    const Vector *row = (const Vector *)(rows + on[k] * stride);
    for (size_t i = 0; i < width; ++i) {
      sum[i] += row[i];
    }
  }
  memcpy(out, sum, width * sizeof *sum);
}

/* The sum of some rows, each of `stride` columns. */
RS_CLONED static void sum_rows(size_t count, const uint32_t *on, size_t stride,
                               const rs_scalar *rows, rs_scalar *out) {
  size_t base = 0;
  for (; base + COLUMNS * LANES <= stride; base += COLUMNS * LANES) {
    sum_columns(COLUMNS, count, on, stride, rows + base, out + base);
  }
  for (; base < stride; base += LANES) {
    sum_columns(1, count, on, stride, rows + base, out + base);
  }
}

static size_t list_on(size_t units, const rs_scalar *v, uint32_t *on) {
  size_t count = 0;
  for (size_t i = 0; i < units; ++i) {
    on[count] = (uint32_t)i;
    count += v[i] > 0;
  }
  return count;
}

/* What W sends to the hidden units. */
static void send_up(const RsCounted *counted, RsCountedWork *work, const rs_scalar *v) {
  const size_t on = list_on(counted->rbm.visible, v, work->on);
  sum_rows(on, work->on, counted->hidden_pad, counted->columns, work->hidden);
}

/* The hidden units that are on, into work->on. @return How many. */
static size_t draw_hidden(const RsCounted *counted, const RsCountedWork *work,
                          const rs_scalar *bias, rs_scalar coupling, const float *noise) {
  size_t count = 0;
  for (size_t j = 0; j < counted->rbm.hidden; ++j) {
    work->on[count] = (uint32_t)j;
    count += bias[j] + coupling * work->hidden[j] > (rs_scalar)noise[j];
  }
  return count;
}

/* Fields of the visible units, and numbers between 0 and 1 for them. */
RS_CLONED static void prepare_visible(const RsRbm *rbm, const rs_scalar *bias, rs_scalar coupling,
                                      const float *noise, rs_scalar *field, rs_scalar *uniform) {
  for (size_t i = 0; i < rbm->visible; ++i) {
    field[i] = bias[i] + coupling * field[i];
  }
  for (size_t i = 0; i < rbm->visible + rbm->planes; ++i) {
    uniform[i] = (rs_scalar)noise[i];
  }
}

void rs_counted_sweep(const RsCounted *counted, RsCountedWork *work, const rs_scalar *biases,
                      rs_scalar coupling, const float *hidden, const float *visible, rs_scalar *v) {
  const RsRbm *rbm = &counted->rbm;
  send_up(counted, work, v);
  const size_t on = draw_hidden(counted, work, biases + rbm->visible, coupling, hidden);
  sum_rows(on, work->on, counted->visible_pad, counted->rows, work->visible);
  prepare_visible(rbm, biases, coupling, visible, work->visible, work->uniform);
  rs_sigmoid(rbm->visible + rbm->planes, work->uniform, work->uniform);
  rs_counts_draw(rbm, work->visible, biases + rs_rbm_potentials(rbm), work->uniform, work->scratch,
                 v);
}

double rs_counted_gap(const RsCounted *counted, RsCountedWork *work, const rs_scalar *biases,
                      rs_scalar low, rs_scalar high, const rs_scalar *v) {
  const size_t units = counted->rbm.hidden;
  const rs_scalar *bias = biases + counted->rbm.visible;
  rs_scalar *above = work->hidden + counted->hidden_pad;
  send_up(counted, work, v);
  for (size_t j = 0; j < units; ++j) {
    above[j] = bias[j] + high * work->hidden[j];
    work->hidden[j] = bias[j] + low * work->hidden[j];
  }
  rs_softplus(units, above, above);
  rs_softplus(units, work->hidden, work->hidden);
  double gap = 0;
  for (size_t j = 0; j < units; ++j) {
    gap += (double)above[j] - (double)work->hidden[j];
  }
  return gap;
}
