/* SPDX-License-Identifier: ISC */

/* Policy gradient, doc/math.md, equations Q1 to Q3. */

#include <rollsmith/policy.h>

#include "base/linear_algebra.h"
#include "base/memory.h"
#include "grad/net_internal.h"

#include <stdlib.h>
#include <string.h>

/* One of the four maps with its own copy, or the identity. */
typedef struct {
  size_t rows, columns;
  rs_scalar *matrix; /* NULL: the identity */
  rs_scalar *offset;
} Map;

struct RsPolicy {
  RsNet *policy, *value;
  size_t states, actions, max_batch;
  Map before_policy, after_policy, before_value, after_value;
  RsNetWork *policy_work, *value_work;
  rs_scalar *memory;
  rs_scalar *policy_in;  /* batch rows each, here and below: pre_mu(x) and its cotangent */
  rs_scalar *action;     /* a */
  rs_scalar *both;       /* [x; a] and its cotangent */
  rs_scalar *value_in;   /* pre_Q([x; a]) and its cotangent */
  rs_scalar *value_out;  /* cotangent of Q */
  rs_scalar *result;     /* post_Q(Q) and its cotangent */
  rs_scalar *policy_out; /* cotangent of mu */
};

static RsStatus map_init(const RsAffine *from, size_t in, const char *name, Map *map,
                         RsError *error) {
  size_t size = 0;
  *map = (Map){in, in, NULL, NULL};
  if (!from->matrix) {
    return RS_OK;
  }
  if (from->columns != in || !from->rows) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "the map %s is %zu x %zu, expected %zu columns and some rows", name, from->rows,
                    from->columns, in);
  }
  if (from->rows > RS_MOST || !rs_multiply_sizes(from->rows, in, &size)) {
    return rs_error(error, RS_ERR_OVERFLOW, "the map %s is too large", name);
  }
  if (!rs_all_finite(size, from->matrix) ||
      (from->offset && !rs_all_finite(from->rows, from->offset))) {
    return rs_error(error, RS_ERR_NONFINITE, "the map %s holds a NaN or an infinity", name);
  }
  map->rows = from->rows;
  map->matrix = rs_alloc(size, sizeof *map->matrix);
  map->offset = rs_alloc(from->rows, sizeof *map->offset);
  if (!map->matrix || !map->offset) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for the map %s", name);
  }
  memcpy(map->matrix, from->matrix, size * sizeof *map->matrix);
  if (from->offset) {
    memcpy(map->offset, from->offset, from->rows * sizeof *map->offset);
  }
  return RS_OK;
}

static void map_clear(Map *map) {
  free(map->matrix);
  free(map->offset);
}

/* y = matrix x + offset, a row an instance. */
static void map_forward(const Map *map, size_t batch, const rs_scalar *x, rs_scalar *y) {
  if (!map->matrix) {
    memcpy(y, x, batch * map->columns * sizeof *y);
    return;
  }
  for (size_t r = 0; r < batch; ++r) {
    memcpy(y + r * map->rows, map->offset, map->rows * sizeof *y);
  }
  rs_gemm(RS_PLAIN, RS_TRANSPOSED, batch, map->rows, map->columns, x, map->columns, map->matrix,
          map->columns, 1, y, map->rows);
}

/* Cotangents of the input from those of the output; conjugated, as rs_net_backward() has them. */
static void map_backward(const Map *map, size_t batch, rs_scalar *dy, rs_scalar *dx) {
  if (!map->matrix) {
    memcpy(dx, dy, batch * map->columns * sizeof *dx);
    return;
  }
  rs_conjugate(batch * map->rows, dy);
  rs_gemm(RS_PLAIN, RS_PLAIN, batch, map->columns, map->rows, dy, map->rows, map->matrix,
          map->columns, 0, dx, map->columns);
  rs_conjugate(batch * map->columns, dx);
}

static RsStatus take_maps(const RsPolicySpec *spec, RsPolicy *p, RsError *error) {
  RsStatus status =
      map_init(&spec->before_policy, spec->states, "before the policy", &p->before_policy, error);
  status = status ? status
                  : map_init(&spec->after_policy, rs_net_outputs(spec->policy), "after the policy",
                             &p->after_policy, error);
  p->actions = p->after_policy.rows;
  status = status ? status
                  : map_init(&spec->before_value, spec->states + p->actions, "before the value",
                             &p->before_value, error);
  status = status ? status
                  : map_init(&spec->after_value, rs_net_outputs(spec->value), "after the value",
                             &p->after_value, error);
  return status;
}

static RsStatus check_sizes(const RsPolicy *p, RsError *error) {
  if (p->before_policy.rows != rs_net_inputs(p->policy)) {
    return rs_error(error, RS_ERR_ARGUMENT, "the policy net has %zu inputs and is given %zu",
                    rs_net_inputs(p->policy), p->before_policy.rows);
  }
  if (p->before_value.rows != rs_net_inputs(p->value)) {
    return rs_error(error, RS_ERR_ARGUMENT, "the value net has %zu inputs and is given %zu",
                    rs_net_inputs(p->value), p->before_value.rows);
  }
  return RS_OK;
}

