/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_GEMM_EXACT_H
#define RS_BASE_GEMM_EXACT_H

/**
   @file gemm_exact.h A matrix product that is bitwise reproducible on every processor.

   A BLAS chooses the order of its sums by processor, and a fused multiply-add rounds once where a
   product and a sum round twice. Here each element is summed in the order of the rows of B, and
   each product and each sum is rounded (-ffp-contract=off). The result does not depend on the
   vector width; that of elementwise.h does not either.
*/

#include <rollsmith/scalar.h>

#include <stddef.h>

#define rs_gemm_exact RS_FLAVOURED(rs_gemm_exact)

/** C += A B, with A of m x k and B of k x n; leading dimensions as in linear_algebra.h. */
void rs_gemm_exact(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda, const rs_scalar *b,
                   size_t ldb, rs_scalar *c, size_t ldc);

#endif /* RS_BASE_GEMM_EXACT_H */
