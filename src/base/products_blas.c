/* SPDX-License-Identifier: ISC */

/* The products of linear_algebra.h by a BLAS. */

#include "base/linear_algebra.h"

#include <cblas.h>

/* The BLAS functions of the scalar type. */
#if defined RS_SCALAR_COMPLEX
#define GEMM(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)                                        \
  cblas_zgemm(CblasRowMajor, ta, tb, m, n, k, &(rs_scalar){1}, a, lda, b, ldb, &(rs_scalar){beta}, \
              c, ldc)
#define GEMV(ta, m, n, a, lda, x, beta, y)                                                         \
  cblas_zgemv(CblasRowMajor, ta, m, n, &(rs_scalar){1}, a, lda, x, 1, &(rs_scalar){beta}, y, 1)
#elif defined RS_SCALAR_DOUBLE
#define GEMM(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)                                        \
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
#define GEMV(ta, m, n, a, lda, x, beta, y)                                                         \
  cblas_dgemv(CblasRowMajor, ta, m, n, 1, a, lda, x, 1, beta, y, 1)
#else
#define GEMM(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)                                        \
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
#define GEMV(ta, m, n, a, lda, x, beta, y)                                                         \
  cblas_sgemv(CblasRowMajor, ta, m, n, 1, a, lda, x, 1, beta, y, 1)
#endif

static CBLAS_TRANSPOSE as(RsTranspose t) {
  return t == RS_TRANSPOSED ? CblasTrans : CblasNoTrans;
}

void rs_gemm(RsTranspose a_as, RsTranspose b_as, size_t m, size_t n, size_t k, const rs_scalar *a,
             size_t lda, const rs_scalar *b, size_t ldb, rs_real beta, rs_scalar *c, size_t ldc) {
  if (m && n) {
    GEMM(as(a_as), as(b_as), (blasint)m, (blasint)n, (blasint)k, a, (blasint)lda, b, (blasint)ldb,
         beta, c, (blasint)ldc);
  }
}

void rs_gemv(RsTranspose a_as, size_t m, size_t n, const rs_scalar *a, size_t lda,
             const rs_scalar *x, rs_real beta, rs_scalar *y) {
  if (m && n) {
    GEMV(as(a_as), (blasint)m, (blasint)n, a, (blasint)lda, x, beta, y);
  }
}

#if !defined RS_SCALAR_DOUBLE && !defined RS_SCALAR_COMPLEX
void rs_blas_one_thread(void) {
  openblas_set_num_threads(1);
}
#endif
