/* SPDX-License-Identifier: ISC */

#include "live/sink_jack.h"

#include "live/input_filter.h"

#include <jack/midiport.h>

#include <string.h>

/* The callback. It neither allocates, locks nor waits. */

/* A cycle, in microseconds of JACK's time. */
typedef struct {
  int64_t begin, end;
  jack_nframes_t frames;
} Cycle;

jack_nframes_t rs_jack_frame(int64_t due, int64_t begin, int64_t end, jack_nframes_t frames) {
  if (due <= begin || end <= begin) {
    return 0;
  }
  const int64_t frame = (due - begin) * frames / (end - begin);
  return frame < frames ? (jack_nframes_t)frame : frames;
}

static Cycle read_cycle(jack_client_t *client, jack_nframes_t frames) {
  jack_nframes_t first = 0;
  jack_time_t begin = 0, end = 0;
  float period = 0;
  if (jack_get_cycle_times(client, &first, &begin, &end, &period)) {
    return (Cycle){0, 0, frames}; /* not known: all messages are sent at once */
  }
  return (Cycle){(int64_t)begin, (int64_t)end, frames};
}

/* ---- To the output ---- */

/* Get the next message that was not recalled; there may be newer ones than the generation read. */
static bool get_next(RsJackExchange *exchange) {
  const unsigned generation = atomic_load(&exchange->generation);
  while (exchange->has_next || rs_ring_pop(&exchange->outgoing, &exchange->next)) {
    exchange->has_next = (int)(exchange->next.generation - generation) >= 0;
    if (exchange->has_next) {
      return true;
    }
  }
  return false;
}

/* Without lookahead messages come when they are due: all are delayed by one cycle, so that their
   distances remain. */
static int64_t due_of(const RsJackSink *self, Cycle cycle) {
  const int64_t delay = self->sink.lookahead ? 0 : cycle.end - cycle.begin;
  return self->exchange.next.due + delay;
}

/* Keep what ends notes. */
static void keep_sent(RsJackSent *sent, const RsMessage *message) {
  const int kind = rs_midi_kind(message->bytes[0]);
  const bool ends = kind == RS_MIDI_NOTE_OFF || rs_message_silences(message) ||
                    (kind == RS_MIDI_NOTE_ON && !message->bytes[2]);
  rs_active_notes_update(&sent->active, message, 1, true);
  if (ends) {
    sent->ends[sent->count++ % RS_JACK_ENDS] = *message;
    sent->again = sent->count;
  }
}

/* Whether a message ended notes that have not begun again. */
static bool still_ends(const RsJackSent *sent, const RsMessage *message) {
  const RsFrame *notes = &sent->active.notes[rs_midi_channel(message->bytes[0])];
  return rs_message_silences(message) ? !rs_frame_count(notes)
                                      : !rs_frame_has(notes, message->bytes[1]);
}

/* After a lost cycle, send what ends notes again. @return false where the buffer is full. */
static bool send_ends_again(RsJackExchange *exchange, void *buffer) {
  RsJackSent *sent = &exchange->sent;
  const unsigned xruns = atomic_load(&exchange->xruns);
  if (xruns != sent->xruns) {
    sent->xruns = xruns;
    sent->again = sent->count > RS_JACK_ENDS ? sent->count - RS_JACK_ENDS : 0;
  }
  for (; sent->again < sent->count; ++sent->again) {
    const RsMessage *message = &sent->ends[sent->again % RS_JACK_ENDS];
    if (still_ends(sent, message) &&
        jack_midi_event_write(buffer, 0, message->bytes, message->size)) {
      return false;
    }
  }
  return true;
}

static void send_messages(RsJackSink *self, Cycle cycle) {
  RsJackExchange *exchange = &self->exchange;
  void *buffer = jack_port_get_buffer(self->output.own, cycle.frames);
  jack_nframes_t last = 0;
  jack_midi_clear_buffer(buffer);
  while (send_ends_again(exchange, buffer) && get_next(exchange)) {
    const jack_nframes_t due =
        rs_jack_frame(due_of(self, cycle), cycle.begin, cycle.end, cycle.frames);
    const jack_nframes_t frame = due > last ? due : last;
    const RsMessage *message = &exchange->next.message;
    if (frame >= cycle.frames ||
        jack_midi_event_write(buffer, frame, message->bytes, message->size)) {
      return; /* in a later cycle, also where the buffer is full */
    }
    keep_sent(&exchange->sent, message);
    last = frame;
    exchange->has_next = false;
  }
}

/* ---- From the inputs ---- */

static void receive_messages(RsJackSink *self, int number, Cycle cycle) {
  const int64_t period = cycle.end - cycle.begin;
  void *buffer = jack_port_get_buffer(self->inputs[number].own, cycle.frames);
  const jack_nframes_t count = jack_midi_get_event_count(buffer);
  for (jack_nframes_t i = 0; i < count; ++i) {
    jack_midi_event_t event;
    RsReceivedMessage received = {.input = (uint8_t)number};
    if (jack_midi_event_get(&event, buffer, i) || !event.size || event.size > 3 ||
        !rs_input_takes(number, event.buffer[0])) {
      continue;
    }
    /* it was written in the cycle before */
    received.time = cycle.begin - period + period * event.time / cycle.frames;
    received.message.size = (uint8_t)event.size;
    memcpy(received.message.bytes, event.buffer, event.size);
    rs_ring_push(&self->exchange.incoming, &received); /* a flood is discarded */
  }
}

int rs_jack_process(jack_nframes_t frames, void *sink) {
  RsJackSink *self = sink;
  const Cycle cycle = read_cycle(self->client, frames);
  if (self->output.own) {
    send_messages(self, cycle);
  }
  for (int i = 0; i < RS_INPUTS; ++i) {
    if (self->inputs[i].own) {
      receive_messages(self, i, cycle);
    }
  }
  atomic_fetch_add(&self->exchange.cycle, 1);
  return 0;
}
