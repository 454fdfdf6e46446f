/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_LINEAR_ALGEBRA_H
#define RS_BASE_LINEAR_ALGEBRA_H

/**
   @file linear_algebra.h Linear algebra for the scalar type that this file is compiled for.

   All matrices are row-major and dense; a leading dimension ("ld") is the number of scalars from
   one row to the next. Nothing here conjugates unless its name says so.
*/

#include <rollsmith/scalar.h>

#include <stdbool.h>
#include <stddef.h>

#define rs_gemm RS_FLAVOURED(rs_gemm)
#define rs_gemv RS_FLAVOURED(rs_gemv)
#define rs_axpy RS_FLAVOURED(rs_axpy)
#define rs_scaled_copy RS_FLAVOURED(rs_scaled_copy)
#define rs_lerp RS_FLAVOURED(rs_lerp)
#define rs_scale RS_FLAVOURED(rs_scale)
#define rs_dot RS_FLAVOURED(rs_dot)
#define rs_norm RS_FLAVOURED(rs_norm)
#define rs_all_finite RS_FLAVOURED(rs_all_finite)
#define rs_sum_rows RS_FLAVOURED(rs_sum_rows)
#define rs_scale_columns RS_FLAVOURED(rs_scale_columns)

/** Whether a matrix is transposed in a product. */
typedef enum {
  RS_PLAIN,     ///< Not transposed
  RS_TRANSPOSED ///< Transposed, not conjugated
} RsTranspose;

/**
   C = A' B' + beta C, with A' of m x k and B' of k x n after transposition.

   beta is 0 (C is overwritten, also where it holds NaN) or 1 (C accumulates).
*/
void rs_gemm(RsTranspose a_as, RsTranspose b_as, size_t m, size_t n, size_t k, const rs_scalar *a,
             size_t lda, const rs_scalar *b, size_t ldb, rs_real beta, rs_scalar *c, size_t ldc);

/** y = A' x + beta y, with A of m x n before transposition; beta as in rs_gemm(). */
void rs_gemv(RsTranspose a_as, size_t m, size_t n, const rs_scalar *a, size_t lda,
             const rs_scalar *x, rs_real beta, rs_scalar *y);

/** y += alpha x, n scalars. */
void rs_axpy(size_t n, rs_scalar alpha, const rs_scalar *x, rs_scalar *y);

/** y = alpha x, n scalars. */
void rs_scaled_copy(size_t n, rs_scalar alpha, const rs_scalar *x, rs_scalar *y);

/** Linear interpolation: y += share (x - y), n scalars. */
void rs_lerp(size_t n, rs_real share, const rs_scalar *x, rs_scalar *y);

/** x *= alpha, n scalars. */
void rs_scale(size_t n, rs_scalar alpha, rs_scalar *x);

/** Sum of x_i y_i, n scalars, nothing conjugated. */
rs_scalar rs_dot(size_t n, const rs_scalar *x, const rs_scalar *y);

/** Euclidean norm of n scalars. */
rs_real rs_norm(size_t n, const rs_scalar *x);

/** Whether none of n scalars is a NaN or an infinity. */
bool rs_all_finite(size_t n, const rs_scalar *x);

/** sum += the sum of the rows of a, rows x columns; sum has `columns` scalars. */
void rs_sum_rows(size_t rows, size_t columns, const rs_scalar *a, size_t lda, rs_scalar *sum);

/** Multiply each column of a, rows x columns (leading dimension `columns`), by its factor. */
void rs_scale_columns(size_t rows, size_t columns, const rs_scalar *factors, rs_scalar *a);

/** Let the BLAS use the calling thread alone: thread_pool.h parallelises above it. */
void rs_blas_one_thread(void);

#endif /* RS_BASE_LINEAR_ALGEBRA_H */
