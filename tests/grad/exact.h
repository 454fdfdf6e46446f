/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_EXACT_H
#define RS_TESTS_EXACT_H

/**
   @file exact.h A second, plain implementation of nets in long double complex, and random nets.

   It is written from the definition alone (one unit after the other, no linear algebra, no
   derivatives), and its central differences are what the library's derivatives are held against.
*/

#include "seed.h"

#include <rollsmith/net.h>
#include <rollsmith/rng.h>

#include <complex.h>

typedef long double complex Exact;

enum { MOST_LAYERS = 6, MOST_UNITS = 6, MOST_GIVEN = MOST_LAYERS * MOST_UNITS * (MOST_UNITS + 1) };

/** Random numbers one after the other. */
typedef struct {
  RsRng rng;
  uint64_t step;
} Dice;

Dice dice_new(uint64_t seed, uint64_t turn);
size_t roll(Dice *dice, size_t bound);
double roll_normal(Dice *dice);

/** n normal numbers, complex in the complex flavour. */
void roll_scalars(Dice *dice, size_t n, double deviation, rs_scalar *x);

/** A net as its definition. */
typedef struct {
  size_t inputs, layers;
  RsLayerSpec spec[MOST_LAYERS];
  rs_scalar given[MOST_GIVEN]; /* what the layers point to */
} Definition;

/** Random layers, activations, skips, shared, tied, given and frozen weights. */
void roll_definition(Dice *dice, size_t inputs, Definition *definition);

/** Activations of all kinds in turn are possible, or only those that bound a state. */
RsActivation roll_activation(Dice *dice);

size_t definition_parameters(const Definition *definition);

/** Which parameters have no gradient: flags, definition_parameters() of them. */
void definition_frozen(const Definition *definition, bool *frozen);

/**
   Outputs of all layers, one after the other; gives back where y(L) begins.

   @param nearest  Lowered to the smallest distance of a field from a kink, or from where poles
   begin.
*/
size_t exact_forward(const Definition *definition, const Exact *w, const Exact *x, Exact *y,
                     double *nearest);

/** A real cost, of numbers that lie in its context. */
typedef long double (*ExactCost)(void *context);

/**
   dJ/dRe z_i + i dJ/dIm z_i (the second of the complex flavour only) by central differences of six
   points. z is as it was afterwards.
*/
Exact exact_difference(ExactCost cost, void *context, Exact *z, size_t i);

/** Re sum conj(c_i) y_i: the cost whose cotangent is c. */
long double exact_product(size_t n, const rs_scalar *c, const Exact *y);

/** Numbers of the flavour as exact ones, to be freed. */
Exact *exact_copy(size_t n, const rs_scalar *x);

/**
   The flavour's `real` or `complex` spread of weights. tanh has poles in the complex plane, and
   near them a gradient moves by as much as it is large when a weight is rounded: complex weights
   stay small.
*/
#if defined RS_SCALAR_COMPLEX
#define SPREAD(real, complex) (complex)
#else
#define SPREAD(real, complex) (real)
#endif

/** What the flavour promises: 1e-8 of double, 1e-4 of float. */
#define DERIVATIVE_TOLERANCE (sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-8)

/**
   The size below which a derivative is not told apart from its difference, as a part of the largest
   one. 64 bits of mantissa and steps of 2e-4 leave an error of up to 5e-16 times the sum of the
   terms of a cost, of which there are some hundreds, whatever the size of the derivative.
*/
#define DERIVATIVE_FLOOR (sizeof(rs_real) == sizeof(float) ? 0.1 : 1e-4)

/**
   |a - b| is within tolerance of the larger, per number, sign included; numbers below `floor` times
   the largest (or times 1, if that is more) count as that large.
*/
bool scalars_agree(size_t n, const rs_scalar *a, const rs_scalar *b, double tolerance,
                   double floor);

/** As above, and fails with the place and the numbers. */
void assert_scalars_agree(const char *what, uint64_t turn, size_t n, const rs_scalar *a,
                          const rs_scalar *b, double tolerance, double floor);

#endif /* RS_TESTS_EXACT_H */
