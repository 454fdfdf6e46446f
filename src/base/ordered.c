#include "base/ordered.h"
#include "base/clones.h"

/* Columns of C that stay in registers while rows of B are added. */
enum {
  TILE = 256 / sizeof(rs_scalar),
  VECTOR = 64 / sizeof(rs_scalar),
  SHORT = 16 / sizeof(rs_scalar)
};

/* `columns` is a constant at each call. */
RS_INLINED void add_rows(size_t columns, size_t k, const rs_scalar *a, const rs_scalar *b,
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

RS_CLONED
void rs_gemm_ordered(size_t m, size_t n, size_t k, const rs_scalar *a, size_t lda,
                     const rs_scalar *b, size_t ldb, rs_scalar *c, size_t ldc) {
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
