/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_TRIAL_H
#define RS_TESTS_TRIAL_H

/**
   @file trial.h A random net in the library and in the reference, with a cost of random cotangents.
*/

#include "exact.h"

enum { MOST_BATCH = 4 };

/** A random net with all that is asked of it, in the library and in the reference. */
typedef struct {
  Definition definition;
  RsNet *net;
  RsNetWork *work;
  size_t batch, inputs, outputs, parameters;
  rs_scalar *w, *x, *dy;
  rs_scalar *g, *dx;                   /* the library's */
  rs_scalar *g_expected, *dx_expected; /* by differences */
  Exact *exact_w, *exact_x;
} Trial;

/** The next random net whose numbers are tame, run forward; to be given to trial_free(). */
void trial_new(Dice *dice, Trial *t);

void trial_free(Trial *t);

/** Re sum conj(dy) y over the batch; the context is a Trial. */
long double trial_cost(void *context);

/** g_expected and dx_expected by central differences of the cost. */
void trial_differences(Trial *t);

/** Conjugate in place, which does nothing to real numbers. */
void conjugate(size_t n, rs_scalar *x);

#endif /* RS_TESTS_TRIAL_H */
