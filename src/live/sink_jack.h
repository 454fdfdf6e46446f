/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SINK_JACK_H
#define RS_LIVE_SINK_JACK_H

/**
   @file sink_jack.h Internals of the sink of JACK's MIDI ports: the sink (sink_jack.c), the
   callback that exchanges messages with the server (sink_jack_process.c), ports
   (sink_jack_ports.c), and the connection to the server (sink_jack_server.c).

   The thread that plays and the callback share two lock-free queues and atomic variables. Requests
   to the server may take long, or forever where it hangs; they are made by a thread of their own.
*/

#include "live/active_notes.h"
#include "live/ring.h"

#include <rollsmith/ports.h>

#include <jack/jack.h>

#include <pthread.h>
#include <stdatomic.h>

/** Output or input: a port of ours and the port that it is connected to. */
typedef struct {
  const char *name;              ///< Of our port; NULL: there is none
  bool wanted;                   ///< It is connected to a port, and again where that returns
  RsPort port;                   ///< That port, as it was when it was last connected
  char title[RS_PORT_NAME_SIZE]; ///< Its name for messages
  jack_port_t *own;              ///< Our port
  atomic_bool connected;         ///< That port exists
} RsJackLink;

/** A message for the callback. */
typedef struct {
  int64_t due;         ///< Time of JACK, microseconds
  unsigned generation; ///< Messages of earlier generations were recalled
  RsMessage message;
} RsJackMessage;

enum { RS_JACK_ENDS = 256 }; ///< Note-offs and silences that are kept: more than a frame has

/** What the callback has sent: a cycle that is not finished in time is lost with its messages. */
typedef struct {
  RsActiveNotes active;
  RsMessage ends[RS_JACK_ENDS]; ///< The last note-offs and silences
  size_t count;                 ///< Of all of them
  size_t again;                 ///< Number of the next one that is sent again; `count`: none
  unsigned xruns;               ///< Number of lost cycles when they were last sent again
} RsJackSent;

/** What the callback shares with the thread that plays. */
typedef struct {
  RsRing outgoing;            ///< RsJackMessage: popped by the callback
  RsRing incoming;            ///< RsReceivedMessage with times of JACK: pushed by the callback
  atomic_uint generation;     ///< Incremented by a recall
  atomic_uint_fast64_t cycle; ///< Number of cycles so far
  atomic_uint xruns;          ///< Number of lost cycles
  RsJackMessage next;         ///< Of the callback: popped, and not sent yet
  bool has_next;              ///< Of the callback
  RsJackSent sent;            ///< Of the callback
} RsJackExchange;

/** State of the thread that makes requests. */
typedef struct {
  pthread_t thread;
  bool started;        ///< There is a thread
  atomic_int state;    ///< RsJackState
  RsError error;       ///< Where it is RS_JACK_FAILED
  atomic_bool quit;    ///< Request to end
  atomic_bool dead;    ///< The server has ended
  atomic_bool changed; ///< Ports have appeared or disappeared
  atomic_bool joined;  ///< A port was connected to our output
} RsJackServer;

/** States of the connection at the start, and at the end. */
typedef enum { RS_JACK_OPENING, RS_JACK_OPEN, RS_JACK_FAILED, RS_JACK_CLOSED } RsJackState;

/** The sink. */
typedef struct {
  RsSink sink;
  RsClock *clock;
  jack_client_t
      *client;         ///< Of the thread that makes requests and, while it is active, the callback
  RsPortChoice choice; ///< Owns its strings
  RsJackLink output;
  RsJackLink inputs[RS_INPUTS];
  RsJackExchange exchange;
  RsJackServer server;
} RsJackSink;

/* ---- sink_jack_process.c ---- */

/** The callback. */
int rs_jack_process(jack_nframes_t frames, void *sink);

/**
   Audio frame of a cycle at which a message is due.

   @param due     Microseconds, as `begin` and `end` of the cycle.
   @param frames  Number of frames of the cycle.
   @return 0 where it is late; `frames` where it is due in a later cycle.
*/
jack_nframes_t rs_jack_frame(int64_t due, int64_t begin, int64_t end, jack_nframes_t frames);

/* ---- sink_jack_ports.c ---- */

/** Connect to the server. @return NULL where there is none, with an error. */
jack_client_t *rs_jack_client(const char *name, RsError *error);

/** List the ports of other clients. @return RS_OK, RS_ERR_MEMORY. */
RsStatus rs_jack_list(jack_client_t *client, RsPorts *ports, RsError *error);

/** List the ports, as RsMidiDriver.list. */
RsStatus rs_jack_ports(RsPorts *ports, RsError *error);

/** Set the port that a link is to be connected to. */
void rs_jack_set_port(RsJackLink *link, const RsPort *port);

/** Choose the ports. @return RS_OK, RS_ERR_PORT, RS_ERR_SETTING. */
RsStatus rs_jack_choose(RsJackSink *self, const RsPorts *ports, RsError *error);

/* ---- sink_jack_server.c ---- */

/** Start the thread and wait until the ports are open. @return RS_OK, RS_ERR_PORT, RS_ERR_SETTING,
    RS_ERR_MEMORY. */
RsStatus rs_jack_open(RsJackSink *self, RsError *error);

/** End the thread. @return Whether it has ended: else the sink cannot be freed, as the server does
    not answer. */
bool rs_jack_close(RsJackSink *self);

#endif /* RS_LIVE_SINK_JACK_H */
