/* SPDX-License-Identifier: ISC */

#include "base/open_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a path is that of standard output, with the ending of a format or without. */
static bool is_standard_output(const char *path) {
  const size_t length = strlen(RS_STANDARD_OUTPUT);
  return !strncmp(path, RS_STANDARD_OUTPUT, length) && (!path[length] || path[length] == '.');
}

int rs_path_descriptor(const char *path) {
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  if (!strcmp(path, "/dev/stdin") || !strcmp(path, "/dev/stderr")) {
    return strcmp(path, "/dev/stdin") ? STDERR_FILENO : STDIN_FILENO;
  }
  if (is_standard_output(path)) {
    return STDOUT_FILENO;
  }
  for (int i = 0; i < 2; ++i) {
    const size_t length = strlen(folders[i]);
    const char *number = path + length;
    if (!strncmp(path, folders[i], length) && *number && strlen(number) < 7 &&
        strspn(number, "0123456789") == strlen(number)) {
      return (int)strtol(number, NULL, 10);
    }
  }
  return -1;
}

RsStatus rs_read_status(int reason) {
  switch (reason) {
  case ENOMEM:
    return RS_ERR_MEMORY;
  case EMFILE:
  case ENFILE:
  case EIO:
    return RS_ERR_IO;
  default:
    return RS_ERR_READ;
  }
}

RsStatus rs_cannot_read(const char *path, int reason, RsError *error) {
  return rs_error(error, rs_read_status(reason), "cannot read %s: %s", path, strerror(reason));
}

static RsStatus check(int fd, const char *path, RsError *error) {
  struct stat about;
  if (fstat(fd, &about)) {
    return rs_cannot_read(path, errno, error);
  }
  if (S_ISDIR(about.st_mode)) {
    return rs_cannot_read(path, EISDIR, error);
  }
  return S_ISREG(about.st_mode)
             ? RS_OK
             : rs_error(error, RS_ERR_READ,
                        "cannot read %s: not a regular file; save its contents to one first", path);
}

int rs_open_for_reading(const char *path) {
  /* O_NONBLOCK: opening a pipe without a writer would block. */
  return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

RsStatus rs_open_regular(const char *path, FILE **out, RsError *error) {
  const int fd = rs_open_for_reading(path);
  *out = NULL;
  if (fd < 0) {
    return rs_cannot_read(path, errno, error);
  }
  RsStatus status = check(fd, path, error);
  *out = status ? NULL : fdopen(fd, "rb");
  if (!status && !*out) {
    status = rs_cannot_read(path, errno, error);
  }
  if (status) {
    close(fd);
  }
  return status;
}
