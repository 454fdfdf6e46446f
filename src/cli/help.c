/* SPDX-License-Identifier: ISC */

#include "cli/command.h"
#include "cli/console.h"

#include <stdarg.h>
#include <string.h>

/* Most columns of a line of help */
#define WIDTH 79

/* Column in which the help of an option begins, in wide and in narrow terminals */
#define HELP_COLUMN 28
#define HELP_COLUMN_NARROW 8

/* A terminal with fewer columns is narrow */
#define NARROW 56

static int width_of(FILE *stream) {
  const int columns = rs_terminal_columns(stream);
  return columns && columns < WIDTH ? columns : WIDTH;
}

/* Write a text from column `indent` on, wrapped between words. @param at Current column. */
static void put_wrapped(FILE *stream, const char *text, int indent, int at) {
  const int width = width_of(stream);
  while (*text) {
    const int length = (int)strcspn(text, " ");
    if (at > indent && at + 1 + length > width) {
      fputc('\n', stream);
      at = 0;
    }
    if (at < indent) {
      fprintf(stream, "%*s", indent - at, "");
      at = indent;
    } else if (at > indent) {
      fputc(' ', stream);
      ++at;
    }
    fprintf(stream, "%.*s", length, text);
    at += length;
    text += length;
    text += *text == ' ';
  }
  fputc('\n', stream);
}

/* Write a formatted line, indented and wrapped between words. */
static void put_line(FILE *stream, int indent, const char *format, ...) RS_PRINTF_LIKE(3, 4);

static void put_line(FILE *stream, int indent, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  put_wrapped(stream, line, indent, 0);
}

/* Write a term and its meaning. */
static void put_meaning(FILE *stream, const char *word, const char *meaning) {
  fprintf(stream, "  %-10s ", word);
  put_wrapped(stream, meaning, 13, 13);
}

/* Write an example command; it is wrapped only where it is wider than the terminal. */
static void put_example(FILE *stream, const char *line, int length) {
  if (2 + length <= rs_terminal_columns(stream) || !rs_terminal_columns(stream)) {
    fprintf(stream, "  %.*s\n", length, line);
  } else {
    put_line(stream, 2, "%.*s", length, line);
  }
}

static void put_option(FILE *stream, const RsOption *option) {
  char form[64];
  const int length =
      snprintf(form, sizeof(form), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
               option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
               option->argument ? " " : "", option->argument ? option->argument : "");
  fprintf(stream, "  %s", form);
  const int column = width_of(stream) < NARROW ? HELP_COLUMN_NARROW : HELP_COLUMN;
  if (2 + length >= column) {
    fputc('\n', stream);
    put_wrapped(stream, rs_option_help(option), column, 0);
  } else {
    put_wrapped(stream, rs_option_help(option), column, 2 + length);
  }
}

/* Write paragraphs, which are separated by line feeds. */
static void put_paragraphs(FILE *stream, const char *text) {
  while (*text) {
    const size_t length = strcspn(text, "\n");
    put_line(stream, 0, "%.*s", (int)length, text);
    text += length + strspn(text + length, "\n");
    if (*text) {
      fputc('\n', stream);
    }
  }
}

void rs_help_command(FILE *stream, const RsCommand *command) {
  const RsOption *option = NULL;
  put_line(stream, 0, "rollsmith %s - %s", command->name, command->summary);
  fputc('\n', stream);
  put_line(stream, 0, "Usage: rollsmith %s [OPTION...] %s", command->name, command->operands);
  fputc('\n', stream);
  put_paragraphs(stream, command->description);
  fprintf(stream, "\nOptions:\n");
  for (size_t i = 0; (option = rs_option_at(command->bit, i)); ++i) {
    put_option(stream, option);
  }
  fprintf(stream, "\nExamples:\n");
  for (const char *line = command->examples; *line; line += strcspn(line, "\n") + 1) {
    put_example(stream, line, (int)strcspn(line, "\n"));
  }
}

void rs_help_version(FILE *stream) {
  fprintf(stream, "rollsmith %s\n", RS_VERSION);
}

void rs_help(FILE *stream) {
  put_line(stream, 0, "rollsmith %s - learns the style of MIDI songs and generates new ones",
           RS_VERSION);
  fprintf(stream, "\nUsage: rollsmith COMMAND [OPTION...] ...\n\nCommands:\n");
  for (const RsCommand *const *at = rs_commands; *at; ++at) {
    put_meaning(stream, (*at)->name, (*at)->summary);
  }
  fputc('\n', stream);
  put_line(stream, 0, "rollsmith COMMAND --help describes a command and its options.");
  put_line(stream, 0, "rollsmith --version, or -V, prints the version.");
  fprintf(stream, "\nExit status:\n");
  for (const RsExitStatus *exit = rs_exit_statuses; exit->status; ++exit) {
    put_meaning(stream, exit->status, exit->meaning);
  }
}
