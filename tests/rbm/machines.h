/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_RBM_MACHINES_H
#define RS_TESTS_RBM_MACHINES_H

/**
   @file machines.h Small random machines, and their probabilities by plain enumeration of v and h:
   the slow and obvious way that everything else is held against.
*/

#include "kit.h"
#include "seed.h"

#include "base/memory.h"

#include <rollsmith/rbm.h>
#include <rollsmith/rng.h>

typedef struct {
  RsRbm shape;
  rs_scalar *w;
  rs_scalar *biases; /* rows x rs_rbm_biases() */
} Machine;

/* A machine with normal weights and biases of this spread; the random numbers are those of `seed`.
 */
static inline Machine machine_new(RsRbm shape, size_t rows, double spread, uint64_t seed) {
  const size_t weights = shape.hidden * shape.visible;
  const size_t biases = rows * rs_rbm_biases(&shape);
  double *normal = rs_alloc(weights + biases, sizeof *normal);
  Machine machine = {shape, rs_alloc(weights, sizeof(rs_scalar)),
                     rs_alloc(biases, sizeof(rs_scalar))};
  rs_rng_normal((RsRng){seed, RS_STREAM_TEST}, 0, weights + biases, normal);
  for (size_t i = 0; i < weights; ++i) {
    machine.w[i] = (rs_scalar)(spread * normal[i]);
  }
  for (size_t i = 0; i < biases; ++i) {
    machine.biases[i] = (rs_scalar)(spread * normal[weights + i]);
  }
  free(normal);
  return machine;
}

static inline void machine_free(Machine *machine) {
  free(machine->w);
  free(machine->biases);
}

/* Minus the potentials of how many units of each plane are on: equation H1. */
static inline double machine_count_energy(const Machine *m, const rs_scalar *potentials,
                                          const rs_scalar *v) {
  double energy = 0;
  for (size_t k = 0; k < m->shape.planes; ++k) {
    size_t on = 0;
    for (size_t i = 0; i < m->shape.visible; ++i) {
      on += i * m->shape.planes / m->shape.visible == k && v[i] > 0;
    }
    energy -= (double)potentials[k * RS_COUNT_CLASSES + (on > 7 ? 7 : on)];
  }
  return energy;
}

/* E(v, h) as its definition has it: equations E1, H1 and G1; h is the bits of `state`. */
static inline double machine_energy(const Machine *m, size_t row, const rs_scalar *v,
                                    size_t state) {
  const RsRbm *shape = &m->shape;
  const rs_scalar *a = m->biases + row * rs_rbm_biases(shape);
  const rs_scalar *b = a + shape->visible;
  const rs_scalar *z = b + shape->hidden;
  const bool gaussian = shape->kind == RS_RBM_GAUSSIAN;
  double energy = machine_count_energy(m, z, v);
  for (size_t i = 0; i < shape->visible; ++i) {
    const double apart = (double)v[i] - (double)a[i];
    energy += gaussian ? 0.5 * apart * apart * exp(-(double)z[i]) : -(double)a[i] * (double)v[i];
  }
  for (size_t j = 0; j < shape->hidden; ++j) {
    if (state >> j & 1) {
      energy -= (double)b[j];
      for (size_t i = 0; i < shape->visible; ++i) {
        const double seen = (double)v[i] * (gaussian ? exp(-0.5 * (double)z[i]) : 1);
        energy -= (double)m->w[j * shape->visible + i] * seen;
      }
    }
  }
  return energy;
}

/* -log sum_h e^-E(v, h). */
static inline double machine_free_energy(const Machine *m, size_t row, const rs_scalar *v) {
  double sum = 0;
  for (size_t state = 0; state < (size_t)1 << m->shape.hidden; ++state) {
    sum += exp(-machine_energy(m, row, v, state));
  }
  return -log(sum);
}

static inline void bits_to_units(size_t bits, size_t units, rs_scalar *v) {
  for (size_t i = 0; i < units; ++i) {
    v[i] = (rs_scalar)(bits >> i & 1);
  }
}

/* log Z of a Bernoulli machine: the sum over every v and h. */
static inline double machine_log_z(const Machine *m, size_t row) {
  rs_scalar v[16];
  double sum = 0;
  for (size_t bits = 0; bits < (size_t)1 << m->shape.visible; ++bits) {
    bits_to_units(bits, m->shape.visible, v);
    sum += exp(-machine_free_energy(m, row, v));
  }
  return log(sum);
}

#endif /* RS_TESTS_RBM_MACHINES_H */
