/* SPDX-License-Identifier: ISC */

#include "settings/real_text.h"

#include "settings/keys.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* The numbers of the locale "C" in this thread. @return What to give to leave_c(). */
static locale_t enter_c(locale_t *c) {
  *c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  return *c ? uselocale(*c) : (locale_t)0;
}

static void leave_c(locale_t c, locale_t before) {
  if (c) {
    uselocale(before);
    freelocale(c);
  }
}

double rs_real_parse(const char *text, char **end) {
  locale_t c, before = enter_c(&c);
  const double real = strtod(text, end);
  leave_c(c, before);
  return real;
}

void rs_real_format(double real, char *text) {
  locale_t c, before = enter_c(&c);
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(text, RS_KEY_TEXT_SIZE, "%.*g", digits, real);
    if (strtod(text, NULL) == real) {
      break;
    }
  }
  leave_c(c, before);
}
