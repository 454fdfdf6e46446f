/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/memory.h"
#include "base/gemm_exact.h"

/* Numbers of which products and sums are all rounded. */
static rs_scalar *fill(size_t n, unsigned seed) {
  rs_scalar *x = rs_alloc(n, sizeof *x);
  for (size_t i = 0; i < n; ++i) {
    seed = seed * 1664525u + 1013904223u;
    x[i] = (rs_scalar)((double)seed * 0x1p-31 - 1);
  }
  return x;
}

static void compare(size_t m, size_t n, size_t k) {
  rs_scalar *a = fill(m * (k + 1), 1), *b = fill(k * (n + 3), 2), *c = fill(m * (n + 2), 3);
  rs_scalar *expected = fill(m * (n + 2), 3);
  for (size_t r = 0; r < m; ++r) {
    for (size_t j = 0; j < n; ++j) {
      rs_scalar *sum = expected + r * (n + 2) + j;
      for (size_t i = 0; i < k; ++i) {
        const rs_scalar product = a[r * (k + 1) + i] * b[i * (n + 3) + j];
        *sum = *sum + product;
      }
    }
  }
  rs_gemm_exact(m, n, k, a, k + 1, b, n + 3, c, n + 2);
  assert_memory_equal(c, expected, m * (n + 2) * sizeof *c);
  free(a);
  free(b);
  free(c);
  free(expected);
}

/* Columns of every remainder of the tiles. */
static void products_are_added_one_by_one_to_the_bit(void **state) {
  for (size_t n = 0; n < 150; ++n) {
    compare(1 + n % 3, n, 40 + n % 7);
  }
  compare(2, 238, 238);
  compare(2, 5, 0);
}

/* As the product of a row in which all other elements are zero. */
static void listed_rows_are_added_in_their_order_to_the_bit(void **state) {
  enum { ROWS = 90, LISTED = 30 };
  for (size_t n = 0; n < 150; ++n) {
    rs_scalar *a = fill(ROWS, 1), *b = fill(ROWS * (n + 3), 2), *c = fill(n, 3);
    rs_scalar *expected = fill(n, 3), only[ROWS] = {0};
    uint32_t list[LISTED];
    for (uint32_t i = 0; i < LISTED; ++i) {
      list[i] = 3 * i + i % 2;
      only[list[i]] = a[list[i]];
    }
    rs_gemm_exact(1, n, ROWS, only, ROWS, b, n + 3, expected, n);
    rs_gather_exact(LISTED, list, n, a, b, n + 3, c);
    assert_memory_equal(c, expected, n * sizeof *c);
    free(a);
    free(b);
    free(c);
    free(expected);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_added_one_by_one_to_the_bit),
      cmocka_unit_test(listed_rows_are_added_in_their_order_to_the_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
