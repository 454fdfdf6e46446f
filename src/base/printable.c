/* SPDX-License-Identifier: ISC */

#include "base/printable.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Bytes of a UTF-8 character by its first byte; 0 for an invalid one. */
static int length_of(unsigned char first) {
  return first < 0x80   ? 1
         : first < 0xc2 ? 0
         : first < 0xe0 ? 2
         : first < 0xf0 ? 3
         : first < 0xf5 ? 4
                        : 0;
}

/* Decode the first character of a text. @return Its length in bytes; 0 where it is not UTF-8. */
static int decode(const unsigned char *text, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const int length = length_of(*text);
  *code = length > 1 ? *text & (0x7fu >> length) : *text;
  for (int i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
    *code = *code << 6 | (text[i] & 0x3fu);
  }
  const bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
  return surrogate || *code < least[length] || *code > 0x10ffff ? 0 : length;
}

bool rs_is_utf8(const char *text) {
  uint32_t code = 0;
  for (int length = 0; *text; text += length) {
    length = decode((const unsigned char *)text, &code);
    if (!length) {
      return false;
    }
  }
  return true;
}

static bool is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

const char *rs_printable_next(const char *text, char *form) {
  uint32_t code = 0;
  const int length = decode((const unsigned char *)text, &code);
  if (!length) {
    snprintf(form, RS_PRINTABLE_SIZE, "\\x%02x", (unsigned char)*text);
    return text + 1;
  }
  if (is_control(code)) {
    snprintf(form, RS_PRINTABLE_SIZE, code < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)code);
  } else {
    memcpy(form, text, (size_t)length);
    form[length] = '\0';
  }
  return text + length;
}

size_t rs_printable(const char *text, char *out, size_t size) {
  char form[RS_PRINTABLE_SIZE];
  size_t used = 0;
  while (*text) {
    text = rs_printable_next(text, form);
    const size_t length = strlen(form);
    if (length >= size - used) {
      break;
    }
    memcpy(out + used, form, length);
    used += length;
  }
  out[used] = '\0';
  return used;
}
