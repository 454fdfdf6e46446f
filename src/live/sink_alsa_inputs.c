/* SPDX-License-Identifier: ISC */

#include "live/sink_alsa.h"

#include "live/input_filter.h"

/* Receiving: messages for the inputs, and announcements. */

/* Largest age of a message: inputs are read every millisecond, on a busy machine less often. */
#define MOST_AGE (RS_SECOND / 2)

/* Time of the clock at which an event arrived. */
static int64_t arrival(const RsAlsaSink *self, const snd_seq_event_t *event, int64_t now) {
  const int64_t count = (int64_t)event->time.time.tv_sec * RS_SECOND + event->time.time.tv_nsec;
  const int64_t time = rs_queue_time_clock(&self->time, count);
  return time > now || time < now - MOST_AGE ? now : time;
}

/* Input with a port of ours; below 0: none. */
static int input_at(const RsAlsaSink *self, int port) {
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].own == port) {
      return i;
    }
  }
  return -1;
}

/* The message of an event. @return Whether there is one that the input takes. */
static bool decode(RsAlsaSink *self, const snd_seq_event_t *event, int input, RsMessage *message) {
  uint8_t bytes[16];
  const long size = snd_midi_event_decode(self->coder, bytes, sizeof(bytes), event);
  *message = (RsMessage){0};
  for (int i = 0; i < size && i < 3; ++i) {
    message->bytes[message->size++] = bytes[i];
  }
  return size > 0 && size <= 3 && rs_input_takes(input, bytes[0]);
}

static size_t take_event(RsAlsaSink *self, const snd_seq_event_t *event, int64_t now,
                         RsReceivedMessage *received) {
  const int input = input_at(self, event->dest.port);
  if (event->dest.port == self->announce || input < 0) {
    rs_alsa_on_announcement(self, event);
    return 0;
  }
  received->time = arrival(self, event, now);
  received->input = (uint8_t)input;
  return decode(self, event, input, &received->message);
}

size_t rs_alsa_receive(RsSink *sink, RsReceivedMessage *messages, size_t room) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  snd_seq_event_t *event = NULL;
  size_t count = 0;
  int left = 0;
  int64_t now = 0;
  while (count < room &&
         ((left = snd_seq_event_input(self->seq, &event)) >= 0 || left == -ENOSPC)) {
    now = now ? now : rs_alsa_read_time(self);
    if (left == -ENOSPC) { /* events were lost */
      rs_alsa_check_ports(self);
    } else if (event) {
      count += take_event(self, event, now, &messages[count]);
    }
  }
  return count;
}
