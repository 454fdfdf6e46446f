/* SPDX-License-Identifier: ISC */

#include "base/gemm_exact.h"
#include "base/multiversion.h"

/* Columns of C that are kept in registers: 256 bytes are 4 registers of 64 bytes or 16 of 16 bytes;
   the rest of a row is done with one such register, a quarter of it, and single elements. */
enum {
  TILE = 256 / sizeof(rs_scalar),
  VECTOR = 64 / sizeof(rs_scalar),
  SHORT = 16 / sizeof(rs_scalar)
};

/* Add to a row of C; `columns` is a compile-time constant at each call.
   @param list  Rows of B to add, k of them; NULL for the first k. */
RS_ALWAYS_INLINE void add_rows(size_t columns, size_t k, const uint32_t *list, const rs_scalar *a,
                               const rs_scalar *b, size_t ldb, rs_scalar *c) {
  rs_scalar sum[TILE];
  for (size_t j = 0; j < columns; ++j) {
    sum[j] = c[j];
  }
  for (size_t m = 0; m < k; ++m) {
    const size_t i = list ? list[m] : m;
    for (size_t j = 0; j < columns; ++j) {
      sum[j] += a[i] * b[i * ldb + j];
    }
  }
  for (size_t j = 0; j < columns; ++j) {
    c[j] = sum[j];
  }
}

/* Add to a row of n elements. */
RS_ALWAYS_INLINE void add_to_row(size_t n, size_t k, const uint32_t *list, const rs_scalar *a,
                                 const rs_scalar *b, size_t ldb, rs_scalar *c) {
  size_t at = 0;
  for (; at + TILE <= n; at += TILE) {
    add_rows(TILE, k, list, a, b + at, ldb, c + at);
  }
  for (; at + VECTOR <= n; at += VECTOR) {
    add_rows(VECTOR, k, list, a, b + at, ldb, c + at);
  }
  for (; at + SHORT <= n; at += SHORT) {
    add_rows(SHORT, k, list, a, b + at, ldb, c + at);
  }
  for (; at < n; ++at) {
    add_rows(1, k, list, a, b + at, ldb, c + at);
  }
}

RS_MULTIVERSION
void rs_gemm_exact(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda, const rs_scalar *b,
                   size_t ldb, rs_scalar *c, size_t ldc) {
  for (size_t r = 0; r < m; ++r) {
    add_to_row(n, k, NULL, a + r * lda, b, ldb, c + r * ldc);
  }
}

RS_MULTIVERSION
void rs_gather_exact(size_t count, const uint32_t *list, size_t n, const rs_scalar *a,
                     const rs_scalar *b, size_t ldb, rs_scalar *c) {
  add_to_row(n, count, list, a, b, ldb, c);
}
