/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_FILE_KIND_H
#define RS_MUSIC_FILE_KIND_H

/**
   @file file_kind.h Detection of other file types by their first bytes, for error messages.
*/

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Length of the header of a MacBinary file. */
#define RS_MACBINARY_HEADER 128

/** Whether a file begins with the header of a MacBinary file. */
bool rs_is_macbinary(const uint8_t *data, size_t size);

/**
   Description of a file's type, with its article and what to do about it.

   @param data, size  The file, borrowed.
   @return A text that is never freed; NULL where the type is not recognised.
*/
const char *rs_file_kind(const uint8_t *data, size_t size);

#endif /* RS_MUSIC_FILE_KIND_H */
