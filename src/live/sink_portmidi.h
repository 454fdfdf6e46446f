#ifndef RS_LIVE_SINK_PORTMIDI_H
#define RS_LIVE_SINK_PORTMIDI_H

/**
   @file sink_portmidi.h Between the files of the sink that is made of PortMidi's ports: what it
   sends (sink_portmidi.c), what it receives (sink_portmidi_inputs.c), how its ports are opened
   (sink_portmidi_ports.c), and the clock that they have (sink_portmidi_queue.c).
*/

#include "live/pacing.h"

#include <rollsmith/ports.h>

#include <portmidi.h>

enum {
  RS_PORT_LATENCY = 100, // Milliseconds by which PortMidi gets messages ahead
  RS_PORT_CHUNK = 128,   // Messages at a time
  RS_PORT_FIRST_TIME = 10000,
};

/** A port that is used. */
typedef struct {
  char *pattern;  // NULL: the default output, or no input
  RsPort port;    // As it was when it was opened last
  size_t place;   // Among those of the same name and direction
  size_t twin;    // Among those of them that are of the same program
  RsPorts others; // Of its name, which were there beside it
  PortMidiStream *stream;
  int same_as; // Of an input: the number of the one whose stream it shares; else its own
} RsPortUse;

typedef struct RsPortQueue RsPortQueue;

/** The sink. */
typedef struct {
  RsSink sink;
  RsClock *clock;
  int64_t origin;  // Time at which PortMidi's is RS_PORT_FIRST_TIME
  PmTimestamp now; // What PortMidi is told
  RsPacing pacing;
  RsPortQueue *queue; // By which PortMidi schedules; NULL: it cannot be read
  char *virtual_name; // NULL: the output is a port of someone else
  RsPortUse output;
  RsPortUse inputs[RS_INPUTS];
  int latency; // Milliseconds; 0: what is sent sounds at once, and need not be called back
  bool silent; // Nothing is sent
  bool opened; // Once: then ports are found again by their names, and inputs are waited for
} RsPortSink;

/** Let PortMidi's time be `now`; it stands still in between. */
void rs_port_sink_tell_time(RsPortSink *self, int64_t now);

/** Open all ports. @return RS_OK, RS_ERR_PORT, RS_ERR_MEMORY: then none is open. */
RsStatus rs_port_sink_open(RsPortSink *self, RsError *error);

/** Close all ports, and PortMidi. */
void rs_port_sink_close(RsPortSink *self);

/** The queue of this program's PortMidi, which must have an output open. @return It, to be given to
    rs_port_queue_close(); NULL where it cannot be read. */
RsPortQueue *rs_port_queue_open(void);

/** Close it. NULL is allowed. */
void rs_port_queue_close(RsPortQueue *queue);

/** Milliseconds that a queue has counted; below 0: not known, as of NULL. */
int64_t rs_port_queue_count(const RsPortQueue *queue);

/** As RsSink says. */
RsStatus rs_port_sink_reopen(RsSink *sink);
size_t rs_port_sink_receive(RsSink *sink, RsReceived *messages, size_t room);

#endif /* RS_LIVE_SINK_PORTMIDI_H */
