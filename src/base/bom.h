/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_BOM_H
#define RS_BASE_BOM_H

/**
   @file bom.h The byte order mark that some editors write before a text in UTF-8.
*/

#include <stddef.h>
#include <string.h>

/** Size in bytes of the byte order mark at the beginning of a text: 3, or 0 without one. */
static inline size_t rs_bom_size(const void *text, size_t size) {
  static const char mark[] = "\xef\xbb\xbf";
  const size_t length = sizeof mark - 1;
  return size >= length && !memcmp(text, mark, length) ? length : 0;
}

#endif /* RS_BASE_BOM_H */
