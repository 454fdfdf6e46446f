#ifndef RS_CLI_SIGNALS_H
#define RS_CLI_SIGNALS_H

/**
   @file signals.h Being asked to stop.

   SIGINT, SIGTERM, SIGHUP or SIGQUIT ends the program at once: files are written whole or not at
   all, whatever happens. Where there is something to save or to silence, rs_signals_note() makes
   the handler do nothing but note the first one, and whoever works looks at rs_signal_received()
   now and then; a second one, but for an echo right after the first, ends the program at once.
*/

#include <rollsmith/status.h>

/** A closed pipe ends the program with status 128 + SIGPIPE, without a word; a limit of file size
 * is an error like a full disk. */
void rs_signals_of_output(void);

/** Let signals end the program, with status 128 + the signal, from now on. One that is ignored
 * already stays so, as under nohup. */
void rs_signals_catch(void);

/** Heed SIGINT and SIGQUIT even where they are ignored, as in what a shell script runs in the
 * background: for what must end well. */
void rs_signals_catch_keys(void);

/** From now on note the first signal, which ends the program all the same when the work has not
 * ended after so many seconds. @param seconds 0: never. */
void rs_signals_note(unsigned seconds);

/**
   Where the work has not ended in that time, call a function first, in a thread of its own.

   @param call     What to call; the program ends when it returns.
   @param context  Handed to it.
   @return RS_OK; RS_ERR_MEMORY where a thread cannot be had.
*/
RsStatus rs_signals_call_last(void (*call)(void *context), void *context);

/** Take that back; where it is called already, this does not return. */
void rs_signals_call_nothing(void);

/** The signal that asked to stop, or 0. */
int rs_signal_received(void);

#endif /* RS_CLI_SIGNALS_H */
