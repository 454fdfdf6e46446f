#ifndef RS_RBM_GIBBS_COUNTED_H
#define RS_RBM_GIBBS_COUNTED_H

/**
   @file gibbs_counted.h Sweeps of a Bernoulli machine whose visible units have potentials on how
   many are on, as sums of rows of W: doc/math.md, section H.

   One chain at a time. Sums are taken in the order of the units and nothing is fused, so the
   samples are the same bytes on every processor.
*/

#include <rollsmith/likelihood.h>

#define rs_counted_new RS_FLAVOURED(rs_counted_new)
#define rs_counted_free RS_FLAVOURED(rs_counted_free)
#define rs_counted_set_weights RS_FLAVOURED(rs_counted_set_weights)
#define rs_counted_work_new RS_FLAVOURED(rs_counted_work_new)
#define rs_counted_work_free RS_FLAVOURED(rs_counted_work_free)
#define rs_counted_sweep RS_FLAVOURED(rs_counted_sweep)
#define rs_counted_gap RS_FLAVOURED(rs_counted_gap)

/** The weights, made ready. */
typedef struct RsCounted RsCounted;

/** Scratch memory of a chain. */
typedef struct RsCountedWork RsCountedWork;

/** @return NULL without memory. */
RsCounted *rs_counted_new(const RsRbm *rbm);

/** NULL is taken. */
void rs_counted_free(RsCounted *counted);

/** Take over the weights, hidden x visible. */
void rs_counted_set_weights(RsCounted *counted, const rs_scalar *w);

/** @return NULL without memory. */
RsCountedWork *rs_counted_work_new(const RsCounted *counted);

/** NULL is taken. */
void rs_counted_work_free(RsCountedWork *work);

/**
   One sweep: hidden units given the visible ones, and visible ones given these.

   @param biases    A row.
   @param coupling  W is multiplied by this.
   @param hidden    Logistic numbers, at least H.
   @param visible   Logistic numbers, at least V + planes.
   @param v         V: where the chain is, and afterwards where it came to.
*/
void rs_counted_sweep(const RsCounted *counted, RsCountedWork *work, const rs_scalar *biases,
                      rs_scalar coupling, const float *hidden, const float *visible, rs_scalar *v);

/** Sum over hidden units of softplus(b + high W v) - softplus(b + low W v): what a step of an
 * annealed path adds to the log importance weight. */
double rs_counted_gap(const RsCounted *counted, RsCountedWork *work, const rs_scalar *biases,
                      rs_scalar low, rs_scalar high, const rs_scalar *v);

#endif /* RS_RBM_GIBBS_COUNTED_H */
