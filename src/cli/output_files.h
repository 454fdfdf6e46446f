/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_OUTPUT_FILES_H
#define RS_CLI_OUTPUT_FILES_H

/**
   @file output_files.h Checks of the outputs of a command, before it starts to work.
*/

#include "cli/options.h"

/** Check that -o is given. @param what Its argument, for the message. @return RS_OK,
 * RS_ERR_SETTING.
 */
RsStatus rs_check_output(const RsOptions *options, const char *what, RsError *error);

/** Check that -o is given and is not standard output. */
RsStatus rs_check_output_file(const RsOptions *options, const char *what, RsError *error);

/** Whether a path has an ending such as .mid, in any case, after at least one character. */
bool rs_ends_in(const char *path, const char *ending);

/** Check that a file can be written, without changing it. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
 */
RsStatus rs_check_writable(const char *path, RsError *error);

/**
   Path of output number `index` (from 0) of `count`: SONG-001.mid, SONG-002.mid, ... for SONG.mid,
   unless count is 1.

   @return To be given to free(); NULL where memory is out.
*/
char *rs_numbered_output(const char *path, int index, int count);

#endif /* RS_CLI_OUTPUT_FILES_H */
