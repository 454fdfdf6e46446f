#ifndef RS_CLI_REPLACED_H
#define RS_CLI_REPLACED_H

/**
   @file replaced.h A file that stands where a model will be written.
*/

#include "cli/options.h"

/** Whether there is a file at `path` that is not empty. */
bool rs_is_replaced(const char *path);

/** Say what the file at `path` is, and that it is replaced when `until` has come. */
void rs_tell_replaced(const RsOptions *options, const char *path, const char *until);

#endif /* RS_CLI_REPLACED_H */
