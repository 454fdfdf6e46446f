/* SPDX-License-Identifier: ISC */

#include "live/sink_jack.h"

#include <stdio.h>
#include <time.h>

/* The thread that makes requests to the server: it connects, reconnects and disconnects. */

#define CHECK_INTERVAL (20 * RS_MILLISECOND) /* of changes: not noticed as a delay */
#define RETRY_INTERVAL (RS_SECOND / 2)       /* of attempts to find a server again */
#define OPENING_TIME (10 * RS_SECOND)        /* longest time until a server answers at first */
#define CLOSING_TIME (2 * RS_SECOND)         /* and at the end */

/* Output and inputs, by a number from 0 on. */
static RsJackLink *link_at(RsJackSink *self, int number) {
  return number ? &self->inputs[number - 1] : &self->output;
}

enum { LINKS = 1 + RS_INPUTS };

static void sleep_for(int64_t nanoseconds) {
  const struct timespec time = {nanoseconds / RS_SECOND, nanoseconds % RS_SECOND};
  nanosleep(&time, NULL);
}

/* ---- Callbacks of JACK's own thread: they make no requests ---- */

static void on_shutdown(jack_status_t code, const char *reason, void *sink) {
  RsJackSink *self = sink;
  for (int i = 0; i < LINKS; ++i) {
    atomic_store(&link_at(self, i)->connected, false);
  }
  atomic_store(&self->server.dead, true);
}

static int on_xrun(void *sink) {
  atomic_fetch_add(&((RsJackSink *)sink)->exchange.xruns, 1);
  return 0;
}

static void on_registration(jack_port_id_t port, int registered, void *sink) {
  atomic_store(&((RsJackSink *)sink)->server.changed, true);
}

static void on_connection(jack_port_id_t a, jack_port_id_t b, int connected, void *sink) {
  RsJackSink *self = sink;
  jack_port_t *const *own = &self->output.own;
  if (connected && *own &&
      (jack_port_by_id(self->client, a) == *own || jack_port_by_id(self->client, b) == *own)) {
    atomic_store(&self->server.joined, true);
  }
}

/* ---- Ports ---- */

static bool connect_link(RsJackSink *self, RsJackLink *link) {
  char other[2 * RS_PORT_NAME_SIZE];
  const char *own = jack_port_name(link->own);
  snprintf(other, sizeof(other), "%s:%s", link->port.client, link->port.name);
  const int failure = link == &self->output ? jack_connect(self->client, own, other)
                                            : jack_connect(self->client, other, own);
  const bool connected = !failure || jack_port_connected_to(link->own, other);
  atomic_store(&link->connected, connected);
  return connected;
}

/* Create our ports. @return false where the server has no more. */
static bool register_ports(RsJackSink *self) {
  bool registered = true;
  for (int i = 0; i < LINKS; ++i) {
    RsJackLink *link = link_at(self, i);
    if (link->name) {
      link->own = jack_port_register(self->client, link->name, JACK_DEFAULT_MIDI_TYPE,
                                     i ? JackPortIsInput : JackPortIsOutput, 0);
      registered = registered && link->own;
    }
  }
  return registered;
}

/* Note ports that are gone, and connect to those that are back. */
static void check_ports(RsJackSink *self) {
  RsPorts ports;
  if (rs_jack_list(self->client, &ports, NULL)) {
    return;
  }
  for (int i = 0; i < LINKS; ++i) {
    RsJackLink *link = link_at(self, i);
    size_t index = 0;
    if (!link->wanted) {
      continue;
    }
    if (rs_ports_find_returned(&ports, &link->port, 0, NULL, &index)) {
      atomic_store(&link->connected, false);
    } else if (!atomic_load(&link->connected)) {
      rs_jack_set_port(link, &ports.ports[index]);
      connect_link(self, link);
    }
  }
  rs_ports_clear(&ports);
}

/* ---- The client ---- */

