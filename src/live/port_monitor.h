#ifndef RS_LIVE_PORT_MONITOR_H
#define RS_LIVE_PORT_MONITOR_H

/**
   @file port_monitor.h Watches the ports of a sink from outside, lets the player know what is to be
   seen of them, and tells what has changed.
*/

#include <rollsmith/ports.h>

/** What has happened to a port. */
typedef enum {
  RS_PORT_GONE,  // It is looked for
  RS_PORT_BACK,  // Maybe under another name
  RS_PORT_STUCK, // Its receiver does not read
  RS_PORT_READS, // It does again
} RsPortChange;

/** A change. */
typedef struct {
  RsPortChange change;
  const char *name; // Of the port, as it is now
  int input;        // One of RsInput; below 0: it is the output
  int64_t time;
} RsPortEvent;

/** Called for each change. */
typedef void (*RsPortEventHandler)(void *context, const RsPortEvent *event);

/** The monitor. */
typedef struct {
  RsSink *sink;
  RsPlayer *player;
  RsPortEventHandler tell;
  void *context;
  RsPortWatch *output; // NULL: there is nothing to be seen
  RsPortWatch *inputs[RS_INPUTS];
  RsReceiver seen;         // What the receiver did
  bool missing[RS_INPUTS]; // Inputs that are gone
} RsPortMonitor;

/**
   Begin to watch.

   @param sink        Of ports; borrowed.
   @param player      Borrowed.
   @param is_virtual  Whether the output is a port of our own, of which nothing can be seen.
   @return RS_OK, RS_ERR_MEMORY; to be given to rs_port_monitor_clear().
*/
RsStatus rs_port_monitor_init(RsPortMonitor *monitor, RsSink *sink, RsPlayer *player,
                              bool is_virtual);

/** Free what it owns; all zeroes are allowed. */
void rs_port_monitor_clear(RsPortMonitor *monitor);

/** Look at all ports. @param now Nanoseconds. */
void rs_port_monitor_look(RsPortMonitor *monitor, int64_t now, RsPortEventHandler tell,
                          void *context);

#endif /* RS_LIVE_PORT_MONITOR_H */
