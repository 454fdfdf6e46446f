/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PORT_WATCH_H
#define RS_LIVE_PORT_WATCH_H

/**
   @file port_watch.h Watches of ports, which the drivers make (RsMidiDriver.watch).
*/

#include "live/sequencer.h"

#include <rollsmith/ports.h>

/** A watch; the first member of that of a driver. */
struct RsPortWatch {
  char name[RS_PORT_NAME_SIZE]; ///< Of the port
  RsSeqPool pool;               ///< Queue of the receiver at the last check; size 0: not known

  /** Functions as those of ports.h. */
  RsReceiver (*poll)(RsPortWatch *watch, int64_t now);
  bool (*returned)(RsPortWatch *watch);
};

#endif /* RS_LIVE_PORT_WATCH_H */
