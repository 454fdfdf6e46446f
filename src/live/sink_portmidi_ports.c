/* SPDX-License-Identifier: ISC */

#include "live/input_filter.h"
#include "live/port_list.h"
#include "live/sink_portmidi.h"

#include <stdio.h>

/* Opening, closing and reopening the ports of the sink. */

enum {
  INPUT_ROOM = 1024
}; /* messages buffered by PortMidi: a controller sends some 1000 a second */

/* ---- Opening and closing ---- */

static PmTimestamp port_time(void *sink) {
  return ((RsPortSink *)sink)->now;
}

static RsStatus cannot_open(const char *name, PmError failure, RsError *error) {
  char detail[PM_HOST_ERROR_MSG_LEN + 1] = "";
  if (failure == pmHostError) {
    Pm_GetHostErrorText(detail, PM_HOST_ERROR_MSG_LEN);
  }
  return rs_error(error, RS_ERR_PORT, "MIDI port '%s' cannot be opened: %s; is it in use?", name,
                  *detail ? detail : Pm_GetErrorText(failure));
}

static RsStatus open_output(RsPortSink *self, int device, RsError *error) {
  const PmError failure = Pm_OpenOutput(&self->output.stream, device, NULL, RS_PORT_CHUNK,
                                        port_time, self, self->latency);
  if (failure != pmNoError) {
    self->output.stream = NULL;
    return cannot_open(self->output.port.name, failure, error);
  }
  self->pacing = (RsPacing){.counts = false};
  self->queue = rs_port_queue_open();
  return RS_OK;
}

static RsStatus open_virtual(RsPortSink *self, RsError *error) {
  snprintf(self->output.port.name, sizeof(self->output.port.name), "%s", self->choice.virtual_name);
#ifdef RS_HAVE_VIRTUAL_PORTS
  const int device = Pm_CreateVirtualOutput(self->choice.virtual_name, NULL, NULL);
  return device < 0 ? cannot_open(self->output.port.name, device, error)
                    : open_output(self, device, error);
#else
  return rs_error(
      error, RS_ERR_PORT,
      "--virtual: PortMidi 217 does not support virtual ports; use --driver alsa, or play "
      "to 'Midi Through' (-p Through) and connect it: aconnect 14:0 PROGRAM");
#endif
}

/* Choose a port by its pattern or, if it was open before, find it again. */
static RsStatus take_port(RsPortSink *self, const RsPorts *ports, RsOpenPort *use, RsError *error) {
  size_t index = 0;
  RsPorts *namesakes = use->port.address[0] ? &use->namesakes : NULL;
  RsStatus status =
      self->opened ? rs_ports_find_returned(ports, &use->port, use->client_index, namesakes, &index)
                   : rs_ports_choose(ports, use == &self->output, use->pattern, &index, error);
  if (!status) {
    use->port = ports->ports[index];
    use->name_index = rs_port_list_name_index(ports, index);
    use->client_index = rs_port_list_client_index(ports, index);
    rs_ports_clear(&use->namesakes);
    status = rs_port_list_namesakes(ports, index, &use->namesakes);
  }
  return status;
}

static RsStatus open_input(RsPortSink *self, const RsPorts *ports, int number, RsError *error) {
  RsOpenPort *input = &self->inputs[number];
  RsStatus status = take_port(self, ports, input, error);
  if (!status && self->output.stream) {
    status = rs_input_check(&self->output.port, number, &input->port, error);
  }
  if (status) {
    return status;
  }
  for (input->same_as = 0; input->same_as < number; ++input->same_as) {
    const RsOpenPort *earlier = &self->inputs[input->same_as];
    if (earlier->stream && earlier->port.number == input->port.number) {
      return RS_OK;
    }
  }
  const PmError failure =
      Pm_OpenInput(&input->stream, input->port.number, NULL, INPUT_ROOM, port_time, self);
  if (failure != pmNoError) {
    input->stream = NULL;
    return cannot_open(input->port.name, failure, error);
  }
  Pm_SetFilter(input->stream, PM_FILT_ACTIVE | PM_FILT_SYSEX);
  return RS_OK;
}

void rs_port_sink_close(RsPortSink *self) {
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].stream) {
      Pm_Close(self->inputs[i].stream);
      self->inputs[i].stream = NULL;
    }
  }
  if (self->output.stream) {
    Pm_Close(self->output.stream);
    self->output.stream = NULL;
  }
  rs_port_queue_close(self->queue);
  self->queue = NULL;
  Pm_Terminate();
}

static RsStatus open_listed(RsPortSink *self, const RsPorts *ports, RsError *error) {
  RsStatus status = RS_OK;
  if (self->choice.virtual_name) {
    status = open_virtual(self, error);
  } else if (self->choice.silent) {
    snprintf(self->output.port.name, sizeof(self->output.port.name), "no port");
  } else if (!(status = take_port(self, ports, &self->output, error))) {
    status = open_output(self, self->output.port.number, error);
  }
  for (int i = 0; !status && i < RS_INPUTS; ++i) {
    status = self->inputs[i].pattern ? open_input(self, ports, i, error) : RS_OK;
    status = self->opened ? RS_OK : status;
  }
  return status;
}

RsStatus rs_port_sink_open(RsPortSink *self, RsError *error) {
  RsPorts ports;
  RsStatus status = rs_port_list_begin(error);
  if (status) {
    return status;
  }
  status = rs_port_list_read(&ports, error);
  if (!status) {
    status = open_listed(self, &ports, error);
    rs_ports_clear(&ports);
  }
  if (status) {
    rs_port_sink_close(self);
  }
  return status;
}

/* ---- Reopening ---- */

RsStatus rs_port_sink_reopen(RsSink *sink) {
  RsPortSink *self = (RsPortSink *)sink;
  if (self->output.stream) {
    rs_port_sink_close(self);
  }
  return rs_port_sink_open(self, NULL);
}
