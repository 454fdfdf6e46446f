/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_PLURAL_H
#define RS_BASE_PLURAL_H

/**
   @file plural.h Plurals in messages.
*/

#include <stdint.h>

/** Plural suffix of a noun: "" where count is 1, else "s". */
static inline const char *rs_plural(uint64_t count) {
  return count == 1 ? "" : "s";
}

#endif /* RS_BASE_PLURAL_H */
