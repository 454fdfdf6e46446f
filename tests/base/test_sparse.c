/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/memory.h"
#include "base/sparse.h"

#include <string.h>

enum { ROWS = 37, COLUMNS = 21, LD = 150, MANY = 40 }; /* no multiples of a vector's length */

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
  assert_true(rs_few_nonzeros(4, 20) && rs_few_nonzeros(0, 0) && !rs_few_nonzeros(4, 19));
  rs_scalar wide[64 + ROWS] = {0};
  uint64_t bits[2];
  memcpy(wide + 64, v, sizeof v);
  wide[63] = 1;
  rs_nonzero_bits(64 + ROWS, wide, bits);
  assert_true(bits[0] == (uint64_t)1 << 63);
  assert_true(bits[1] == (1 | 1 << 5 | 1 << 16 | (uint64_t)1 << (ROWS - 1)));
  fill(ROWS, v);
  assert_false(rs_is_sparse(ROWS, v));
}

static void the_rows_of_a_matrix_are_listed_one_after_the_other(void **state) {
  const rs_scalar a[3 * 4] = {0, 2, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0};
  size_t first[3 + 1];
  uint32_t list[3 * 4];
  RsNonzeros found = {first, list};
  rs_find_nonzeros(3, 4, a, &found);
  assert_true(first[0] == 0 && first[1] == 2 && first[2] == 2 && first[3] == 3);
  assert_true(list[0] == 1 && list[1] == 3 && list[2] == 0);
  assert_int_equal(rs_nonzeros_count(&found, 2), 1);
  assert_ptr_equal(rs_nonzeros_list(&found, 2), list + 2);
}

/* Whether rows so long, some of them listed, are gathered and scattered as products do. */
static void compare_rows(size_t n) {
  rs_scalar v[ROWS], a[ROWS * LD], b[ROWS * LD], s[LD], sum[LD];
  uint32_t list[ROWS];
  fill_sparse(v);
  fill(ROWS * LD, a);
  fill(LD, s);
  fill(LD, sum);
  memcpy(b, a, sizeof b);
  const size_t count = rs_list_nonzero(ROWS, v, list);
  rs_gather_rows(count, list, v, n, a, LD, sum);
  rs_scatter_rows(count, list, v, 2, n, s, b, LD);
  for (size_t j = 0; j < LD; ++j) {
    rs_scalar expected = s[j];
    for (size_t i = 0; i < ROWS; ++i) {
      expected += j < n ? v[i] * a[i * LD + j] : 0;
      assert_true(b[i * LD + j] == a[i * LD + j] + (j < n ? 2 * v[i] * s[j] : 0));
    }
    assert_true(sum[j] == expected);
  }
}

static void rows_are_gathered_and_scattered_as_products_do(void **state) {
  for (size_t n = 0; n <= LD; ++n) {
    compare_rows(n);
  }
}

/* They are on in every eighth row, the others in each. */
static void leading_columns_that_are_mostly_zero_are_found(void **state) {
  for (size_t columns = 1; columns <= MANY; ++columns) {
    for (size_t sparse = 0; sparse <= columns; ++sparse) {
      rs_scalar a[ROWS * (MANY + 1)] = {0};
      for (size_t i = 0; i < ROWS * (MANY + 1); ++i) {
        a[i] = i % (MANY + 1) >= sparse || i / (MANY + 1) % 8 == 0;
      }
      assert_int_equal(rs_sparse_columns(ROWS, columns, a, MANY + 1), sparse);
      assert_int_equal(rs_sparse_columns(0, columns, a, MANY + 1), 0);
    }
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
      cmocka_unit_test(the_rows_of_a_matrix_are_listed_one_after_the_other),
      cmocka_unit_test(rows_are_gathered_and_scattered_as_products_do),
      cmocka_unit_test(leading_columns_that_are_mostly_zero_are_found),
      cmocka_unit_test(a_matrix_is_transposed_or_added_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
