/* SPDX-License-Identifier: ISC */

#ifndef RS_BASE_OPEN_FILE_H
#define RS_BASE_OPEN_FILE_H

/**
   @file open_file.h Opening files for reading.
*/

#include <rollsmith/status.h>

#include <stdio.h>

/** Status for a file that cannot be opened or read. @param reason Value of errno. @return
 * RS_ERR_MEMORY; RS_ERR_IO for an error of the machine; else RS_ERR_READ. */
RsStatus rs_read_status(int reason);

/** Message "cannot read PATH: REASON". @param reason Value of errno. @return rs_read_status(). */
RsStatus rs_cannot_read(const char *path, int reason, RsError *error);

/** Open a file for reading, without waiting for the writer of a pipe. @return Descriptor, or -1
 * with the reason in errno. */
int rs_open_for_reading(const char *path);

/**
   Open a regular file, whose size is known and which can be read twice.

   @param out  Output: a stream at its beginning, to be closed with fclose().
   @return RS_OK; RS_ERR_READ where it cannot be opened or is not a regular file; RS_ERR_IO or
   RS_ERR_MEMORY.
*/
RsStatus rs_open_regular(const char *path, FILE **out, RsError *error);

/** Path of standard output; an ending, as in "/dev/stdout.svg", selects the format of the data. */
#define RS_STANDARD_OUTPUT "/dev/stdout"

/** Descriptor that a path stands for, such as 0 for /dev/stdin or 3 for /dev/fd/3; -1 for other
 * paths. */
int rs_path_descriptor(const char *path);

#endif /* RS_BASE_OPEN_FILE_H */
