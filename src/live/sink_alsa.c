/* SPDX-License-Identifier: ISC */

#include "live/sink_alsa.h"

#include "live/input_filter.h"
#include "live/midi_driver.h"
#include "live/midi_system.h"

#include <poll.h>
#include <stdlib.h>

#define LOOKAHEAD (100 * RS_MILLISECOND) /* covers scheduling delays of our thread */

enum {
  EVENTS_QUEUED = 2000, /* most events of a client in the queue: the kernel's limit */
  EVENTS_UNREAD = 1000, /* a controller sends some 1000 a second */
  LONGEST_MESSAGE = 12, /* bytes, of what ALSA decodes to several messages */
  PATIENCE = 500,       /* milliseconds to wait for room in the queue: it empties in 100 */
  CHECK_INTERVAL = 5,   /* milliseconds between two looks at the ports, without inputs */
};

/* ---- Time ---- */

static int64_t nanoseconds(const snd_seq_real_time_t *time) {
  return (int64_t)time->tv_sec * RS_SECOND + time->tv_nsec;
}

int64_t rs_alsa_read_time(RsAlsaSink *self) {
  const int64_t now = self->clock->now(self->clock);
  if (!snd_seq_get_queue_status(self->seq, self->queue, self->status)) {
    rs_queue_time_read(&self->time, now,
                       nanoseconds(snd_seq_queue_status_get_real_time(self->status)));
  }
  return now;
}

/* ---- Sending ---- */

/* Wait until the sequencer takes events, or for some time. */
static bool wait_for_room(RsAlsaSink *self) {
  struct pollfd ready;
  return snd_seq_poll_descriptors(self->seq, &ready, 1, POLLOUT) == 1 &&
         poll(&ready, 1, PATIENCE) == 1;
}

static RsStatus drain(RsAlsaSink *self) {
  int left = 0;
  while ((left = snd_seq_drain_output(self->seq)) == -EAGAIN && wait_for_room(self)) {
  }
  return left < 0 ? RS_ERR_PORT : RS_OK;
}

static RsStatus put(RsAlsaSink *self, snd_seq_event_t *event) {
  snd_seq_ev_set_source(event, self->output.own);
  const int put = snd_seq_event_output_buffer(self->seq, event);
  if (put != -EAGAIN) {
    return put < 0 ? RS_ERR_PORT : RS_OK;
  }
  const RsStatus status = drain(self);
  return status || snd_seq_event_output_buffer(self->seq, event) < 0 ? RS_ERR_PORT : RS_OK;
}

/* Make the event of a message. @return false where ALSA does not know the message. */
static bool encode(RsAlsaSink *self, const RsMessage *message, snd_seq_event_t *event) {
  snd_seq_ev_clear(event);
  snd_midi_event_reset_encode(self->coder);
  return snd_midi_event_encode(self->coder, message->bytes, message->size, event) > 0 &&
         event->type != SND_SEQ_EVENT_NONE;
}

/* Time in the queue of a message; the queue delivers at once what is due, in the order of time. */
static int64_t queue_time(RsAlsaSink *self, int64_t due) {
  const int64_t time = self->sink.lookahead ? rs_queue_time_count(&self->time, due) : 0;
  self->last = time > self->last ? time : self->last;
  return self->last;
}

static RsStatus send_at(RsAlsaSink *self, int64_t time, const RsMessage *messages, size_t count) {
  const snd_seq_real_time_t real = {.tv_sec = (unsigned)(time / RS_SECOND),
                                    .tv_nsec = (unsigned)(time % RS_SECOND)};
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < count; ++i) {
    snd_seq_event_t event;
    if (encode(self, &messages[i], &event)) {
      snd_seq_ev_set_subs(&event);
      snd_seq_ev_schedule_real(&event, self->queue, 0, &real);
      status = put(self, &event);
    }
  }
  return status ? status : drain(self);
}

static RsStatus alsa_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  if (self->output.own < 0) {
    return RS_OK;
  }
  if (!atomic_load(&self->output.connected)) {
    return RS_ERR_PORT;
  }
  const int64_t now = rs_alsa_read_time(self);
  const int64_t time = queue_time(self, due);
  const RsStatus status = send_at(self, time, messages, count);
  rs_active_notes_update(&self->active, messages, count, !status);
  const int64_t delivered = time ? rs_queue_time_clock(&self->time, time) : now;
  sink->delivered = delivered > now ? delivered : now;
  return status;
}

static RsStatus alsa_recall(RsSink *sink) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  self->last = 0;
  return snd_seq_drop_output(self->seq) < 0 ? RS_ERR_PORT : RS_OK;
}

static RsStatus alsa_reopen(RsSink *sink) {
  return atomic_load(&((RsAlsaSink *)sink)->output.connected) ? RS_OK : RS_ERR_PORT;
}

