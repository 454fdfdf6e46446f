/* SPDX-License-Identifier: ISC */

#include "allocations.h"
#include "kit.h"

#include "base/string_buffer.h"

#include <string.h>

static void what_is_added_stands_behind_the_rest(void **state) {
  RsStringBuffer text = {.data = NULL};
  char *out = NULL;
  size_t size = 1;
  assert_ok(rs_string_buffer_take(&text, &out, &size));
  assert_string_equal(out, "");
  assert_int_equal(size, 0);
  free(out);
  rs_string_buffer_append(&text, "%d-%s", 12, "ab");
  rs_string_buffer_append(&text, ".");
  assert_ok(rs_string_buffer_take(&text, &out, &size));
  assert_string_equal(out, "12-ab.");
  assert_int_equal(size, 6);
  free(out);
  assert_null(text.data); /* it is empty again */
}

static void a_text_that_lacked_memory_once_is_none(void **state) {
  for (size_t n = 1, failed = 1; failed; ++n) {
    RsStringBuffer text = {.data = NULL};
    char *out = NULL;
    size_t size = 0, before = living;
    allocations = 0;
    failing = n;
    for (int i = 0; i < 1000; ++i) {
      rs_string_buffer_append(&text, "%d\n", i);
    }
    const RsStatus status = rs_string_buffer_take(&text, &out, &size);
    failed = allocations >= n;
    failing = 0;
    assert_int_equal(status, failed ? RS_ERR_MEMORY : RS_OK);
    assert_int_equal(size, failed ? 0 : 3890);
    assert_int_equal(!out, failed);
    free(out);
    assert_int_equal(living, before);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_added_stands_behind_the_rest),
      cmocka_unit_test(a_text_that_lacked_memory_once_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
