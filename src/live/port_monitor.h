/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_PORT_MONITOR_H
#define RS_LIVE_PORT_MONITOR_H

/**
   @file port_monitor.h Supervises the ports of a sink: sends the state of the receiver to the
   player, and reports changes.
*/

#include <rollsmith/ports.h>

/** A change of a port. */
typedef enum {
  RS_PORT_LOST,    ///< It disappeared, and is searched for
  RS_PORT_FOUND,   ///< It is back, possibly with another name
  RS_PORT_STALLED, ///< Its receiver does not read its messages
  RS_PORT_RESUMED, ///< Its receiver reads again
} RsPortChange;

/** A change, with the port. */
typedef struct {
  RsPortChange change;
  const char *name; ///< Current name of the port
  int input;        ///< One of RsInput; below 0: the output
  int64_t time;     ///< Nanoseconds
} RsPortEvent;

/** Called for each change. */
typedef void (*RsPortEventHandler)(void *context, const RsPortEvent *event);

/** The monitor. */
typedef struct {
  RsSink *sink;
  RsPlayer *player;
  RsPortEventHandler handler;
  void *context;                  ///< Passed to `handler`
  RsPortWatch *output;            ///< NULL: not watched
  RsPortWatch *inputs[RS_INPUTS]; ///< NULL: not watched
  RsReceiver seen;                ///< State of the receiver, as last reported
  bool missing[RS_INPUTS];        ///< Inputs that have disappeared
} RsPortMonitor;

/**
   Set up.

   @param sink        Sink of ports, borrowed.
   @param player      Borrowed.
   @return RS_OK, RS_ERR_MEMORY; to be given to rs_port_monitor_clear().
*/
RsStatus rs_port_monitor_init(RsPortMonitor *monitor, RsSink *sink, RsPlayer *player);

/** Free what it owns; all zeroes are allowed. */
void rs_port_monitor_clear(RsPortMonitor *monitor);

/** Check all ports, and report changes. @param now Nanoseconds. */
void rs_port_monitor_poll(RsPortMonitor *monitor, int64_t now, RsPortEventHandler handler,
                          void *context);

#endif /* RS_LIVE_PORT_MONITOR_H */
