/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include "base/printable.h"

#include <string.h>

static void assert_form(const char *text, const char *expected) {
  char form[200];
  assert_int_equal(rs_printable(text, form, sizeof form), strlen(expected));
  assert_string_equal(form, expected);
}

static void plain_text_stays_as_it_is(void **state) {
  assert_form("", "");
  assert_form("a\\b \"c\" ~", "a\\b \"c\" ~");
  assert_form("Fünf Übungen für 笛子 🎹", "Fünf Übungen für 笛子 🎹");
}

static void control_sequences_are_spelled_out(void **state) {
  assert_form("\033]0;title\007", "\\x1b]0;title\\x07");
  assert_form("a\r\n\tb\177", "a\\x0d\\x0a\\x09b\\x7f");
  assert_form("\302\233"
              "31m",
              "\\u009b31m"); /* a control sequence of one character */
  assert_form("a\342\200\256"
              "b\342\201\246"
              "c",
              "a\\u202eb\\u2066c");
}

static void bytes_that_are_no_utf_8_are_spelled_out(void **state) {
  assert_form("\200a\377", "\\x80a\\xff");
  assert_form("\303", "\\xc3");
  assert_form("\342\202", "\\xe2\\x82");
  assert_form("\300\257", "\\xc0\\xaf");                   /* longer than need be */
  assert_form("\355\240\200", "\\xed\\xa0\\x80");          /* a surrogate */
  assert_form("\364\220\200\200", "\\xf4\\x90\\x80\\x80"); /* above the last character */
}

static void a_text_without_room_is_cut_at_a_whole_character(void **state) {
  char out[6];
  assert_int_equal(rs_printable("abüüc", out, sizeof out), 4);
  assert_string_equal(out, "abü");
  assert_int_equal(rs_printable("ab\033", out, sizeof out), 2);
  assert_string_equal(out, "ab");
  assert_int_equal(rs_printable("abc", out, 1), 0);
  assert_string_equal(out, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_text_stays_as_it_is),
      cmocka_unit_test(control_sequences_are_spelled_out),
      cmocka_unit_test(bytes_that_are_no_utf_8_are_spelled_out),
      cmocka_unit_test(a_text_without_room_is_cut_at_a_whole_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
