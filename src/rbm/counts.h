/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_COUNTS_H
#define RS_RBM_COUNTS_H

/**
   @file counts.h Visible units of a Bernoulli machine with potentials on how many are on: given the
   hidden units, they are independent but for their number (doc/math.md, section H).

   All functions take one frame. `potentials` are the last planes x RS_COUNT_CLASSES values of a row
   of biases.
*/

#include <rollsmith/rbm.h>

#define rs_count_sum_add RS_FLAVOURED(rs_count_sum_add)
#define rs_count_sum_log RS_FLAVOURED(rs_count_sum_log)
#define rs_count_class RS_FLAVOURED(rs_count_class)
#define rs_counts_draw RS_FLAVOURED(rs_counts_draw)
#define rs_state_sum RS_FLAVOURED(rs_state_sum)
#define rs_states_draw RS_FLAVOURED(rs_states_draw)
#define rs_counts_energy RS_FLAVOURED(rs_counts_energy)
#define rs_counts_add_gradient RS_FLAVOURED(rs_counts_add_gradient)

/** Fields beyond this are as good as infinite in draws; products of probabilities stay numbers. */
#define RS_COUNT_FIELD_MAX 30

/** Units of a plane. */
static inline size_t rs_counts_units(const RsRbm *rbm) {
  return rbm->visible / rbm->planes;
}

/** Numbers of scratch memory that the functions below take. */
static inline size_t rs_counts_scratch(const RsRbm *rbm) {
  const size_t rows = rbm->planes > RS_COUNT_CLASSES ? rbm->planes : RS_COUNT_CLASSES;
  return rbm->planes ? rows * (rs_counts_units(rbm) + 1) * RS_COUNT_CLASSES : 0;
}

/** A sum over the states of the units of a plane, one unit after the other. */
typedef struct {
  double p[RS_COUNT_CLASSES]; ///< Distribution of the class of the units so far, if independent
  double log;                 ///< log of the sum so far, without potentials
} RsCountSum;

/** The sum over no unit. */
#define RS_COUNT_SUM                                                                               \
  {                                                                                                \
    .p = { 1 }                                                                                     \
  }

/** Take in the states of another unit with this field: equation H2. */
void rs_count_sum_add(RsCountSum *sum, double field);

/** log of the sum over all states of e^{field'v + potential of v}: equation H3. */
double rs_count_sum_log(const RsCountSum *sum, const rs_scalar *potentials);

/**
   Draw v with probability proportional to e^{field'v + potentials of v}: equation H4.

   @param field    V values; overwritten.
   @param uniform  V + planes numbers between 0 and 1.
   @param v        Output, V values.
*/
void rs_counts_draw(const RsRbm *rbm, rs_scalar *field, const rs_scalar *potentials,
                    const rs_scalar *uniform, double *scratch, rs_scalar *v);

/**
   log of the sum over all states that notes may be in of e^{(a + field)'v + potentials of v}:
   equation H10.

   @param biases  A row of biases: a, and the potentials.
   @param field   V values; NULL: zeros.
   @param states  States of each note, as in RsGibbsRun; one plane or two.
*/
double rs_state_sum(const RsRbm *rbm, const rs_scalar *biases, const double *field,
                    const unsigned char *states);

/**
   As rs_counts_draw(), of the states that notes may be in: equations H7 to H9. Field stays as it
   is.

   @param states  As for rs_state_sum().
*/
void rs_states_draw(const RsRbm *rbm, const rs_scalar *field, const rs_scalar *potentials,
                    const unsigned char *states, const rs_scalar *uniform, double *scratch,
                    rs_scalar *v);

/** Class of how many of some units are not 0, below RS_COUNT_CLASSES. */
size_t rs_count_class(size_t units, const rs_scalar *v);

/** Minus the potentials of v. */
double rs_counts_energy(const RsRbm *rbm, const rs_scalar *potentials, const rs_scalar *v);

/** Add sign times the gradient of rs_counts_energy() to the potentials' gradient. */
void rs_counts_add_gradient(const RsRbm *rbm, const rs_scalar *v, rs_real sign,
                            rs_scalar *dpotentials);

#endif /* RS_RBM_COUNTS_H */
