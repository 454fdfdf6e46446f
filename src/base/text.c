#include "base/text.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Make room for so many bytes more and a zero. */
static bool make_room(RsText *text, size_t more) {
  char *data = rs_grow(text->data, &text->room, text->size + more + 1, 1);
  text->data = data ? data : text->data;
  text->failed = text->failed || !data;
  return !text->failed;
}

void rs_text_add(RsText *text, const char *format, ...) {
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  const int length = vsnprintf(NULL, 0, format, arguments);
  text->failed = text->failed || length < 0;
  if (!text->failed && make_room(text, (size_t)length)) {
    vsnprintf(text->data + text->size, (size_t)length + 1, format, again);
    text->size += (size_t)length;
  }
  va_end(again);
  va_end(arguments);
}

RsStatus rs_text_take(RsText *text, char **out, size_t *size) {
  rs_text_add(text, "%s", ""); /* an empty one has a zero, too */
  const RsText taken = *text;
  *text = (RsText){.data = NULL};
  *out = taken.failed ? NULL : taken.data;
  if (taken.failed) {
    free(taken.data);
  }
  if (size) {
    *size = taken.failed ? 0 : taken.size;
  }
  return taken.failed ? RS_ERR_MEMORY : RS_OK;
}
