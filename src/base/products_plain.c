/* SPDX-License-Identifier: ISC */

/* The products of linear_algebra.h without a BLAS. Each element is summed in ascending order of the
   inner index, so that a result depends on neither the vector width nor the sizes of the matrices.
 */

#include "base/linear_algebra.h"
#include "base/multiversion.h"

#include <string.h>

/* A row of C += a row of A' times B, with B of k x n; `along`: stride in A from column to column of
   A'. */
RS_MULTIVERSION
static void add_row(size_t n, size_t k, const rs_scalar *a, size_t along, const rs_scalar *b,
                    size_t ldb, rs_scalar *c) {
  for (size_t p = 0; p < k; ++p) {
    const rs_scalar factor = a[p * along];
    for (size_t j = 0; j < n; ++j) {
      c[j] += factor * b[p * ldb + j];
    }
  }
}

/* The same with B of n x k, which is transposed. */
static void add_row_transposed(size_t n, size_t k, const rs_scalar *a, size_t along,
                               const rs_scalar *b, size_t ldb, rs_scalar *c) {
  for (size_t j = 0; j < n; ++j) {
    rs_scalar sum = c[j];
    for (size_t p = 0; p < k; ++p) {
      sum += a[p * along] * b[j * ldb + p];
    }
    c[j] = sum;
  }
}

void rs_gemm(RsTranspose a_as, RsTranspose b_as, size_t m, size_t n, size_t k, const rs_scalar *a,
             size_t lda, const rs_scalar *b, size_t ldb, rs_real beta, rs_scalar *c, size_t ldc) {
  const size_t down = a_as == RS_TRANSPOSED ? 1 : lda, along = a_as == RS_TRANSPOSED ? lda : 1;
  for (size_t i = 0; i < m && n; ++i, a += down, c += ldc) {
    if (beta == 0) {
      memset(c, 0, n * sizeof *c);
    }
    if (b_as == RS_TRANSPOSED) {
      add_row_transposed(n, k, a, along, b, ldb, c);
    } else {
      add_row(n, k, a, along, b, ldb, c);
    }
  }
}

void rs_gemv(RsTranspose a_as, size_t m, size_t n, const rs_scalar *a, size_t lda,
             const rs_scalar *x, rs_real beta, rs_scalar *y) {
  if (a_as == RS_TRANSPOSED) {
    rs_gemm(RS_PLAIN, RS_PLAIN, 1, n, m, x, m, a, lda, beta, y, n);
  } else {
    rs_gemm(RS_PLAIN, RS_TRANSPOSED, 1, m, n, x, n, a, lda, beta, y, m);
  }
}

#if !defined RS_SCALAR_DOUBLE && !defined RS_SCALAR_COMPLEX
void rs_blas_one_thread(void) {}
#endif
