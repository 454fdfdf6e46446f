/* SPDX-License-Identifier: ISC */

#include "base/atomic_file.h"

#include "base/open_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  NAME_TRIES = 100,     /* names tried before giving up; they are random, so that one is enough */
  LINKS_MOST = 40,      /* symbolic links followed, as Linux (MAXSYMLINKS) */
  BLOCK = 65536,        /* bytes written or copied at a time */
  STALE = 24 * 60 * 60, /* seconds after which a file of a missing process is removed */
};

struct RsAtomicFile {
  char *name;        /* path as given, for messages */
  char *target;      /* path with symbolic links followed */
  FILE *stream;      /* the temporary file */
  char *temporary;   /* its path; NULL where it has no name */
  bool in_place;     /* the target is a device or a pipe: data is copied into it */
  int descriptor;    /* of a target that is already open, such as standard output; or -1 */
  char block[BLOCK]; /* buffer of the stream */
};

#define FNV_START 0xcbf29ce484222325u
#define FNV_FACTOR 0x100000001b3u

static void free_file(RsAtomicFile *file) {
  if (file) {
    if (file->stream) {
      fclose(file->stream);
    }
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

/* Message for a temporary file that cannot be created: it names the folder. */
static RsStatus cannot_create_in(const RsAtomicFile *file, const char *folder, RsError *error) {
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

/* Follow symbolic links, the last of which may be dangling. @return Path, or NULL with the reason
   in errno. */
static char *resolve_links(const char *path) {
  char *at = realpath(path, NULL);
  at = at ? at : strdup(path);
  for (int n = 0; at; ++n) {
    char link[PATH_MAX], *folder, *next = NULL;
    const ssize_t length = readlink(at, link, sizeof link - 1);
    if (length < 0) {
      return at;
    }
    link[length] = '\0';
    folder = *link == '/' ? strdup("") : folder_of(at);
    if (n == LINKS_MOST || !folder ||
        asprintf(&next, "%s%s%s", folder, *folder ? "/" : "", link) < 0) {
      errno = n == LINKS_MOST ? ELOOP : ENOMEM;
      next = NULL;
    }
    free(folder);
    free(at);
    at = next;
  }
  return NULL;
}

/* Type and mode of an existing target. @return RS_ERR_IO where it may not be written. */
static RsStatus check_target(RsAtomicFile *file, mode_t *mode, RsError *error) {
  struct stat there;
  *mode = 0;
  if (stat(file->target, &there)) {
    return RS_OK; /* missing or out of reach: creating the temporary file shows which */
  }
  if (S_ISDIR(there.st_mode)) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: it is a folder, name a file in it",
                    file->name);
  }
  if (access(file->target, W_OK)) {
    return rs_error(error, RS_ERR_IO, "cannot write %s: the file is write-protected", file->name);
  }
  file->in_place = !S_ISREG(there.st_mode);
  *mode = there.st_mode & 0777; /* without set-user-ID and the like */
  return RS_OK;
}

/* ---- The temporary file ---- */

/* The name does not contain that of the output, which may be as long as a name can be. */
static char *make_name(const char *folder, uint64_t number) {
  char *name = NULL;
  return asprintf(&name, "%s/.rollsmith-%ld-%016" PRIx64 ".tmp", folder, (long)getpid(), number) < 0
             ? NULL
             : name;
}

static uint64_t random_number(int attempt) {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number) {
    number = (uint64_t)attempt;
  }
  return number;
}

/* Whether a name is that of a temporary file whose process has ended. On a network file system the
   process may run on another machine: therefore the file must be old as well. */
static bool is_stale(const char *folder, const char *name, time_t now) {
  struct stat about;
  char *path = NULL;
  long process = 0;
  if (sscanf(name, ".rollsmith-%ld-", &process) != 1 || process <= 0 ||
      asprintf(&path, "%s/%s", folder, name) < 0) {
    return false;
  }
  const bool stale = kill((pid_t)process, 0) && errno == ESRCH && !lstat(path, &about) &&
                     S_ISREG(about.st_mode) && now - about.st_mtime > STALE;
  free(path);
  return stale;
}

static void remove_stale_files(const char *folder) {
  DIR *names = opendir(folder);
  const time_t now = time(NULL);
  for (const struct dirent *entry; names && (entry = readdir(names));) {
    if (is_stale(folder, entry->d_name, now)) {
      unlinkat(dirfd(names), entry->d_name, 0);
    }
  }
  if (names) {
    closedir(names);
  }
}

static int make_named(RsAtomicFile *file, const char *folder) {
  remove_stale_files(folder);
  for (int n = 0; n < NAME_TRIES; ++n) {
    free(file->temporary);
    file->temporary = make_name(folder, random_number(n));
    if (!file->temporary) {
      errno = ENOMEM;
      return -1;
    }
    const int fd = open(file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) {
      return fd;
    }
  }
  return -1;
}

/* Path of an open file in /proc, by which linkat() can give it a name. */
static void descriptor_path(int fd, char *path, size_t size) {
  snprintf(path, size, "/proc/self/fd/%d", fd);
}

/* Open a file without a name, which is removed with the process. @return Descriptor; -1 where it is
   not supported. */
static int make_unnamed(const char *folder) {
#ifdef O_TMPFILE
  char path[32];
  const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  descriptor_path(fd, path, sizeof path);
  if (fd >= 0 && access(path, F_OK)) {
    close(fd);
    return -1;
  }
  return fd;
#else
  return -1;
#endif
}

