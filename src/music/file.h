/* SPDX-License-Identifier: ISC */

#ifndef RS_MUSIC_FILE_H
#define RS_MUSIC_FILE_H

/**
   @file file.h Whole files in memory.
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdint.h>

/** The bytes of a file. */
typedef struct {
  uint8_t *data; ///< `size` bytes and a terminating zero; owned
  size_t size;   ///< Number of bytes
} RsBytes;

/**
   Read a regular file.

   @param path   Path of the file.
   @param limit  Largest size in bytes.
   @param out    Output, data to be given to free().
   @param error  Detail, or NULL.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_READ where it cannot be read or is not a regular file;
   RS_ERR_FORMAT where it is larger than the limit.
*/
RsStatus rs_read_file(const char *path, size_t limit, RsBytes *out, RsError *error);

#endif /* RS_MUSIC_FILE_H */
