/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_STRING_BUFFER_H
#define RS_BASE_STRING_BUFFER_H

/**
   @file string_buffer.h A growing string.

   It is used in place of open_memstream(), which does not report that memory was out.
*/

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

/** A string buffer; all zeroes is an empty one. */
typedef struct {
  char *data;      ///< `size` bytes and a terminating zero; NULL where nothing was appended
  size_t size;     ///< Length, without the terminating zero
  size_t capacity; ///< Bytes allocated
  bool failed;     ///< Memory was out: the string is incomplete
} RsStringBuffer;

/** Append formatted text, as printf(). Errors are reported by rs_string_buffer_take(). */
void rs_string_buffer_append(RsStringBuffer *buffer, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/**
   Move the string out of a buffer, which is empty afterwards.

   @param out   Output, to be given to free(); NULL after an error.
   @param size  Output, length without the terminating zero; or NULL.
   @return RS_OK; RS_ERR_MEMORY where the string is incomplete.
*/
RsStatus rs_string_buffer_take(RsStringBuffer *buffer, char **out, size_t *size);

#endif /* RS_BASE_STRING_BUFFER_H */
