/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_COMMAND_H
#define RS_CLI_COMMAND_H

/**
   @file command.h The commands of the program.
*/

#include "cli/files.h"

#include <stdio.h>

/** A command: its documentation and its functions. */
typedef struct {
  const char *name;
  unsigned bit;            ///< One of RsForCommand
  const char *operands;    ///< Synopsis of the operands, such as "PATH... -o MODEL"
  size_t fewest;           ///< Fewest operands
  size_t most;             ///< Most operands
  const char *summary;     ///< A few words, no capital, no full stop
  const char *description; ///< Paragraphs, with an empty line between them
  const char *examples;    ///< Lines, each ended by a line feed
  /** Adds the files that -o stands for; NULL where that is the file itself. */
  RsStatus (*outputs)(const RsOptions *options, RsFiles *files, RsError *error);
  RsStatus (*run)(const RsOptions *options, RsError *error);
} RsCommand;

/** Any number of operands. */
#define RS_ANY_NUMBER ((size_t)-1)

/** All commands, in the order of --help, ended by NULL. */
extern const RsCommand *const rs_commands[];

extern const RsCommand rs_command_ingest, rs_command_train, rs_command_evaluate, rs_command_export,
    rs_command_draw, rs_command_info, rs_command_page, rs_command_presets, rs_command_play,
    rs_command_ports, rs_command_panic;

/** An exit status of the program. */
typedef struct {
  const char *status;
  const char *meaning; ///< No capital, no full stop
} RsExitStatus;

/** All exit statuses, ended by one whose status is NULL. */
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
