/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_OVERWRITE_H
#define RS_CLI_OVERWRITE_H

/**
   @file overwrite.h Existing files that an output replaces.
*/

#include "cli/options.h"

/** What an output contains. */
typedef enum {
  RS_CONTENT_OTHER, ///< Roll, picture, report, or unknown
  RS_CONTENT_MODEL,
  RS_CONTENT_STATE, ///< State of a training
  RS_CONTENT_LOG,   ///< Training log
  RS_CONTENT_MIDI,
} RsContent;

/**
   Check that an existing file may be replaced: a model, the state of a training, a training log and
   a MIDI file are replaced by one of their kind only. The kind is detected from the content.

   @param option  Option of the output, for the message.
   @param by      What would replace it.
   @return RS_OK, also where there is no such file or it cannot be read; RS_ERR_SETTING.
*/
RsStatus rs_check_replaced(const char *option, const char *path, RsContent by, RsError *error);

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
