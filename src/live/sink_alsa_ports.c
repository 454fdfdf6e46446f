/* SPDX-License-Identifier: ISC */

#include "live/sink_alsa.h"

#include "live/alsa_errors.h"
#include "live/input_filter.h"
#include "live/midi_system.h"

#include <stdio.h>
#include <stdlib.h>

/* The ports of other clients, and connections to them. */

snd_seq_t *rs_alsa_open(void) {
  snd_seq_t *seq = NULL;
  rs_alsa_suppress_messages();
  return snd_seq_open(&seq, "default", SND_SEQ_OPEN_DUPLEX, SND_SEQ_NONBLOCK) ? NULL : seq;
}

/* ---- Reading ports ---- */

static bool is_usable(const snd_seq_port_info_t *info, bool output) {
  const unsigned needed = output ? SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE
                                 : SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ;
  const unsigned capability = snd_seq_port_info_get_capability(info);
  return (capability & needed) == needed && !(capability & SND_SEQ_PORT_CAP_NO_EXPORT);
}

static RsPort read_port(snd_seq_t *seq, const snd_seq_port_info_t *info, bool output) {
  snd_seq_client_info_t *client;
  snd_seq_client_info_alloca(&client);
  RsPort port = {.output = output,
                 .address = {snd_seq_port_info_get_client(info), snd_seq_port_info_get_port(info)}};
  snprintf(port.name, sizeof(port.name), "%s", snd_seq_port_info_get_name(info));
  if (!snd_seq_get_any_client_info(seq, port.address[0], client)) {
    snprintf(port.client, sizeof(port.client), "%s", snd_seq_client_info_get_name(client));
  }
  return port;
}

/* Called with each port. @return false to end. */
typedef bool Visit(void *context, const snd_seq_port_info_t *info);

/* Visit all ports of other clients, but those of the system. */
static void visit_ports(snd_seq_t *seq, Visit *visit, void *context) {
  snd_seq_client_info_t *client;
  snd_seq_port_info_t *port;
  bool goes_on = true;
  snd_seq_client_info_alloca(&client);
  snd_seq_port_info_alloca(&port);
  snd_seq_client_info_set_client(client, SND_SEQ_CLIENT_SYSTEM);
  while (goes_on && !snd_seq_query_next_client(seq, client)) {
    const int number = snd_seq_client_info_get_client(client);
    snd_seq_port_info_set_client(port, number);
    snd_seq_port_info_set_port(port, -1);
    while (goes_on && number != snd_seq_client_id(seq) && !snd_seq_query_next_port(seq, port)) {
      goes_on = visit(context, port);
    }
  }
}

/* ---- The list ---- */

typedef struct {
  snd_seq_t *seq;
  RsPorts *ports;
  size_t room;
  bool failed;
} Listing;

static void add(Listing *listing, const snd_seq_port_info_t *info, bool output) {
  RsPorts *ports = listing->ports;
  if (ports->count == listing->room) {
    const size_t room = 2 * listing->room + 16;
    RsPort *grown = realloc(ports->ports, room * sizeof(*grown));
    if (!grown) {
      listing->failed = true;
      return;
    }
    ports->ports = grown;
    listing->room = room;
  }
  RsPort *port = &ports->ports[ports->count];
  *port = read_port(listing->seq, info, output);
  port->number = (int)ports->count++;
}

static bool add_port(void *context, const snd_seq_port_info_t *info) {
  Listing *listing = context;
  if (is_usable(info, true)) {
    add(listing, info, true);
  }
  if (!listing->failed && is_usable(info, false)) {
    add(listing, info, false);
  }
  return !listing->failed;
}

/* The default of a direction is the first port, but Midi Through only where there is no other. */
static void mark_default(RsPorts *ports, bool output) {
  RsPort *choice = NULL;
  for (size_t i = 0; i < ports->count; ++i) {
    RsPort *port = &ports->ports[i];
    if (port->output == output && (!choice || (rs_midi_is_through(choice) && output))) {
      choice = choice && rs_midi_is_through(port) ? choice : port;
    }
  }
  if (choice) {
    choice->is_default = true;
  }
}

