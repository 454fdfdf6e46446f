/* SPDX-License-Identifier: ISC */

#include "live/input_filter.h"
#include "live/sink_portmidi.h"

/* Receiving from the inputs of the sink. */

/* Largest age of a message in milliseconds. Inputs are read every millisecond; a larger age means
   that the time stamp is that of another queue */
enum { MOST_AGE = 50 };

/* Bytes of a message: of system messages, real-time ones have 1 and the song position has 3. */
static uint8_t size_of(uint8_t status) {
  return status < RS_MIDI_SYSEX   ? (uint8_t)(1 + rs_midi_data_size(status))
         : status < RS_MIDI_CLOCK ? 3
                                  : 1;
}

static RsReceivedMessage received(RsPortSink *self, const PmEvent *event, int input) {
  const uint8_t status = (uint8_t)Pm_MessageStatus(event->message);
  const int32_t age = (int32_t)((uint32_t)self->now - (uint32_t)event->timestamp);
  const bool plausible = age > 0 && age < MOST_AGE;
  const int64_t arrival = (int64_t)(uint32_t)self->now - RS_PORT_FIRST_TIME - (plausible ? age : 0);
  return (RsReceivedMessage){
      .time = self->origin + arrival * RS_MILLISECOND,
      .input = (uint8_t)input,
      .message = {size_of(status),
                  {status, (uint8_t)Pm_MessageData1(event->message),
                   (uint8_t)Pm_MessageData2(event->message)}},
  };
}

static size_t read_input(RsPortSink *self, int number, RsReceivedMessage *messages, size_t room) {
  PmEvent event;
  size_t count = 0;
  while (count + RS_INPUTS <= room && Pm_Read(self->inputs[number].stream, &event, 1) == 1) {
    for (int i = number; i < RS_INPUTS; ++i) {
      if (self->inputs[i].pattern && self->inputs[i].same_as == number &&
          rs_input_takes(i, Pm_MessageStatus(event.message))) {
        messages[count++] = received(self, &event, i);
      }
    }
  }
  return count;
}

size_t rs_port_sink_receive(RsSink *sink, RsReceivedMessage *messages, size_t room) {
  RsPortSink *self = (RsPortSink *)sink;
  size_t count = 0;
  rs_port_sink_set_time(self, self->clock->now(self->clock));
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].stream) {
      count += read_input(self, i, messages + count, room - count);
    }
  }
  return count;
}
