/* SPDX-License-Identifier: ISC */

#include "live/sink_alsa.h"

#include "live/input_filter.h"
#include "live/midi_driver.h"
#include "live/midi_system.h"

#include <stdlib.h>

#define LOOKAHEAD (100 * RS_MILLISECOND) /* covers scheduling delays of our thread */

enum {
  EVENTS_QUEUED = 2000, /* most events of a client in the queue: the kernel's limit */
  EVENTS_UNREAD = 1000, /* a controller sends some 1000 a second */
  LONGEST_MESSAGE = 12, /* bytes, of what ALSA decodes to several messages */
  CHECK_INTERVAL = 5,   /* milliseconds between two looks at the ports, without inputs */
};

static RsStatus alsa_reopen(RsSink *sink) {
  return atomic_load(&((RsAlsaSink *)sink)->output.connected) ? RS_OK : RS_ERR_PORT;
}

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

/* Without a sequencer there are no ports, and the error has the reason. */
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
                        .send = rs_alsa_send,
                        .recall = rs_alsa_recall,
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
