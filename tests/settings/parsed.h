/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_PARSED_H
#define RS_TESTS_PARSED_H

/**
   @file parsed.h Settings as they are parsed and compared.
*/

#include "kit.h"

#include <rollsmith/settings.h>

#include "base/suggestion.h"

#include <string.h>
#include <unistd.h>

static inline RsSettings defaults(void) {
  RsSettings settings;
  rs_settings_init(&settings);
  return settings;
}

/// Parse text that must be refused, and compare the message
static inline void assert_refused(const char *text, const char *message) {
  RsSettings settings = defaults();
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_settings_parse(&settings, text, "x.ini", &error), RS_ERR_SETTING);
  assert_int_equal(error.status, RS_ERR_SETTING);
  assert_string_equal(error.message, message);
}

static inline void assert_parses(RsSettings *settings, const char *text) {
  RsError error = {RS_OK, ""};
  rs_settings_parse(settings, text, "x.ini", &error);
  assert_string_equal(error.message, "");
}

static inline void assert_same(const RsSettings *a, const RsSettings *b) {
  char *text_a = NULL, *text_b = NULL;
  assert_ok(rs_settings_to_ini(a, &text_a));
  assert_ok(rs_settings_to_ini(b, &text_b));
  assert_string_equal(text_a, text_b);
  free(text_a);
  free(text_b);
}

#endif /* RS_TESTS_PARSED_H */
