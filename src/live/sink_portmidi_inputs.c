#include "live/sink_portmidi.h"

/* What comes in at the ports of the sink. */

/// Inputs are read every millisecond; what seems older, in milliseconds, was stamped by another
/// queue
enum { MOST_AGE = 50 };

static const uint8_t sizes[] = {3, 3, 3, 3, 2, 2, 3}; // Of messages 0x80.. to 0xe0..

static RsReceived received(RsPortSink *self, const PmEvent *event, int input) {
  const uint8_t status = (uint8_t)Pm_MessageStatus(event->message);
  const int32_t age = (int32_t)((uint32_t)self->now - (uint32_t)event->timestamp);
  const bool plausible = age > 0 && age < MOST_AGE;
  const int64_t told = (int64_t)(uint32_t)self->now - RS_PORT_FIRST_TIME - (plausible ? age : 0);
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

static size_t read_input(RsPortSink *self, int number, RsReceived *messages, size_t room) {
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

size_t rs_port_sink_receive(RsSink *sink, RsReceived *messages, size_t room) {
  RsPortSink *self = (RsPortSink *)sink;
  size_t count = 0;
  rs_port_sink_tell_time(self, self->clock->now(self->clock));
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].stream) {
      count += read_input(self, i, messages + count, room - count);
    }
  }
  return count;
}
