/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SINK_PORTMIDI_H
#define RS_LIVE_SINK_PORTMIDI_H

/**
   @file sink_portmidi.h Internals of the sink of PortMidi's ports: sending (sink_portmidi.c),
   receiving (sink_portmidi_inputs.c), opening (sink_portmidi_ports.c), and the count of ALSA's
   queue (sink_portmidi_queue.c).
*/

#include "live/pacing.h"

#include <rollsmith/ports.h>

#include <portmidi.h>

enum {
  RS_PORT_LATENCY =
      100,             ///< Milliseconds by which messages are sent ahead: covers scheduling delays
  RS_PORT_CHUNK = 128, ///< Messages per call of Pm_Write()
  RS_PORT_FIRST_TIME = 10000, ///< PortMidi's time at the start; times before it stay positive
};

/** A port that is used by the sink. */
typedef struct {
  const char *pattern; ///< Owned by `choice`; NULL: the default output, or no input
  RsPort port;         ///< As it was when it was last opened
  size_t name_index;   ///< rs_port_list_name_index()
  size_t client_index; ///< rs_port_list_client_index()
  RsPorts namesakes;   ///< Other ports of the same name at that time
  PortMidiStream *stream;
  int same_as; ///< Of an input: number of the input whose stream it shares; else its own
} RsOpenPort;

typedef struct RsPortQueue RsPortQueue;

/** The sink. */
typedef struct {
  RsSink sink;
  RsClock *clock;
  int64_t origin;  ///< Time at which PortMidi's time is RS_PORT_FIRST_TIME
  PmTimestamp now; ///< PortMidi's time
  RsPacing pacing;
  RsPortQueue *queue;  ///< ALSA's queue; NULL: it cannot be read
  RsPortChoice choice; ///< Owns its strings
  RsOpenPort output;
  RsOpenPort inputs[RS_INPUTS];
  int latency; ///< Milliseconds; 0: messages are sent without a queue
  bool opened; ///< Ports have been opened once: they are found again by name, and inputs may be
               ///< missing
} RsPortSink;

/** Set PortMidi's time, which is constant between calls. */
static inline void rs_port_sink_set_time(RsPortSink *self, int64_t now) {
  self->now = (PmTimestamp)(uint32_t)((now - self->origin) / RS_MILLISECOND + RS_PORT_FIRST_TIME);
}

/** Open all ports. @return RS_OK; RS_ERR_PORT or RS_ERR_MEMORY, and none is open. */
RsStatus rs_port_sink_open(RsPortSink *self, RsError *error);

/** Close all ports, and PortMidi. */
void rs_port_sink_close(RsPortSink *self);

/** Open the ALSA queue that PortMidi uses; an output must be open. @return The queue, to be given
   to rs_port_queue_close(); NULL where it cannot be read. */
RsPortQueue *rs_port_queue_open(void);

/** Close it. NULL is allowed. */
void rs_port_queue_close(RsPortQueue *queue);

/** Count of a queue in milliseconds; below 0: not known, also for NULL. */
int64_t rs_port_queue_count(const RsPortQueue *queue);

/** Functions of RsSink. */
RsStatus rs_port_sink_reopen(RsSink *sink);
size_t rs_port_sink_receive(RsSink *sink, RsReceivedMessage *messages, size_t room);

#endif /* RS_LIVE_SINK_PORTMIDI_H */
