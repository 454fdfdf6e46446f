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
#include <stdint.h>

#define rs_gemm_exact RS_FLAVOURED(rs_gemm_exact)
#define rs_gather_exact RS_FLAVOURED(rs_gather_exact)

/** C += A B, with A of m x k and B of k x n; leading dimensions as in linear_algebra.h. */
void rs_gemm_exact(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda, const rs_scalar *b,
                   size_t ldb, rs_scalar *c, size_t ldc);

/** c += a B for a vector a, most of whose elements are zero: the rows of B that are listed, in the
    order of the list, times their elements of a. With all nonzero elements listed in ascending
   order it is what rs_gemm_exact() gives, but for the sign of a zero. */
void rs_gather_exact(size_t count, const uint32_t *list, size_t n, const rs_scalar *a,
                     const rs_scalar *b, size_t ldb, rs_scalar *c);

#endif /* RS_BASE_GEMM_EXACT_H */
