/* SPDX-License-Identifier: ISC */

#ifndef RS_LIVE_SINK_ALSA_H
#define RS_LIVE_SINK_ALSA_H

/**
   @file sink_alsa.h Internals of the sink of ALSA's sequencer: opening and sending (sink_alsa.c),
   ports and their changes (sink_alsa_ports.c), receiving (sink_alsa_inputs.c), watches
   (sink_alsa_watch.c).

   The sink is a client of its own, with a port for the output and one for each input, to which
   other programs can connect, too. A private port receives the events of System Announce, by which
   ports that leave or appear and connections that change are noticed.
*/

#include "live/active_notes.h"
#include "live/queue_time.h"

#include <rollsmith/ports.h>

#include <alsa/asoundlib.h>

#include <stdatomic.h>

/** Output or input: a port of ours and the port that it is connected to. */
typedef struct {
  int own;               ///< Number of our port; -1: there is none
  bool wanted;           ///< It is connected to a port, and again where that returns
  RsPort port;           ///< That port, as it was when it was last connected
  atomic_bool connected; ///< That port exists; read by watches in other threads
} RsAlsaLink;

/** The sink. */
typedef struct {
  RsSink sink;
  RsClock *clock;
  snd_seq_t *seq;
  snd_midi_event_t *coder; ///< Between bytes and events
  snd_seq_queue_status_t *status;
  int client;
  int queue;
  int announce;     ///< Number of the port that receives the events of System Announce
  RsQueueTime time; ///< Time of the queue
  int64_t last;     ///< Time in the queue of the last message, nanoseconds
  RsAlsaLink output;
  RsAlsaLink inputs[RS_INPUTS];
  RsActiveNotes active; ///< Of the receivers, as the queued messages leave them
  int64_t ended[RS_CHANNELS]
               [RS_NOTES]; ///< Delivery time of the last note-off, nanoseconds; 0: none
} RsAlsaSink;

/* ---- sink_alsa_ports.c ---- */

/** Open the sequencer. @return NULL where there is none, or no permission. */
snd_seq_t *rs_alsa_open(void);

/** List the ports of a sequencer but those of our client; NULL: none. As rs_ports_list(). */
RsStatus rs_alsa_list(snd_seq_t *seq, RsPorts *ports, RsError *error);

/** List the ports, as RsMidiDriver.list. */
RsStatus rs_alsa_ports(RsPorts *ports, RsError *error);

/** Create a port of ours. @return Its number; below 0: an error of ALSA. */
int rs_alsa_create_port(const RsAlsaSink *self, const char *name, unsigned capability);

/** Choose the ports and connect to them. @return RS_OK, RS_ERR_PORT, RS_ERR_SETTING,
    RS_ERR_MEMORY. */
RsStatus rs_alsa_connect(RsAlsaSink *self, const RsPortChoice *choice, RsError *error);

/** Handle an event of System Announce. */
void rs_alsa_on_announcement(RsAlsaSink *self, const snd_seq_event_t *event);

/** Look at all ports, as announcements may have been lost. */
void rs_alsa_check_ports(RsAlsaSink *self);

/* ---- sink_alsa_send.c ---- */

/** Function of RsSink. */
RsStatus rs_alsa_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count);

/** Function of RsSink. */
RsStatus rs_alsa_recall(RsSink *sink);

/** Send note-offs, and messages that silence, to a port that was disconnected, at once. */
void rs_alsa_silence(RsAlsaSink *self, const snd_seq_addr_t *port);

/** Read the time of the queue. @return The time of the clock, nanoseconds. */
int64_t rs_alsa_read_time(RsAlsaSink *self);

/* ---- sink_alsa_inputs.c, sink_alsa_watch.c ---- */

/** Function of RsSink. */
size_t rs_alsa_receive(RsSink *sink, RsReceivedMessage *messages, size_t room);

/** Function of RsMidiDriver. */
RsStatus rs_alsa_watch(const RsSink *sink, int input, RsPortWatch **out);

#endif /* RS_LIVE_SINK_ALSA_H */
