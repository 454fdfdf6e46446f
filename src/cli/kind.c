#include "cli/kind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

RsStatus rs_kind_of(const char *path, RsKind *kind, RsError *error) {
  char start[9] = "";
  FILE *file = fopen(path, "rb");
  errno = file ? 0 : errno;
  const size_t size = file ? fread(start, 1, sizeof(start), file) : 0;
  const int reason = errno;
  if (file) {
    fclose(file);
  }
  if (!file || reason) {
    return rs_error(error, RS_ERR_IO, "cannot read %s: %s", path, strerror(reason));
  }
  if (!size) {
    return rs_error(error, RS_ERR_EMPTY, "%s: the file is empty", path);
  }
  *kind = start[0] == '{' ? RS_KIND_LOG : start[8] == '{' ? RS_KIND_MODEL : RS_KIND_SONG;
  return RS_OK;
}
