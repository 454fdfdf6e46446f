/* SPDX-License-Identifier: ISC */

#include "live/sink_portmidi.h"

#include "live/input_filter.h"
#include "live/midi_driver.h"
#include "live/port_choice.h"
#include "live/port_list.h"

#include <stdlib.h>
#include <string.h>

/* PortMidi's times are milliseconds. It adds the delay of a message, relative to its own time, to
   the count of ALSA's queue at the moment of queuing. Therefore PortMidi's time is constant during
   a call, and the delay is computed from the count of the queue (pacing.h). */

/* ---- Sending ---- */

static RsStatus write_chunk(RsPortSink *self, PmTimestamp delay, const RsMessage *messages,
                            size_t count) {
  PmEvent events[RS_PORT_CHUNK];
  PmTimestamp time = (PmTimestamp)((uint32_t)self->now + (uint32_t)delay - (uint32_t)self->latency);
  time += !time; /* 0 would mean now */
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = messages[i].bytes;
    events[i] = (PmEvent){Pm_Message(bytes[0], bytes[1], bytes[2]), time};
  }
  return Pm_Write(self->output.stream, events, (int32_t)count) == pmNoError ? RS_OK : RS_ERR_PORT;
}

static RsStatus write_all(RsPortSink *self, PmTimestamp delay, const RsMessage *messages,
                          size_t count) {
  RsStatus status = self->output.stream ? RS_OK : RS_ERR_PORT;
  for (size_t i = 0; !status && i < count; i += RS_PORT_CHUNK) {
    status = write_chunk(self, delay, messages + i,
                         count - i < RS_PORT_CHUNK ? count - i : RS_PORT_CHUNK);
  }
  return status;
}

/* Send without ALSA's queue. */
static RsStatus port_send_now(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsPortSink *self = (RsPortSink *)sink;
  rs_port_sink_set_time(self, self->clock->now(self->clock));
  const RsStatus status = write_all(self, 0, messages, count);
  sink->delivered = self->clock->now(self->clock);
  return status;
}

static RsStatus port_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsPortSink *self = (RsPortSink *)sink;
  if (self->choice.silent) {
    return RS_OK;
  }
  const int64_t now = self->clock->now(self->clock);
  const int64_t counted = rs_port_queue_count(self->queue);
  const PmTimestamp delay = rs_pacing_delay(&self->pacing, due, now, counted);
  rs_port_sink_set_time(self, now);
  const RsStatus status = write_all(self, delay, messages, count);
  sink->delivered = rs_pacing_played(&self->pacing, delay, now, counted);
  rs_pacing_written(&self->pacing, delay, self->clock->now(self->clock),
                    rs_port_queue_count(self->queue));
  return status;
}

/* ---- Construction ---- */

static void port_free(RsSink *sink) {
  RsPortSink *self = (RsPortSink *)sink;
  if (self->output.stream) {
    rs_port_sink_close(self);
  }
  for (int i = 0; i < RS_INPUTS; ++i) {
    rs_ports_clear(&self->inputs[i].namesakes);
  }
  rs_ports_clear(&self->output.namesakes);
  rs_port_choice_clear(&self->choice);
  free(self);
}

static RsStatus copy_choice(RsPortSink *self, const RsPortChoice *choice) {
  const RsStatus status = rs_port_choice_copy(choice, &self->choice);
  self->output.pattern = self->choice.output;
  for (int i = 0; i < RS_INPUTS; ++i) {
    self->inputs[i].pattern = self->choice.inputs[i];
    self->sink.receive = choice->inputs[i] ? rs_port_sink_receive : self->sink.receive;
  }
  return status;
}

static RsStatus port_open(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                          RsError *error) {
  RsPortSink *self = calloc(1, sizeof(*self));
  if (!self) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  self->latency = rs_inputs_decide(choice) ? 0 : RS_PORT_LATENCY;
  self->sink = (RsSink){.lookahead = self->latency * RS_MILLISECOND,
                        .send = self->latency ? port_send : port_send_now,
                        .reopen = rs_port_sink_reopen,
                        .free = port_free};
  self->clock = clock;
  self->origin = clock->now(clock);
  RsStatus status = copy_choice(self, choice) ? rs_error(error, RS_ERR_MEMORY, "out of memory")
                                              : rs_port_sink_open(self, error);
  if (status) {
    port_free(&self->sink);
    return status;
  }
  self->opened = true;
  *out = &self->sink;
  return RS_OK;
}

static const char *port_name(const RsSink *sink) {
  return ((const RsPortSink *)sink)->output.port.name;
}

static RsStatus port_watch(const RsSink *sink, int input, RsPortWatch **out) {
  const RsPortSink *self = (const RsPortSink *)sink;
  const RsOpenPort *port = input < 0 ? &self->output : &self->inputs[input];
  const bool exists =
      input < 0 ? !self->choice.virtual_name && !self->choice.silent : port->pattern != NULL;
  *out = NULL;
  return exists ? rs_port_watch_new(port->port.name, port->name_index, input < 0, out) : RS_OK;
}

const RsMidiDriver rs_midi_driver_portmidi = {
    .name = "portmidi",
    .description = "ports of PortMidi",
#ifdef RS_HAVE_VIRTUAL_PORTS
    .virtual_ports = true,
#endif
    .list = rs_port_list_scan,
    .open = port_open,
    .port_name = port_name,
    .watch = port_watch,
};
