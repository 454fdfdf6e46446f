/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_PRINTABLE_H
#define RS_BASE_PRINTABLE_H

/**
   @file printable.h Escaping of text from files and other programs, so that a terminal does not
   execute control sequences in it.

   Control characters (U+0000 to U+001F, U+007F to U+009F), separators and characters that change
   the direction of writing (U+2028 to U+202E, U+2066 to U+2069) and bytes that are not UTF-8 are
   replaced by escape sequences: `\x1b`, `\u202e`. Everything else is unchanged.
*/

#include <stdbool.h>
#include <stddef.h>

/** Bytes of one escaped character, including the terminating zero. */
#define RS_PRINTABLE_SIZE 8

/**
   Escape the first character of a text.

   @param text  Zero-terminated, not empty.
   @param form  RS_PRINTABLE_SIZE bytes; zero-terminated after the call.
   @return Start of the next character.
*/
const char *rs_printable_next(const char *text, char *form);

/**
   Escape a text; it is cut after a whole character where `out` is too small.

   @param text  Zero-terminated; must not overlap `out`.
   @param out   `size` bytes, at least one; zero-terminated after the call.
   @param size  Size of `out` in bytes.
   @return Length of the result.
*/
size_t rs_printable(const char *text, char *out, size_t size);

/** Whether a text is valid UTF-8. @param text  Zero-terminated. */
bool rs_is_utf8(const char *text);

#endif /* RS_BASE_PRINTABLE_H */
