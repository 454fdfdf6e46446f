/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_FILE_TYPE_H
#define RS_CLI_FILE_TYPE_H

/**
   @file file_type.h The type of a file, by its first bytes; its name is ignored.
*/

#include <rollsmith/status.h>

/** Types of files that the program reads. */
typedef enum {
  RS_FILE_SONG,  ///< MIDI file, .roll, or anything unknown
  RS_FILE_MODEL, ///< Header length, then JSON
  RS_FILE_LOG,   ///< Lines of JSON
} RsFileType;

/** Detect the type of a file. @return RS_OK, RS_ERR_READ, RS_ERR_IO, RS_ERR_EMPTY for a file of no
 * bytes.
 */
RsStatus rs_file_type(const char *path, RsFileType *kind, RsError *error);

#endif /* RS_CLI_FILE_TYPE_H */
