/* SPDX-License-Identifier: ISC */

#include "settings/ini.h"

#include "kit.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Each entry as "origin section.name=value;"
static RsStatus put_down(void *context, const RsIniEntry *entry, RsError *error) {
  if (entry->name) {
    g_string_append_printf(context, "%s %s.%s=%s;", entry->origin, entry->section, entry->name,
                           entry->value);
  } else {
    g_string_append_printf(context, "%s [%s];", entry->origin, entry->section);
  }
  return RS_OK;
}

static void assert_reads(const char *text, const char *wanted) {
  GString *seen = g_string_new(NULL);
  assert_int_equal(rs_ini_read(text, "x", put_down, seen, NULL), RS_OK);
  assert_string_equal(seen->str, wanted);
  g_string_free(seen, TRUE);
}

static void assert_refuses(const char *text, const char *wanted) {
  GString *seen = g_string_new(NULL);
  RsError error = {RS_OK, ""};
  assert_int_equal(rs_ini_read(text, "x", put_down, seen, &error), RS_ERR_SETTING);
  assert_string_equal(error.message, wanted);
  g_string_free(seen, TRUE);
}

static void entries_come_in_turn_with_their_lines(void **state) {
  assert_reads("", "");
  assert_reads("k = v", "x:1 .k=v;");
  assert_reads("\357\273\277[a]\n\n# c\n;c\nk=v\n [ b ] \r\n\tk =  v w \r\n",
               "x:1 [a];x:5 a.k=v;x:6 [b];x:7 b.k=v w;");
}

static void a_value_is_what_stands_there(void **state) {
  assert_reads("[a]\nk = \"v\\n\" # c = d\n", "x:1 [a];x:2 a.k=\"v\\n\" # c = d;");
  assert_reads("[a]\nk =\n", "x:1 [a];x:2 a.k=;");
}

static void a_section_may_be_gone_back_to(void **state) {
  assert_reads("[a]\nk=1\n[b]\nk=2\n[a]\nl=3\n",
               "x:1 [a];x:2 a.k=1;x:3 [b];x:4 b.k=2;x:5 [a];x:6 a.l=3;");
}

static void a_doubled_key_is_refused_with_both_lines(void **state) {
  assert_refuses("[a]\nk=1\n[b]\n[a]\nk=1\n", "x:5: a.k: already set in line 2");
  assert_refuses("k=1\nk=2\n", "x:2: k: already set in line 1");
}

static void a_line_that_is_none_is_refused(void **state) {
  assert_refuses("[a]\nk\n", "x:2: k: must be [section], key = value or # comment");
  assert_refuses("[a\n", "x:1: [a: must be [section], key = value or # comment");
  assert_refuses("\n=v\n", "x:2: =v: must be [section], key = value or # comment");
}

static void assert_sets(const char *text, const char *value, const char *wanted) {
  char *changed = rs_ini_set(text, "a", "k", value);
  assert_string_equal(changed, wanted);
  g_free(changed);
}

static void a_key_is_set_where_it_stood_and_all_else_stays(void **state) {
  assert_sets("# c\n[a]\n k=1 \nl=2\n[b]\nk=3\n", "9", "# c\n[a]\nk = 9\nl=2\n[b]\nk=3\n");
  assert_sets("\357\273\277[a]\nk=1", "9", "\357\273\277[a]\nk = 9\n");
}

static void a_new_key_stands_at_the_end_of_its_section(void **state) {
  assert_sets("", "9", "[a]\nk = 9\n");
  assert_sets("[b]\nk=3\n", "9", "[b]\nk=3\n\n[a]\nk = 9\n");
  assert_sets("[a]\nl=2\n\n[b]\nk=3\n", "9", "[a]\nl=2\nk = 9\n\n[b]\nk=3\n");
  assert_sets("[a]\n[b]\n[a]\nl=2\n# c\n", "9", "[a]\n[b]\n[a]\nl=2\nk = 9\n# c\n");
}

static void a_key_is_taken_away(void **state) {
  assert_sets("[a]\nl=2\nk=1\n[b]\nk=3\n", NULL, "[a]\nl=2\n[b]\nk=3\n");
  assert_sets("[b]\nk=3\n", NULL, "[b]\nk=3\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(entries_come_in_turn_with_their_lines),
      cmocka_unit_test(a_value_is_what_stands_there),
      cmocka_unit_test(a_section_may_be_gone_back_to),
      cmocka_unit_test(a_doubled_key_is_refused_with_both_lines),
      cmocka_unit_test(a_line_that_is_none_is_refused),
      cmocka_unit_test(a_key_is_set_where_it_stood_and_all_else_stays),
      cmocka_unit_test(a_new_key_stands_at_the_end_of_its_section),
      cmocka_unit_test(a_key_is_taken_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
