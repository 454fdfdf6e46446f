/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_LOSS_H
#define ROLLSMITH_LOSS_H

/**
   @file loss.h Costs, summed over a batch, and their cotangents (doc/math.md, section L).
*/

#include <rollsmith/scalar.h>
#include <rollsmith/status.h>

#include <stddef.h>

#define rs_loss RS_FLAVOURED(rs_loss)
#define rs_loss_delta RS_FLAVOURED(rs_loss_delta)

#ifdef __cplusplus
extern "C" {
#endif

/** A cost of outputs y and targets t, summed over units and rows. */
typedef enum {
  RS_LOSS_SQUARED,  ///< 1/2 sum |y - t|^2
  RS_LOSS_LOGISTIC, ///< -sum t log y + (1 - t) log(1 - y), y in (0, 1); real flavours only
  RS_LOSS_SOFTMAX,  ///< -sum t log y, y in (0, 1); real flavours only
  RS_LOSS_SUM,      ///< sum y (of its real part); there is no target
} RsLossKind;

/**
   Cost and its gradient with respect to the outputs, for rs_net_backward() (doc/math.md, equations
   L1, L2, L6).

   @param kind   Which cost.
   @param rows   Rows of the batch.
   @param n      Outputs.
   @param y      Outputs, rows x n.
   @param t      Targets, rows x n; NULL for RS_LOSS_SUM.
   @param cost   Output, the cost, or NULL.
   @param dy     Output, rows x n, or NULL. May be y.
   @param error  Detail of a failure, or NULL.
   @return RS_OK; RS_ERR_NONFINITE where the cost or a gradient is not finite, such as of an output
   that has rounded to 0 (rs_loss_delta() does not suffer from that); RS_ERR_ARGUMENT for a cost
   that this flavour has not.
*/
RsStatus rs_loss(RsLossKind kind, size_t rows, size_t n, const rs_scalar *y, const rs_scalar *t,
                 double *cost, rs_scalar *dy, RsError *error);

/**
   Cost and its gradient with respect to the last local field v(L), for rs_net_backward_delta(): the
   cost and the output's activation in one, which never overflows (doc/math.md, equations L3, L4).

   @param kind  RS_LOSS_LOGISTIC is taken with y = sigmoid(v), RS_LOSS_SOFTMAX with y = softmax(v),
   the others with y = v.
   @param v     Local fields, rows x n: rs_net_field() of the net.
   @param dv    Output, rows x n, or NULL. May be v.
   The other arguments and errors are those of rs_loss().
*/
RsStatus rs_loss_delta(RsLossKind kind, size_t rows, size_t n, const rs_scalar *v,
                       const rs_scalar *t, double *cost, rs_scalar *dv, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_LOSS_H */
