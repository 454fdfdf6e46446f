/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_ACTIVATION_H
#define RS_GRAD_ACTIVATION_H

/**
   @file activation.h The activations and their slopes (doc/math.md, section N).
*/

#include <rollsmith/net.h>

#define rs_activation_keeps_field RS_FLAVOURED(rs_activation_keeps_field)
#define rs_activate RS_FLAVOURED(rs_activate)
#define rs_slope RS_FLAVOURED(rs_slope)
#define rs_pull_activation RS_FLAVOURED(rs_pull_activation)
#define rs_push_activation RS_FLAVOURED(rs_push_activation)

/** Whether the slope needs the local field, because it does not follow from the output. */
bool rs_activation_keeps_field(RsActivation activation);

/** y = f(v), rows x n; y may be v. */
void rs_activate(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                 rs_scalar *y);

/** slope_i = f'(v_i) of an element-wise f; v is read only where rs_activation_keeps_field(). */
void rs_slope(RsActivation f, rs_real p, size_t n, const rs_scalar *v, const rs_scalar *y,
              rs_scalar *slope);

/** Cotangents of outputs become those of local fields, in place: delta = (df/dv)^T c, rows x n. */
void rs_pull_activation(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                        const rs_scalar *y, rs_scalar *c);

/** Tangents of local fields become those of outputs, in place: df/dv t, rows x n. */
void rs_push_activation(RsActivation f, rs_real p, size_t rows, size_t n, const rs_scalar *v,
                        const rs_scalar *y, rs_scalar *t);

#endif /* RS_GRAD_ACTIVATION_H */
