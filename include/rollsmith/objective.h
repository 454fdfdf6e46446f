/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_OBJECTIVE_H
#define ROLLSMITH_OBJECTIVE_H

/**
   @file objective.h Costs that are nets: the sum of the outputs (RS_LOSS_SUM) is the cost.

   The examples of "Deriving gradients using the backpropagation idea" (doc/math.md, section O).
   Layers that only subtract or pass on are merged into their neighbours; the numbers are the same.
*/

#include <rollsmith/net.h>

#define rs_objective_sparse_coding RS_FLAVOURED(rs_objective_sparse_coding)
#define rs_objective_penalty RS_FLAVOURED(rs_objective_penalty)
#define rs_objective_topographic RS_FLAVOURED(rs_objective_topographic)
#define rs_objective_ica RS_FLAVOURED(rs_objective_ica)

#ifdef __cplusplus
extern "C" {
#endif

/**
   |A s - x|^2 as a net with input s, parameters A ("W1", size x features) and -x ("b1", frozen:
   write it into the parameter vector). See doc/math.md, equation O2; errors are those of
   rs_net_new().

   @param features  Size of s.
   @param size      Size of x.
*/
RsStatus rs_objective_sparse_coding(size_t features, size_t size, RsNet **out, RsError *error);

/**
   gamma |A|^2, the second term of equation O2: gamma times the sum of the squared moduli.

   @param n  Values of A, such as those of the tensor "W1" of rs_objective_sparse_coding().
   @param a  A, n values.
   @param g  Added to: its gradient 2 gamma A, n values; may be NULL.
   @return The cost.
*/
double rs_objective_penalty(size_t n, const rs_scalar *a, rs_real gamma, rs_scalar *g);

/**
   sum sqrt(V (s o s) + epsilon) as a net with input s and no parameters (doc/math.md, equation O3).

   @param features  Size of s.
   @param groups    Number of groups.
   @param v         Which features are in which group, groups x features, copied.
   @param epsilon   Above 0.
*/
RsStatus rs_objective_topographic(size_t features, size_t groups, const rs_scalar *v,
                                  rs_real epsilon, RsNet **out, RsError *error);

/**
   |W^T W x - x|^2 as a net with input x and parameters W ("W1", features x size), which it uses
   twice (doc/math.md, equation O4).
*/
RsStatus rs_objective_ica(size_t size, size_t features, RsNet **out, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_OBJECTIVE_H */
