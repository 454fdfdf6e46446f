/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_FILES_H
#define RS_CLI_FILES_H

/**
   @file files.h Check that no file that a command writes is one of its inputs or written twice.

   Files are compared by device and inode; a file that does not exist yet by the device and inode of
   its folder and its name. Devices such as /dev/null are not compared.
*/

#include "cli/options.h"

/** The files of a command. */
typedef struct RsFiles RsFiles;

/**
   Collect the inputs of the command line, operands and options, and the standard streams. No file
   is opened.

   @param command  One of RsForCommand.
   @param options  Borrowed.
   @param out      Output, to be given to rs_files_free(), also after an error.
   @return RS_OK; RS_ERR_SETTING where standard output is an input.
*/
RsStatus rs_files_new(unsigned command, const RsOptions *options, RsFiles **out, RsError *error);

/** Free it. NULL is allowed. */
void rs_files_free(RsFiles *files);

/**
   Add an output.

   @param option  Its option, for the message, such as "-o".
   @return RS_OK; RS_ERR_SETTING where it is an input or another output.
*/
RsStatus rs_files_write(RsFiles *files, const char *option, const char *path, RsError *error);

/** Add the outputs of all options other than -o. @return As rs_files_write(). */
RsStatus rs_files_write_options(RsFiles *files, RsError *error);

#endif /* RS_CLI_FILES_H */
