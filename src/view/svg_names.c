/* SPDX-License-Identifier: ISC */

#include "view/svg_names.h"

#include <glib.h>

#include <string.h>

/* Length of the word that a name at a place of a text begins with, 0 if there is no such name. */
static size_t word_length(const char *at) {
  static const char *const words[] = {"image", "surface"};
  for (size_t i = 0; i < G_N_ELEMENTS(words); ++i) {
    if (g_str_has_prefix(at, words[i]) && g_ascii_isdigit(at[strlen(words[i])])) {
      return strlen(words[i]);
    }
  }
  return 0;
}

/* The number of a name in the order of first appearance. */
static guint number_of(GHashTable *numbers, const char *name, size_t length) {
  char *key = g_strndup(name, length);
  gpointer number = NULL;
  if (g_hash_table_lookup_extended(numbers, key, NULL, &number)) {
    g_free(key);
    return GPOINTER_TO_UINT(number);
  }
  const guint next = g_hash_table_size(numbers);
  /* NOLINTNEXTLINE(performance-no-int-to-ptr): GLib's way to keep a number in a table */
  g_hash_table_insert(numbers, key, GUINT_TO_POINTER(next));
  return next;
}

char *rs_svg_number_names(const char *svg, size_t size) {
  GString *in = g_string_new_len(svg, (gssize)size);
  GString *out = g_string_sized_new(size + 1);
  GHashTable *numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < in->len;) {
    /* A name stands behind a quote, or behind the hash of a reference. */
    const gboolean may_be = i > 0 && (in->str[i - 1] == '"' || in->str[i - 1] == '#');
    const size_t word = may_be ? word_length(in->str + i) : 0;
    if (word) {
      const size_t length = word + strspn(in->str + i + word, "0123456789");
      g_string_append_len(out, in->str + i, (gssize)word);
      g_string_append_printf(out, "%u", number_of(numbers, in->str + i, length));
      i += length;
    } else {
      g_string_append_c(out, in->str[i++]);
    }
  }
  g_hash_table_destroy(numbers);
  g_string_free(in, TRUE);
  return g_string_free(out, FALSE);
}
