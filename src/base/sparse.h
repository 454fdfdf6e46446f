/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_SPARSE_H
#define RS_BASE_SPARSE_H

/**
   @file sparse.h Products with sparse vectors, as sums of rows.

   A frame has about 4 notes of 88: its product with a matrix is the sum of 4 rows.
*/

#include <rollsmith/scalar.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define rs_is_sparse RS_FLAVOURED(rs_is_sparse)
#define rs_few_nonzeros RS_FLAVOURED(rs_few_nonzeros)
#define rs_sparse_columns RS_FLAVOURED(rs_sparse_columns)
#define rs_nonzero_bits RS_FLAVOURED(rs_nonzero_bits)
#define rs_list_nonzero RS_FLAVOURED(rs_list_nonzero)
#define rs_find_nonzeros RS_FLAVOURED(rs_find_nonzeros)
#define rs_gather_rows RS_FLAVOURED(rs_gather_rows)
#define rs_scatter_rows RS_FLAVOURED(rs_scatter_rows)
#define rs_transpose RS_FLAVOURED(rs_transpose)

/** Gather and scatter are fastest for rows whose length is a multiple of this. */
#define RS_VECTOR_MULTIPLE 16

/** n rounded up to a multiple of RS_VECTOR_MULTIPLE. */
static inline size_t rs_round_to_vectors(size_t n) {
  return (n + RS_VECTOR_MULTIPLE - 1) / RS_VECTOR_MULTIPLE * RS_VECTOR_MULTIPLE;
}

/** Where the elements of a matrix that are not zero stand. */
typedef struct {
  size_t *first;  /**< Of each row and of the one after the last: its place in `list` */
  uint32_t *list; /**< Their columns, row after row, ascending */
} RsNonzeros;

/** Number of the nonzero elements of a row. */
static inline size_t rs_nonzeros_count(const RsNonzeros *nonzeros, size_t row) {
  return nonzeros->first[row + 1] - nonzeros->first[row];
}

/** Their columns. */
static inline const uint32_t *rs_nonzeros_list(const RsNonzeros *nonzeros, size_t row) {
  return nonzeros->list + nonzeros->first[row];
}

/** Find them. @param out  Its arrays, with room for rows + 1 and rows * columns elements, are set.
 */
void rs_find_nonzeros(size_t rows, size_t columns, const rs_scalar *a, RsNonzeros *out);

/** Whether so few of n elements are nonzero that sums of rows are cheaper than a dense product. */
bool rs_few_nonzeros(size_t nonzeros, size_t n);

/** Whether that is so of a vector. */
bool rs_is_sparse(size_t n, const rs_scalar *v);

/** Number of leading columns of a matrix that are best treated as sparse, by the same measure. */
size_t rs_sparse_columns(size_t rows, size_t columns, const rs_scalar *a, size_t lda);

/** Bit mask of the nonzero elements, the first one in the lowest bit. @param bits n / 64 rounded up
 * words. */
void rs_nonzero_bits(size_t n, const rs_scalar *v, uint64_t *bits);

/** Indices of the nonzero elements, ascending. @param list Room for n. @return Their number. */
size_t rs_list_nonzero(size_t n, const rs_scalar *v, uint32_t *list);

/** sum += v_i times row i of a, for the `count` rows i that are listed; rows have n scalars. */
void rs_gather_rows(size_t count, const uint32_t *list, const rs_scalar *v, size_t n,
                    const rs_scalar *a, size_t lda, rs_scalar *sum);

/** Row i of a += alpha v_i times s, for the `count` rows i that are listed; s has n scalars. */
void rs_scatter_rows(size_t count, const uint32_t *list, const rs_scalar *v, rs_scalar alpha,
                     size_t n, const rs_scalar *s, rs_scalar *a, size_t lda);

/** B = A' + beta B, with A of rows x columns; beta is 0 (B is overwritten) or 1. */
void rs_transpose(size_t rows, size_t columns, const rs_scalar *a, size_t lda, rs_real beta,
                  rs_scalar *b, size_t ldb);

#endif /* RS_BASE_SPARSE_H */
