/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_JACOBIAN_H
#define ROLLSMITH_JACOBIAN_H

/**
   @file jacobian.h Derivatives of all outputs of a net at once, and in one direction.

   For complex nets these are the holomorphic derivatives themselves: nothing is conjugated. That
   the gradient of a real cost takes their conjugates is rs_net_backward()'s business.
*/

#include <rollsmith/net.h>

#define rs_net_jacobian RS_FLAVOURED(rs_net_jacobian)
#define rs_net_tangent RS_FLAVOURED(rs_net_tangent)

#ifdef __cplusplus
extern "C" {
#endif

/**
   Jacobians of the output with respect to the parameters and to the input, for one input; all rows
   together, by one product of matrices a layer (doc/math.md, equations J1, J2, J4).

   @param net    Net.
   @param w      Parameters, rs_net_parameters(net) values.
   @param x      Input, rs_net_inputs(net) values.
   @param work   Workspace of this net for at least rs_net_outputs(net) rows, overwritten.
   @param jw     Output, dy/dw, rs_net_outputs(net) x rs_net_parameters(net), zero where frozen; or
   NULL.
   @param jx     Output, dy/dx, rs_net_outputs(net) x rs_net_inputs(net); or NULL.
   @param error  Detail of a failure, or NULL.
   @return RS_OK; RS_ERR_NONFINITE where w or x holds a NaN or an infinity, or the output overflows;
   RS_ERR_ARGUMENT for another net's workspace or one of too few rows.
*/
RsStatus rs_net_jacobian(const RsNet *net, const rs_scalar *w, const rs_scalar *x, RsNetWork *work,
                         rs_scalar *jw, rs_scalar *jx, RsError *error);

/**
   Forward-mode product: how the outputs of the last forward move when w moves by dw and x by dx,
   dy = dy/dw dw + dy/dx dx (doc/math.md, equation J9).

   @param net    Net.
   @param w      Parameters, as in the forward.
   @param work   Workspace after a forward; its cotangents are overwritten.
   @param dw     Direction of w, rs_net_parameters(net) values, frozen ones included; NULL for zero.
   @param dx     Directions of x, batch x rs_net_inputs(net); NULL for zero.
   @param dy     Output, batch x rs_net_outputs(net).
   @param error  Detail of a failure, or NULL.
   @return RS_OK; RS_ERR_NONFINITE where a direction, or what comes of it, is not finite;
   RS_ERR_ARGUMENT for another net's workspace or one without a forward.
*/
RsStatus rs_net_tangent(const RsNet *net, const rs_scalar *w, RsNetWork *work, const rs_scalar *dw,
                        const rs_scalar *dx, rs_scalar *dy, RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_JACOBIAN_H */
