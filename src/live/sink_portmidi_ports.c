#include "live/port_list.h"
#include "live/sequencer.h"
#include "live/sink_portmidi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ports of the sink: how they are opened, closed, and found again. */

enum { INPUT_ROOM = 1024 };

/* ---- Opening and closing ---- */

static PmTimestamp told_time(void *sink) {
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
  const PmError failure =
      Pm_OpenOutput(&self->stream, device, NULL, RS_PORT_CHUNK, told_time, self, RS_PORT_LATENCY);
  if (failure != pmNoError) {
    self->stream = NULL;
    return cannot_open(self->name, failure, error);
  }
  self->pacing = (RsPacing){.counts = false};
  self->queue = rs_port_queue_open();
  return RS_OK;
}

static RsStatus open_virtual(RsPortSink *self, RsError *error) {
  snprintf(self->name, sizeof(self->name), "%s", self->virtual_name);
#ifdef RS_HAVE_VIRTUAL_PORTS
  const int device = Pm_CreateVirtualOutput(self->virtual_name, NULL, NULL);
  return device < 0 ? cannot_open(self->name, device, error) : open_output(self, device, error);
#else
  return rs_error(
      error, RS_ERR_PORT,
      "--virtual: PortMidi 217 has no virtual ports; play to 'Midi Through' (-p Through) "
      "and connect that: aconnect 14:0 PROGRAM");
#endif
}

static void take_name(const RsPorts *ports, size_t index, char *name, size_t *place) {
  memcpy(name, ports->ports[index].name, RS_PORT_NAME_SIZE);
  *place = rs_port_list_place(ports, index);
}

static RsStatus open_input(RsPortSink *self, const RsPorts *ports, int number, RsError *error) {
  RsPortInput *input = &self->inputs[number];
  size_t index = 0;
  const RsStatus status = rs_ports_choose(ports, false, input->pattern, &index, error);
  if (status) {
    return status;
  }
  take_name(ports, index, input->name, &input->place);
  input->device = ports->ports[index].number;
  for (input->same_as = 0; input->same_as < number; ++input->same_as) {
    const RsPortInput *earlier = &self->inputs[input->same_as];
    if (earlier->stream && earlier->device == input->device) {
      return RS_OK;
    }
  }
  const PmError failure =
      Pm_OpenInput(&input->stream, input->device, NULL, INPUT_ROOM, told_time, self);
  if (failure != pmNoError) {
    input->stream = NULL;
    return cannot_open(ports->ports[index].name, failure, error);
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
  if (self->stream) {
    Pm_Close(self->stream);
    self->stream = NULL;
  }
  rs_port_queue_close(self->queue);
  self->queue = NULL;
  Pm_Terminate();
}

static RsStatus open_listed(RsPortSink *self, const RsPorts *ports, RsError *error) {
  size_t index = 0;
  RsStatus status = RS_OK;
  if (self->virtual_name) {
    status = open_virtual(self, error);
  } else if (!(status = rs_ports_choose(ports, true, self->pattern, &index, error))) {
    take_name(ports, index, self->name, &self->place);
    status = open_output(self, ports->ports[index].number, error);
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

/* ---- Coming back ---- */

static bool is_there(const RsPortSink *self) {
  RsSeqPort port;
  char *text = rs_seq_text();
  const bool there = !text || self->pattern || rs_seq_find(text, self->name, 0, true, &port);
  free(text);
  return there;
}

RsStatus rs_port_sink_reopen(RsSink *sink) {
  RsPortSink *self = (RsPortSink *)sink;
  if (!is_there(self)) {
    return RS_ERR_PORT;
  }
  if (self->stream) {
    rs_port_sink_close(self);
  }
  return rs_port_sink_open(self, NULL);
}

static bool keep_name(char **pattern, const char *name) {
  if (*pattern && (*pattern)[strspn(*pattern, "0123456789")]) {
    return true;
  }
  free(*pattern);
  *pattern = strndup(name, strcspn(name, "(")); // There programs put their number
  return *pattern != NULL;
}

bool rs_port_sink_keep_names(RsPortSink *self) {
  bool kept = keep_name(&self->pattern, self->name);
  for (int i = 0; kept && i < RS_INPUTS; ++i) {
    kept = !self->inputs[i].pattern || keep_name(&self->inputs[i].pattern, self->inputs[i].name);
  }
  return kept;
}
