/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_CONSOLE_H
#define RS_CLI_CONSOLE_H

/**
   @file console.h Output of the program: results on standard output, messages on standard error.

   All output goes through these functions, which escape control characters (base/printable.h),
   since names in files and of ports are untrusted. On a terminal, lines are wrapped at its width.
*/

#include "cli/options.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

/** Exit status of the program for the status of a command. @param signal_number The signal that
 * stopped it, or 0.
 */
int rs_exit_status(RsStatus status, int signal_number);

/** A line of the report on standard output, or on standard error where the result itself goes to
 * standard output; not with --quiet or --json. */
void rs_report(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** A message on standard error; not with --quiet. */
void rs_notice(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** As rs_notice(), with a va_list. */
void rs_notice_va(const RsOptions *options, const char *format, va_list arguments)
    RS_PRINTF_LIKE(2, 0);

/** A message on standard error, only with --verbose. */
void rs_verbose(const RsOptions *options, const char *format, ...) RS_PRINTF_LIKE(2, 3);

/** As rs_report(), for a text of lines that each end in a line feed. */
void rs_report_lines(const RsOptions *options, const char *text);

/** Wait for the reader of a pipe or for a terminal that is stopped. @return Whether the stream can
 * be written to; false where a signal is to end the program and the reader does not read. */
bool rs_can_write(FILE *stream);

/** Columns of a terminal; 0 where the stream is not a terminal. */
int rs_terminal_columns(FILE *stream);

/** An error message on standard error. @param command Name of the command, or "". */
void rs_report_error(const char *command, const char *message);

/** Overwrite the progress line of the terminal, truncated to its width. */
void rs_progress_line(const char *format, ...) RS_PRINTF_LIKE(1, 2);

/** End the progress line: the next one is written below it. */
void rs_end_progress_line(void);

/** Write JSON to standard output as one line, and free it. @return RS_OK; RS_ERR_MEMORY, also where
 * `json` is NULL; RS_ERR_IO. */
RsStatus rs_report_json(json_t *json, RsError *error);

/** Flush standard output. @return RS_OK, RS_ERR_IO. */
RsStatus rs_finish_output(RsError *error);

#endif /* RS_CLI_CONSOLE_H */