/* Connect to the server, with our ports. @return RS_OK, RS_ERR_PORT. */
static RsStatus open_client(RsJackSink *self, RsError *error) {
  const char *name = self->choice.virtual_name;
  self->client = rs_jack_client(name ? name : "rollsmith", error);
  if (!self->client) {
    return RS_ERR_PORT;
  }
  jack_on_info_shutdown(self->client, on_shutdown, self);
  jack_set_process_callback(self->client, rs_jack_process, self);
  jack_set_xrun_callback(self->client, on_xrun, self);
  jack_set_port_registration_callback(self->client, on_registration, self);
  jack_set_port_connect_callback(self->client, on_connection, self);
  if (!register_ports(self) || jack_activate(self->client)) {
    return rs_error(error, RS_ERR_PORT, "the JACK server cannot create a port");
  }
  atomic_store(&self->server.dead, false);
  if (!self->output.wanted) {
    atomic_store(&self->output.connected, true);
  }
  return RS_OK;
}

static void close_client(RsJackSink *self) {
  if (self->client) {
    jack_client_close(self->client);
    self->client = NULL;
  }
  for (int i = 0; i < LINKS; ++i) {
    link_at(self, i)->own = NULL;
  }
}

static RsStatus choose_ports(RsJackSink *self, RsError *error) {
  RsPorts ports;
  RsStatus status = rs_jack_list(self->client, &ports, error);
  if (!status) {
    status = rs_jack_choose(self, &ports, error);
  }
  rs_ports_clear(&ports);
  return status;
}

static RsStatus connect_first(RsJackSink *self, RsError *error) {
  RsStatus status = open_client(self, error);
  if (!status) {
    status = choose_ports(self, error);
  }
  for (int i = 0; i < LINKS && !status; ++i) {
    RsJackLink *link = link_at(self, i);
    if (link->wanted && !connect_link(self, link)) {
      status = rs_error(error, RS_ERR_PORT, "MIDI port '%s:%s' cannot be connected",
                        link->port.client, link->port.name);
    }
  }
  atomic_store(&self->server.joined, false); /* by ourselves */
  return status;
}

/* Try to find a server again. */
static void reconnect(RsJackSink *self) {
  close_client(self);
  if (open_client(self, NULL)) {
    close_client(self);
    atomic_store(&self->server.dead, true);
    sleep_for(RETRY_INTERVAL);
  } else {
    check_ports(self);
  }
}

/* ---- The thread ---- */

static void *work(void *sink) {
  RsJackSink *self = sink;
  RsJackServer *server = &self->server;
  const RsStatus status = connect_first(self, &server->error);
  if (status) {
    close_client(self);
    server->error.status = status;
    atomic_store(&server->state, RS_JACK_FAILED);
    return NULL;
  }
  atomic_store(&server->state, RS_JACK_OPEN);
  while (!atomic_load(&server->quit)) {
    if (atomic_load(&server->dead)) {
      reconnect(self);
    } else if (atomic_exchange(&server->changed, false)) {
      check_ports(self);
    }
    sleep_for(CHECK_INTERVAL);
  }
  close_client(self);
  atomic_store(&server->state, RS_JACK_CLOSED);
  return NULL;
}

/* Wait until the state is another one. @return Whether it is. */
static bool wait_while(RsJackServer *server, RsJackState state, int64_t time) {
  for (; time > 0 && atomic_load(&server->state) == (int)state; time -= CHECK_INTERVAL) {
    sleep_for(CHECK_INTERVAL);
  }
  return atomic_load(&server->state) != (int)state;
}

RsStatus rs_jack_open(RsJackSink *self, RsError *error) {
  RsJackServer *server = &self->server;
  server->started = !pthread_create(&server->thread, NULL, work, self);
  if (!server->started) {
    return rs_error(error, RS_ERR_MEMORY, "cannot start a thread");
  }
  if (!wait_while(server, RS_JACK_OPENING, OPENING_TIME)) {
    return rs_error(error, RS_ERR_PORT, "the JACK server does not answer");
  }
  if (atomic_load(&server->state) == RS_JACK_FAILED) {
    return rs_error(error, server->error.status, "%s", server->error.message);
  }
  return RS_OK;
}

bool rs_jack_close(RsJackSink *self) {
  RsJackServer *server = &self->server;
  if (!server->started) {
    return true;
  }
  atomic_store(&server->quit, true);
  if (atomic_load(&server->state) == RS_JACK_OPENING ||
      !wait_while(server, RS_JACK_OPEN, CLOSING_TIME)) {
    pthread_detach(server->thread);
    return false;
  }
  pthread_join(server->thread, NULL);
  return true;
}
