/* SPDX-License-Identifier: ISC */

/* Potentials on counts, doc/math.md, equations H1 to H4. */

#include "rbm/counts.h"

#include "base/multiversion.h"
#include "base/elementwise.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { LAST = RS_COUNT_CLASSES - 1 };

size_t rs_count_class(size_t units, const rs_scalar *v) {
  size_t on = 0;
  for (size_t i = 0; i < units; ++i) {
    on += v[i] > 0;
  }
  return on < LAST ? on : LAST;
}

double rs_counts_energy(const RsRbm *rbm, const rs_scalar *potentials, const rs_scalar *v) {
  const size_t units = rbm->planes ? rs_counts_units(rbm) : 0;
  double energy = 0;
  for (size_t k = 0; k < rbm->planes; ++k) {
    energy -= (double)potentials[k * RS_COUNT_CLASSES + rs_count_class(units, v + k * units)];
  }
  return energy;
}

void rs_counts_add_gradient(const RsRbm *rbm, const rs_scalar *v, rs_real sign,
                            rs_scalar *dpotentials) {
  const size_t units = rbm->planes ? rs_counts_units(rbm) : 0;
  for (size_t k = 0; k < rbm->planes; ++k) {
    dpotentials[k * RS_COUNT_CLASSES + rs_count_class(units, v + k * units)] -= sign;
  }
}

/* Odds of each unit alone, e^field, from its field. */
static void make_odds(size_t units, rs_scalar *field) {
  for (size_t i = 0; i < units; ++i) {
    const rs_scalar x = field[i];
    field[i] = x > RS_COUNT_FIELD_MAX    ? RS_COUNT_FIELD_MAX
               : x < -RS_COUNT_FIELD_MAX ? -RS_COUNT_FIELD_MAX
                                         : x;
  }
  rs_exp(units, field, field);
}

typedef double Classes __attribute__((vector_size(RS_COUNT_CLASSES * sizeof(double)),
                                      aligned(sizeof(double)), may_alias));

/* A vector's elements one place up, after 0. */
RS_ALWAYS_INLINE void move_up(const Classes *p, Classes *up) {
#if defined __clang__
  *up = __builtin_shufflevector(*p, (Classes){0}, RS_COUNT_CLASSES, 0, 1, 2, 3, 4, 5, 6);
#else
  typedef int64_t ClassNumbers __attribute__((vector_size(sizeof(Classes))));
  const ClassNumbers one_less = {RS_COUNT_CLASSES, 0, 1, 2, 3, 4, 5, 6};
  *up = __builtin_shuffle(*p, (Classes){0}, one_less);
#endif
}

/* The distribution of classes after one more unit with these odds. */
RS_ALWAYS_INLINE void add_unit(const Classes *p, double odds, Classes *next) {
  const double off = 1 / (1 + odds);
  const Classes keep = {off, off, off, off, off, off, off, 1};
  move_up(p, next);
  *next = keep * *p + odds * off * *next;
}

/*
  Row i of a plane's part of p is the distribution of the class of its first i units, if they were
  independent: equation H2. Planes take turns, so that one does not wait for the other.
*/
RS_MULTIVERSION static void count_distribution(size_t planes, size_t units, const rs_scalar *odds,
                                               double *p) {
  const size_t plane = (units + 1) * RS_COUNT_CLASSES;
  for (size_t k = 0; k < planes; ++k) {
    *(Classes *)(p + k * plane) = (Classes){1};
  }
  for (size_t i = 0; i < units; ++i) {
    for (size_t k = 0; k < planes; ++k) {
      Classes *row = (Classes *)(p + k * plane + i * RS_COUNT_CLASSES);
      add_unit(row, (double)odds[k * units + i], row + 1);
    }
  }
}

/* e^{potential} times the distribution, the largest potential taken as 0. */
static double weigh(const rs_scalar *potentials, const double *p, double *weight) {
  rs_scalar factor[RS_COUNT_CLASSES];
  rs_scalar highest = potentials[0];
  for (size_t c = 1; c < RS_COUNT_CLASSES; ++c) {
    highest = potentials[c] > highest ? potentials[c] : highest;
  }
  for (size_t c = 0; c < RS_COUNT_CLASSES; ++c) {
    factor[c] = potentials[c] - highest;
  }
  rs_exp(RS_COUNT_CLASSES, factor, factor);
  for (size_t c = 0; c < RS_COUNT_CLASSES; ++c) {
    weight[c] = (double)factor[c] * p[c];
  }
  return (double)highest;
}

static double sum_of(const double *x) {
  double sum = 0;
  for (size_t c = 0; c < RS_COUNT_CLASSES; ++c) {
    sum += x[c];
  }
  return sum;
}

void rs_count_sum_add(RsCountSum *sum, double field) {
  const double on = 1 / (1 + exp(-field)), off = 1 / (1 + exp(field));
  double *p = sum->p;
  p[LAST] += on * p[LAST - 1];
  for (size_t c = LAST - 1; c > 0; --c) {
    p[c] = off * p[c] + on * p[c - 1];
  }
  p[0] *= off;
  sum->log += field > 0 ? field + log1p(exp(-field)) : log1p(exp(field));
}

double rs_count_sum_log(const RsCountSum *sum, const rs_scalar *potentials) {
  double weight[RS_COUNT_CLASSES];
  const double highest = weigh(potentials, sum->p, weight);
  return sum->log + highest + log(sum_of(weight));
}

/* A class with probability proportional to its weight. */
static size_t draw_class(const double *weight, double uniform) {
  double left = uniform * sum_of(weight);
  size_t class = 0;
  while (class < LAST && !(left < weight[class])) {
    left -= weight[class ++];
  }
  return class;
}

/* Units from the last to the first, each given the class of those up to it. */
static void draw_units(size_t units, const rs_scalar *odds, size_t class, const rs_scalar *uniform,
                       const double *p, rs_scalar *v) {
  memset(v, 0, units * sizeof *v);
  for (size_t i = units; i-- && class;) {
    const double *before = p + i * RS_COUNT_CLASSES;
    const double ratio = (double)odds[i];
    const double stay = class == LAST ? ratio * before[LAST] : 0;
    const double on = stay + ratio * before[class - 1];
    const double left = (double)uniform[i] * (before[class] + on);
    if (left < on) {
      v[i] = 1;
      class -= !(left < stay);
    }
  }
}

void rs_counts_draw(const RsRbm *rbm, rs_scalar *field, const rs_scalar *potentials,
                    const rs_scalar *uniform, double *scratch, rs_scalar *v) {
  const size_t units = rs_counts_units(rbm);
  make_odds(rbm->visible, field);
  count_distribution(rbm->planes, units, field, scratch);
  for (size_t k = 0; k < rbm->planes; ++k, scratch += (units + 1) * RS_COUNT_CLASSES) {
    double weight[RS_COUNT_CLASSES];
    weigh(potentials + k * RS_COUNT_CLASSES, scratch + units * RS_COUNT_CLASSES, weight);
    const size_t class = draw_class(weight, (double)uniform[rbm->visible + k]);
    draw_units(units, field + k * units, class, uniform + k * units, scratch, v + k * units);
  }
}
