#include "live/port_list.h"
#include "live/sequencer.h"

#include <portmidi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* PortMidi counts in milliseconds and from the moment of the call: `delay` of a message is added to
   the system's own clock when it gets there. So the time that PortMidi is told stands still during
   a call, and no batch may have a delay that could let it overtake the one before. */

enum {
  LATENCY = 100, // Milliseconds
  INPUT_ROOM = 1024,
  CHUNK = 128, // Messages at a time
  FIRST_TIME = 10000,
  MOST_AGE = 50, // Inputs are read every millisecond; what seems older was stamped by another queue
};

/// How far the system's clock may lag
#define LAG (40 * RS_MILLISECOND)

/// An input port, or another name for an earlier one
typedef struct {
  char *pattern; // NULL: none
  char name[RS_PORT_NAME_SIZE];
  size_t place;
  PortMidiStream *stream;
  int device;
  int same_as; // Number of the input whose stream it shares; else its own
} Input;

typedef struct {
  RsSink sink;
  RsClock *clock;
  int64_t origin;    // Time at which PortMidi's is FIRST_TIME
  PmTimestamp now;   // What PortMidi is told
  int64_t written;   // When the batch before was handed over
  PmTimestamp delay; // Its delay
  PortMidiStream *stream;
  char *pattern;      // Of the output; NULL: the default
  char *virtual_name; // NULL: the output is a port of someone else
  char name[RS_PORT_NAME_SIZE];
  size_t place;
  Input inputs[RS_INPUTS];
  bool opened; // Once: an input that is not there is then waited for
} PortSink;

/* ---- Opening and closing ---- */

static PmTimestamp told_time(void *sink) {
  return ((PortSink *)sink)->now;
}

static void tell_time(PortSink *self, int64_t now) {
  self->now = (PmTimestamp)(uint32_t)((now - self->origin) / RS_MILLISECOND + FIRST_TIME);
}

static RsStatus cannot_open(const char *name, PmError failure, RsError *error) {
  char detail[PM_HOST_ERROR_MSG_LEN + 1] = "";
  if (failure == pmHostError) {
    Pm_GetHostErrorText(detail, PM_HOST_ERROR_MSG_LEN);
  }
  return rs_error(error, RS_ERR_PORT, "MIDI port '%s' cannot be opened: %s; is it in use?", name,
                  *detail ? detail : Pm_GetErrorText(failure));
}

static RsStatus open_output(PortSink *self, int device, RsError *error) {
  const PmError failure =
      Pm_OpenOutput(&self->stream, device, NULL, CHUNK, told_time, self, LATENCY);
  if (failure != pmNoError) {
    self->stream = NULL;
    return cannot_open(self->name, failure, error);
  }
  return RS_OK;
}

static RsStatus open_virtual(PortSink *self, RsError *error) {
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

static RsStatus open_input(PortSink *self, const RsPorts *ports, int number, RsError *error) {
  Input *input = &self->inputs[number];
  size_t index = 0;
  const RsStatus status = rs_ports_choose(ports, false, input->pattern, &index, error);
  if (status) {
    return status;
  }
  take_name(ports, index, input->name, &input->place);
  input->device = ports->ports[index].number;
  for (input->same_as = 0; input->same_as < number; ++input->same_as) {
    const Input *earlier = &self->inputs[input->same_as];
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

static void close_all(PortSink *self) {
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
  Pm_Terminate();
}

static RsStatus open_listed(PortSink *self, const RsPorts *ports, RsError *error) {
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

static RsStatus open_all(PortSink *self, RsError *error) {
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
    close_all(self);
  }
  return status;
}

/* ---- Sending ---- */

/// Milliseconds, at least so many nanoseconds
static PmTimestamp round_up(int64_t time) {
  return time > 0 ? (PmTimestamp)((time + RS_MILLISECOND - 1) / RS_MILLISECOND) : 0;
}

static RsStatus write_chunk(PortSink *self, PmTimestamp delay, const RsMessage *messages,
                            size_t count) {
  PmEvent events[CHUNK];
  PmTimestamp time = (PmTimestamp)((uint32_t)self->now + (uint32_t)delay - LATENCY);
  time += !time; // Which would mean now
  for (size_t i = 0; i < count; ++i) {
    const uint8_t *bytes = messages[i].bytes;
    events[i] = (PmEvent){Pm_Message(bytes[0], bytes[1], bytes[2]), time};
  }
  return Pm_Write(self->stream, events, (int32_t)count) == pmNoError ? RS_OK : RS_ERR_PORT;
}

/// The delay of a batch, so that it comes neither before it is due nor before the one before
static PmTimestamp choose_delay(const PortSink *self, int64_t due, int64_t now) {
  const int64_t gone_on = now - self->written - LAG;
  const PmTimestamp wanted = round_up(due - now);
  const PmTimestamp least = round_up(self->delay * RS_MILLISECOND - (gone_on > 0 ? gone_on : 0));
  return wanted > least ? wanted : least;
}

static RsStatus port_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  PortSink *self = (PortSink *)sink;
  const int64_t now = self->clock->now(self->clock);
  const PmTimestamp delay = choose_delay(self, due, now);
  RsStatus status = self->stream ? RS_OK : RS_ERR_PORT;
  tell_time(self, now);
  for (size_t i = 0; !status && i < count; i += CHUNK) {
    status = write_chunk(self, delay, messages + i, count - i < CHUNK ? count - i : CHUNK);
  }
  self->written = self->clock->now(self->clock);
  self->delay = delay;
  sink->delivered = now + delay * RS_MILLISECOND;
  return status;
}

/* ---- Receiving ---- */

static const uint8_t sizes[] = {3, 3, 3, 3, 2, 2, 3}; // Of messages 0x80.. to 0xe0..

static RsReceived received(PortSink *self, const PmEvent *event, int input) {
  const uint8_t status = (uint8_t)Pm_MessageStatus(event->message);
  const int32_t age = (int32_t)((uint32_t)self->now - (uint32_t)event->timestamp);
  const bool plausible = age > 0 && age < MOST_AGE;
  const int64_t told = (int64_t)(uint32_t)self->now - FIRST_TIME - (plausible ? age : 0);
  return (RsReceived){
      .time = self->origin + told * RS_MILLISECOND,
      .input = (uint8_t)input,
      .message = {status >= 0xf8   ? 1
                  : status >= 0xf0 ? 3
                                   : sizes[(status >> 4) - 8],
                  {status, (uint8_t)Pm_MessageData1(event->message),
                   (uint8_t)Pm_MessageData2(event->message)}},
  };
}

/// Whether a message is meant for an input: the clock goes to one, the rest to the others
static bool is_meant(int input, const PmEvent *event) {
  const int status = Pm_MessageStatus(event->message);
  return status >= 0x80 && (status >= 0xf0) == (input == RS_INPUT_SYNC);
}

static size_t read_input(PortSink *self, int number, RsReceived *messages, size_t room) {
  PmEvent event;
  size_t count = 0;
  while (count + RS_INPUTS <= room && Pm_Read(self->inputs[number].stream, &event, 1) == 1) {
    for (int i = number; i < RS_INPUTS; ++i) {
      if (self->inputs[i].pattern && self->inputs[i].same_as == number && is_meant(i, &event)) {
        messages[count++] = received(self, &event, i);
      }
    }
  }
  return count;
}

static size_t port_receive(RsSink *sink, RsReceived *messages, size_t room) {
  PortSink *self = (PortSink *)sink;
  size_t count = 0;
  tell_time(self, self->clock->now(self->clock));
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].stream) {
      count += read_input(self, i, messages + count, room - count);
    }
  }
  return count;
}

