#ifndef RS_CLI_OUTPUT_H
#define RS_CLI_OUTPUT_H

/**
   @file output.h What the program says: results on standard output, all else on standard error.
*/

#include "cli/options.h"

#include <jansson.h>

/** Goes before a line on a terminal that is written over the last one. */
#define RS_OVER_LINE "\r\033[K"

/** Exit status of the program for what came of a command; `signal_number` is 0 or what stopped it.
 */
int rs_exit_status(RsStatus status, int signal_number);

/** One line of the report on standard output, unless quiet or in JSON. */
void rs_report(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** A message on standard error, unless quiet. */
void rs_say(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** A message on standard error, only if verbose. */
void rs_say_more(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** Write JSON on standard output as one line, and free it. @return RS_ERR_MEMORY for NULL. */
RsStatus rs_put_json(json_t *json, RsError *error);

/** See that all of standard output arrived. */
RsStatus rs_finish_output(RsError *error);

#endif /* RS_CLI_OUTPUT_H */
