/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/memory.h"
#include "base/packed.h"

#include <string.h>

/* Around the sizes of tiles and panels, and beyond what is walked down at once. */
static const size_t rows[] = {1, 3, 4, 6, 8, 11, 16}, widths[] = {1, 4, 15, 16, 17, 64, 70, 100},
                    depths[] = {0, 1, 100, 128, 129, 300};
enum { MOST = 300, GAP = 3 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Small whole numbers, so that sums are exact in any order. */
static void fill(size_t n, size_t factor, rs_scalar *x) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = (rs_scalar)((int)(i * factor % 13) - 6);
  }
}

typedef struct {
  rs_scalar *a, *b, *packed, *s, *c, *expected;
} Matrices;

static rs_scalar *matrix(void) {
  rs_scalar *x = rs_alloc((MOST + GAP) * (MOST + GAP), sizeof *x);
  assert_non_null(x);
  return x;
}

static int set_up(void **state) {
  Matrices *m = rs_alloc(1, sizeof *m);
  assert_non_null(m);
  *m = (Matrices){matrix(), matrix(), matrix(), matrix(), matrix(), matrix()};
  fill(MOST * MOST, 7, m->a);
  fill(MOST * MOST, 5, m->b);
  *state = m;
  return 0;
}

static int tear_down(void **state) {
  Matrices *m = *state;
  free(m->a);
  free(m->b);
  free(m->packed);
  free(m->s);
  free(m->c);
  free(m->expected);
  free(m);
  return 0;
}

/* One product by rs_gemm_packed() and by rs_gemm(), the results and what is beside them. */
static void compare(const Matrices *x, RsTranspose a_as, RsTranspose b_as, size_t m, size_t n,
                    size_t k, bool add) {
  const size_t lda = (a_as == RS_PLAIN ? k : m) + GAP, ldb = (b_as == RS_PLAIN ? n : k) + GAP;
  const size_t ldc = n + GAP;
  size_t size = 0;
  assert_true(rs_packed_size(k, n, &size) && size <= (MOST + GAP) * (MOST + GAP));
  rs_pack(b_as, k, n, x->b, ldb, x->packed);
  for (size_t i = 0; i < (m + 1) * ldc; ++i) {
    x->c[i] = x->expected[i] = 99;
  }
  rs_gemm(a_as, b_as, m, n, k, x->a, lda, x->b, ldb, add, x->expected, ldc);
  rs_gemm_packed(a_as, m, n, k, x->a, lda, x->packed, k, add ? x->c : NULL, ldc, x->c, ldc);
  for (size_t i = 0; i < (m + 1) * ldc; ++i) {
    assert_true(x->c[i] == (k || add || i / ldc == m || i % ldc >= n ? x->expected[i] : 0));
  }
}

static void products_are_those_of_the_library(void **state) {
  for (size_t i = 0; i < COUNT(rows); ++i) {
    for (size_t j = 0; j < COUNT(widths); ++j) {
      for (size_t d = 0; d < COUNT(depths); ++d) {
        for (int as = 0; as < 8; ++as) {
          compare(*state, as & 1 ? RS_TRANSPOSED : RS_PLAIN, as & 2 ? RS_TRANSPOSED : RS_PLAIN,
                  rows[i], widths[j], depths[d], as & 4);
        }
      }
    }
  }
}

static void one_row_is_added_to_all(void **state) {
  const Matrices *x = *state;
  enum { M = 7, N = 37, K = 130 };
  fill(N, 3, x->s);
  rs_pack(RS_PLAIN, K, N, x->b, N, x->packed);
  rs_gemm_packed(RS_PLAIN, M, N, K, x->a, K, x->packed, K, x->s, 0, x->c, N);
  rs_gemm(RS_PLAIN, RS_PLAIN, M, N, K, x->a, K, x->b, N, 0, x->expected, N);
  for (size_t i = 0; i < M * N; ++i) {
    assert_true(x->c[i] == x->expected[i] + x->s[i % N]);
  }
}

static void a_row_is_the_same_to_the_last_bit_whatever_others_there_are(void **state) {
  const Matrices *x = *state;
  enum { M = 23, N = 37, K = 130 };
  rs_scalar alone[N];
  for (size_t i = 0; i < M * K; ++i) {
    x->a[i] /= (rs_scalar)(7 + i % 5); /* sums that rounding makes depend on their order */
  }
  rs_pack(RS_PLAIN, K, N, x->b, N, x->packed);
  rs_gemm_packed(RS_PLAIN, M, N, K, x->a, K, x->packed, K, NULL, 0, x->c, N);
  for (size_t r = 0; r < M; ++r) {
    rs_gemm_packed(RS_PLAIN, 1, N, K, x->a + r * K, K, x->packed, K, NULL, 0, alone, N);
    assert_memory_equal(alone, x->c + r * N, sizeof alone);
  }
}

static void some_rows_of_what_is_packed_are_a_matrix(void **state) {
  const Matrices *x = *state;
  enum { M = 7, N = 70, K = 130, FIRST = 41 };
  rs_pack(RS_PLAIN, K, N, x->b, N, x->packed);
  rs_gemm_packed(RS_PLAIN, M, N, K - FIRST, x->a, K, rs_packed_row(x->packed, FIRST), K, NULL, 0,
                 x->c, N);
  rs_gemm(RS_PLAIN, RS_PLAIN, M, N, K - FIRST, x->a, K, x->b + FIRST * N, N, 0, x->expected, N);
  assert_memory_equal(x->c, x->expected, M * N * sizeof *x->c);
}

static void a_size_that_cannot_be_counted_is_refused(void **state) {
  size_t size = 0;
  assert_false(rs_packed_size(1, SIZE_MAX, &size));
  assert_false(rs_packed_size(SIZE_MAX / 2, 16, &size));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(products_are_those_of_the_library, set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_row_is_added_to_all, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_row_is_the_same_to_the_last_bit_whatever_others_there_are,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(some_rows_of_what_is_packed_are_a_matrix, set_up, tear_down),
      cmocka_unit_test(a_size_that_cannot_be_counted_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
