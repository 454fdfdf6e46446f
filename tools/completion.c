/* SPDX-License-Identifier: ISC */

/**
   @file completion.c A build tool: makes a shell's completion from its template, on standard
   output.

   Usage: completion TEMPLATE

   These lines of a template are replaced by what the program's own tables say:

       @commands TEXT   TEXT and, in single quotes, the names of the commands
       @presets TEXT    likewise the names of the presets
       @settings TEXT   likewise the keys of the settings, as "key=", or as "key=word" for each word
                        that is allowed
       @ports           a command line that prints the names of the MIDI ports
       @options         bash: names of the options of each command, a branch of a `case` each
       @arguments       bash: what arguments and operands are, a branch of a `case` each
       @zsh-commands    zsh: commands with their summaries, for _describe
       @zsh             zsh: _arguments for each command, a branch of a `case` each
       @fish            fish: `complete` for each command and option

   An argument is a `file`, a `preset`, a `port`, a `setting`, a `command`, some `words`, or `any`
   text.
*/

#include "template.h"

#include "cli/command.h"
#include "settings/keys.h"

#include <string.h>

/* ---- What an argument is ---- */

typedef struct {
  const char *kind;           ///< One of the above
  const char *const *choices; ///< Of `words`: ended by NULL
} Argument;

static const char *const truths[] = {"true", "false", NULL};

static const char *const *values_of(const RsKey *key) {
  return key->type == RS_KEY_BOOL ? truths : key->choices;
}

/* An argument by the name that help has for it, such as "NAME or FILE.ini". */
static Argument named(const char *name) {
  const struct {
    const char *name, *kind;
  } known[] = {{"NAME or FILE.ini", "preset"}, {"SECTION.KEY=VALUE", "setting"}, {"PORT", "port"}};
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); ++i) {
    if (strstr(name, known[i].name)) {
      return (Argument){known[i].kind, NULL};
    }
  }
  return (Argument){"any", NULL};
}

static Argument argument_of(const RsOption *option) {
  const RsKey *key = option->key ? rs_settings_key(option->key) : NULL;
  const Argument argument = named(option->argument);
  if (key && values_of(key)) {
    return (Argument){"words", values_of(key)};
  }
  return !strcmp(argument.kind, "any") && option->use != RS_USES_NO_FILE ? (Argument){"file", NULL}
                                                                         : argument;
}

/* Operands that are no presets are files. */
static const char *operand_kind(const RsCommand *command) {
  const Argument argument = named(command->operands);
  return !command->most ? "none" : !strcmp(argument.kind, "preset") ? argument.kind : "file";
}

static bool is_kind(Argument argument, const char *kind) {
  return !strcmp(argument.kind, kind);
}

/* ---- Words ---- */

static void put_words(const char *const *words) {
  for (; *words; ++words) {
    printf(" %s", *words);
  }
}

/* Text within single quotes of a shell. @param quote How a quote is written there. */
static void put_quoted(const char *text, const char *quote) {
  for (; *text; ++text) {
    if (*text == '\'') {
      fputs(quote, stdout);
    } else {
      putchar(*text);
    }
  }
}

static int put_commands(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    printf(" %s", (*command)->name);
  }
  return 0;
}

static int put_presets(void) {
  for (const RsPreset *preset = rs_presets(); preset->name; ++preset) {
    printf(" %s", preset->name);
  }
  return 0;
}

static void put_key(const RsKey *key) {
  const char *const *values = values_of(key);
  if (!values) {
    printf(" %s.%s=", key->section, key->name);
  }
  for (; values && *values; ++values) {
    printf(" %s.%s=%s", key->section, key->name, *values);
  }
}

static int put_settings(void) {
  const RsKeyTable table = rs_settings_table();
  for (size_t i = 0; i < table.count; ++i) {
    put_key(&table.keys[i]);
  }
  return 0;
}

static int put_ports(void) {
  puts("  rollsmith ports 2>/dev/null |\n"
       "    sed -e 's/  (default)$//' -e 's/  \\[[^]]*\\]$//' -e 's/^ *[0-9]*  [a-z]* *//' | sort "
       "-u");
  return 0;
}

/* ---- bash ---- */

static int put_options(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    const RsOption *option = NULL;
    printf("  %s) echo '", (*command)->name);
    for (size_t i = 0; (option = rs_option_at((*command)->bit, i)); ++i) {
      if (option->letter) {
        printf("-%c ", option->letter);
      }
      printf("--%s ", option->name);
    }
    puts("' ;;");
  }
  return 0;
}

static void put_argument(const RsCommand *command, const RsOption *option) {
  const Argument argument = argument_of(option);
  if (option->letter) {
    printf("  %s.-%c |", command->name, option->letter);
  }
  printf("  %s.--%s) echo %s", command->name, option->name, argument.kind);
  if (argument.choices) {
    put_words(argument.choices);
  }
  puts(" ;;");
}

static int put_arguments(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    const RsOption *option = NULL;
    for (size_t i = 0; (option = rs_option_at((*command)->bit, i)); ++i) {
      if (option->argument) {
        put_argument(*command, option);
      }
    }
    printf("  %s.) echo %s ;;\n", (*command)->name, operand_kind(*command));
  }
  return 0;
}

