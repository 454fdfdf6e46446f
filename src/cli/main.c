/* SPDX-License-Identifier: ISC */

#include "base/suggestion.h"
#include "cli/command.h"
#include "cli/input_files.h"
#include "cli/console.h"
#include "cli/signals.h"
#include "cli/train_processes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int complain(const RsCommand *command, const RsError *error) {
  const char *message = *error->message ? error->message : rs_status_text(error->status);
  const int signal_number = rs_signal_received();
  if (error->status != RS_ERR_STOPPED) {
    rs_report_error(command ? command->name : "", message);
  }
  return rs_exit_status(error->status, signal_number);
}

static RsStatus check_operands(const RsCommand *command, const RsOptions *options, RsError *error) {
  if (options->operand_count < command->fewest) {
    return rs_error(error, RS_ERR_SETTING, "usage: rollsmith %s %s; see rollsmith %s --help",
                    command->name, command->operands, command->name);
  }
  if (options->operand_count > command->most) {
    return rs_error(error, RS_ERR_SETTING, "%s: too many arguments; usage: rollsmith %s %s",
                    options->operands[command->most], command->name, command->operands);
  }
  return RS_OK;
}

/* Check that no output is an input or written twice, before any file is opened. */
static RsStatus check_files(const RsCommand *command, const RsOptions *options, RsError *error) {
  RsFiles *files = NULL;
  RsStatus status = rs_files_new(command->bit, options, &files, error);
  if (!status && options->output) {
    status = command->outputs ? command->outputs(options, files, error)
                              : rs_files_write(files, "-o", options->output, error);
  }
  if (!status) {
    status = rs_files_write_options(files, error);
  }
  rs_files_free(files);
  return status;
}

static RsStatus run(const RsCommand *command, const RsOptions *options, RsError *error) {
  if (options->help) {
    rs_help_command(stdout, command);
    return RS_OK;
  }
  RsStatus status = check_operands(command, options, error);
  if (!status) {
    status = rs_input_files_buffer_pipes(command->bit, options, error);
  }
  if (!status) {
    status = check_files(command, options, error);
  }
  return status ? status : command->run(options, error);
}

static int run_command(const RsCommand *command, int argc, char **argv) {
  RsOptions options;
  RsError error = {RS_OK, ""};
  rs_signals_catch();
  if (command->bit == RS_FOR_PLAY) {
    rs_signals_catch_ignored();
  }
  RsStatus status = rs_options_parse(command->bit, argc, argv, &options, &error);
  if (!status) {
    status = run(command, &options, &error);
  }
  if (!rs_can_write(stdout)) {
    _exit(128 + rs_signal_received()); /* exit() would wait for the reader */
  }
  if (!status) {
    status = rs_finish_output(&error);
  }
  rs_options_clear(&options);
  error.status = status;
  int exit_status = status ? complain(command, &error) : 0;
  exit_status = rs_train_processes_end(&error, exit_status);
  if (status == RS_ERR_MEMORY) {
    fflush(NULL);
    _exit(exit_status); /* at exit OpenBLAS joins its threads, which may be waiting for memory */
  }
  return exit_status;
}

static int no_such_command(const char *name) {
  RsError error = {RS_ERR_SETTING, ""};
  RsSuggestion search = rs_suggestion(name);
  const char *suggested = NULL;
  for (const RsCommand *const *at = rs_commands; *at; ++at) {
    if (rs_suggestion_offer(&search, (*at)->name)) {
      suggested = (*at)->name;
    }
  }
  rs_error(&error, RS_ERR_SETTING, "%s: no such command; %s%s%s", name,
           suggested ? "did you mean " : "",
           suggested ? suggested : "list them with rollsmith --help", suggested ? "?" : "");
  return complain(NULL, &error);
}

static int finish(void) {
  RsError error = {RS_OK, ""};
  return rs_finish_output(&error) ? complain(NULL, &error) : 0;
}

static int help(const char *name) {
  const RsCommand *command = name ? rs_command_find(name) : NULL;
  if (name && !command) {
    return no_such_command(name);
  }
  if (command) {
    rs_help_command(stdout, command);
  } else {
    rs_help(stdout);
  }
  return finish();
}

/* Open standard files that are closed. Else the next file that is opened, such as a training log,
   gets descriptor 1 or 2 and all messages with it. */
static void open_standard_files(void) {
  static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY}; /* writing to descriptor 1 must fail */
  for (int fd = 0; fd < 3; ++fd) {
    if (fcntl(fd, F_GETFD) < 0) {
      (void)!open("/dev/null", modes[fd]);
    }
  }
}

/* Exit where memory is out: jansson continues and loses data. */
static void *allocate_for_json(size_t size) {
  void *memory = malloc(size);
  if (!memory) {
    rs_report_error("", "out of memory");
    _exit(1);
  }
  return memory;
}

int main(int argc, char **argv) {
  open_standard_files();
  rs_signals_init_output();
  json_set_alloc_funcs(allocate_for_json, free);
  const char *word = argc > 1 ? argv[1] : "";
  if (!*word) {
    RsError error;
    rs_help(stderr);
    rs_error(&error, RS_ERR_SETTING, "no command given");
    return complain(NULL, &error);
  }
  if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
    rs_help_version(stdout);
    return finish();
  }
  if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
    return help(argc > 2 ? argv[2] : NULL);
  }
  const RsCommand *command = rs_command_find(word);
  return command ? run_command(command, argc - 1, argv + 1) : no_such_command(word);
}
