#ifndef RS_BASE_OPEN_FILE_H
#define RS_BASE_OPEN_FILE_H

/**
   @file open_file.h Opening a file to read it.
*/

#include <rollsmith/status.h>

#include <stdio.h>

/**
   Open a file of which it must be known how long it is, or that is read twice.

   @param out  Output: a stream at its beginning, to be closed with fclose().
   @return RS_OK; RS_ERR_IO where it cannot be opened or is no regular file: a pipe is refused, not
   waited for.
*/
RsStatus rs_open_regular(const char *path, FILE **out, RsError *error);

#endif /* RS_BASE_OPEN_FILE_H */
