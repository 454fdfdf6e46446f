#ifndef RS_BASE_OPEN_FILE_H
#define RS_BASE_OPEN_FILE_H

/**
   @file open_file.h Opening a file to read it.
*/

#include <rollsmith/status.h>

#include <stdio.h>

/** Status for a file that cannot be opened or read, by the reason in errno: RS_ERR_MEMORY or
 * RS_ERR_IO where it is the machine's fault, RS_ERR_READ where it is the file's. */
RsStatus rs_read_failure(int reason);

/** Say that a file cannot be read, and why. @return rs_read_failure(). */
RsStatus rs_cannot_read(const char *path, int reason, RsError *error);

/** Open a file to read it, without waiting for who writes to a pipe. @return Descriptor; below 0:
 * errno says why there is none. */
int rs_open_to_read(const char *path);

/**
   Open a file of which it must be known how long it is, or that is read twice.

   @param out  Output: a stream at its beginning, to be closed with fclose().
   @return RS_OK; RS_ERR_READ where it cannot be opened or is no regular file: a pipe is refused,
   not waited for; RS_ERR_IO, RS_ERR_MEMORY where the machine fails.
*/
RsStatus rs_open_regular(const char *path, FILE **out, RsError *error);

/** Standard output as a path. */
#define RS_STANDARD_OUTPUT "/dev/stdout"

/** The open file that a path stands for, such as 0 for /dev/stdin or 3 for /dev/fd/3; -1 where it
 * stands for none. */
int rs_descriptor_of(const char *path);

#endif /* RS_BASE_OPEN_FILE_H */
