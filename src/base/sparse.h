#ifndef RS_BASE_SPARSE_H
#define RS_BASE_SPARSE_H

/**
   @file sparse.h Products with vectors that are mostly zero, as sums of rows.

   A frame has four notes on of 88: its product with a matrix is four rows of it.
*/

#include <rollsmith/scalar.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define rs_is_sparse RS_FLAVOURED(rs_is_sparse)
#define rs_sparse_columns RS_FLAVOURED(rs_sparse_columns)
#define rs_bits_of RS_FLAVOURED(rs_bits_of)
#define rs_list_nonzero RS_FLAVOURED(rs_list_nonzero)
#define rs_gather_rows RS_FLAVOURED(rs_gather_rows)
#define rs_scatter_rows RS_FLAVOURED(rs_scatter_rows)
#define rs_transpose RS_FLAVOURED(rs_transpose)

/** Rows that are gathered and scattered are best a multiple of this long: whole vectors. */
#define RS_WHOLE_VECTORS 16

/** n rounded up to whole vectors. */
static inline size_t rs_whole_vectors(size_t n) {
  return (n + RS_WHOLE_VECTORS - 1) / RS_WHOLE_VECTORS * RS_WHOLE_VECTORS;
}

/** Whether so few of n scalars are not zero that sums of rows are cheaper than dense products. */
bool rs_is_sparse(size_t n, const rs_scalar *v);

/** How many of a matrix's leading columns are together best taken as mostly zero, by the same
 * measure. */
size_t rs_sparse_columns(size_t rows, size_t columns, const rs_scalar *a, size_t lda);

/** A bit for each scalar that is not zero, the first in the lowest. @param bits  n / 64 rounded up.
 */
void rs_bits_of(size_t n, const rs_scalar *v, uint64_t *bits);

/** Numbers of the scalars that are not zero, ascending. @param list  n values. @return How many. */
size_t rs_list_nonzero(size_t n, const rs_scalar *v, uint32_t *list);

/** sum += v_i times row i of a, for the `count` rows i that are listed; rows have n scalars. */
void rs_gather_rows(size_t count, const uint32_t *list, const rs_scalar *v, size_t n,
                    const rs_scalar *a, size_t lda, rs_scalar *sum);

/** Row i of a += alpha v_i times s, for the `count` rows i that are listed; s has n scalars. */
void rs_scatter_rows(size_t count, const uint32_t *list, const rs_scalar *v, rs_scalar alpha,
                     size_t n, const rs_scalar *s, rs_scalar *a, size_t lda);

/** B = A' + beta B, A being rows x columns; beta is 0 (whatever B held) or 1. */
void rs_transpose(size_t rows, size_t columns, const rs_scalar *a, size_t lda, rs_real beta,
                  rs_scalar *b, size_t ldb);

#endif /* RS_BASE_SPARSE_H */
