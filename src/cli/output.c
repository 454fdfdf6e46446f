#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int rs_exit_status(RsStatus status, int signal_number) {
  switch (status) {
  case RS_OK:
    return 0;
  case RS_ERR_STOPPED:
    return signal_number ? 128 + signal_number : 1;
  case RS_ERR_MEMORY:
  case RS_ERR_ARGUMENT:
  case RS_ERR_OVERFLOW:
  case RS_ERR_NONFINITE:
  case RS_ERR_IO:
    return 1;
  case RS_ERR_SETTING:
    return 2;
  case RS_ERR_FORMAT:
  case RS_ERR_EMPTY:
    return 3;
  case RS_ERR_PORT:
    return 4;
  }
  return 1;
}

static void put_line(FILE *stream, const char *format, va_list arguments) {
  vfprintf(stream, format, arguments);
  fputc('\n', stream);
}

void rs_report(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!options->quiet && !options->json) {
    put_line(stdout, format, arguments);
  }
  va_end(arguments);
}

void rs_say(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!options->quiet) {
    put_line(stderr, format, arguments);
  }
  va_end(arguments);
}

void rs_say_more(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (options->verbose) {
    put_line(stderr, format, arguments);
  }
  va_end(arguments);
}

RsStatus rs_put_json(json_t *json, RsError *error) {
  if (!json) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  const int failed = json_dumpf(json, stdout, JSON_COMPACT);
  json_decref(json);
  putchar('\n');
  return failed ? rs_finish_output(error) : RS_OK;
}

RsStatus rs_finish_output(RsError *error) {
  if (fflush(stdout) || ferror(stdout)) {
    return rs_error(error, RS_ERR_IO, "cannot write to standard output: %s", strerror(errno));
  }
  return RS_OK;
}
