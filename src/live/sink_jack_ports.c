/* SPDX-License-Identifier: ISC */

#include "live/sink_jack.h"

#include "live/input_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The server ---- */

static void ignore_message(const char *message) {}

jack_client_t *rs_jack_client(const char *name, RsError *error) {
  jack_status_t status = 0;
  jack_set_error_function(ignore_message);
  jack_set_info_function(ignore_message);
  jack_client_t *client = jack_client_open(name, JackNoStartServer, &status);
  if (!client) {
    rs_error(error, RS_ERR_PORT,
             "%s: start one (jackd, or PipeWire with pw-jack) or choose another --driver",
             status & JackServerFailed ? "there is no JACK server"
                                       : "the JACK server refuses the connection");
  }
  return client;
}

/* ---- The list ---- */

static RsPort read_port(const char *full_name, int number, bool output) {
  RsPort port = {.number = number, .output = output};
  const char *colon = strchr(full_name, ':');
  const int length = colon ? (int)(colon - full_name) : 0;
  snprintf(port.client, sizeof(port.client), "%.*s", length, full_name);
  snprintf(port.name, sizeof(port.name), "%s", colon ? colon + 1 : full_name);
  return port;
}

static size_t count_names(const char **names) {
  size_t count = 0;
  while (names && names[count]) {
    ++count;
  }
  return count;
}

/* Append the ports of a direction; the default one is the first that is a device, or else the
   first. */
static void append(jack_client_t *client, RsPorts *ports, const char **names, bool output) {
  const size_t count = count_names(names);
  RsPort *choice = NULL;
  bool has_device = false;
  for (size_t i = 0; i < count; ++i) {
    const jack_port_t *own = jack_port_by_name(client, names[i]);
    const bool device = own && jack_port_flags(own) & JackPortIsPhysical;
    if (own && jack_port_is_mine(client, own)) {
      continue;
    }
    RsPort *port = &ports->ports[ports->count];
    *port = read_port(names[i], (int)ports->count++, output);
    choice = !choice || (device && !has_device) ? port : choice;
    has_device = has_device || device;
  }
  if (choice) {
    choice->is_default = true;
  }
}

RsStatus rs_jack_list(jack_client_t *client, RsPorts *ports, RsError *error) {
  const char **outputs = jack_get_ports(client, NULL, JACK_DEFAULT_MIDI_TYPE, JackPortIsInput);
  const char **inputs = jack_get_ports(client, NULL, JACK_DEFAULT_MIDI_TYPE, JackPortIsOutput);
  const size_t count = count_names(outputs) + count_names(inputs);
  *ports = (RsPorts){calloc(count + 1, sizeof(*ports->ports)), 0};
  if (ports->ports) {
    append(client, ports, outputs, true);
    append(client, ports, inputs, false);
  }
  jack_free(outputs);
  jack_free(inputs);
  return ports->ports ? RS_OK : rs_error(error, RS_ERR_MEMORY, "out of memory");
}

static RsStatus no_ports(RsError *error) {
  return rs_error(error, RS_ERR_PORT,
                  "there is no MIDI port in JACK: start a program with JACK MIDI, or a2jmidid, "
                  "which brings the ports of ALSA");
}

RsStatus rs_jack_ports(RsPorts *ports, RsError *error) {
  *ports = (RsPorts){NULL, 0};
  jack_client_t *client = rs_jack_client("rollsmith", error);
  if (!client) {
    return RS_ERR_PORT;
  }
  const RsStatus status = rs_jack_list(client, ports, error);
  jack_client_close(client);
  return status || ports->count ? status : no_ports(error);
}

/* ---- The choice ---- */

static bool has_direction(const RsPorts *ports, bool output) {
  bool has = false;
  for (size_t i = 0; i < ports->count; ++i) {
    has = has || ports->ports[i].output == output;
  }
  return has;
}

void rs_jack_set_port(RsJackLink *link, const RsPort *port) {
  const int room = RS_PORT_NAME_SIZE / 2 - 1;
  link->port = *port;
  snprintf(link->title, sizeof(link->title), "%.*s:%.*s", room, port->client, room, port->name);
}

static RsStatus choose(RsJackLink *link, const RsPorts *ports, bool output, const char *pattern,
                       RsError *error) {
  size_t index = 0;
  if (!has_direction(ports, output)) {
    return no_ports(error);
  }
  const RsStatus status = rs_ports_choose(ports, output, pattern, &index, error);
  if (!status) {
    rs_jack_set_port(link, &ports->ports[index]);
    link->wanted = true;
  }
  return status;
}

RsStatus rs_jack_choose(RsJackSink *self, const RsPorts *ports, RsError *error) {
  const RsPortChoice *choice = &self->choice;
  RsStatus status = RS_OK;
  if (!choice->virtual_name && !choice->silent) {
    status = choose(&self->output, ports, true, choice->output, error);
  }
  for (int i = 0; i < RS_INPUTS && !status; ++i) {
    if (choice->inputs[i]) {
      status = choose(&self->inputs[i], ports, false, choice->inputs[i], error);
    }
    if (!status && choice->inputs[i] && self->output.wanted) {
      status = rs_input_check(&self->output.port, i, &self->inputs[i].port, error);
    }
  }
  return status;
}
