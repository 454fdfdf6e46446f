#ifndef RS_BASE_PLURAL_H
#define RS_BASE_PLURAL_H

/**
   @file plural.h Numbers of things in messages.
*/

#include <stdint.h>

/** What is put behind a noun of which there are so many: "s", or nothing after 1. */
static inline const char *rs_plural(uint64_t count) {
  return count == 1 ? "" : "s";
}

#endif /* RS_BASE_PLURAL_H */
