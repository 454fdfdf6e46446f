/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "view/axis.h"

#include <string.h>

/* The labels of an axis, separated by spaces. */
static void assert_ticks(double low, double high, bool logarithmic, const char *expected) {
  const double values[] = {high, NAN, low, INFINITY};
  char text[400] = "", label[24];
  const RsAxis axis = rs_axis(values, 4, logarithmic);
  for (size_t i = 0; i < axis.count; ++i) {
    rs_axis_label(&axis, axis.ticks[i], label, sizeof label);
    sprintf(text + strlen(text), "%s%s", i ? " " : "", label);
  }
  assert_string_equal(text, expected);
  assert_in_range(lrint(1000 * rs_axis_place(&axis, low)), 0, 1000);
  assert_in_range(lrint(1000 * rs_axis_place(&axis, high)), 0, 1000);
  assert_true(low == high || rs_axis_place(&axis, low) < rs_axis_place(&axis, high));
}

static void ticks_are_round_numbers(void **state) {
  assert_ticks(0, 1, false, "0 0.2 0.4 0.6 0.8 1");
  assert_ticks(1, 60, false, "0 20 40 60");
  assert_ticks(-18.3, -6.4, false, "−20 −15 −10 −5");
  assert_ticks(-1, 2, false, "−1 0 1 2");
  assert_ticks(0.00123, 0.00127, false, "0.00123 0.00124 0.00125 0.00126 0.00127");
}

static void equal_values_have_an_axis_around_them(void **state) {
  assert_ticks(7, 7, false, "6 6.5 7 7.5 8");
  assert_ticks(0, 0, false, "−1 −0.5 0 0.5 1");
  assert_ticks(-7, -7, false, "−8 −7.5 −7 −6.5 −6");
}

static void a_logarithmic_axis_too_short_for_two_ticks_is_linear(void **state) {
  assert_ticks(0.003, 0.003, true, "0.0026 0.0028 0.003 0.0032 0.0034");
  assert_ticks(3, 3.1, true, "3 3.02 3.04 3.06 3.08 3.1");
}

static void a_logarithmic_axis_has_its_own_ticks(void **state) {
  assert_ticks(0.0001, 0.001, true, "0.0001 0.0002 0.0005 0.001");
  assert_ticks(1e-9, 1, true, "1e-08 1e-06 0.0001 0.01 1");
  assert_ticks(1e-200, 1e200, true, "1e-164 1e-123 1e-82 1e-41 1 1e+41 1e+82 1e+123 1e+164");
  assert_ticks(0, 2, true, "0 0.5 1 1.5 2"); /* zero has no logarithm */
}

static void places_go_from_0_to_1(void **state) {
  const double values[] = {0, 10};
  const RsAxis linear = rs_axis(values, 2, false);
  assert_close(rs_axis_place(&linear, 2.5), 0.25, 1e-12);
  const double wide[] = {1.1, 110 / 1.21};
  const RsAxis logarithmic = rs_axis(wide, 2, true); /* from 1 to 100 */
  assert_close(rs_axis_place(&logarithmic, 10), 0.5, 1e-12);
  assert_true(isnan(rs_axis_place(&logarithmic, 0)));
  assert_true(isnan(rs_axis_place(&linear, NAN)));
}

static void numbers_at_the_ends_of_what_a_double_holds_have_an_axis(void **state) {
  assert_ticks(0, 1e300, false, "0 2e+299 4e+299 6e+299 8e+299 1e+300");
  assert_ticks(-1e300, 1e300, false, "−1e+300 −5e+299 0 5e+299 1e+300");
  assert_ticks(5e-324, 5e-324, false, "−1 −0.5 0 0.5 1");
  const double values[] = {8.5, 1.79e308, 9.5};
  const RsAxis axis = rs_axis(values, 3, false);
  assert_int_equal(axis.count, 7);
  assert_close(axis.low, 8.4, 1e-9); /* what is too large is drawn as little as infinity */
  assert_true(isnan(rs_axis_place(&axis, 1.79e308)));
}

static void no_values_have_an_axis(void **state) {
  const RsAxis axis = rs_axis(NULL, 0, true);
  assert_close(axis.low, 0, 0);
  assert_close(axis.high, 1, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ticks_are_round_numbers),
      cmocka_unit_test(equal_values_have_an_axis_around_them),
      cmocka_unit_test(a_logarithmic_axis_has_its_own_ticks),
      cmocka_unit_test(a_logarithmic_axis_too_short_for_two_ticks_is_linear),
      cmocka_unit_test(places_go_from_0_to_1),
      cmocka_unit_test(numbers_at_the_ends_of_what_a_double_holds_have_an_axis),
      cmocka_unit_test(no_values_have_an_axis),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
