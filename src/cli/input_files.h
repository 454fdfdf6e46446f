/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_INPUT_FILES_H
#define RS_CLI_INPUT_FILES_H

/**
   @file input_files.h The input files of a command line.
*/

#include "cli/options.h"

/** Called for each input. @param is_preset Whether it is a preset, by name or by path. */
typedef RsStatus (*RsInputFileVisitor)(void *context, const char *name, bool is_preset,
                                       RsError *error);

/**
   Visit operands, and options that name an input, until one returns an error.

   @param command  One of RsForCommand.
   @return RS_OK, or what `visit` returned.
*/
RsStatus rs_input_files_visit(unsigned command, const RsOptions *options, RsInputFileVisitor visit,
                              void *context, RsError *error);

/**
   Replace inputs that are open pipes or devices, such as /dev/stdin, by a file in memory with their
   contents, so that they can be read more than once.

   @return RS_OK; RS_ERR_READ, RS_ERR_IO, RS_ERR_MEMORY; RS_ERR_FORMAT for one of more than 1 GiB.
*/
RsStatus rs_input_files_buffer_pipes(unsigned command, const RsOptions *options, RsError *error);

#endif /* RS_CLI_INPUT_FILES_H */
