/* SPDX-License-Identifier: ISC */

#ifndef RS_CLI_LIVE_OSC_H
#define RS_CLI_LIVE_OSC_H

/**
   @file live_osc.h Control of the music by Open Sound Control, and its notes as messages.

   | address | arguments | |
   | --- | --- | --- |
   | /rollsmith/start, stop, quit | | |
   | /rollsmith/NAME | value | a control of rs_live_controls; of a button none, or 0: nothing |
   | /rollsmith/polyphony | fewest, most | |
   | /rollsmith/key-weights | 12 weights, or none: as the model plays | |
   | /rollsmith/preset | number | |
   | /rollsmith/subscribe, unsubscribe | port, or none | |

   To subscribers: /rollsmith/note with channel 1 to 16, note and velocity, 0 where it ends.
*/

#include "cli/live_control.h"

#include "live/osc.h"

/** Open Sound Control of the live controls. */
typedef struct RsLiveOsc RsLiveOsc;

/** Open it. @param address As rs_osc_new(). @return What rs_osc_new() returns. */
RsStatus rs_live_osc_new(const char *address, RsLiveOsc **out, RsError *error);

/** End the notes that subscribers hold. */
void rs_live_osc_end_notes(RsLiveOsc *self);

/** Close it. NULL is allowed. */
void rs_live_osc_free(RsLiveOsc *osc);

/** Take what has come in, and send the notes that are due. @param now Nanoseconds. */
void rs_live_osc_poll(RsLiveOsc *osc, RsLiveSession *live, int64_t now);

/** Counts so far. */
RsOscStats rs_live_osc_stats(const RsLiveOsc *osc);

#endif /* RS_CLI_LIVE_OSC_H */
