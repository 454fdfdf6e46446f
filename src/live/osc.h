/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_OSC_H
#define RS_LIVE_OSC_H

/**
   @file osc.h Open Sound Control over UDP: messages in, and messages out to subscribers.

   Nothing waits: datagrams that were not read are dropped by the system, what cannot be sent at
   once is dropped. Time tags are ignored: the messages of a bundle are taken as they come.
*/

#include "live/osc_message.h"

#include <rollsmith/status.h>

#include <stdint.h>

/** Counts. */
typedef struct {
  uint64_t received;  ///< Messages that were decoded
  uint64_t malformed; ///< Datagrams or messages that were not, or are none of ours
  uint64_t dropped;   ///< Datagrams of a flood that were not decoded
  uint64_t sent;      ///< Messages sent
} RsOscStats;

/** A UDP socket with its subscribers. */
typedef struct RsOsc RsOsc;

/**
   Open a socket.

   @param address  A port, on 127.0.0.1; or ADDRESS:PORT with an IPv4 address of this machine, * for
   all of them.
   @param out      Output, to be given to rs_osc_free().
   @return RS_OK; RS_ERR_SETTING for another text; RS_ERR_IO where the port is taken, the address is
   none of this machine, or the library was built without liblo; RS_ERR_MEMORY.
*/
RsStatus rs_osc_new(const char *address, RsOsc **out, RsError *error);

/** Close it. NULL is allowed. */
void rs_osc_free(RsOsc *osc);

/** Get the next message. At most 64 datagrams without one are read in a call; what has come in
 * beyond these is a flood, and dropped. @return false: there is none at present. */
bool rs_osc_receive(RsOsc *osc, RsOscMessage *message);

/** Read what has come in beyond what rs_osc_receive() was called for, and drop it. */
void rs_osc_drop_flood(RsOsc *osc);

/** Count the last message as none of ours. */
void rs_osc_reject(RsOsc *osc);

/**
   Send to whom the last message came from, from now on.

   @param port  UDP port there; 0: the one it came from.
   @return false for an invalid port, or where there are too many subscribers.
*/
bool rs_osc_subscribe(RsOsc *osc, double port);

/** Send there no more. @return false: it was not a subscriber. */
bool rs_osc_unsubscribe(RsOsc *osc, double port);

/** Send a message of whole numbers to all subscribers. */
void rs_osc_send(RsOsc *osc, const char *path, size_t count, const int *values);

/** Counts so far. */
RsOscStats rs_osc_stats(const RsOsc *osc);

#endif /* RS_LIVE_OSC_H */
