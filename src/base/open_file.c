#include "base/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static RsStatus cannot_read(const char *path, const char *why, RsError *error) {
  return rs_error(error, RS_ERR_IO, "cannot read %s: %s", path, why);
}

static RsStatus check(int fd, const char *path, RsError *error) {
  struct stat about;
  if (fstat(fd, &about)) {
    return cannot_read(path, strerror(errno), error);
  }
  if (S_ISDIR(about.st_mode)) {
    return cannot_read(path, strerror(EISDIR), error);
  }
  return S_ISREG(about.st_mode)
             ? RS_OK
             : cannot_read(path, "no regular file; save what it gives into one first", error);
}

RsStatus rs_open_regular(const char *path, FILE **out, RsError *error) {
  /* O_NONBLOCK: opening a pipe that nobody writes to would wait forever. */
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  *out = NULL;
  if (fd < 0) {
    return cannot_read(path, strerror(errno), error);
  }
  RsStatus status = check(fd, path, error);
  *out = status ? NULL : fdopen(fd, "rb");
  if (!status && !*out) {
    status = cannot_read(path, strerror(errno), error);
  }
  if (status) {
    close(fd);
  }
  return status;
}
