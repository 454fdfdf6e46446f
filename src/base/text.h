#ifndef RS_BASE_TEXT_H
#define RS_BASE_TEXT_H

/**
   @file text.h A text that grows. A stream in memory will not do: where memory runs out, the C
   library leaves out what had no room and does not tell.
*/

#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

/** A text; all zeroes is an empty one. */
typedef struct {
  char *data;  ///< `size` bytes and a terminating zero; NULL where nothing was added
  size_t size; ///< Without the zero
  size_t room;
  bool failed; ///< Something was left out
} RsText;

/** Add to a text, as printf() does. */
void rs_text_add(RsText *text, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/**
   Take the bytes out of a text, which is empty then.

   @param out   Output, to be given to free(); NULL after an error.
   @param size  Output, bytes without the terminating zero; or NULL.
   @return RS_OK; RS_ERR_MEMORY where something was left out.
*/
RsStatus rs_text_take(RsText *text, char **out, size_t *size);

#endif /* RS_BASE_TEXT_H */