/* ---- zsh ---- */

/* Text within the brackets, or between the colons, of a specification in single quotes. */
static void put_zsh_text(const char *text) {
  for (; *text; ++text) {
    const char letter[2] = {*text, 0};
    if (strchr("[]:\\", *text)) {
      putchar('\\');
    }
    put_quoted(letter, "'\\''");
  }
}

static void put_zsh_argument(const RsOption *option) {
  const Argument argument = argument_of(option);
  putchar(':');
  put_zsh_text(option->argument);
  if (argument.choices) {
    fputs(":(", stdout);
    put_words(argument.choices);
    putchar(')');
  } else if (is_kind(argument, "any")) {
    fputs(": ", stdout);
  } else {
    printf(":_rollsmith_%s", argument.kind);
  }
}

static void put_zsh_option(const RsOption *option) {
  const char *repeated = option->argument && is_kind(argument_of(option), "setting") ? "*" : "";
  const char *joined = option->argument ? "=" : "";
  if (option->letter) {
    printf("      '(-%c --%s)'{-%c%s,--%s%s}'[", option->letter, option->name, option->letter,
           option->argument ? "+" : "", option->name, joined);
  } else {
    printf("      '%s--%s%s[", repeated, option->name, joined);
  }
  put_zsh_text(rs_option_help(option));
  putchar(']');
  if (option->argument) {
    put_zsh_argument(option);
  }
  puts("' \\");
}

static int put_zsh(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    const RsOption *option = NULL;
    const char *kind = operand_kind(*command);
    printf("  %s)\n    _arguments -s -S \\\n", (*command)->name);
    for (size_t i = 0; (option = rs_option_at((*command)->bit, i)); ++i) {
      put_zsh_option(option);
    }
    if (strcmp(kind, "none") != 0) {
      printf("      '%s:operand:_rollsmith_%s'", (*command)->most > 1 ? "*" : "", kind);
    }
    puts("\n    ;;");
  }
  return 0;
}

static int put_zsh_commands(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    printf("    '%s:", (*command)->name);
    put_zsh_text((*command)->summary);
    puts("'");
  }
  return 0;
}

/* ---- fish ---- */

static void put_fish_kind(const char *kind, const char *const *choices) {
  if (choices) {
    fputs(" -x -a '", stdout);
    put_words(choices);
    putchar('\'');
  } else if (!strcmp(kind, "file")) {
    fputs(" -r -F", stdout);
  } else if (!strcmp(kind, "preset")) {
    fputs(" -r -F -a '(__rollsmith_preset)'", stdout);
  } else if (!strcmp(kind, "any")) {
    fputs(" -x", stdout);
  } else {
    printf(" -x -a '(__rollsmith_%s)'", kind);
  }
}

static void put_fish_option(const RsCommand *command, const RsOption *option) {
  printf("complete -c rollsmith -n '__rollsmith_command %s'", command->name);
  if (option->letter) {
    printf(" -s %c", option->letter);
  }
  printf(" -l %s", option->name);
  if (option->argument) {
    const Argument argument = argument_of(option);
    put_fish_kind(argument.kind, argument.choices);
  }
  fputs(" -d '", stdout);
  put_quoted(rs_option_help(option), "\\'");
  puts("'");
}

static int put_fish(void) {
  for (const RsCommand *const *command = rs_commands; *command; ++command) {
    const RsOption *option = NULL;
    const char *kind = operand_kind(*command);
    printf("complete -c rollsmith -n '__rollsmith_command' -a %s -d '", (*command)->name);
    put_quoted((*command)->summary, "\\'");
    puts("'");
    if (strcmp(kind, "none") != 0) {
      printf("complete -c rollsmith -n '__rollsmith_command %s'%s\n", (*command)->name,
             !strcmp(kind, "preset") ? " -F -a '(__rollsmith_preset)'" : " -F");
    }
    for (size_t i = 0; (option = rs_option_at((*command)->bit, i)); ++i) {
      put_fish_option(*command, option);
    }
  }
  return 0;
}

/* ---- Templates ---- */

/* Write a list in single quotes. @return 0. */
static int put_list(const char *before, int (*put)(void)) {
  printf("%s '", before);
  put();
  puts("'");
  return 0;
}

static int direct(const char *line) {
  const struct {
    const char *verb;
    int (*put)(void);
    bool is_list;
  } verbs[] = {{"commands", put_commands, true}, {"presets", put_presets, true},
               {"settings", put_settings, true}, {"ports", put_ports, false},
               {"options", put_options, false},  {"arguments", put_arguments, false},
               {"zsh", put_zsh, false},          {"zsh-commands", put_zsh_commands, false},
               {"fish", put_fish, false}};
  char verb[16] = "", before[64] = "";
  sscanf(line, "@%15s %63[^\n]", verb, before);
  for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); ++i) {
    if (!strcmp(verb, verbs[i].verb)) {
      return verbs[i].is_list ? put_list(before, verbs[i].put) : verbs[i].put();
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: completion TEMPLATE\n");
    return 1;
  }
  return template_copy(argv[1], direct);
}
