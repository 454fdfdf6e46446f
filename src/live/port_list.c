/* SPDX-License-Identifier: ISC */

#include "live/port_list.h"

#include "live/sequencer.h"

#ifdef RS_HAVE_ALSA
#include "live/alsa_errors.h"
#endif

#include <portmidi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- PortMidi itself ---- */

RsStatus rs_port_list_begin(RsError *error) {
#ifdef RS_HAVE_ALSA
  rs_alsa_suppress_messages();
#endif
  const PmError failure = Pm_Initialize();
  if (failure != pmNoError) {
    return rs_error(error, RS_ERR_PORT, "the MIDI system cannot be used: %s",
                    Pm_GetErrorText(failure));
  }
  return RS_OK;
}

/* ---- The list ---- */

size_t rs_port_list_name_index(const RsPorts *ports, size_t index) {
  size_t place = 0;
  for (size_t i = 0; i < index; ++i) {
    place += ports->ports[i].output == ports->ports[index].output &&
             !strcmp(ports->ports[i].name, ports->ports[index].name);
  }
  return place;
}

size_t rs_port_list_client_index(const RsPorts *ports, size_t index) {
  const RsPort *one = &ports->ports[index];
  size_t twin = 0;
  for (const RsPort *other = ports->ports; other < one; ++other) {
    twin += other->output == one->output && !strcmp(other->name, one->name) &&
            !strcmp(other->client, one->client);
  }
  return twin;
}

RsStatus rs_port_list_namesakes(const RsPorts *ports, size_t index, RsPorts *others) {
  const RsPort *one = &ports->ports[index];
  *others = (RsPorts){calloc(ports->count, sizeof(*others->ports)), 0};
  if (!others->ports) {
    return RS_ERR_MEMORY;
  }
  for (size_t i = 0; i < ports->count; ++i) {
    const RsPort *other = &ports->ports[i];
    if (i != index && other->output == one->output && !strcmp(other->name, one->name)) {
      others->ports[others->count++] = *other;
    }
  }
  return RS_OK;
}

static void add_clients(RsPorts *ports) {
  char *text = rs_seq_text();
  for (size_t i = 0; text && i < ports->count; ++i) {
    RsPort *port = &ports->ports[i];
    RsSeqPort found;
    if (rs_seq_find(text, port->name, rs_port_list_name_index(ports, i), port->output, &found)) {
      rs_seq_copy_name(found.client_name, port->client, sizeof(port->client));
      port->address[0] = found.client;
      port->address[1] = found.port;
    }
  }
  free(text);
}

RsStatus rs_port_list_read(RsPorts *ports, RsError *error) {
  const int count = Pm_CountDevices();
  const int output = Pm_GetDefaultOutputDeviceID(), input = Pm_GetDefaultInputDeviceID();
  ports->count = 0;
  ports->ports = calloc(count > 0 ? (size_t)count : 1, sizeof(*ports->ports));
  if (!ports->ports) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  for (int i = 0; i < count; ++i) {
    const PmDeviceInfo *info = Pm_GetDeviceInfo(i);
    RsPort *port = &ports->ports[ports->count++];
    *port = (RsPort){.number = i, .output = info->output};
    port->is_default = i == (port->output ? output : input);
    snprintf(port->name, sizeof(port->name), "%s", info->name ? info->name : "");
  }
  add_clients(ports);
  return RS_OK;
}

RsStatus rs_port_list_scan(RsPorts *ports, RsError *error) {
  RsStatus status = rs_port_list_begin(error);
  if (!status) {
    status = rs_port_list_read(ports, error);
    Pm_Terminate();
  }
  return status;
}