static RsStatus take_buffers(RsPolicy *p, RsError *error) {
  const size_t sizes[7] = {
      p->before_policy.rows,  p->actions,          p->states + p->actions, p->before_value.rows,
      p->after_value.columns, p->after_value.rows, p->after_policy.columns};
  rs_scalar **const buffers[7] = {&p->policy_in, &p->action, &p->both,      &p->value_in,
                                  &p->value_out, &p->result, &p->policy_out};
  size_t row = 0, size = 0;
  for (size_t i = 0; i < 7; ++i) {
    row += sizes[i];
  }
  if (!rs_multiply_sizes(row, p->max_batch, &size)) {
    return rs_error(error, RS_ERR_OVERFLOW, "batches of %zu states are too large", p->max_batch);
  }
  p->memory = rs_alloc(size, sizeof *p->memory);
  if (!p->memory) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for batches of %zu states", p->max_batch);
  }
  rs_scalar *next = p->memory;
  for (size_t i = 0; i < 7; ++i) {
    *buffers[i] = next;
    next += sizes[i] * p->max_batch;
  }
  return RS_OK;
}

RsStatus rs_policy_new(const RsPolicySpec *spec, size_t max_batch, RsPolicy **out, RsError *error) {
  if (!spec->policy || !spec->value || !spec->states || spec->states > RS_MOST) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "a policy of %zu states needs a policy net and a value net", spec->states);
  }
  RsPolicy *p = rs_alloc(1, sizeof *p);
  if (!p) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a policy");
  }
  p->policy = rs_net_share(spec->policy);
  p->value = rs_net_share(spec->value);
  p->states = spec->states;
  p->max_batch = max_batch;
  RsStatus status = take_maps(spec, p, error);
  status = status ? status : check_sizes(p, error);
  status = status ? status : rs_net_work_new(p->policy, max_batch, &p->policy_work, error);
  status = status ? status : rs_net_work_new(p->value, max_batch, &p->value_work, error);
  status = status ? status : take_buffers(p, error);
  if (status) {
    rs_policy_free(p);
    return status;
  }
  *out = p;
  return RS_OK;
}

void rs_policy_free(RsPolicy *p) {
  if (p) {
    rs_net_work_free(p->policy_work);
    rs_net_work_free(p->value_work);
    rs_net_free(p->policy);
    rs_net_free(p->value);
    map_clear(&p->before_policy);
    map_clear(&p->after_policy);
    map_clear(&p->before_value);
    map_clear(&p->after_value);
    free(p->memory);
    free(p);
  }
}

const rs_scalar *rs_policy_actions(const RsPolicy *p) {
  return p->action;
}

/* From states to values, doc/math.md, equation Q1. */
static RsStatus forward(RsPolicy *p, const rs_scalar *w_mu, const rs_scalar *w_q, size_t batch,
                        const rs_scalar *x, RsError *error) {
  const size_t wide = p->states + p->actions;
  map_forward(&p->before_policy, batch, x, p->policy_in);
  RsStatus status = rs_net_forward(p->policy, w_mu, batch, p->policy_in, p->policy_work, error);
  if (status) {
    return status;
  }
  map_forward(&p->after_policy, batch, rs_net_output(p->policy_work), p->action);
  for (size_t r = 0; r < batch; ++r) {
    memcpy(p->both + r * wide, x + r * p->states, p->states * sizeof *x);
    memcpy(p->both + r * wide + p->states, p->action + r * p->actions, p->actions * sizeof *x);
  }
  map_forward(&p->before_value, batch, p->both, p->value_in);
  status = rs_net_forward(p->value, w_q, batch, p->value_in, p->value_work, error);
  if (!status) {
    map_forward(&p->after_value, batch, rs_net_output(p->value_work), p->result);
  }
  return status;
}

static void sum_results(const RsPolicy *p, size_t batch, rs_scalar *q) {
  const size_t n = p->after_value.rows;
  for (size_t r = 0; r < batch; ++r) {
    q[r] = 0;
    for (size_t i = 0; i < n; ++i) {
      q[r] += p->result[r * n + i];
    }
  }
}

/* From a cotangent of one for every value back to w_mu, doc/math.md, equation Q3. */
static RsStatus backward(RsPolicy *p, const rs_scalar *w_mu, const rs_scalar *w_q, size_t batch,
                         rs_scalar *g, RsError *error) {
  const size_t wide = p->states + p->actions;
  for (size_t i = 0; i < batch * p->after_value.rows; ++i) {
    p->result[i] = 1;
  }
  map_backward(&p->after_value, batch, p->result, p->value_out);
  const RsStatus status =
      rs_net_backward(p->value, w_q, p->value_work, p->value_out, NULL, p->value_in, error);
  if (status) {
    return status;
  }
  map_backward(&p->before_value, batch, p->value_in, p->both);
  for (size_t r = 0; r < batch; ++r) { /* keep the action's part of each row */
    memmove(p->both + r * p->actions, p->both + r * wide + p->states, p->actions * sizeof *p->both);
  }
  map_backward(&p->after_policy, batch, p->both, p->policy_out);
  return rs_net_backward(p->policy, w_mu, p->policy_work, p->policy_out, g, NULL, error);
}

RsStatus rs_policy_gradient(RsPolicy *p, const rs_scalar *w_mu, const rs_scalar *w_q, size_t batch,
                            const rs_scalar *x, rs_scalar *q, rs_scalar *g, RsError *error) {
  if (!batch || batch > p->max_batch) {
    return rs_error(error, RS_ERR_ARGUMENT, "a batch of %zu states, the policy takes 1 to %zu",
                    batch, p->max_batch);
  }
  const RsStatus status = forward(p, w_mu, w_q, batch, x, error);
  if (status) {
    return status;
  }
  if (q) {
    sum_results(p, batch, q);
    if (!rs_all_finite(batch, q)) {
      return rs_error(error, RS_ERR_NONFINITE, "a value overflows in the map after the value");
    }
  }
  return g ? backward(p, w_mu, w_q, batch, g, error) : RS_OK;
}
