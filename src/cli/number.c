/* SPDX-License-Identifier: ISC */

#include "cli/number.h"

#include <stdlib.h>

bool rs_parse_number(const char *text, long low, long high, long *number) {
  char *end = NULL;
  *number = strtol(text, &end, 10);
  return end != text && !*end && *number >= low && *number <= high;
}
