/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_POLICY_H
#define ROLLSMITH_POLICY_H

/**
   @file policy.h Policy gradient: how the value of a policy's actions changes with the policy's
   parameters.

   A policy net mu and a value net Q, each with linear maps before and after (doc/math.md, equations
   Q1 to Q3):

       a = post_mu( mu( pre_mu(x) | w_mu ) ),   q = post_Q( Q( pre_Q([x; a]) | w_Q ) )
*/

#include <rollsmith/net.h>

#define rs_policy_new RS_FLAVOURED(rs_policy_new)
#define rs_policy_free RS_FLAVOURED(rs_policy_free)
#define rs_policy_actions RS_FLAVOURED(rs_policy_actions)
#define rs_policy_gradient RS_FLAVOURED(rs_policy_gradient)

#ifdef __cplusplus
extern "C" {
#endif

/** A map x -> matrix x + offset. With a matrix of NULL it changes nothing, and the sizes are not
 * read. */
typedef struct {
  size_t rows;             ///< Of the matrix
  size_t columns;          ///< Of the matrix
  const rs_scalar *matrix; ///< rows x columns, or NULL for the identity without an offset
  const rs_scalar *offset; ///< rows values, or NULL for zero
} RsAffine;

/** The two nets and their four maps. */
typedef struct {
  const RsNet *policy;    ///< mu
  const RsNet *value;     ///< Q; its outputs are summed
  size_t states;          ///< Size of x
  RsAffine before_policy; ///< pre_mu
  RsAffine after_policy;  ///< post_mu
  RsAffine before_value;  ///< pre_Q
  RsAffine after_value;   ///< post_Q
} RsPolicySpec;

typedef struct RsPolicy RsPolicy; ///< A policy with its value

/**
   A policy with all the workspace that it needs.

   @param spec       Nets and maps, copied.
   @param max_batch  Most states that are taken at once, at least 1.
   @param out        Output, to be given to rs_policy_free().
   @param error      Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT where sizes do not fit, RS_ERR_NONFINITE where a map holds a NaN
   or an infinity, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_policy_new(const RsPolicySpec *spec, size_t max_batch, RsPolicy **out, RsError *error);

/** Free a policy; NULL is allowed. */
void rs_policy_free(RsPolicy *policy);

/** Actions a of the last rs_policy_gradient(), batch x (their size), valid until the next. */
const rs_scalar *rs_policy_actions(const RsPolicy *policy);

/**
   Values of a batch of states, and the gradient of their sum with respect to the policy's
   parameters; following it raises them.

   @param policy  Policy.
   @param w_mu    Parameters of mu.
   @param w_q     Parameters of Q.
   @param batch   Number of states, 1 .. max_batch.
   @param x       States, batch x states.
   @param q       Output, sum of the outputs of post_Q, batch values; NULL to skip it.
   @param g       Gradient with respect to w_mu, added to (complex: of the real part, as in
                  rs_net_backward()); NULL if not wanted.
   @param error   Detail of a failure, or NULL.
   @return As rs_net_forward() and rs_net_backward(); RS_ERR_NONFINITE also where q overflows.
*/
RsStatus rs_policy_gradient(RsPolicy *policy, const rs_scalar *w_mu, const rs_scalar *w_q,
                            size_t batch, const rs_scalar *x, rs_scalar *q, rs_scalar *g,
                            RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_POLICY_H */
