/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <tgmath.h>

Dice dice_new(uint64_t seed, uint64_t turn) {
  return (Dice){{seed, RS_STREAM_TEST}, turn << 32};
}

size_t roll(Dice *dice, size_t bound) {
  return rs_rng_below(dice->rng, dice->step++, (uint32_t)bound);
}

double roll_normal(Dice *dice) {
  double value;
  rs_rng_normal(dice->rng, dice->step++, 1, &value);
  return value;
}

void roll_scalars(Dice *dice, size_t n, double deviation, rs_scalar *x) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = (rs_scalar)(deviation * roll_normal(dice));
#if defined RS_SCALAR_COMPLEX
    x[i] += deviation * roll_normal(dice) * _Complex_I;
#endif
  }
}

RsActivation roll_activation(Dice *dice) {
  for (;;) {
    const RsActivation f = (RsActivation)roll(dice, RS_SOFTMAX);
#if defined RS_SCALAR_COMPLEX
    if (f == RS_RELU || f == RS_LEAKY_RELU) {
      continue;
    }
#endif
    return f;
  }
}

static size_t units(const Definition *d, size_t k) {
  return k ? d->spec[k - 1].outputs : d->inputs;
}

static const rs_scalar *give(Dice *dice, size_t n, rs_scalar **next) {
  rs_scalar *values = *next;
  roll_scalars(dice, n, 0.5, values);
  *next += n;
  return values;
}

/* A skip, if a die says so and some earlier layer is as large. */
static void roll_skip(Dice *dice, const Definition *d, size_t k, RsLayerSpec *spec) {
  const size_t from = roll(dice, k);
  if (roll(dice, 2) && units(d, from) == spec->outputs) {
    spec->skip = roll(dice, 3) ? RS_SKIP_ADD : RS_SKIP_SUBTRACT;
    spec->skip_from = from;
  }
}

static void roll_weights(Dice *dice, const Definition *d, size_t k, RsLayerSpec *spec,
                         rs_scalar **given) {
  const size_t in = units(d, k - 1), of = k > 1 ? 1 + roll(dice, k - 1) : 0;
  switch (roll(dice, 9)) {
  case 0:
    spec->weights = RS_WEIGHTS_FROZEN;
    break;
  case 1:
    spec->weights = RS_WEIGHTS_GIVEN;
    spec->given = give(dice, in * spec->outputs, given);
    break;
  case 2:
    spec->weights = in == spec->outputs ? RS_WEIGHTS_IDENTITY : RS_WEIGHTS_OWN;
    break;
  case 3:
  case 4:
    if (of && units(d, of) == spec->outputs && units(d, of - 1) == in) {
      spec->weights = RS_WEIGHTS_SHARED;
      spec->weights_of = of;
    }
    break;
  case 5:
  case 6:
    if (of && units(d, of) == in && units(d, of - 1) == spec->outputs) {
      spec->weights = RS_WEIGHTS_TIED;
      spec->weights_of = of;
    }
    break;
  default:
    break;
  }
}

void roll_definition(Dice *dice, size_t inputs, Definition *d) {
  rs_scalar *given = d->given;
  const size_t common =
      1 + roll(dice, MOST_UNITS); /* so that skips and shared weights find their like */
  *d = (Definition){inputs, 1 + roll(dice, MOST_LAYERS), {{0}}, {0}};
  for (size_t k = 1; k <= d->layers; ++k) {
    RsLayerSpec *spec = &d->spec[k - 1];
    spec->outputs = roll(dice, 3) ? common : 1 + roll(dice, MOST_UNITS);
    spec->activation = k == d->layers && !roll(dice, 6) ? RS_SOFTMAX : roll_activation(dice);
    spec->parameter = spec->activation == RS_SMOOTH_SQRT ? 9 : (rs_real)0.2;
    spec->bias = (RsBias)roll(dice, 4);
    spec->given_bias = spec->bias == RS_BIAS_GIVEN ? give(dice, spec->outputs, &given) : NULL;
    roll_skip(dice, d, k, spec);
    roll_weights(dice, d, k, spec, &given);
  }
}

