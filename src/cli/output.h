#ifndef RS_CLI_OUTPUT_H
#define RS_CLI_OUTPUT_H

/**
   @file output.h What the program says: results on standard output, all else on standard error. It
   says everything by these functions, which write control characters out (base/printable.h): names
   in files and of ports are written by others. On a terminal, lines are kept within its width.
*/

#include "cli/options.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

/** Exit status of the program for what came of a command; `signal_number` is 0 or what stopped it.
 */
int rs_exit_status(RsStatus status, int signal_number);

/** One line of the report on standard output, or on standard error where the result goes there;
 * unless quiet or in JSON. */
void rs_report(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** A message on standard error, unless quiet. */
void rs_say(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** The same, with arguments of another function. */
void rs_say_arguments(const RsOptions *options, const char *format, va_list arguments)
    RS_PRINTF_LIKE(2, 0);

/** A message on standard error, only if verbose. */
void rs_say_more(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** Lines of the report on standard output, likewise; each ends in a line feed. */
void rs_report_lines(const RsOptions *options, const char *text);

/** Columns of a terminal; 0 where the stream is none. */
int rs_columns(FILE *stream);

/** What went wrong, on standard error; `command` is "" before there is one. */
void rs_complain(const char *command, const char *message);

/** A line on a terminal that is written over the last one, cut to the width of the terminal, and
 * not ended. */
void rs_over_line(const char *format, ...) RS_PRINTF_LIKE(1, 2);

/** End the line that was written over others. */
void rs_end_line(void);

/** Write JSON on standard output as one line, and free it. @return RS_ERR_MEMORY for NULL. */
RsStatus rs_put_json(json_t *json, RsError *error);

/** See that all of standard output arrived. */
RsStatus rs_finish_output(RsError *error);

#endif /* RS_CLI_OUTPUT_H */
