/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_ELEMENTWISE_H
#define RS_BASE_ELEMENTWISE_H

/**
   @file elementwise.h Functions applied to each element of a vector.

   The real versions have no branches, so that the compiler can vectorise them. They are within a
   few units in the last place of the C library's; an infinity gives the limit, and a NaN a NaN.
   Subnormal results of rs_exp() and rs_sigmoid() are flushed to zero. y may be x.
*/

#include <rollsmith/scalar.h>

#include <stddef.h>

#define rs_exp RS_FLAVOURED(rs_exp)
#define rs_tanh RS_FLAVOURED(rs_tanh)
#define rs_sigmoid RS_FLAVOURED(rs_sigmoid)
#define rs_softplus RS_FLAVOURED(rs_softplus)

/** y_i = e^{x_i}. */
void rs_exp(size_t n, const rs_scalar *x, rs_scalar *y);

/** y_i = tanh(x_i). */
void rs_tanh(size_t n, const rs_scalar *x, rs_scalar *y);

/** y_i = 1 / (1 + e^{-x_i}). */
void rs_sigmoid(size_t n, const rs_scalar *x, rs_scalar *y);

/** y_i = log(1 + e^{x_i}). */
void rs_softplus(size_t n, const rs_scalar *x, rs_scalar *y);

#endif /* RS_BASE_ELEMENTWISE_H */
