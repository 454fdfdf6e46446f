/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_SIGNALS_H
#define RS_CLI_SIGNALS_H

/**
   @file signals.h Signals that stop the program.

   SIGINT, SIGTERM, SIGHUP and SIGQUIT end the program at once; output files are written atomically.
   After rs_signals_defer() the first signal is only recorded, and the command polls
   rs_signal_received() and ends by itself; the second one ends the program at once, unless it
   follows the first within 200 ms.
*/

#include <rollsmith/status.h>

/** Let SIGPIPE end the program with status 128 + SIGPIPE, without a message, and ignore SIGXFSZ: a
 * file size limit is a write error like a full disk. */
void rs_signals_init_output(void);

/** Let signals end the program with status 128 + the signal. Ignored signals stay ignored, as under
 * nohup. */
void rs_signals_catch(void);

/** Handle SIGINT and SIGQUIT even if they are ignored, as in background jobs of a shell script. */
void rs_signals_catch_ignored(void);

/** Record the first signal in place of ending the program. @param seconds Seconds after which the
 * program ends nevertheless; 0: never. */
void rs_signals_defer(unsigned seconds);

/**
   Set a function that is called, in a thread of its own, before the program ends by that timeout.

   @param call     Function; the program ends when it returns.
   @param context  Passed to it.
   @return RS_OK; RS_ERR_MEMORY where the thread cannot be created.
*/
RsStatus rs_signals_set_timeout_call(void (*call)(void *context), void *context);

/** Remove that function; does not return where it is already running. */
void rs_signals_clear_timeout_call(void);

/** Record a signal that another process of a training received, unless there is one. */
void rs_signals_record(int number);

/** The recorded signal, or 0. */
int rs_signal_received(void);

#endif /* RS_CLI_SIGNALS_H */
