/* SPDX-License-Identifier: ISC */

#include "music/file.h"

#include "base/memory.h"
#include "base/open_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Check the type of the file and get its size. */
static RsStatus measure(int fd, const char *path, size_t limit, size_t *size, RsError *error) {
  struct stat about;
  if (fstat(fd, &about)) {
    return rs_error(error, rs_read_status(errno), "%s: %s", path, strerror(errno));
  }
  if (S_ISDIR(about.st_mode)) {
    return rs_error(error, RS_ERR_READ, "%s: is a folder, not a file", path);
  }
  if (!S_ISREG(about.st_mode)) {
    return rs_error(error, RS_ERR_READ, "%s: not a regular file", path);
  }
  if ((uintmax_t)about.st_size > limit) {
    return rs_error(error, RS_ERR_FORMAT, "%s: has %ju bytes, more than the %zu that are read",
                    path, (uintmax_t)about.st_size, limit);
  }
  *size = (size_t)about.st_size;
  return RS_OK;
}

/* Read up to `size` bytes: a file that shrinks meanwhile gives fewer. */
static RsStatus read_all(int fd, const char *path, size_t size, RsBytes *out, RsError *error) {
  while (out->size < size) {
    const ssize_t n = read(fd, out->data + out->size, size - out->size);
    if (n < 0 && errno != EINTR) {
      return rs_error(error, rs_read_status(errno), "%s: %s", path, strerror(errno));
    }
    if (n == 0) {
      break;
    }
    out->size += n > 0 ? (size_t)n : 0;
  }
  out->data[out->size] = 0;
  return RS_OK;
}

static RsStatus read_open(int fd, const char *path, size_t limit, RsBytes *out, RsError *error) {
  size_t size = 0;
  RsStatus status = measure(fd, path, limit, &size, error);
  if (status) {
    return status;
  }
  out->data = malloc(size + 1);
  if (!out->data) {
    return rs_error(error, RS_ERR_MEMORY, "%s: %s", path, rs_status_text(RS_ERR_MEMORY));
  }
  status = read_all(fd, path, size, out, error);
  if (status) {
    free(out->data);
    *out = (RsBytes){0};
  }
  return status;
}

RsStatus rs_read_file(const char *path, size_t limit, RsBytes *out, RsError *error) {
  *out = (RsBytes){0};
  const int fd = rs_open_for_reading(path);
  if (fd < 0) {
    return rs_error(error, rs_read_status(errno), "%s: %s", path, strerror(errno));
  }
  const RsStatus status = read_open(fd, path, limit, out, error);
  close(fd);
  return status;
}
