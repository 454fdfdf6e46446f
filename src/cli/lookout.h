#ifndef RS_CLI_LOOKOUT_H
#define RS_CLI_LOOKOUT_H

/**
   @file lookout.h Looks at the ports of a performance, tells the player what is to be seen of them,
   and the person what has changed.
*/

#include "cli/hands.h"

#include <rollsmith/ports.h>

/** What is looked at, and what was seen. */
typedef struct {
  RsSink *sink;
  RsPlayer *player;
  RsPortWatch *output; // NULL: there is nothing to be seen
  RsPortWatch *inputs[RS_INPUTS];
  RsReceiver seen;         // What the receiver did
  bool missing[RS_INPUTS]; // Inputs that are gone
} RsLookout;

/**
   Begin to look.

   @param sink        Borrowed.
   @param player      Borrowed.
   @param is_virtual  Whether the output is a port of our own, of which nothing can be seen.
   @return RS_OK, RS_ERR_MEMORY; to be given to rs_lookout_clear().
*/
RsStatus rs_lookout_init(RsLookout *lookout, RsSink *sink, RsPlayer *player, bool is_virtual);

/** Free what it owns; all zeroes are allowed. */
void rs_lookout_clear(RsLookout *lookout);

/** Look. @param now Nanoseconds. */
void rs_lookout_look(RsLookout *lookout, RsHands *hands, int64_t now);

#endif /* RS_CLI_LOOKOUT_H */
