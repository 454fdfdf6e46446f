/* SPDX-License-Identifier: ISC */

#include "cli/output_files.h"

#include "base/atomic_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

RsStatus rs_check_output(const RsOptions *options, const char *what, RsError *error) {
  return options->output && *options->output
             ? RS_OK
             : rs_error(error, RS_ERR_SETTING, "no output: add -o %s", what);
}

RsStatus rs_check_output_file(const RsOptions *options, const char *what, RsError *error) {
  return options->to_stdout ? rs_error(error, RS_ERR_SETTING,
                                       "-o -: a %s cannot go to standard output: name a file", what)
                            : rs_check_output(options, what, error);
}

bool rs_ends_in(const char *path, const char *ending) {
  const size_t length = strlen(path), size = strlen(ending);
  return length > size && !strcasecmp(path + length - size, ending);
}

RsStatus rs_check_writable(const char *path, RsError *error) {
  RsAtomicFile *file = NULL;
  const RsStatus status = rs_atomic_begin(path, &file, error);
  if (!status) {
    rs_atomic_end(file, RS_ERR_STOPPED, NULL);
  }
  return status;
}

char *rs_numbered_output(const char *path, int index, int count) {
  const char *slash = strrchr(path, '/');
  const char *file = slash ? slash + 1 : path;
  const char *dot = strrchr(file, '.');
  const size_t stem = dot && dot != file ? (size_t)(dot - path) : strlen(path);
  char *name = NULL;
  if (count == 1) {
    return strdup(path);
  }
  return asprintf(&name, "%.*s-%03d%s", (int)stem, path, index + 1, path + stem) < 0 ? NULL : name;
}
