/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_PACKED_H
#define RS_BASE_PACKED_H

/**
   @file packed.h Products with a matrix that is packed beforehand, as in BLIS or MKL's packed GEMM.

   A BLAS packs its matrices in every call. Where a matrix is multiplied by four rows a hundred
   times, that costs more than the product itself.
*/

#include "base/linear_algebra.h"

#define rs_packed_size RS_FLAVOURED(rs_packed_size)
#define rs_pack RS_FLAVOURED(rs_pack)
#define rs_packed_row RS_FLAVOURED(rs_packed_row)
#define rs_gemm_packed RS_FLAVOURED(rs_gemm_packed)

/**
   Size of a packed matrix of k x n, in scalars.

   @return false where the size overflows.
*/
bool rs_packed_size(size_t k, size_t n, size_t *size);

/** Pack B', k x n after transposition. */
void rs_pack(RsTranspose b_as, size_t k, size_t n, const rs_scalar *b, size_t ldb,
             rs_scalar *packed);

/** Row i of a packed matrix, as the argument `packed` of rs_gemm_packed(). */
const rs_scalar *rs_packed_row(const rs_scalar *packed, size_t i);

/**
   C = A' B + S, with A' of m x k after transposition, and B of k x n: all or some rows of a packed
   matrix.

   A row of C does not depend on the number of rows. With more than RS_PACKED_DEPTH rows in B and
   many rows in A', rs_gemm() is as fast.

   @param rows  Rows of the packed matrix, k or more.
   @param s     Addend, m x n: C itself, another matrix, one row for all (lds is 0), or NULL for 0.
*/
void rs_gemm_packed(RsTranspose a_as, size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda,
                    const rs_scalar *packed, size_t rows, const rs_scalar *s, size_t lds,
                    rs_scalar *c, size_t ldc);

/** Rows of a packed matrix up to which rs_gemm_packed() is faster than rs_gemm(), as measured. */
#define RS_PACKED_DEPTH 256

#endif /* RS_BASE_PACKED_H */