RsStatus rs_alsa_list(snd_seq_t *seq, RsPorts *ports, RsError *error) {
  Listing listing = {.seq = seq, .ports = ports};
  *ports = (RsPorts){NULL, 0};
  if (seq) {
    visit_ports(seq, add_port, &listing);
  }
  if (listing.failed) {
    rs_ports_clear(ports);
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  mark_default(ports, true);
  mark_default(ports, false);
  return RS_OK;
}

RsStatus rs_alsa_ports(RsPorts *ports, RsError *error) {
  snd_seq_t *seq = rs_alsa_open();
  const RsStatus status = rs_alsa_list(seq, ports, error);
  if (seq) {
    snd_seq_close(seq);
  }
  return status;
}

/* ---- Ports of ours ---- */

int rs_alsa_create_port(const RsAlsaSink *self, const char *name, unsigned capability) {
  snd_seq_port_info_t *info;
  snd_seq_port_info_alloca(&info);
  snd_seq_port_info_set_name(info, name);
  snd_seq_port_info_set_capability(info, capability);
  snd_seq_port_info_set_type(info, SND_SEQ_PORT_TYPE_MIDI_GENERIC | SND_SEQ_PORT_TYPE_SOFTWARE |
                                       SND_SEQ_PORT_TYPE_APPLICATION);
  snd_seq_port_info_set_midi_channels(info, RS_CHANNELS);
  snd_seq_port_info_set_timestamping(info, 1);
  snd_seq_port_info_set_timestamp_real(info, 1);
  snd_seq_port_info_set_timestamp_queue(info, self->queue);
  const int failure = snd_seq_create_port(self->seq, info);
  return failure < 0 ? failure : snd_seq_port_info_get_port(info);
}

static int subscribe(RsAlsaSink *self, const RsAlsaLink *link) {
  const int *address = link->port.address;
  const int failure = link == &self->output
                          ? snd_seq_connect_to(self->seq, link->own, address[0], address[1])
                          : snd_seq_connect_from(self->seq, link->own, address[0], address[1]);
  return failure == -EBUSY ? 0 : failure; /* it is connected already */
}

/* Connect to a port. @return RS_OK, RS_ERR_PORT. */
static RsStatus connect_link(RsAlsaSink *self, RsAlsaLink *link, const RsPort *port,
                             RsError *error) {
  link->port = *port;
  const int failure = subscribe(self, link);
  atomic_store(&link->connected, !failure);
  return failure
             ? rs_error(error, RS_ERR_PORT, "MIDI port '%s' cannot be opened: %s; is it in use?",
                        port->name, snd_strerror(failure))
             : RS_OK;
}

/* ---- Opening ---- */

static RsStatus no_port(RsError *error) {
  return rs_error(error, RS_ERR_PORT, "ALSA's sequencer cannot create a port");
}

static RsStatus open_output(RsAlsaSink *self, const RsPorts *ports, const RsPortChoice *choice,
                            RsError *error) {
  RsAlsaLink *output = &self->output;
  size_t index = 0;
  atomic_store(&output->connected, true);
  snprintf(output->port.name, sizeof(output->port.name), "%s",
           choice->virtual_name ? choice->virtual_name : "no port");
  if (choice->silent) {
    return RS_OK;
  }
  output->wanted = !choice->virtual_name;
  RsStatus status =
      output->wanted ? rs_ports_choose(ports, true, choice->output, &index, error) : RS_OK;
  if (status) {
    return status;
  }
  output->own = rs_alsa_create_port(self, choice->virtual_name ? choice->virtual_name : "out",
                                    SND_SEQ_PORT_CAP_READ | SND_SEQ_PORT_CAP_SUBS_READ);
  if (output->own < 0) {
    return no_port(error);
  }
  return output->wanted ? connect_link(self, output, &ports->ports[index], error) : RS_OK;
}

static RsStatus open_input(RsAlsaSink *self, const RsPorts *ports, int number, const char *pattern,
                           RsError *error) {
  RsAlsaLink *input = &self->inputs[number];
  size_t index = 0;
  RsStatus status = rs_ports_choose(ports, false, pattern, &index, error);
  if (!status && self->output.wanted) {
    status = rs_input_check(&self->output.port, number, &ports->ports[index], error);
  }
  if (status) {
    return status;
  }
  input->wanted = true;
  input->own = rs_alsa_create_port(self, rs_input_name(number),
                                   SND_SEQ_PORT_CAP_WRITE | SND_SEQ_PORT_CAP_SUBS_WRITE);
  return input->own < 0 ? no_port(error) : connect_link(self, input, &ports->ports[index], error);
}

RsStatus rs_alsa_connect(RsAlsaSink *self, const RsPortChoice *choice, RsError *error) {
  RsPorts ports;
  RsStatus status = rs_alsa_list(self->seq, &ports, error);
  self->output.own = -1;
  for (int i = 0; i < RS_INPUTS; ++i) {
    self->inputs[i].own = -1;
  }
  if (!status) {
    status = open_output(self, &ports, choice, error);
  }
  for (int i = 0; i < RS_INPUTS && !status; ++i) {
    status = choice->inputs[i] ? open_input(self, &ports, i, choice->inputs[i], error) : RS_OK;
  }
  rs_ports_clear(&ports);
  return status;
}

/* ---- Changes ---- */

/* Output and inputs, by a number from 0 on. */
static RsAlsaLink *link_at(RsAlsaSink *self, int number) {
  return number ? &self->inputs[number - 1] : &self->output;
}

enum { LINKS = 1 + RS_INPUTS };

/* Connect to a port again if it is one that was lost. */
static void consider(RsAlsaSink *self, const snd_seq_port_info_t *info) {
  for (int i = 0; i < LINKS; ++i) {
    RsAlsaLink *link = link_at(self, i);
    size_t index = 0;
    if (!link->wanted || atomic_load(&link->connected) || !is_usable(info, !i)) {
      continue;
    }
    RsPort port = read_port(self->seq, info, !i);
    if (!rs_ports_find_returned(&(RsPorts){&port, 1}, &link->port, 0, NULL, &index)) {
      connect_link(self, link, &port, NULL);
    }
  }
}

static void consider_address(RsAlsaSink *self, const snd_seq_addr_t *address) {
  snd_seq_port_info_t *info;
  snd_seq_port_info_alloca(&info);
  if (address->client != self->client &&
      !snd_seq_get_any_port_info(self->seq, address->client, address->port, info)) {
    consider(self, info);
  }
}

static bool consider_any(void *context, const snd_seq_port_info_t *info) {
  consider(context, info);
  return true;
}

/* Note that a port is gone; `port` below 0: all ports of the client. */
static void lose(RsAlsaSink *self, int client, int port) {
  for (int i = 0; i < LINKS; ++i) {
    RsAlsaLink *link = link_at(self, i);
    const int *address = link->port.address;
    if (link->wanted && address[0] == client && (port < 0 || address[1] == port)) {
      atomic_store(&link->connected, false);
    }
  }
}

static bool exists(RsAlsaSink *self, int client, int port) {
  snd_seq_port_info_t *info;
  snd_seq_port_info_alloca(&info);
  return !snd_seq_get_any_port_info(self->seq, client, port, info);
}

void rs_alsa_check_ports(RsAlsaSink *self) {
  for (int i = 0; i < LINKS; ++i) {
    const int *address = link_at(self, i)->port.address;
    if (!exists(self, address[0], address[1])) {
      lose(self, address[0], address[1]);
    }
  }
  visit_ports(self->seq, consider_any, self);
}

/* A receiver was connected to the output, or disconnected: then it gets no more note-offs. */
static void on_connection(RsAlsaSink *self, const snd_seq_connect_t *connection, bool connected) {
  if (connection->sender.client != self->client || connection->sender.port != self->output.own) {
    return;
  }
  if (connected) {
    self->sink.joined = true;
  } else if (exists(self, connection->dest.client, connection->dest.port)) {
    rs_alsa_silence(self, &connection->dest);
  }
}

void rs_alsa_on_announcement(RsAlsaSink *self, const snd_seq_event_t *event) {
  switch (event->type) {
  case SND_SEQ_EVENT_CLIENT_EXIT:
    lose(self, event->data.addr.client, -1);
    return;
  case SND_SEQ_EVENT_PORT_EXIT:
    lose(self, event->data.addr.client, event->data.addr.port);
    return;
  case SND_SEQ_EVENT_PORT_START:
  case SND_SEQ_EVENT_PORT_CHANGE:
    consider_address(self, &event->data.addr);
    return;
  case SND_SEQ_EVENT_CLIENT_CHANGE: /* it may have got its name */
    visit_ports(self->seq, consider_any, self);
    return;
  case SND_SEQ_EVENT_PORT_SUBSCRIBED:
  case SND_SEQ_EVENT_PORT_UNSUBSCRIBED:
    on_connection(self, &event->data.connect, event->type == SND_SEQ_EVENT_PORT_SUBSCRIBED);
    return;
  default:
    return;
  }
}
