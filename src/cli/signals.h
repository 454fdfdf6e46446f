#ifndef RS_CLI_SIGNALS_H
#define RS_CLI_SIGNALS_H

/**
   @file signals.h Being asked to stop.

   The handler does nothing but note the signal; whoever works looks at rs_signal_received() now and
   then. A second one, but for an echo right after the first, ends the program at once, and so does
   the first one where rs_signals_end_at_once() says so.
*/

#include <stdbool.h>

/** Note SIGINT, SIGTERM and SIGHUP from now on. One that is ignored already stays so, as under
 * nohup. */
void rs_signals_catch(void);

/** Note SIGINT even where it is ignored, as in what a shell script runs in the background: for
 * what must end well. */
void rs_signals_catch_interrupt(void);

/** Let a signal end the program at once, or no longer: while it works for long and nothing of that
 * would be left behind, neither to be saved nor half written. */
void rs_signals_end_at_once(bool at_once);

/** The signal that asked to stop, or 0. */
int rs_signal_received(void);

#endif /* RS_CLI_SIGNALS_H */
