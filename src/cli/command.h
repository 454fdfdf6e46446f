#ifndef RS_CLI_COMMAND_H
#define RS_CLI_COMMAND_H

/**
   @file command.h What a command is, and the table of all of them.
*/

#include "cli/files.h"

#include <stdio.h>

/** One command of the program: what is said of it, and what does it. */
typedef struct {
  const char *name;
  unsigned bit;            // One of RsForCommand
  const char *operands;    // What follows the name, such as "PATH... -o MODEL"
  size_t fewest;           // Operands that there must be
  size_t most;             // Operands that there may be
  const char *summary;     // A few words, no capital, no full stop
  const char *description; // Paragraphs, with an empty line between them
  const char *examples;    // Lines of "command # what it does", each ended
  // What -o comes to, where that is not just the file it names; NULL elsewhere
  RsStatus (*outputs)(const RsOptions *options, RsFiles *files, RsError *error);
  RsStatus (*run)(const RsOptions *options, RsError *error);
} RsCommand;

/** Any number of operands. */
#define RS_ANY_NUMBER ((size_t)-1)

/** The commands in the order of a user's day, ended by NULL. */
extern const RsCommand *const rs_commands[];

extern const RsCommand rs_command_ingest, rs_command_train, rs_command_evaluate, rs_command_export,
    rs_command_draw, rs_command_info, rs_command_presets, rs_command_play, rs_command_ports,
    rs_command_panic;

/** What an exit status of the program means. */
typedef struct {
  const char *status;
  const char *meaning; // No capital, no full stop
} RsExitStatus;

/** All of them, ended by one whose status is NULL. */
extern const RsExitStatus rs_exit_statuses[];

/** Command of a name, or NULL. */
const RsCommand *rs_command_find(const char *name);

/** Help of the whole program. */
void rs_help(FILE *stream);

/** Name and version of the program. */
void rs_help_version(FILE *stream);

/** Help of one command. */
void rs_help_command(FILE *stream, const RsCommand *command);

#endif /* RS_CLI_COMMAND_H */
