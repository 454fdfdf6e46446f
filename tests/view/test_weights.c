/* SPDX-License-Identifier: ISC */

#include "folder.h"
#include "kit.h"
#include "pictures.h"

#include <rollsmith/draw.h>

/* Without notes. */
static RsMatrix plain(const char *name, const float *data, size_t rows, size_t columns) {
  return (RsMatrix){.name = name, .data = data, .rows = rows, .columns = columns};
}

static void matrices_are_drawn_and_named_the_same_each_time(void **state) {
  const float data[] = {1, -1, 0, NAN, INFINITY, 0.5f};
  const RsMatrix matrices[] = {plain("W", data, 2, 3), plain("b", data, 1, 6),
                               plain("one", data, 1, 1), plain("tall", data, 6, 1)};
  for (size_t count = 1; count <= 4; ++count) {
    assert_ok(rs_draw_matrices(matrices, count, "model", "a.svg", NULL));
    assert_ok(rs_draw_matrices(matrices, count, "model", "b.svg", NULL));
    assert_int_equal(count_in("a.svg", "<image "), count + 1); /* and the scale */
    assert_same_file("a.svg", "b.svg");
  }
}

/* How often a text stands on the picture of a matrix. */
static size_t count_texts(RsMatrix matrix, const char *text) {
  char element[80];
  snprintf(element, sizeof element, ">%s<", text);
  assert_ok(rs_draw_matrices(&matrix, 1, "model", "a.svg", NULL));
  const size_t count = count_in("a.svg", element);
  unlink("a.svg");
  return count;
}

static void rows_and_columns_that_are_notes_have_their_names(void **state) {
  float data[76] = {1};
  RsMatrix columns = plain("W", data, 2, 38), rows = plain("W", data, 38, 2);
  columns.low = rows.low = 47;
  columns.notes = rows.notes = 18;
  columns.note_columns = rows.note_rows = 36;
  assert_int_equal(count_texts(columns, "B2 47"), 2); /* where they begin, and begin again */
  assert_int_equal(count_texts(columns, "C3 48"), 0); /* no room beside B2 */
  assert_int_equal(count_texts(columns, "C4 60"), 2);
  assert_int_equal(count_texts(rows, "B2 47"), 2);
  assert_int_equal(count_texts(rows, "C3 48"), 2);
  assert_int_equal(count_texts(rows, "C4 60"), 2);
  rows.note_rows = 0;
  assert_int_equal(count_texts(rows, "C3 48"), 0);
}

static void a_matrix_of_far_more_rows_than_columns_is_turned(void **state) {
  const float data[63] = {1, -1, 0};
  assert_int_equal(count_texts(plain("W", data, 63, 1), "63 x 1 (turned), ±1"), 1);
  assert_int_equal(count_texts(plain("W", data, 1, 63), "1 x 63, ±1"), 1);
  assert_int_equal(count_texts(plain("W", data, 20, 1), "20 x 1, ±1"), 1);
}

static void no_matrix_is_refused(void **state) {
  RsError error = {RS_OK, ""};
  const RsMatrix empty = plain("W", NULL, 0, 3);
  assert_int_equal(rs_draw_matrices(NULL, 0, "model", "a.png", &error), RS_ERR_EMPTY);
  assert_string_equal(error.message, "cannot draw a.png: there is no matrix");
  assert_int_equal(rs_draw_matrices(&empty, 1, "model", "a.png", &error), RS_ERR_EMPTY);
  assert_string_equal(error.message, "cannot draw a.png: W has no weights");
  assert_int_equal(files_here(), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      in_folder(matrices_are_drawn_and_named_the_same_each_time),
      in_folder(rows_and_columns_that_are_notes_have_their_names),
      in_folder(a_matrix_of_far_more_rows_than_columns_is_turned),
      in_folder(no_matrix_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
