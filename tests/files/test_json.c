/* SPDX-License-Identifier: ISC */

#include "files/json.h"

#include "kit.h"

#include <glib.h>

static void assert_dumps(json_t *json, const char *wanted) {
  char *text = rs_json_dump(json, JSON_COMPACT | JSON_ENCODE_ANY);
  assert_string_equal(text, wanted);
  g_free(text);
  json_decref(json);
}

static void reals_have_as_few_digits_as_give_them_back(void **state) {
  assert_dumps(json_real(0.1), "0.1");
  assert_dumps(json_real(1.0 / 3), "0.3333333333333333");
  assert_dumps(json_real(0.1 + 0.2), "0.30000000000000004");
  assert_dumps(json_real(-5e-324), "-5e-324");
  assert_dumps(json_real(1.7976931348623157e308), "1.7976931348623157e308");
  assert_dumps(json_real(1e22), "1e22");
}

static void reals_stay_reals(void **state) {
  assert_dumps(json_real(1), "1.0");
  assert_dumps(json_real(-0.0), "-0.0");
  assert_dumps(json_integer(100), "100");
}

static void strings_are_left_alone(void **state) {
  assert_dumps(json_pack("{s:[f, s, i]}", "0.10000000000000001", 0.5, "\"0.50 \\", 7),
               "{\"0.10000000000000001\":[0.5,\"\\\"0.50 \\\\\",7]}");
}

static void what_a_terminal_would_execute_is_escaped(void **state) {
  assert_dumps(json_string("a\033\302\233b\177\342\200\256c\303\244\\"),
               "\"a\\u001B\\u009bb\\u007f\\u202ec\303\244\\\\\"");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reals_have_as_few_digits_as_give_them_back),
      cmocka_unit_test(reals_stay_reals),
      cmocka_unit_test(strings_are_left_alone),
      cmocka_unit_test(what_a_terminal_would_execute_is_escaped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
