/* SPDX-License-Identifier: ISC */

/* Steps, doc/math.md, equations S3 to S6. */

#include <rollsmith/optimiser.h>

#include "grad/net_internal.h"
#include "base/multiversion.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RsOptimiser {
  RsOptimiserSpec spec;
  size_t n;
  unsigned long long steps;
  rs_scalar *state; /* first moment, then the second */
};

static bool in_unit(rs_real x) {
  return x >= 0 && x < 1;
}

static RsStatus check_rate(rs_real rate, RsError *error) {
  return rate > 0 && isfinite(rate)
             ? RS_OK
             : rs_error(error, RS_ERR_ARGUMENT, "a learning rate of %g, it has to be above 0",
                        (double)rate);
}

static RsStatus check(const RsOptimiserSpec *spec, RsError *error) {
  if ((unsigned)spec->kind > RS_ADAM) {
    return rs_error(error, RS_ERR_ARGUMENT, "unknown optimiser %u", (unsigned)spec->kind);
  }
  if (spec->kind != RS_SGD && !in_unit(spec->momentum)) {
    return rs_error(error, RS_ERR_ARGUMENT, "a momentum of %g, expected 0 or more and less than 1",
                    (double)spec->momentum);
  }
  if (spec->kind == RS_ADAM &&
      (!in_unit(spec->square) || !(spec->epsilon > 0) || !isfinite(spec->epsilon))) {
    return rs_error(
        error, RS_ERR_ARGUMENT,
        "Adam with a square decay of %g and an epsilon of %g, expected [0, 1) and above 0",
        (double)spec->square, (double)spec->epsilon);
  }
  return check_rate(spec->rate, error);
}

size_t rs_optimiser_state_size(const RsOptimiser *o) {
  return o->spec.kind == RS_SGD ? 0 : o->spec.kind == RS_MOMENTUM ? o->n : 2 * o->n;
}

RsStatus rs_optimiser_new(const RsOptimiserSpec *spec, size_t n, RsOptimiser **out,
                          RsError *error) {
  const RsStatus status = check(spec, error);
  if (status) {
    return status;
  }
  if (n > PTRDIFF_MAX / sizeof(rs_scalar) / 2) {
    return rs_error(error, RS_ERR_OVERFLOW, "an optimiser of %zu parameters is too large", n);
  }
  RsOptimiser *o = rs_alloc(1, sizeof *o);
  if (o) {
    o->spec = *spec;
    o->n = n;
    o->state = rs_alloc(rs_optimiser_state_size(o), sizeof *o->state);
  }
  if (!o || !o->state) {
    rs_optimiser_free(o);
    return rs_error(error, RS_ERR_MEMORY, "no memory for an optimiser of %zu parameters", n);
  }
  *out = o;
  return RS_OK;
}

void rs_optimiser_free(RsOptimiser *o) {
  if (o) {
    free(o->state);
    free(o);
  }
}

void rs_optimiser_set_rate(RsOptimiser *o, rs_real rate) {
  o->spec.rate = rate;
}

rs_scalar *rs_optimiser_state(RsOptimiser *o) {
  return o->state;
}

unsigned long long rs_optimiser_steps(const RsOptimiser *o) {
  return o->steps;
}

void rs_optimiser_set_steps(RsOptimiser *o, unsigned long long steps) {
  o->steps = steps;
}

RS_MULTIVERSION
static void momentum_step(size_t n, rs_real rate, rs_real momentum, const rs_scalar *g,
                          rs_scalar *m, rs_scalar *w) {
  for (size_t i = 0; i < n; ++i) {
    m[i] = momentum * m[i] + g[i];
    w[i] -= rate * m[i];
  }
}

RS_ALWAYS_INLINE rs_real square_of(rs_scalar g) {
#if defined RS_SCALAR_COMPLEX
  return creal(g) * creal(g) + cimag(g) * cimag(g);
#else
  return g * g;
#endif
}

#if defined RS_SCALAR_COMPLEX
#define REAL_PART creal
#else
#define REAL_PART
#endif

RS_ALWAYS_INLINE rs_real root(rs_real x) {
  return sizeof x == sizeof(float) ? (rs_real)sqrtf((float)x) : (rs_real)sqrt((double)x);
}

/* `rate` and `epsilon` contain the bias corrections of the moments. */
RS_MULTIVERSION
static void adam_step(size_t n, const RsOptimiserSpec *spec, rs_real rate, rs_real epsilon,
                      const rs_scalar *g, rs_scalar *m, rs_scalar *v, rs_scalar *w) {
  const rs_real b1 = spec->momentum, b2 = spec->square;
  for (size_t i = 0; i < n; ++i) {
    m[i] = b1 * m[i] + (1 - b1) * g[i];
    const rs_real square = b2 * REAL_PART(v[i]) + (1 - b2) * square_of(g[i]);
    v[i] = square;
    w[i] -= rate * m[i] / (root(square) + epsilon);
  }
}

static void adam(RsOptimiser *o, const rs_scalar *g, rs_scalar *w) {
  const double steps = (double)o->steps;
  const double first = 1 - pow((double)o->spec.momentum, steps);
  const double second = sqrt(1 - pow((double)o->spec.square, steps));
  adam_step(o->n, &o->spec, (rs_real)((double)o->spec.rate * second / first),
            (rs_real)((double)o->spec.epsilon * second), g, o->state, o->state + o->n, w);
}

/* Adam's squares have to be finite too: a moment that is not would never let its parameter change
 * again. */
static bool is_usable(const RsOptimiser *o, const rs_scalar *g) {
  if (o->spec.kind != RS_ADAM) {
    return rs_all_finite(o->n, g);
  }
  const rs_real norm = rs_norm(o->n, g), square = norm * norm;
  return isfinite(square);
}

RsStatus rs_optimiser_step(RsOptimiser *o, const rs_scalar *g, rs_scalar *w) {
  if (!is_usable(o, g)) {
    return RS_ERR_NONFINITE;
  }
  ++o->steps;
  switch (o->spec.kind) {
  case RS_SGD:
    rs_axpy(o->n, -o->spec.rate, g, w);
    break;
  case RS_MOMENTUM:
    momentum_step(o->n, o->spec.rate, o->spec.momentum, g, o->state, w);
    break;
  case RS_ADAM:
    adam(o, g, w);
    break;
  }
  return RS_OK;
}

rs_real rs_clip_norm(size_t n, rs_real most, rs_scalar *g) {
  const rs_real norm = rs_norm(n, g);
  if (norm > most && isfinite(norm)) {
    rs_scale(n, most / norm, g);
  }
  return norm;
}

RsStatus rs_net_descend(const RsNet *net, rs_real rate, RsNetWork *work, rs_scalar *w,
                        RsError *error) {
  RsStatus status = rs_check_work(net, work, error);
  status = status ? status : check_rate(rate, error);
  if (status) {
    return status;
  }
  if (!work->pulled) {
    return rs_error(error, RS_ERR_ARGUMENT, "no backward came before: there are no sensitivities");
  }
  for (size_t k = 1; k <= net->layers; ++k) {
    rs_scale(work->batch * rs_net_layer_size(net, k), -rate, work->c[k]);
  }
  rs_conjugate(net->parameters, w);
  rs_gradient_layers(work, 1, net->layers, 0, work->batch, w);
  rs_conjugate(net->parameters, w);
  work->pulled = false;
  return RS_OK;
}
