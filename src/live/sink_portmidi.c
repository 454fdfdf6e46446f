#include "live/sink_portmidi.h"

#include <stdlib.h>
#include <string.h>

/* PortMidi counts in milliseconds and from the moment of the call: `delay` of a message is added to
   the count of the system's queue when it gets there. So the time that PortMidi is told stands
   still during a call, and what the queue has counted decides by how much a batch is delayed. */

/* ---- Sending ---- */

void rs_port_sink_tell_time(RsPortSink *self, int64_t now) {
  self->now = (PmTimestamp)(uint32_t)((now - self->origin) / RS_MILLISECOND + RS_PORT_FIRST_TIME);
}

static RsStatus write_chunk(RsPortSink *self, PmTimestamp delay, const RsMessage *messages,
                            size_t count) {
  PmEvent events[RS_PORT_CHUNK];
  PmTimestamp time = (PmTimestamp)((uint32_t)self->now + (uint32_t)delay - (uint32_t)self->latency);
  time += !time; // Which would mean now
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

/// Without the system's queue
static RsStatus port_send_now(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsPortSink *self = (RsPortSink *)sink;
  rs_port_sink_tell_time(self, self->clock->now(self->clock));
  const RsStatus status = write_all(self, 0, messages, count);
  sink->delivered = self->clock->now(self->clock);
  return status;
}

static RsStatus port_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsPortSink *self = (RsPortSink *)sink;
  if (self->silent) {
    return RS_OK;
  }
  const int64_t now = self->clock->now(self->clock);
  const int64_t counted = rs_port_queue_count(self->queue);
  const PmTimestamp delay = rs_pacing_delay(&self->pacing, due, now, counted);
  rs_port_sink_tell_time(self, now);
  const RsStatus status = write_all(self, delay, messages, count);
  sink->delivered = rs_pacing_played(&self->pacing, delay, now, counted);
  rs_pacing_written(&self->pacing, delay, self->clock->now(self->clock),
                    rs_port_queue_count(self->queue));
  return status;
}

/* ---- Life ---- */

static void port_free(RsSink *sink) {
  RsPortSink *self = (RsPortSink *)sink;
  if (self->output.stream) {
    rs_port_sink_close(self);
  }
  for (int i = 0; i < RS_INPUTS; ++i) {
    free(self->inputs[i].pattern);
    rs_ports_clear(&self->inputs[i].others);
  }
  free(self->output.pattern);
  rs_ports_clear(&self->output.others);
  free(self->virtual_name);
  free(self);
}

/// Copy a text that may be NULL. @return Whether there was memory.
static bool copy(const char *text, char **out) {
  *out = text ? strdup(text) : NULL;
  return !text || *out;
}

static bool copy_choice(RsPortSink *self, const RsPortChoice *choice) {
  bool copied = copy(choice->output, &self->output.pattern) &&
                copy(choice->virtual_name, &self->virtual_name);
  for (int i = 0; copied && i < RS_INPUTS; ++i) {
    copied = copy(choice->inputs[i], &self->inputs[i].pattern);
    self->sink.receive = choice->inputs[i] ? rs_port_sink_receive : self->sink.receive;
  }
  return copied;
}

RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error) {
  *out = NULL;
  RsPortSink *self = calloc(1, sizeof(*self));
  if (!self) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  self->latency = choice->inputs[RS_INPUT_SYNC] ? 0 : RS_PORT_LATENCY;
  self->sink = (RsSink){.lookahead = self->latency * RS_MILLISECOND,
                        .send = self->latency ? port_send : port_send_now,
                        .reopen = rs_port_sink_reopen,
                        .free = port_free};
  self->clock = clock;
  self->origin = clock->now(clock);
  self->silent = choice->silent;
  RsStatus status = copy_choice(self, choice) ? rs_port_sink_open(self, error)
                                              : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (status) {
    port_free(&self->sink);
    return status;
  }
  self->opened = true;
  *out = &self->sink;
  return RS_OK;
}

const char *rs_sink_ports_name(const RsSink *sink) {
  return ((const RsPortSink *)sink)->output.port.name;
}

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  const RsPortSink *self = (const RsPortSink *)sink;
  return rs_port_watch_new(self->output.port.name, self->output.place, true, out);
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  const RsPortUse *one = &((const RsPortSink *)sink)->inputs[input];
  *out = NULL;
  return one->pattern ? rs_port_watch_new(one->port.name, one->place, false, out) : RS_OK;
}
