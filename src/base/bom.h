#ifndef RS_BASE_BOM_H
#define RS_BASE_BOM_H

/**
   @file bom.h The mark that some editors put before a text in UTF-8. It is no part of the text.
*/

#include <stddef.h>
#include <string.h>

/** Bytes of the mark at the beginning of a text: 3, or 0 where there is none. */
static inline size_t rs_bom_size(const void *text, size_t size) {
  static const char mark[] = "\xef\xbb\xbf";
  const size_t length = sizeof mark - 1;
  return size >= length && !memcmp(text, mark, length) ? length : 0;
}

#endif /* RS_BASE_BOM_H */
