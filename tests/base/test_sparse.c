#include "kit.h"

#include "base/memory.h"
#include "base/sparse.h"

#include <string.h>

enum { ROWS = 37, COLUMNS = 21, LD = 23 }; /* no multiples of a vector's length */

/* Whole numbers, so that sums are exact in any order. */
static void fill(size_t n, rs_scalar *x) {
  for (size_t i = 0; i < n; ++i) {
    x[i] = (rs_scalar)((int)(i * 7 % 13) - 6);
  }
}

/* A vector with values at 0, 5, 16 and at its end. */
static void fill_sparse(rs_scalar *v) {
  memset(v, 0, ROWS * sizeof *v);
  v[0] = 1;
  v[5] = -2;
  v[16] = 3;
  v[ROWS - 1] = (rs_scalar)0.5;
}

static void the_scalars_that_are_not_zero_are_listed_in_order(void **state) {
  rs_scalar v[ROWS];
  uint32_t list[ROWS];
  fill_sparse(v);
  assert_int_equal(rs_list_nonzero(ROWS, v, list), 4);
  assert_true(list[0] == 0 && list[1] == 5 && list[2] == 16 && list[3] == ROWS - 1);
  assert_true(rs_is_sparse(ROWS, v));
  rs_scalar wide[64 + ROWS] = {0};
  uint64_t bits[2];
  memcpy(wide + 64, v, sizeof v);
  wide[63] = 1;
  rs_bits_of(64 + ROWS, wide, bits);
  assert_true(bits[0] == (uint64_t)1 << 63);
  assert_true(bits[1] == (1 | 1 << 5 | 1 << 16 | (uint64_t)1 << (ROWS - 1)));
  fill(ROWS, v);
  assert_false(rs_is_sparse(ROWS, v));
}

static void rows_are_gathered_and_scattered_as_products_do(void **state) {
  rs_scalar v[ROWS], a[ROWS * LD], b[ROWS * LD], s[COLUMNS], sum[COLUMNS];
  uint32_t list[ROWS];
  fill_sparse(v);
  fill(ROWS * LD, a);
  fill(COLUMNS, s);
  memcpy(b, a, sizeof b);
  memset(sum, 0, sizeof sum);
  const size_t count = rs_list_nonzero(ROWS, v, list);
  rs_gather_rows(count, list, v, COLUMNS, a, LD, sum);
  rs_scatter_rows(count, list, v, 2, COLUMNS, s, b, LD);
  for (size_t j = 0; j < LD; ++j) {
    rs_scalar expected = 0;
    for (size_t i = 0; i < ROWS; ++i) {
      expected += v[i] * a[i * LD + j];
      assert_true(b[i * LD + j] == a[i * LD + j] + (j < COLUMNS ? 2 * v[i] * s[j] : 0));
    }
    assert_true(j >= COLUMNS || sum[j] == expected);
  }
}

static void a_matrix_is_transposed_or_added_so(void **state) {
  rs_scalar a[ROWS * LD], b[COLUMNS * (ROWS + 1)], c[COLUMNS * (ROWS + 1)];
  fill(ROWS * LD, a);
  fill(COLUMNS * (ROWS + 1), b);
  memcpy(c, b, sizeof c);
  rs_transpose(ROWS, COLUMNS, a, LD, 0, b, ROWS + 1);
  rs_transpose(ROWS, COLUMNS, a, LD, 1, c, ROWS + 1);
  rs_scalar before[COLUMNS * (ROWS + 1)];
  fill(COLUMNS * (ROWS + 1), before);
  for (size_t j = 0; j < COLUMNS; ++j) {
    for (size_t i = 0; i < ROWS; ++i) {
      const size_t at = j * (ROWS + 1) + i;
      assert_true(b[at] == a[i * LD + j] && c[at] == before[at] + a[i * LD + j]);
    }
    assert_true(b[j * (ROWS + 1) + ROWS] == before[j * (ROWS + 1) + ROWS]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_scalars_that_are_not_zero_are_listed_in_order),
      cmocka_unit_test(rows_are_gathered_and_scattered_as_products_do),
      cmocka_unit_test(a_matrix_is_transposed_or_added_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