static bool has_weights(const RsLayerSpec *spec) {
  return spec->weights == RS_WEIGHTS_OWN || spec->weights == RS_WEIGHTS_FROZEN;
}

static bool has_bias(const RsLayerSpec *spec) {
  return spec->bias == RS_BIAS_OWN || spec->bias == RS_BIAS_FROZEN;
}

/* Where the weights of layer k begin; those of layers + 1 are the end. */
static size_t weights_at(const Definition *d, size_t k) {
  size_t at = 0;
  for (size_t j = 1; j < k; ++j) {
    at += has_weights(&d->spec[j - 1]) ? units(d, j) * units(d, j - 1) : 0;
    at += has_bias(&d->spec[j - 1]) ? units(d, j) : 0;
  }
  return at;
}

static size_t bias_at(const Definition *d, size_t k) {
  return weights_at(d, k) + (has_weights(&d->spec[k - 1]) ? units(d, k) * units(d, k - 1) : 0);
}

size_t definition_parameters(const Definition *d) {
  return weights_at(d, d->layers + 1);
}

void definition_frozen(const Definition *d, bool *frozen) {
  for (size_t k = 1; k <= d->layers; ++k) {
    const RsLayerSpec *spec = &d->spec[k - 1];
    for (size_t i = weights_at(d, k); i < weights_at(d, k + 1); ++i) {
      frozen[i] =
          i < bias_at(d, k) ? spec->weights == RS_WEIGHTS_FROZEN : spec->bias == RS_BIAS_FROZEN;
    }
  }
}

/* Complex activations have poles and cuts, the first at i pi / 2. */
#define NEAREST_POLE 1.5

/* W(k)_ji by the definition. */
static Exact weight(const Definition *d, const Exact *w, size_t k, size_t j, size_t i) {
  const RsLayerSpec *spec = &d->spec[k - 1];
  switch (spec->weights) {
  case RS_WEIGHTS_GIVEN:
    return spec->given[j * units(d, k - 1) + i];
  case RS_WEIGHTS_IDENTITY:
    return j == i;
  case RS_WEIGHTS_SHARED:
    return weight(d, w, spec->weights_of, j, i);
  case RS_WEIGHTS_TIED:
    return weight(d, w, spec->weights_of, i, j);
  default:
    return w[weights_at(d, k) + j * units(d, k - 1) + i];
  }
}

static Exact bias(const Definition *d, const Exact *w, size_t k, size_t j) {
  const RsLayerSpec *spec = &d->spec[k - 1];
  return has_bias(spec)                ? w[bias_at(d, k) + j]
         : spec->bias == RS_BIAS_GIVEN ? (Exact)spec->given_bias[j]
                                       : 0;
}

/* The real functions are quicker, and real flavours never leave the real line. */
static Exact activate(RsActivation f, long double p, Exact v) {
#if defined RS_SCALAR_COMPLEX
  const Exact z = v;
#else
  const long double z = creall(v);
#endif
  switch (f) {
  case RS_SIGMOID:
    return 1 / (1 + exp(-z));
  case RS_TANH:
    return tanh(z);
  case RS_SOFTPLUS:
    return log(1 + exp(z));
  case RS_RELU:
    return creall(v) > 0 ? v : 0;
  case RS_LEAKY_RELU:
    return creall(v) > 0 ? v : p * v;
  case RS_SQUARE:
    return z * z;
  case RS_SMOOTH_SQRT:
    return sqrt(z + p);
  case RS_SINE:
    return sin(z);
  case RS_HALF_LINEAR_TANH: {
    const long double a = (rs_real)1.7159, b = (rs_real)(2.0 / 3.0);
    return a * tanh(b * z) + a * b * z / 2;
  }
  default:
    return v;
  }
}

static void divide_by_sum(size_t n, Exact *y) {
  Exact sum = 0;
  for (size_t j = 0; j < n; ++j) {
    y[j] = cexpl(y[j]);
    sum += y[j];
  }
  for (size_t j = 0; j < n; ++j) {
    y[j] /= sum;
  }
}

