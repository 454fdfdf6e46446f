/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_ATOMIC_FILE_H
#define RS_BASE_ATOMIC_FILE_H

/**
   @file atomic_file.h Files that are either written whole or not at all.

   Data is written to a temporary file in the folder of the output, flushed to disk and renamed to
   the output: after an error, a crash or on a full disk the old file is unchanged. Where the file
   system supports it (O_TMPFILE), the temporary file has no name and is removed with the process. A
   symbolic link is followed, and its target replaced. A device or a pipe is not replaced: the data
   is copied into it at the end.

       RsAtomicFile *file = NULL;
       RsStatus status = rs_atomic_begin("song.mid", &file, error);
       if (!status) {
         status = save_to(rs_atomic_stream(file), error);
         status = rs_atomic_end(file, status, error);
       }
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdio.h>

/** An output that is being written. */
typedef struct RsAtomicFile RsAtomicFile;

/**
   Begin an output: make an empty temporary file for it.

   @param path   Path of the output; a file there is unchanged until rs_atomic_end().
   @param out    Output, to be given to rs_atomic_end().
   @param error  Detail, or NULL.
   @return RS_OK; RS_ERR_MEMORY; RS_ERR_IO where `path` is a folder or write-protected, or where its
   folder does not exist or cannot be written to.
*/
RsStatus rs_atomic_begin(const char *path, RsAtomicFile **out, RsError *error);

/** Stream of the temporary file, owned by `file`. Write errors may be left to rs_atomic_end(). */
FILE *rs_atomic_stream(const RsAtomicFile *file);

/**
   End an output: replace the target where everything succeeded, else discard the data. The
   temporary file is removed in both cases.

   @param file   Freed in any case. NULL is allowed, and returns `so_far`.
   @param so_far Status of the writing: RS_OK to commit, anything else to discard.
   @param error  Detail of a failed commit, or NULL; unchanged where `so_far` is not RS_OK.
   @return `so_far` where it is not RS_OK, else RS_OK or RS_ERR_IO.
*/
RsStatus rs_atomic_end(RsAtomicFile *file, RsStatus so_far, RsError *error);

/**
   Write a whole file atomically.

   @param path   Path of the file.
   @param data   `size` bytes; may be NULL where size is 0.
   @param size   Bytes.
   @param error  Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO.
*/
RsStatus rs_write_file_atomically(const char *path, const void *data, size_t size, RsError *error);

#endif /* RS_BASE_ATOMIC_FILE_H */
