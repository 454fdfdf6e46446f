/* SPDX-License-Identifier: ISC */

/**
   @file manpage.c A build tool: makes a manual page, or the default preset, from its template on
   standard output.

   Usage: manpage TEMPLATE

   A line of a template that begins with `@` is replaced by what the program's own tables say:

       @head COMMAND       title, name, synopsis and the description that --help shows
       @options COMMAND    the options
       @examples COMMAND   the examples
       @title NAME SECTION the title alone
       @commands           all commands with their summaries
       @settings           all keys of the settings
       @exit               the exit statuses
       @ini                all keys of the settings as a preset has them

   Everything else is copied. So nothing stands in two places that can come apart.
*/

#include "template.h"

#include "cli/command.h"
#include "settings/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/// Text in which roff sees nothing special
static void put_text(const char *text) {
  for (; *text; ++text) {
    if (*text == '\\') {
      fputs("\\e", stdout);
    } else if (*text == '-') {
      fputs("\\-", stdout);
    } else {
      putchar(*text);
    }
  }
}

/// The same as a line of its own
static void put_line(const char *text) {
  fputs(*text == '.' || *text == '\'' ? "\\&" : "", stdout);
  put_text(text);
  putchar('\n');
}

/// Lines of a text, with a request before each
static void put_lines(const char *text, const char *request) {
  while (*text) {
    char line[1024];
    const size_t length = strcspn(text, "\n");
    snprintf(line, sizeof(line), "%.*s", (int)length, text);
    fputs(request, stdout);
    put_line(line);
    text += length + (text[length] == '\n');
  }
}

static int put_title(const char *name, const char *section) {
  fputs(".TH ", stdout);
  for (const char *letter = name; *letter; ++letter) {
    printf(*letter == '-' ? "\\-" : "%c", toupper((unsigned char)*letter));
  }
  printf(" %s \"\" \"rollsmith %s\" \"rollsmith manual\"\n", section, RS_VERSION);
  return 0;
}

static int put_head(const RsCommand *command) {
  char name[64];
  snprintf(name, sizeof(name), "rollsmith-%s", command->name);
  put_title(name, "1");
  printf(".SH NAME\n");
  put_text(name);
  printf(" \\- %s\n.SH SYNOPSIS\n.B rollsmith %s\n", command->summary, command->name);
  fputs("[\\fIoption\\fR...] ", stdout);
  put_line(command->operands);
  printf(".SH DESCRIPTION\n");
  put_lines(command->description, ".PP\n");
  return 0;
}

static void put_option(const RsOption *option) {
  const RsKey *key = option->key ? rs_settings_key(option->key) : NULL;
  char allowed[128];
  fputs(".TP\n\\fB", stdout);
  if (option->letter) {
    printf("\\-%c\\fR, \\fB", option->letter);
  }
  fputs("\\-\\-", stdout);
  put_text(option->name);
  printf("\\fR");
  if (option->argument) {
    printf(" \\fI");
    put_text(option->argument);
    printf("\\fR");
  }
  putchar('\n');
  put_text(rs_option_help(option));
  if (key) {
    rs_key_allowed(key, allowed, sizeof(allowed));
    printf(": ");
    put_text(allowed);
    printf(". The same as \\fB\\-\\-set %s.%s=\\fR", key->section, key->name);
  }
  puts(".");
}

static int put_options(const RsCommand *command) {
  const RsOption *option = NULL;
  printf(".SH OPTIONS\n");
  for (size_t i = 0; (option = rs_option_at(command->bit, i)); ++i) {
    put_option(option);
  }
  return 0;
}

static int put_examples(const RsCommand *command) {
  printf(".SH EXAMPLES\n.nf\n");
  put_lines(command->examples, "");
  printf(".fi\n");
  return 0;
}

static int put_commands(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    printf(".TP\n\\fBrollsmith\\-%s\\fR(1)\n%s.\n", (*command)->name, (*command)->summary);
  }
  return 0;
}

static void put_key(const RsKey *key, const RsSettings *defaults) {
  char text[RS_KEY_TEXT_SIZE], allowed[128];
  rs_key_format(key, defaults, text);
  rs_key_allowed(key, allowed, sizeof(allowed));
  printf(".TP\n\\fB%s\\fR = ", key->name);
  put_text(text);
  putchar('\n');
  put_text(key->help);
  fputs(" (", stdout);
  put_text(allowed);
  printf("%s%s).\n", *key->unit ? " " : "", key->unit);
}

static int put_settings(void) {
  const RsKeyTable table = rs_settings_table();
  RsSettings defaults;
  rs_settings_init(&defaults);
  for (size_t i = 0; i < table.count; ++i) {
    if (!i || strcmp(table.keys[i].section, table.keys[i - 1].section) != 0) {
      printf(".SS [%s]\n", table.keys[i].section);
    }
    put_key(&table.keys[i], &defaults);
  }
  return 0;
}

static int put_ini(void) {
  RsSettings defaults;
  char *text = NULL;
  rs_settings_init(&defaults);
  const int failed = rs_settings_to_ini(&defaults, &text) || fputs(text, stdout) == EOF;
  free(text);
  return failed;
}

static int put_exit(void) {
  printf(".SH EXIT STATUS\n");
  for (const RsExitStatus *exit = rs_exit_statuses; exit->status; ++exit) {
    printf(".TP\n\\fB%s\\fR\n%s.\n", exit->status, exit->meaning);
  }
  return 0;
}

/// Obey a line that begins with `@`. @return 0, or 1 where it is none that we know.
static int direct(const char *line) {
  char verb[16] = "", name[64] = "", section[8] = "";
  sscanf(line, "@%15s %63s %7s", verb, name, section);
  const RsCommand *command = rs_command_find(name);
  if (command && !strcmp(verb, "head")) {
    return put_head(command);
  } else if (command && !strcmp(verb, "options")) {
    return put_options(command);
  } else if (command && !strcmp(verb, "examples")) {
    return put_examples(command);
  } else if (*section && !strcmp(verb, "title")) {
    return put_title(name, section);
  } else if (!strcmp(verb, "commands")) {
    return put_commands();
  } else if (!strcmp(verb, "settings")) {
    return put_settings();
  } else if (!strcmp(verb, "ini")) {
    return put_ini();
  } else if (!strcmp(verb, "exit")) {
    return put_exit();
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: manpage TEMPLATE\n");
    return 1;
  }
  return template_copy(argv[1], direct);
}
