#include "cli/command.h"

#include <string.h>

/// Columns of a line of help
#define WIDTH 79

/// Column in which the help of an option begins
#define HELP_COLUMN 28

/// Text from column `indent` on, broken between words; the pen stands in column `at`
static void put_wrapped(FILE *stream, const char *text, int indent, int at) {
  while (*text) {
    const int length = (int)strcspn(text, " ");
    if (at > indent && at + 1 + length > WIDTH) {
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

static void put_option(FILE *stream, const RsOption *option) {
  char form[64];
  const int length =
      snprintf(form, sizeof(form), "%c%c%s --%s%s%s", option->letter ? '-' : ' ',
               option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
               option->argument ? " " : "", option->argument ? option->argument : "");
  fprintf(stream, "  %s", form);
  if (2 + length >= HELP_COLUMN) {
    fputc('\n', stream);
    put_wrapped(stream, rs_option_help(option), HELP_COLUMN, 0);
  } else {
    put_wrapped(stream, rs_option_help(option), HELP_COLUMN, 2 + length);
  }
}

/// Paragraphs, each on one line in the source of a command
static void put_paragraphs(FILE *stream, const char *text) {
  while (*text) {
    const size_t length = strcspn(text, "\n");
    char line[1024];
    snprintf(line, sizeof(line), "%.*s", (int)length, text);
    put_wrapped(stream, line, 0, 0);
    text += length + strspn(text + length, "\n");
    if (*text) {
      fputc('\n', stream);
    }
  }
}

void rs_help_command(FILE *stream, const RsCommand *command) {
  const RsOption *option = NULL;
  fprintf(stream, "rollsmith %s - %s\n\nUsage: rollsmith %s [OPTION...] %s\n\n", command->name,
          command->summary, command->name, command->operands);
  put_paragraphs(stream, command->description);
  fprintf(stream, "\nOptions:\n");
  for (size_t i = 0; (option = rs_option_of(command->bit, i)); ++i) {
    put_option(stream, option);
  }
  fprintf(stream, "\nExamples:\n");
  for (const char *line = command->examples; *line; line += strcspn(line, "\n") + 1) {
    fprintf(stream, "  %.*s\n", (int)strcspn(line, "\n"), line);
  }
}

void rs_help_version(FILE *stream) {
  fprintf(stream, "rollsmith %s\n", RS_VERSION);
}

void rs_help(FILE *stream) {
  fprintf(stream,
          "rollsmith %s - learns the style of a folder of MIDI songs and forges new ones\n\n"
          "Usage: rollsmith COMMAND [OPTION...] ...\n\nCommands:\n",
          RS_VERSION);
  for (const RsCommand *const *at = rs_commands; *at; ++at) {
    fprintf(stream, "  %-10s %s\n", (*at)->name, (*at)->summary);
  }
  fprintf(stream, "\nrollsmith COMMAND --help tells what a command does and takes.\n"
                  "rollsmith --version, or -V, says which one this is.\n"
                  "\nExit status:\n");
  for (const RsExitStatus *exit = rs_exit_statuses; exit->status; ++exit) {
    fprintf(stream, "  %-10s %s\n", exit->status, exit->meaning);
  }
}
