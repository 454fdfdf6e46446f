/* SPDX-License-Identifier: ISC */

#include "kit.h"

#include <rollsmith/progress.h>

#include <string.h>

static void assert_line(RsProgress progress, const char *expected) {
  char text[RS_PROGRESS_SIZE];
  const size_t n = rs_progress_format(&progress, text, sizeof text);
  assert_string_equal(text, expected);
  assert_int_equal(n, strlen(expected));
}

static void a_line_tells_how_it_goes(void **state) {
  assert_line((RsProgress){12, 200, 7.412, -6.8, NAN, true, 181960, 34, 72},
              "epoch 12/200  cost 7.41  valid -6.80*  182,000 frames/s  1:12 left");
  assert_line((RsProgress){12, 200, 7.412, -6.8, NAN, false, 181960, 34, 72},
              "epoch 12/200  cost 7.41  valid -6.80  182,000 frames/s  1:12 left");
  assert_line((RsProgress){12, 200, 7.412, -6.8, 0.876, true, 181960, 34, 72},
              "epoch 12/200  cost 7.41  valid -6.80  free run 88 %*  182,000 frames/s  1:12 left");
}

static void what_is_not_known_is_left_out(void **state) {
  assert_line((RsProgress){1, 0, NAN, NAN, NAN, false, NAN, NAN, NAN}, "epoch 1");
  assert_line((RsProgress){1, 0, 0.5, NAN, NAN, true, 0, 61, NAN}, "epoch 1  cost 0.50  1:01");
}

static void numbers_beyond_reason_stay_readable(void **state) {
  assert_line((RsProgress){1, 2, INFINITY, -INFINITY, NAN, false, 0.25, 0, 1e300},
              "epoch 1/2  cost infinite  valid -infinite  0 frames/s  36525.0 days left");
  assert_line((RsProgress){1, 2, 123456, -1e9, NAN, false, 12, 0, 0},
              "epoch 1/2  cost 1.235e+05  valid -1e+09  12 frames/s  0:00 left");
}

static void a_line_is_cut_to_its_room(void **state) {
  const RsProgress progress = {12, 200, 7.412, -6.8, NAN, true, 181960, 34, 72};
  for (size_t size = 1; size < RS_PROGRESS_SIZE; ++size) {
    char text[RS_PROGRESS_SIZE + 1];
    memset(text, 'x', sizeof text);
    const size_t n = rs_progress_format(&progress, text, size);
    assert_int_equal(n, strlen(text));
    assert_true(n < size);
    assert_int_equal(text[size], 'x');
  }
}

static void times_are_told_as_people_do(void **state) {
  const struct {
    double seconds;
    const char *text;
  } cases[] = {{-5, "0:00"},    {0.4, "0:00"},     {7, "0:07"},          {59.6, "1:00"},
               {3599, "59:59"}, {3725, "1:02:05"}, {172799, "47:59:59"}, {172800, "2.0 days"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[16];
    rs_duration_format(cases[i].seconds, text, sizeof text);
    assert_string_equal(text, cases[i].text);
  }
}

static void counts_have_commas(void **state) {
  const struct {
    double number;
    const char *text;
  } cases[] = {
      {0, "0"},   {999, "999"}, {1000, "1,000"}, {-1234567, "-1,234,567"}, {999999.6, "1,000,000"},
      {-0.2, "0"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char text[32];
    rs_count_format(cases[i].number, text, sizeof text);
    assert_string_equal(text, cases[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_tells_how_it_goes),
      cmocka_unit_test(what_is_not_known_is_left_out),
      cmocka_unit_test(numbers_beyond_reason_stay_readable),
      cmocka_unit_test(a_line_is_cut_to_its_room),
      cmocka_unit_test(times_are_told_as_people_do),
      cmocka_unit_test(counts_have_commas),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
