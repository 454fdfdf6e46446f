#ifndef RS_BASE_ORDERED_H
#define RS_BASE_ORDERED_H

/**
   @file ordered.h A product that is the same, to the bit, on every processor.

   A library adds in the order that suits the processor, and a fused multiply-add rounds once where
   a product and a sum round twice. Here each element is a sum of products in the order of the rows
   of B, and each product and each sum is rounded (-ffp-contract=off): what is computed from a given
   model by this and by elementwise.h is the same with any vectors, and without.
*/

#include <rollsmith/scalar.h>

#include <stddef.h>

#define rs_gemm_ordered RS_FLAVOURED(rs_gemm_ordered)

/** C += A B, with A of m x k and B of k x n; leading dimensions as in kernels.h. */
void rs_gemm_ordered(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda,
                     const rs_scalar *b, size_t ldb, rs_scalar *c, size_t ldc);

#endif /* RS_BASE_ORDERED_H */
