/* SPDX-License-Identifier: ISC */

#ifndef RS_TESTS_PICTURES_H
#define RS_TESTS_PICTURES_H

/**
   @file pictures.h What is in the files of pictures.
*/

#include "kit.h"

#include <glib.h>

/* A whole file; *size is its length. */
static inline char *read_whole(const char *path, size_t *size) {
  char *text = NULL;
  assert_true(g_file_get_contents(path, &text, size, NULL));
  return text;
}

static inline size_t count_in(const char *path, const char *word) {
  size_t size = 0, n = 0;
  char *text = read_whole(path, &size);
  for (const char *at = text; (at = strstr(at, word)); ++at) {
    ++n;
  }
  g_free(text);
  return n;
}

static inline void assert_same_file(const char *one, const char *two) {
  size_t m = 0, n = 0;
  char *a = read_whole(one, &m), *b = read_whole(two, &n);
  assert_int_equal(m, n);
  assert_memory_equal(a, b, m);
  g_free(a);
  g_free(b);
  unlink(one);
  unlink(two);
}

#endif /* RS_TESTS_PICTURES_H */