/* Send messages to one port at once. */
static void send_to(RsAlsaSink *self, const snd_seq_addr_t *port, const RsMessage *messages,
                    size_t count) {
  for (size_t i = 0; i < count; ++i) {
    snd_seq_event_t event;
    if (encode(self, &messages[i], &event)) {
      snd_seq_ev_set_dest(&event, port->client, port->port);
      snd_seq_ev_set_direct(&event);
      put(self, &event);
    }
  }
}

void rs_alsa_silence(RsAlsaSink *self, const snd_seq_addr_t *port) {
  RsMessage messages[RS_NOTES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    const size_t notes = rs_active_notes_end(&self->active, channel, messages);
    send_to(self, port, messages, notes);
    send_to(self, port, messages, rs_silence_messages(channel, messages));
  }
  drain(self);
}

/* ---- Construction ---- */

static void alsa_free(RsSink *sink) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  if (self->seq) {
    snd_seq_close(self->seq);
  }
  if (self->status) {
    snd_seq_queue_status_free(self->status);
  }
  if (self->coder) {
    snd_midi_event_free(self->coder);
  }
  free(self);
}

/* Allocate the queue and start it. */
static bool start_queue(RsAlsaSink *self) {
  self->queue = snd_seq_alloc_named_queue(self->seq, "rollsmith");
  return self->queue >= 0 && snd_seq_start_queue(self->seq, self->queue, NULL) >= 0 &&
         snd_seq_drain_output(self->seq) >= 0;
}

static bool set_up_client(RsAlsaSink *self, const char *name) {
  self->client = snd_seq_client_id(self->seq);
  snd_seq_set_client_pool_output(self->seq, EVENTS_QUEUED);
  snd_seq_set_client_pool_input(self->seq, EVENTS_UNREAD);
  if (snd_seq_set_client_name(self->seq, name) || !start_queue(self)) {
    return false;
  }
  self->announce =
      rs_alsa_create_port(self, "changes", SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_NO_EXPORT);
  return self->announce >= 0 &&
         !snd_seq_connect_from(self->seq, self->announce, SND_SEQ_CLIENT_SYSTEM,
                               SND_SEQ_PORT_SYSTEM_ANNOUNCE);
}

static bool allocate(RsAlsaSink *self) {
  const bool allocated = !snd_seq_queue_status_malloc(&self->status) &&
                         !snd_midi_event_new(LONGEST_MESSAGE, &self->coder);
  if (allocated) {
    snd_midi_event_no_status(self->coder, 1);
  }
  return allocated;
}

/* Without a sequencer there are no ports, and the error says why. */
static RsStatus no_sequencer(const RsPortChoice *choice, RsError *error) {
  size_t index = 0;
  return choice->virtual_name
             ? rs_error(error, RS_ERR_PORT, "--virtual: there is no MIDI system: %s",
                        rs_midi_diagnose(RS_ALSA_FOLDER, RS_ALSA_SEQUENCER))
             : rs_ports_choose(&(RsPorts){NULL, 0}, true, choice->output, &index, error);
}

static RsStatus open_client(RsAlsaSink *self, const RsPortChoice *choice, RsError *error) {
  self->seq = rs_alsa_open();
  if (!self->seq) {
    return no_sequencer(choice, error);
  }
  if (!set_up_client(self, choice->virtual_name ? choice->virtual_name : "rollsmith")) {
    return rs_error(error, RS_ERR_PORT,
                    "ALSA's sequencer has no room for another queue or port: end a program that "
                    "uses it");
  }
  return rs_alsa_connect(self, choice, error);
}

static RsAlsaSink *alsa_new(const RsPortChoice *choice, RsClock *clock) {
  RsAlsaSink *self = calloc(1, sizeof(*self));
  if (!self) {
    return NULL;
  }
  self->sink = (RsSink){.lookahead = rs_inputs_decide(choice) ? 0 : LOOKAHEAD,
                        .interval = CHECK_INTERVAL * RS_MILLISECOND,
                        .reconnects = true,
                        .send = alsa_send,
                        .recall = alsa_recall,
                        .receive = rs_alsa_receive,
                        .reopen = alsa_reopen,
                        .free = alsa_free};
  for (int i = 0; i < RS_INPUTS; ++i) {
    self->sink.interval = choice->inputs[i] ? 0 : self->sink.interval;
  }
  self->clock = clock;
  return self;
}

static RsStatus alsa_open(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                          RsError *error) {
  RsAlsaSink *self = alsa_new(choice, clock);
  RsStatus status = RS_OK;
  if (!self || !allocate(self)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory");
  } else {
    status = open_client(self, choice, error);
  }
  if (status) {
    if (self) {
      alsa_free(&self->sink);
    }
    return status;
  }
  *out = &self->sink;
  return RS_OK;
}

static const char *alsa_port_name(const RsSink *sink) {
  return ((const RsAlsaSink *)sink)->output.port.name;
}

const RsMidiDriver rs_midi_driver_alsa = {
    .name = "alsa",
    .description = "ports of ALSA's sequencer",
    .virtual_ports = true,
    .list = rs_alsa_ports,
    .open = alsa_open,
    .port_name = alsa_port_name,
    .watch = rs_alsa_watch,
};
