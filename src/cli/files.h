#ifndef RS_CLI_FILES_H
#define RS_CLI_FILES_H

/**
   @file files.h The files that a command reads and writes, and the check that none of them is
   written that is read, and none is written twice.

   Files are compared by device and inode, whatever names and links lead to them; a file that does
   not exist yet by the device and inode of its folder and its name in it. Devices such as /dev/null
   are not compared.
*/

#include "cli/options.h"

/** The files of a command. */
typedef struct RsFiles RsFiles;

/**
   The files that the command line names: operands and options that are read, and the standard
   streams. Nothing is opened.

   @param command  One of RsForCommand.
   @param options  Borrowed.
   @param out      Output, to be given to rs_files_free(), also after an error.
   @return RS_OK; RS_ERR_SETTING where standard output is a file that is read.
*/
RsStatus rs_files_new(unsigned command, const RsOptions *options, RsFiles **out, RsError *error);

/** Free it. NULL is allowed. */
void rs_files_free(RsFiles *files);

/**
   Add a file that will be written.

   @param option  What it stands for, for the message, such as "-o".
   @return RS_OK; RS_ERR_SETTING where it is read, or written as something else, too.
*/
RsStatus rs_files_write(RsFiles *files, const char *option, const char *path, RsError *error);

/** Add the files that the options of the command name as outputs, but for -o. @return As
 * rs_files_write(). */
RsStatus rs_files_write_options(RsFiles *files, RsError *error);

#endif /* RS_CLI_FILES_H */
