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

/* Add to a row of C; `columns` is a compile-time constant at each call. */
RS_ALWAYS_INLINE void add_rows(size_t columns, size_t k, const rs_scalar *a, const rs_scalar *b,
                               size_t ldb, rs_scalar *c) {
  rs_scalar sum[TILE];
  for (size_t j = 0; j < columns; ++j) {
    sum[j] = c[j];
  }
  for (size_t i = 0; i < k; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      sum[j] += a[i] * b[i * ldb + j];
    }
  }
  for (size_t j = 0; j < columns; ++j) {
    c[j] = sum[j];
  }
}

RS_MULTIVERSION
void rs_gemm_exact(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda, const rs_scalar *b,
                   size_t ldb, rs_scalar *c, size_t ldc) {
  for (size_t r = 0; r < m; ++r, a += lda, c += ldc) {
    size_t at = 0;
    for (; at + TILE <= n; at += TILE) {
      add_rows(TILE, k, a, b + at, ldb, c + at);
    }
    for (; at + VECTOR <= n; at += VECTOR) {
      add_rows(VECTOR, k, a, b + at, ldb, c + at);
    }
    for (; at + SHORT <= n; at += SHORT) {
      add_rows(SHORT, k, a, b + at, ldb, c + at);
    }
    for (; at < n; ++at) {
      add_rows(1, k, a, b + at, ldb, c + at);
    }
  }
}
