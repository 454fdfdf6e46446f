#ifndef RS_CLI_OVERWRITE_H
#define RS_CLI_OVERWRITE_H

/**
   @file overwrite.h A message about an existing file that a model replaces.
*/

#include "cli/options.h"

/** Whether `path` is a regular file that is not empty. */
bool rs_file_exists(const char *path);

/** Report what the file at `path` is, and when it is replaced. @param until As "the first epoch is
 * done". */
void rs_report_overwrite(const RsOptions *options, const char *path, const char *until);

/**
   Check that the state of a training can be written to `path`, which no option names: an existing
   file must be the state of a training, or empty.

   @return RS_OK; RS_ERR_SETTING if another file is there; errors of rs_check_writable().
*/
RsStatus rs_check_state_writable(const char *path, RsError *error);

#endif /* RS_CLI_OVERWRITE_H */
