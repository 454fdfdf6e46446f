#ifndef RS_BASE_PRINTABLE_H
#define RS_BASE_PRINTABLE_H

/**
   @file printable.h Text that others wrote, in a form that can be shown: a terminal would obey what
   it holds of control sequences.

   Control characters (U+0000 to U+001F, U+007F to U+009F), the characters that change the direction
   of writing or break lines (U+2028 to U+202E, U+2066 to U+2069) and bytes that are no UTF-8 are
   replaced by their number: `\x1b`, `\u202e`. All else stays as it is.
*/

#include <stddef.h>

/** Room for the form of one character, with its final zero. */
#define RS_PRINTABLE_SIZE 8

/**
   Form of the character that a text begins with.

   @param text  Zero-terminated, not empty.
   @param form  RS_PRINTABLE_SIZE bytes; zero-terminated after the call.
   @return Where the next character begins.
*/
const char *rs_printable_next(const char *text, char *form);

/**
   A text in its printable form, cut at a whole character where there is no room for more.

   @param text  Zero-terminated; not in `out`.
   @param out   `size` bytes, at least one; zero-terminated after the call.
   @param size  Room in `out`.
   @return Length of `out`.
*/
size_t rs_printable(const char *text, char *out, size_t size);

#endif /* RS_BASE_PRINTABLE_H */
