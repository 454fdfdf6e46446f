#ifndef RS_BASE_PACKED_H
#define RS_BASE_PACKED_H

/**
   @file packed.h Products with a matrix that is laid out beforehand, for a few rows or many.

   A library's product arranges its matrices anew in every call. Where the same matrix meets four
   rows a hundred times, that costs more than the product itself.
*/

#include "base/kernels.h"

#define rs_packed_size RS_FLAVOURED(rs_packed_size)
#define rs_pack RS_FLAVOURED(rs_pack)
#define rs_packed_row RS_FLAVOURED(rs_packed_row)
#define rs_gemm_packed RS_FLAVOURED(rs_gemm_packed)

/**
   Scalars that a matrix of k x n takes where it is packed.

   @return false where there are too many to count.
*/
bool rs_packed_size(size_t k, size_t n, size_t *size);

/** Pack B', k x n after transposition. */
void rs_pack(RsTranspose b_as, size_t k, size_t n, const rs_scalar *b, size_t ldb,
             rs_scalar *packed);

/** Row i of a packed matrix, from which on rs_gemm_packed() can take it. */
const rs_scalar *rs_packed_row(const rs_scalar *packed, size_t i);

/**
   C = A' B + S, with A' of m x k after transposition and B of k x n, which are all rows of a packed
   matrix or some.

   Each row of C is the same whatever other rows there are. With B of more than RS_PACKED_DEPTH rows
   and many rows in A', rs_gemm() is as quick.

   @param rows  Rows of the packed matrix, k or more.
   @param s     What is added to, m x n; C itself, another matrix, one row for all (lds is 0), or
   NULL for nothing.
*/
void rs_gemm_packed(RsTranspose a_as, size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda,
                    const rs_scalar *packed, size_t rows, const rs_scalar *s, size_t lds,
                    rs_scalar *c, size_t ldc);

/** Rows of a packed matrix up to which its products are quick. */
#define RS_PACKED_DEPTH 256

#endif /* RS_BASE_PACKED_H */
