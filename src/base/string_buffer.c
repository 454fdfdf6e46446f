/* SPDX-License-Identifier: ISC */

#include "base/string_buffer.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Enlarge the buffer for `more` bytes and a terminating zero. */
static bool reserve(RsStringBuffer *buffer, size_t more) {
  char *data = rs_grow(buffer->data, &buffer->capacity, buffer->size + more + 1, 1);
  buffer->data = data ? data : buffer->data;
  buffer->failed = buffer->failed || !data;
  return !buffer->failed;
}

void rs_string_buffer_append(RsStringBuffer *buffer, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = vsnprintf(NULL, 0, format, arguments);
  buffer->failed = buffer->failed || length < 0;
  if (!buffer->failed && reserve(buffer, (size_t)length)) {
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, again);
    buffer->size += (size_t)length;
  }
  va_end(again);
  va_end(arguments);
}

RsStatus rs_string_buffer_take(RsStringBuffer *buffer, char **out, size_t *size) {
  rs_string_buffer_append(buffer, "%s", ""); /* an empty string has a terminating zero, too */
  const RsStringBuffer taken = *buffer;
  *buffer = (RsStringBuffer){.data = NULL};
  *out = taken.failed ? NULL : taken.data;
  if (taken.failed) {
    free(taken.data);
  }
  if (size) {
    *size = taken.failed ? 0 : taken.size;
  }
  return taken.failed ? RS_ERR_MEMORY : RS_OK;
}
