#ifndef RS_CLI_OUTPUTS_H
#define RS_CLI_OUTPUTS_H

/**
   @file outputs.h Whether and where a command can write, before it works for hours.
*/

#include "cli/options.h"

/** See that -o is there. @param what What it must be, for the message. @return RS_OK,
 * RS_ERR_SETTING. */
RsStatus rs_require_output(const RsOptions *options, const char *what, RsError *error);

/** The same, and that it is not standard output. */
RsStatus rs_require_output_file(const RsOptions *options, const char *what, RsError *error);

/** See that a file could be written, and leave no trace. @return RS_OK, RS_ERR_IO, RS_ERR_MEMORY.
 */
RsStatus rs_try_output(const char *path, RsError *error);

/**
   Name of output number `index` (from 0) of `count`: SONG.mid becomes SONG-001.mid, SONG-002.mid,
   ... where there are several.

   @return To be given to free(); NULL where memory is out.
*/
char *rs_numbered_output(const char *path, int index, int count);

#endif /* RS_CLI_OUTPUTS_H */
