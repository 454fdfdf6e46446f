/* SPDX-License-Identifier: ISC */

#include "files/json.h"

#include "base/printable.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *rs_json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

/* Digits that give a number back, as few as there can be. */
static int digits_of(double value) {
  char text[40];
  for (int digits = 1; digits < 17; ++digits) {
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (strtod(text, NULL) == value) {
      return digits;
    }
  }
  return 17;
}

/* What is longer than any number that jansson writes is left as it is. */
static void put_real(GString *out, const char *number, size_t length) {
  char text[40];
  if (length >= sizeof text) {
    g_string_append_len(out, number, (gssize)length);
    return;
  }
  const double value = strtod(number, NULL);
  const int digits = digits_of(value);
  snprintf(text, sizeof text, "%.*e", digits - 1, value);
  const size_t mantissa = strcspn(text, "e");
  const int exponent = (int)strtol(text + mantissa + 1, NULL, 10), decimals = digits - 1 - exponent;
  if (exponent < -5 || exponent > 15) {
    g_string_append_printf(out, "%.*se%d", (int)mantissa, text, exponent);
  } else {
    g_string_append_printf(out, "%.*f", decimals > 1 ? decimals : 1, value); /* a real stays one */
  }
}

/* Length of the string or number that a text begins with, else of one character. */
static size_t token_length(const char *text) {
  size_t length = 1;
  if (*text == '"') {
    while (text[length] != '"') {
      length += text[length] == '\\' ? 2 : 1;
    }
    return length + 1;
  }
  length = strspn(text, "+-.0123456789eE");
  return length ? length : 1;
}

/* Append text with what a terminal would execute as an escape of JSON; the escapes that are there
   already consist of printable characters. */
static void put_escaped(GString *out, const char *text, size_t length) {
  const char *const end = text + length;
  char form[RS_PRINTABLE_SIZE];
  while (text < end) {
    text = rs_printable_next(text, form);
    if (form[0] == '\\' && form[1] == 'x') {
      g_string_append_printf(out, "\\u00%s", form + 2);
    } else {
      g_string_append(out, form);
    }
  }
}

char *rs_json_dump(const json_t *json, size_t flags) {
  char *text = json_dumps(json, flags);
  if (!text) {
    return NULL;
  }
  GString *out = g_string_sized_new(strlen(text));
  for (size_t at = 0, length = 0; text[at]; at += length) {
    length = token_length(text + at);
    if (strchr("-0123456789", text[at]) && strcspn(text + at, ".eE") < length) {
      put_real(out, text + at, length);
    } else {
      put_escaped(out, text + at, length);
    }
  }
  free(text);
  return g_string_free(out, FALSE);
}

json_t *rs_json_text(const char *text) {
  char *valid = g_utf8_make_valid(text, -1);
  json_t *json = json_string(valid);
  g_free(valid);
  return json;
}
