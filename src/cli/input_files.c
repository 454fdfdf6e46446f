/* SPDX-License-Identifier: ISC */

#include "cli/input_files.h"

#include "base/open_file.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Most bytes read from a pipe: they are held in memory */
#define LARGEST_PIPE ((int64_t)1 << 30)

enum { BUFFER = 65536 };

/* ---- Operands and options ---- */

RsStatus rs_input_files_visit(unsigned command, const RsOptions *options, RsInputFileVisitor visit,
                              void *context, RsError *error) {
  const RsOption *option = NULL;
  RsStatus status = RS_OK;
  for (size_t i = 0; i < options->operand_count && !status; ++i) {
    status = visit(context, options->operands[i], command == RS_FOR_PRESETS, error);
  }
  for (size_t i = 0; !status && (option = rs_option_at(command, i)); ++i) {
    const char *name = rs_option_file(options, option, RS_READS_FILE);
    if (name) {
      status = visit(context, name, option->offset == offsetof(RsOptions, preset), error);
    }
  }
  return status;
}

/* ---- Pipes ---- */

static RsStatus write_all(int fd, const char *data, size_t size, const char *path, RsError *error) {
  while (size) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno != EINTR) {
      return rs_cannot_read(path, errno, error);
    }
    data += n > 0 ? n : 0;
    size -= n > 0 ? (size_t)n : 0;
  }
  return RS_OK;
}

static RsStatus copy(int from, int to, const char *path, RsError *error) {
  char buffer[BUFFER];
  int64_t total = 0;
  RsStatus status = RS_OK;
  while (!status) {
    const ssize_t n = read(from, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return n ? rs_cannot_read(path, errno, error) : RS_OK;
    }
    total += n;
    status = total > LARGEST_PIPE
                 ? rs_error(error, RS_ERR_FORMAT,
                            "cannot read %s: more than 1 GiB; save it to a file first", path)
                 : write_all(to, buffer, (size_t)n, path, error);
  }
  return status;
}

/* Replace a descriptor by a file in memory with its contents. */
static RsStatus buffer_descriptor(int descriptor, const char *path, RsError *error) {
  const int memory = memfd_create("pipe", MFD_CLOEXEC);
  if (memory < 0) {
    return rs_cannot_read(path, errno, error);
  }
  RsStatus status = copy(descriptor, memory, path, error);
  if (!status && dup2(memory, descriptor) < 0) {
    status = rs_cannot_read(path, errno, error);
  }
  close(memory);
  return status;
}

static RsStatus buffer_pipe(void *context, const char *name, bool is_preset, RsError *error) {
  const int descriptor = rs_path_descriptor(name);
  struct stat about;
  const bool is_stream = descriptor >= 0 && !fstat(descriptor, &about) && !S_ISREG(about.st_mode) &&
                         !S_ISDIR(about.st_mode);
  return is_stream ? buffer_descriptor(descriptor, name, error) : RS_OK;
}

RsStatus rs_input_files_buffer_pipes(unsigned command, const RsOptions *options, RsError *error) {
  return rs_input_files_visit(command, options, buffer_pipe, NULL, error);
}
