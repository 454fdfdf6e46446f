/* SPDX-License-Identifier: ISC */

#include "cli/file_type.h"

#include "base/open_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

RsStatus rs_file_type(const char *path, RsFileType *kind, RsError *error) {
  char start[9] = "";
  FILE *file = NULL;
  struct stat about;
  const RsStatus status = rs_open_regular(path, &file, error);
  if (status) {
    return status;
  }
  if (!fstat(fileno(file), &about) && !about.st_size) { /* some of them cannot be read */
    fclose(file);
    return rs_error(error, RS_ERR_EMPTY, "%s: the file is empty", path);
  }
  errno = 0;
  (void)!fread(start, 1, sizeof(start), file);
  const int reason = errno;
  fclose(file);
  if (reason) {
    return rs_cannot_read(path, reason, error);
  }
  *kind = start[0] == '{' ? RS_FILE_LOG : start[8] == '{' ? RS_FILE_MODEL : RS_FILE_SONG;
  return RS_OK;
}