size_t exact_forward(const Definition *d, const Exact *w, const Exact *x, Exact *y,
                     double *nearest) {
  const Exact *layer[MOST_LAYERS + 1] = {x};
  size_t at = 0;
  for (size_t k = 1; k <= d->layers; ++k) {
    const RsLayerSpec *spec = &d->spec[k - 1];
    const bool kink = spec->activation == RS_RELU || spec->activation == RS_LEAKY_RELU;
    at += k > 1 ? units(d, k - 1) : 0;
    layer[k] = y + at;
    for (size_t j = 0; j < units(d, k); ++j) {
      Exact v = bias(d, w, k, j);
      for (size_t i = 0; i < units(d, k - 1); ++i) {
        v += weight(d, w, k, j, i) * layer[k - 1][i];
      }
      v += spec->skip == RS_SKIP_ADD        ? layer[spec->skip_from][j]
           : spec->skip == RS_SKIP_SUBTRACT ? -layer[spec->skip_from][j]
                                            : 0;
      *nearest = kink ? fmin(*nearest, (double)cabsl(v)) : *nearest;
#if defined RS_SCALAR_COMPLEX
      *nearest = fmin(*nearest, (NEAREST_POLE - (double)cabsl(v)));
#endif
      y[at + j] = activate(spec->activation, spec->parameter, v);
    }
    if (spec->activation == RS_SOFTMAX) {
      divide_by_sum(units(d, k), y + at);
    }
  }
  return at;
}

static long double difference(ExactCost cost, void *context, Exact *z, Exact direction) {
  static const long double weights[3] = {45.0L / 60, -9.0L / 60, 1.0L / 60};
  const long double step = 2e-4L;
  const Exact before = *z;
  long double sum = 0;
  for (int i = 1; i <= 3; ++i) {
    for (int sign = -1; sign <= 1; sign += 2) {
      *z = before + sign * i * step * direction;
      sum += sign * weights[i - 1] * cost(context);
    }
  }
  *z = before;
  return sum / step;
}

Exact exact_difference(ExactCost cost, void *context, Exact *z, size_t i) {
  Exact d = difference(cost, context, z + i, 1);
#if defined RS_SCALAR_COMPLEX
  d += difference(cost, context, z + i, _Complex_I) * _Complex_I;
#endif
  return d;
}

long double exact_product(size_t n, const rs_scalar *c, const Exact *y) {
  long double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    sum += creall(conjl((Exact)c[i]) * y[i]);
  }
  return sum;
}

Exact *exact_copy(size_t n, const rs_scalar *x) {
  Exact *copy = rs_alloc(n, sizeof *copy);
  for (size_t i = 0; i < n; ++i) {
    copy[i] = x[i];
  }
  return copy;
}

static double largest(size_t n, const rs_scalar *x) {
  double most = 0;
  for (size_t i = 0; i < n; ++i) {
    most = (double)fabs(x[i]) > most ? (double)fabs(x[i]) : most;
  }
  return most;
}

/* The first number that is off; n where there is none. */
static size_t first_apart(size_t n, const rs_scalar *a, const rs_scalar *b, double tolerance,
                          double floor) {
  const double least = floor * fmax(1, fmax(largest(n, a), largest(n, b)));
  for (size_t i = 0; i < n; ++i) {
    const double large =
        (double)fabs(a[i]) > (double)fabs(b[i]) ? (double)fabs(a[i]) : (double)fabs(b[i]);
    if (!((double)fabs(a[i] - b[i]) <= tolerance * (large > least ? large : least))) {
      return i;
    }
  }
  return n;
}

bool scalars_agree(size_t n, const rs_scalar *a, const rs_scalar *b, double tolerance,
                   double floor) {
  return first_apart(n, a, b, tolerance, floor) == n;
}

void assert_scalars_agree(const char *what, uint64_t turn, size_t n, const rs_scalar *a,
                          const rs_scalar *b, double tolerance, double floor) {
  const size_t i = first_apart(n, a, b, tolerance, floor);
  if (i < n) {
    fail_msg("%s, turn %llu, number %zu of %zu: %.17g%+.17gi and %.17g%+.17gi", what,
             (unsigned long long)turn, i, n, creal(a[i]), cimag(a[i]), creal(b[i]), cimag(b[i]));
  }
}