static RsStatus open_stream(RsAtomicFile *file, int fd, mode_t mode, RsError *error) {
  if (mode && !file->in_place) {
    (void)!fchmod(fd, mode); /* the mode of the old file, if possible */
  }
  file->stream = fdopen(fd, "w+b");
  if (file->stream) {
    setvbuf(file->stream, file->block, _IOFBF, sizeof file->block);
    return RS_OK;
  }
  const RsStatus status = cannot_write(file, error);
  close(fd);
  if (file->temporary) {
    unlink(file->temporary);
  }
  return status;
}

static RsStatus create_temporary(RsAtomicFile *file, mode_t mode, RsError *error) {
  const char *scratch = getenv("TMPDIR");
  char *folder =
      file->in_place ? strdup(scratch && *scratch ? scratch : P_tmpdir) : folder_of(file->target);
  if (!folder) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory while writing %s", file->name);
  }
  int fd = make_unnamed(folder);
  fd = fd < 0 ? make_named(file, folder) : fd;
  const RsStatus status =
      fd < 0 ? cannot_create_in(file, folder, error) : open_stream(file, fd, mode, error);
  free(folder);
  return status;
}

RsStatus rs_atomic_begin(const char *path, RsAtomicFile **out, RsError *error) {
  RsAtomicFile *file = calloc(1, sizeof *file);
  mode_t mode = 0;
  *out = NULL;
  if (!file || !(file->name = strdup(path))) {
    free_file(file);
    return rs_error(error, RS_ERR_MEMORY, "out of memory while writing %s", path);
  }
  file->descriptor = rs_path_descriptor(path);
  file->in_place = file->descriptor >= 0; /* without seeking: it may be appended to */
  file->target = file->in_place ? strdup(path) : resolve_links(path);
  RsStatus status = !file->target    ? cannot_write(file, error)
                    : file->in_place ? RS_OK
                                     : check_target(file, &mode, error);
  status = status ? status : create_temporary(file, mode, error);
  if (status) {
    free_file(file);
    return status;
  }
  *out = file;
  return RS_OK;
}

FILE *rs_atomic_stream(const RsAtomicFile *file) {
  return file->stream;
}

/* ---- The end ---- */

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
  char buffer[BLOCK];
  ssize_t n = 0;
  while ((n = read(from, buffer, sizeof buffer)) > 0) {
    if (!write_all(to, buffer, (size_t)n)) {
      return false;
    }
  }
  return n == 0;
}

static bool copy_in_place(const RsAtomicFile *file) {
  const int from = fileno(file->stream);
  const int to = file->descriptor < 0 ? open(file->target, O_WRONLY | O_CLOEXEC)
                                      : fcntl(file->descriptor, F_DUPFD_CLOEXEC, 0);
  bool done = to >= 0 && !lseek(from, 0, SEEK_SET) && copy_all(from, to);
  if (to >= 0 && close(to)) {
    done = false;
  }
  return done;
}

/* Temporary name for an unnamed file, needed between linkat() and rename(). At the first attempt it
   depends on the target alone, so that a file left by a crash is replaced by the next run. */
static char *intermediate_name(const RsAtomicFile *file, const char *folder, int attempt) {
  uint64_t hash = FNV_START;
  char *name = NULL;
  if (attempt) {
    return make_name(folder, random_number(attempt));
  }
  for (const char *at = file->target; *at; ++at) {
    hash = (hash ^ (unsigned char)*at) * FNV_FACTOR;
  }
  if (asprintf(&name, "%s/.rollsmith-%016" PRIx64 ".tmp", folder, hash) < 0) {
    return NULL;
  }
  unlink(name);
  return name;
}

/* Give an unnamed file a temporary name, file->temporary. @return Whether that was possible. */
static bool link_unnamed(RsAtomicFile *file, const char *folder) {
  char open_path[32];
  descriptor_path(fileno(file->stream), open_path, sizeof open_path);
  for (int n = 0; n < NAME_TRIES; ++n) {
    char *name = intermediate_name(file, folder, n);
    if (name && !linkat(AT_FDCWD, open_path, AT_FDCWD, name, AT_SYMLINK_FOLLOW)) {
      file->temporary = name;
      return true;
    }
    free(name);
    if (!name || errno != EEXIST) {
      return false;
    }
  }
  return false;
}

static bool replace_target(RsAtomicFile *file, const char *folder) {
  if (!file->temporary && !link_unnamed(file, folder)) {
    return false;
  }
  if (rename(file->temporary, file->target)) {
    const int reason = errno;
    unlink(file->temporary);
    errno = reason;
    return false;
  }
  free(file->temporary);
  file->temporary = NULL;
  return true;
}

/* Flush the directory entry; errors are ignored, as some file systems do not support it. */
static void flush_folder(const char *folder) {
  const int fd = open(folder, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    fsync(fd);
    close(fd);
  }
}

static bool commit(RsAtomicFile *file) {
  if (fflush(file->stream) || ferror(file->stream)) {
    return false;
  }
  if (file->in_place) {
    return copy_in_place(file);
  }
  char *folder = folder_of(file->target);
  const bool done = folder && !fsync(fileno(file->stream)) && replace_target(file, folder);
  if (done) {
    flush_folder(folder);
  }
  free(folder);
  return done;
}

RsStatus rs_atomic_end(RsAtomicFile *file, RsStatus so_far, RsError *error) {
  if (!file) {
    return so_far;
  }
  const RsStatus status = so_far || commit(file) ? so_far : cannot_write(file, error);
  if (file->temporary) {
    unlink(file->temporary);
  }
  free_file(file);
  return status;
}

RsStatus rs_write_file_atomically(const char *path, const void *data, size_t size, RsError *error) {
  RsAtomicFile *file = NULL;
  RsStatus status = rs_atomic_begin(path, &file, error);
  if (file && size && fwrite(data, 1, size, file->stream) != size) {
    status = cannot_write(file, error);
  }
  return rs_atomic_end(file, status, error);
}
