#include "base/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct RsAtomicFile {
  char *name;      /* as the caller called the output, for messages */
  char *target;    /* the same with symbolic links followed */
  char *temporary; /* what is written first */
  bool in_place;   /* the target is a device or a pipe: copy into it, never replace it */
};

enum { TEMPORARY_NAMES = 1000, COPY_BUFFER = 65536 };

static void forget(RsAtomicFile *file) {
  if (file) {
    free(file->name);
    free(file->target);
    free(file->temporary);
    free(file);
  }
}

/* The folder of a path, without its last slash; "." where the path names none. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) {
    return strdup(".");
  }
  return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static RsStatus cannot_write(const RsAtomicFile *file, RsError *error) {
  return rs_error(error, RS_ERR_IO, "cannot write %s: %s", file->name, strerror(errno));
}

/* Why there can be no temporary file, told of the folder, for that is what has to be mended. */
static RsStatus cannot_write_into(const RsAtomicFile *file, const char *folder, RsError *error) {
  if (errno == ENOENT || errno == ENOTDIR) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: there is no folder %s, make it first",
                    file->name, folder);
  }
  if (errno == EACCES || errno == EPERM || errno == EROFS) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: the folder %s is write-protected",
                    file->name, folder);
  }
  return cannot_write(file, error);
}

/* What stands at the target already, and whether it may be written. */
static RsStatus look_at_target(RsAtomicFile *file, mode_t *mode, RsError *error) {
  struct stat there;
  *mode = 0;
  if (stat(file->target, &there)) {
    return RS_OK; /* not there, or out of reach: the temporary file will tell */
  }
  if (S_ISDIR(there.st_mode)) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: it is a folder, name a file in it",
                    file->name);
  }
  if (access(file->target, W_OK)) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: the file is write-protected", file->name);
  }
  file->in_place = !S_ISREG(there.st_mode);
  *mode = there.st_mode & 07777;
  return RS_OK;
}

/* An own name, not one made from the output's: that may be as long as a name can be already. */
static int make_temporary(RsAtomicFile *file, const char *folder) {
  for (int n = 0; n < TEMPORARY_NAMES; ++n) {
    free(file->temporary);
    if (asprintf(&file->temporary, "%s/.rollsmith-%ld-%d.tmp", folder, (long)getpid(), n) < 0) {
      file->temporary = NULL;
      errno = ENOMEM;
      return -1;
    }
    const int fd = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) {
      return fd;
    }
  }
  return -1;
}

static RsStatus create_temporary(RsAtomicFile *file, mode_t mode, RsError *error) {
  const char *scratch = getenv("TMPDIR");
  char *folder =
      file->in_place ? strdup(scratch && *scratch ? scratch : P_tmpdir) : folder_of(file->target);
  if (!folder) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory while writing %s", file->name);
  }
  RsStatus st = RS_OK;
  const int fd = make_temporary(file, folder);
  if (fd < 0) {
    st = cannot_write_into(file, folder, error);
    free(file->temporary);
    file->temporary = NULL;
  } else {
    if (mode && !file->in_place) {
      (void)!fchmod(fd,
                    mode); /* the new file is as open or as private as the old one, if possible */
    }
    close(fd);
  }
  free(folder);
  return st;
}

RsStatus rs_atomic_begin(const char *path, RsAtomicFile **out, RsError *error) {
  RsAtomicFile *file = calloc(1, sizeof *file);
  mode_t mode = 0;
  *out = NULL;
  if (file) {
    file->name = strdup(path);
    file->target = realpath(path, NULL);
    file->target = file->target ? file->target : strdup(path);
  }
  if (!file || !file->name || !file->target) {
    forget(file);
    return rs_error(error, RS_ERR_MEMORY, "out of memory while writing %s", path);
  }
  RsStatus st = look_at_target(file, &mode, error);
  st = st ? st : create_temporary(file, mode, error);
  if (st) {
    forget(file);
    return st;
  }
  *out = file;
  return RS_OK;
}

const char *rs_atomic_path(const RsAtomicFile *file) {
  return file->temporary;
}

static bool write_all(int fd, const char *data, size_t size) {
  while (size) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno != EINTR) {
      return false;
    }
    data += n > 0 ? n : 0;
    size -= n > 0 ? (size_t)n : 0;
  }
  return true;
}

static bool copy_all(int from, int to) {
  char buffer[COPY_BUFFER];
  ssize_t n = 0;
  while ((n = read(from, buffer, sizeof buffer)) > 0) {
    if (!write_all(to, buffer, (size_t)n)) {
      return false;
    }
  }
  return n == 0;
}

static bool copy_in_place(const RsAtomicFile *file) {
  const int from = open(file->temporary, O_RDONLY | O_CLOEXEC);
  const int to = open(file->target, O_WRONLY | O_CLOEXEC);
  bool done = from >= 0 && to >= 0 && copy_all(from, to);
  if (from >= 0) {
    close(from);
  }
  if (to >= 0 && close(to)) {
    done = false;
  }
  return done;
}

static bool flush(const char *path, int flags) {
  const int fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const bool done = !fsync(fd);
  return !close(fd) && done;
}

static bool replace_target(const RsAtomicFile *file) {
  if (!flush(file->temporary, O_RDWR) || rename(file->temporary, file->target)) {
    return false;
  }
  char *folder = folder_of(file->target);
  if (folder) {
    flush(folder,
          O_RDONLY); /* so that the new name lasts; some file systems cannot, and need not */
    free(folder);
  }
  return true;
}

RsStatus rs_atomic_end(RsAtomicFile *file, RsStatus so_far, RsError *error) {
  if (!file) {
    return so_far;
  }
  RsStatus st = so_far;
  if (!st && !(file->in_place ? copy_in_place(file) : replace_target(file))) {
    st = cannot_write(file, error);
  }
  if (st || file->in_place) {
    unlink(file->temporary);
  }
  forget(file);
  return st;
}

RsStatus rs_write_file_atomically(const char *path, const void *data, size_t size, RsError *error) {
  RsAtomicFile *file = NULL;
  RsStatus st = rs_atomic_begin(path, &file, error);
  if (st) {
    return st;
  }
  const int fd = open(file->temporary, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write_all(fd, data, size);
  if (!done) {
    st = cannot_write(file, error);
  }
  if (fd >= 0 && close(fd) && !st) {
    st = cannot_write(file, error);
  }
  return rs_atomic_end(file, st, error);
}
