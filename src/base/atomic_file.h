#ifndef RS_BASE_ATOMIC_FILE_H
#define RS_BASE_ATOMIC_FILE_H

/**
   @file atomic_file.h Files that are either written whole or not at all.

   What is written goes into a temporary file in the folder of the output, is flushed to the disk,
   and then takes the output's name in one step: after an error, a crash or on a full disk the old
   file is as it was. Where the file system allows it, the temporary file has no name, and is gone
   with the process. An output that is a symbolic link keeps being one; an output that is a device
   or a pipe, which must not be replaced, gets its bytes copied at the end.

       RsAtomicFile *file = NULL;
       RsStatus st = rs_atomic_begin("song.mid", &file, error);
       if (!st) {
         st = save_to(rs_atomic_stream(file), error);
         st = rs_atomic_end(file, st, error);
       }
*/

#include <rollsmith/status.h>

#include <stddef.h>
#include <stdio.h>

/** An output that is being written. */
typedef struct RsAtomicFile RsAtomicFile;

/**
   Begin an output: make an empty temporary file for it.

   @param path   Where the output shall be; a file of that name is left alone until rs_atomic_end().
   @param out    Output, to be given to rs_atomic_end().
   @param error  Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO where `path` is a folder or write-protected, or where its
   folder does not exist or cannot be written to.
*/
RsStatus rs_atomic_begin(const char *path, RsAtomicFile **out, RsError *error);

/** Where to write, from the beginning of the file on; errors may be left to rs_atomic_end(). Lives
 * as long as `file`. */
FILE *rs_atomic_stream(const RsAtomicFile *file);

/**
   End an output: commit it where all went well, take it back where not. The temporary file is gone
   then.

   @param file   Freed in any case. NULL is allowed, and gives back `so_far`.
   @param so_far What came of the writing: RS_OK to commit, anything else to take back.
   @param error  Detail of a failed commit, or NULL; untouched where `so_far` is not RS_OK.
   @return `so_far` where it is not RS_OK, else RS_OK or RS_ERR_IO.
*/
RsStatus rs_atomic_end(RsAtomicFile *file, RsStatus so_far, RsError *error);

/**
   Write a whole file at once, as above.

   @param path   Where.
   @param data   The bytes, `size` of them; may be NULL where size is 0.
   @param size   How many.
   @param error  Detail, or NULL.
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_IO.
*/
RsStatus rs_write_file_atomically(const char *path, const void *data, size_t size, RsError *error);

#endif /* RS_BASE_ATOMIC_FILE_H */
