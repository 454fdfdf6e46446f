#include "cli/output.h"

#include "base/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/// Longest line that is written over
enum { LINE_SIZE = 512 };

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
  case RS_ERR_READ:
    return 3;
  case RS_ERR_PORT:
    return 4;
  }
  return 1;
}

/// Text of which parts may come from files and other programs
static void put_text(FILE *stream, const char *text) {
  char form[RS_PRINTABLE_SIZE];
  while (*text) {
    text = rs_printable_next(text, form);
    fputs(form, stream);
  }
}

static void put_format(FILE *stream, const char *format, va_list arguments) {
  char start[1024]; // What there is to say where memory is out
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(start, sizeof(start), format, arguments);
  char *whole = NULL;
  if (length >= (int)sizeof(start) && vasprintf(&whole, format, again) < 0) {
    whole = NULL;
  }
  put_text(stream, whole ? whole : start);
  free(whole);
  va_end(again);
}

static void put_line(FILE *stream, const char *format, va_list arguments) {
  put_format(stream, format, arguments);
  fputc('\n', stream);
}

void rs_complain(const char *command, const char *message) {
  fprintf(stderr, "rollsmith%s%s: ", *command ? " " : "", command);
  put_text(stderr, message);
  fputc('\n', stderr);
}

/// Of standard error; 80 where that is no terminal or does not know
static int columns_of_terminal(void) {
  struct winsize size;
  return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 1 ? size.ws_col : 80;
}

/// Length of the start of a text that has so many characters
static size_t bytes_of_columns(const char *text, int columns) {
  size_t length = 0;
  for (; text[length] && columns >= 0; ++length) {
    columns -= ((unsigned char)text[length] & 0xc0) != 0x80;
  }
  return columns < 0 ? length - 1 : length;
}

void rs_over_line(const char *format, ...) {
  char line[LINE_SIZE], shown[LINE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  rs_printable(line, shown, sizeof(shown));
  fprintf(stderr, "\r\033[K%.*s", (int)bytes_of_columns(shown, columns_of_terminal() - 1), shown);
  fflush(stderr);
}

void rs_end_line(void) {
  fputc('\n', stderr);
}

void rs_report_lines(const RsOptions *options, const char *text) {
  while (*text) {
    const size_t length = strcspn(text, "\n");
    rs_report(options, "%.*s", (int)length, text);
    text += length + (text[length] == '\n');
  }
}

void rs_report(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!options->quiet && !options->json) {
    put_line(options->to_stdout ? stderr : stdout, format, arguments);
  }
  va_end(arguments);
}

void rs_say_arguments(const RsOptions *options, const char *format, va_list arguments) {
  if (!options->quiet) {
    put_line(stderr, format, arguments);
  }
}

void rs_say(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  rs_say_arguments(options, format, arguments);
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
  const RsStatus status = failed ? rs_finish_output(error) : RS_OK;
  return failed && !status ? rs_error(error, RS_ERR_MEMORY, "the report cannot be put into JSON")
                           : status;
}

RsStatus rs_finish_output(RsError *error) {
  if (fflush(stdout) || ferror(stdout)) {
    return rs_error(error, RS_ERR_IO, "cannot write to standard output: %s", strerror(errno));
  }
  return RS_OK;
}
