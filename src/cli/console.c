/* SPDX-License-Identifier: ISC */

#include "cli/console.h"

#include "base/printable.h"
#include "cli/signals.h"
#include "files/json.h"
#include "files/wait_writable.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Longest progress line, bytes */
enum { LINE_SIZE = 512 };

/* Columns by which continuation lines are indented */
enum { INDENT = 4 };

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

int rs_terminal_columns(FILE *stream) {
  struct winsize size;
  return !ioctl(fileno(stream), TIOCGWINSZ, &size) && size.ws_col > 1 ? size.ws_col : 0;
}

/* Columns that a character takes in a terminal. */
static int width_of(gunichar character) {
  return g_unichar_iszerowidth(character) ? 0 : g_unichar_iswide(character) ? 2 : 1;
}

/* Bytes of the characters within the first `columns` columns of a text, valid UTF-8; at least one
   character. */
static size_t bytes_of_columns(const char *text, int columns) {
  const char *at = text;
  for (int used = 0; *at; at = g_utf8_next_char(at)) {
    used += width_of(g_utf8_get_char(at));
    if (used > columns && at > text) {
      break;
    }
  }
  return (size_t)(at - text);
}

/* Position at which a text is wrapped: between two columns of a table in the second half of the
   `fits` bytes, or at its last space within them, if any. */
static size_t break_of(const char *text, size_t fits) {
  const size_t indent = strspn(text, " ");
  size_t space = 0;
  for (size_t at = fits; text[fits] && at > indent; --at) {
    if (text[at] == ' ' && text[at - 1] == ' ' && at > fits / 2) {
      return at - 1;
    }
    space = text[at] == ' ' && !space ? at : space;
  }
  return space ? space : fits;
}

/* Write a text wrapped at the width of the terminal, with continuation lines indented. */
static void put_wrapped(FILE *stream, const char *text, int columns) {
  for (int width = columns; *text; width = columns - INDENT) {
    const size_t length = break_of(text, bytes_of_columns(text, width));
    fprintf(stream, "%*s%.*s", columns - width, "", (int)length, text);
    text += length;
    if (*text) {
      text += strspn(text, " ");
      fputc('\n', stream);
    }
  }
}

/* Write a text, escaped. Where the stream is not a terminal, no memory is allocated. */
static void put_text(FILE *stream, const char *before, const char *text) {
  char form[RS_PRINTABLE_SIZE];
  const int columns = rs_terminal_columns(stream);
  GString *line = columns > 2 * INDENT ? g_string_new(before) : NULL;
  if (!line) {
    fputs(before, stream);
  }
  while (*text) {
    text = rs_printable_next(text, form);
    if (line) {
      g_string_append(line, form);
    } else {
      fputs(form, stream);
    }
  }
  if (line) {
    put_wrapped(stream, line->str, columns);
    g_string_free(line, TRUE);
  }
}

static void put_format(FILE *stream, const char *format, va_list arguments) {
  char start[1024]; /* written where memory is out */
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(start, sizeof(start), format, arguments);
  char *whole = NULL;
  if (length >= (int)sizeof(start) && vasprintf(&whole, format, again) < 0) {
    whole = NULL;
  }
  put_text(stream, "", whole ? whole : start);
  free(whole);
  va_end(again);
}

static bool is_stopping(void *unused) {
  return rs_signal_received() != 0;
}

bool rs_can_write(FILE *stream) {
  return rs_wait_writable(fileno(stream), is_stopping, NULL);
}

static void put_line(FILE *stream, const char *format, va_list arguments) {
  if (rs_can_write(stream)) {
    put_format(stream, format, arguments);
    fputc('\n', stream);
  }
}

void rs_report_error(const char *command, const char *message) {
  char before[64];
  if (!rs_can_write(stderr)) {
    return;
  }
  snprintf(before, sizeof(before), "rollsmith%s%s: ", *command ? " " : "", command);
  put_text(stderr, before, message);
  fputc('\n', stderr);
}

void rs_progress_line(const char *format, ...) {
  char line[LINE_SIZE], shown[LINE_SIZE];
  va_list arguments;
  if (!rs_can_write(stderr)) {
    return;
  }
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  rs_printable(line, shown, sizeof(shown));
  const int columns = rs_terminal_columns(stderr);
  fprintf(stderr, "\r\033[K%.*s", (int)bytes_of_columns(shown, (columns ? columns : 80) - 1),
          shown);
  fflush(stderr);
}

void rs_end_progress_line(void) {
  if (rs_can_write(stderr)) {
    fputc('\n', stderr);
  }
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

void rs_notice_va(const RsOptions *options, const char *format, va_list arguments) {
  if (!options->quiet) {
    put_line(stderr, format, arguments);
  }
}

void rs_notice(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  rs_notice_va(options, format, arguments);
  va_end(arguments);
}

void rs_verbose(const RsOptions *options, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (options->verbose) {
    put_line(stderr, format, arguments);
  }
  va_end(arguments);
}

RsStatus rs_report_json(json_t *json, RsError *error) {
  if (!json) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  char *text = rs_json_dump(json, JSON_COMPACT);
  const bool failed = !text || fputs(text, stdout) < 0;
  json_decref(json);
  g_free(text);
  putchar('\n');
  const RsStatus status = failed ? rs_finish_output(error) : RS_OK;
  return failed && !status ? rs_error(error, RS_ERR_MEMORY, "the report cannot be written as JSON")
                           : status;
}

RsStatus rs_finish_output(RsError *error) {
  if (fflush(stdout) || ferror(stdout)) {
    return rs_error(error, RS_ERR_IO, "cannot write to standard output: %s", strerror(errno));
  }
  return RS_OK;
}