/* ---- Coming back ---- */

static bool is_there(const PortSink *self) {
  RsSeqPort port;
  char *text = rs_seq_text();
  const bool there = !text || self->pattern || rs_seq_find(text, self->name, 0, true, &port);
  free(text);
  return there;
}

static RsStatus port_reopen(RsSink *sink) {
  PortSink *self = (PortSink *)sink;
  if (!is_there(self)) {
    return RS_ERR_PORT;
  }
  if (self->stream) {
    close_all(self);
  }
  self->delay = 0;
  return open_all(self, NULL);
}

/* ---- Life ---- */

static void port_free(RsSink *sink) {
  PortSink *self = (PortSink *)sink;
  if (self->stream) {
    close_all(self);
  }
  for (int i = 0; i < RS_INPUTS; ++i) {
    free(self->inputs[i].pattern);
  }
  free(self->pattern);
  free(self->virtual_name);
  free(self);
}

/// Copy a text that may be NULL. @return Whether there was memory.
static bool copy(const char *text, char **out) {
  *out = text ? strdup(text) : NULL;
  return !text || *out;
}

static bool copy_choice(PortSink *self, const RsPortChoice *choice) {
  bool copied =
      copy(choice->output, &self->pattern) && copy(choice->virtual_name, &self->virtual_name);
  for (int i = 0; copied && i < RS_INPUTS; ++i) {
    copied = copy(choice->inputs[i], &self->inputs[i].pattern);
    self->sink.receive = choice->inputs[i] ? port_receive : self->sink.receive;
  }
  return copied;
}

/// A number or the default may be another port when this one comes back: its name is then kept
static bool keep_name(char **pattern, const char *name) {
  if (*pattern && (*pattern)[strspn(*pattern, "0123456789")]) {
    return true;
  }
  free(*pattern);
  *pattern = strndup(name, strcspn(name, "(")); // There programs put their number
  return *pattern != NULL;
}

static bool keep_names(PortSink *self) {
  bool kept = keep_name(&self->pattern, self->name);
  for (int i = 0; kept && i < RS_INPUTS; ++i) {
    kept = !self->inputs[i].pattern || keep_name(&self->inputs[i].pattern, self->inputs[i].name);
  }
  return kept;
}

RsStatus rs_sink_ports_new(const RsPortChoice *choice, RsClock *clock, RsSink **out,
                           RsError *error) {
  *out = NULL;
  PortSink *self = calloc(1, sizeof(*self));
  if (!self) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  self->sink = (RsSink){.lookahead = LATENCY * RS_MILLISECOND,
                        .send = port_send,
                        .reopen = port_reopen,
                        .free = port_free};
  self->clock = clock;
  self->origin = clock->now(clock);
  RsStatus status = copy_choice(self, choice) ? open_all(self, error)
                                              : rs_error(error, RS_ERR_MEMORY, "out of memory");
  if (!status && !keep_names(self)) {
    status = rs_error(error, RS_ERR_MEMORY, "out of memory");
  }
  if (status) {
    port_free(&self->sink);
    return status;
  }
  self->opened = true;
  *out = &self->sink;
  return RS_OK;
}

const char *rs_sink_ports_name(const RsSink *sink) {
  return ((const PortSink *)sink)->name;
}

RsStatus rs_sink_ports_watch(const RsSink *sink, RsPortWatch **out) {
  const PortSink *self = (const PortSink *)sink;
  return rs_port_watch_new(self->name, self->place, true, out);
}

RsStatus rs_sink_ports_watch_input(const RsSink *sink, RsInput input, RsPortWatch **out) {
  const Input *one = &((const PortSink *)sink)->inputs[input];
  *out = NULL;
  return one->pattern ? rs_port_watch_new(one->name, one->place, false, out) : RS_OK;
}
