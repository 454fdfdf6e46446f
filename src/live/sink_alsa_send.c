/* SPDX-License-Identifier: ISC */

/* Messages to ports of ALSA's sequencer, and the time of its queue. */

#include "live/sink_alsa.h"

#include <poll.h>

enum { PATIENCE = 500 }; /* milliseconds to wait for room in the queue: it empties in 100 */

/* ---- Time ---- */

static int64_t nanoseconds(const snd_seq_real_time_t *time) {
  return (int64_t)time->tv_sec * RS_SECOND + time->tv_nsec;
}

int64_t rs_alsa_read_time(RsAlsaSink *self) {
  const int64_t now = self->clock->now(self->clock);
  if (!snd_seq_get_queue_status(self->seq, self->queue, self->status)) {
    rs_queue_time_read(&self->time, now,
                       nanoseconds(snd_seq_queue_status_get_real_time(self->status)));
  }
  return now;
}

/* ---- Sending ---- */

/* Wait until the sequencer takes events, or for some time. */
static bool wait_for_room(RsAlsaSink *self) {
  struct pollfd ready;
  return snd_seq_poll_descriptors(self->seq, &ready, 1, POLLOUT) == 1 &&
         poll(&ready, 1, PATIENCE) == 1;
}

static RsStatus drain(RsAlsaSink *self) {
  int left = 0;
  while ((left = snd_seq_drain_output(self->seq)) == -EAGAIN && wait_for_room(self)) {
  }
  return left < 0 ? RS_ERR_PORT : RS_OK;
}

static RsStatus put(RsAlsaSink *self, snd_seq_event_t *event) {
  snd_seq_ev_set_source(event, self->output.own);
  const int put = snd_seq_event_output_buffer(self->seq, event);
  if (put != -EAGAIN) {
    return put < 0 ? RS_ERR_PORT : RS_OK;
  }
  const RsStatus status = drain(self);
  return status || snd_seq_event_output_buffer(self->seq, event) < 0 ? RS_ERR_PORT : RS_OK;
}

/* Make the event of a message. @return false for a message without an ALSA event. */
static bool encode(RsAlsaSink *self, const RsMessage *message, snd_seq_event_t *event) {
  snd_seq_ev_clear(event);
  snd_midi_event_reset_encode(self->coder);
  return snd_midi_event_encode(self->coder, message->bytes, message->size, event) > 0 &&
         event->type != SND_SEQ_EVENT_NONE;
}

/* Time in the queue of a message; the queue delivers at once what is due, in the order of time. */
static int64_t queue_time(RsAlsaSink *self, int64_t due) {
  const int64_t time = self->sink.lookahead ? rs_queue_time_count(&self->time, due) : 0;
  self->last = time > self->last ? time : self->last;
  return self->last;
}

static RsStatus send_at(RsAlsaSink *self, int64_t time, const RsMessage *messages, size_t count) {
  const snd_seq_real_time_t real = {.tv_sec = (unsigned)(time / RS_SECOND),
                                    .tv_nsec = (unsigned)(time % RS_SECOND)};
  RsStatus status = RS_OK;
  for (size_t i = 0; !status && i < count; ++i) {
    snd_seq_event_t event;
    if (encode(self, &messages[i], &event)) {
      snd_seq_ev_set_subs(&event);
      snd_seq_ev_schedule_real(&event, self->queue, 0, &real);
      status = put(self, &event);
    }
  }
  return status ? status : drain(self);
}

/* Record the delivery time of note-offs. */
static void record_note_offs(RsAlsaSink *self, const RsMessage *messages, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (rs_message_ends_note(&messages[i])) {
      const uint8_t *bytes = messages[i].bytes;
      self->ended[rs_midi_channel(bytes[0])][bytes[1]] = self->sink.delivered;
    }
  }
}

RsStatus rs_alsa_send(RsSink *sink, int64_t due, const RsMessage *messages, size_t count) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  if (self->output.own < 0) {
    return RS_OK;
  }
  if (!atomic_load(&self->output.connected)) {
    return RS_ERR_PORT;
  }
  const int64_t now = rs_alsa_read_time(self);
  const int64_t time = queue_time(self, due);
  const RsStatus status = send_at(self, time, messages, count);
  rs_active_notes_update(&self->active, messages, count, !status);
  const int64_t delivered = time ? rs_queue_time_clock(&self->time, time) : now;
  sink->delivered = delivered > now ? delivered : now;
  record_note_offs(self, messages, count);
  return status;
}

RsStatus rs_alsa_recall(RsSink *sink) {
  RsAlsaSink *self = (RsAlsaSink *)sink;
  self->last = 0;
  return snd_seq_drop_output(self->seq) < 0 ? RS_ERR_PORT : RS_OK;
}

/* Send messages to one port at once. */
static void send_to(RsAlsaSink *self, const snd_seq_addr_t *port, const RsMessage *messages,
                    size_t count) {
  for (size_t i = 0; i < count; ++i) {
    snd_seq_event_t event;
    if (encode(self, &messages[i], &event)) {
      snd_seq_ev_set_dest(&event, port->client, port->port);
      snd_seq_ev_set_direct(&event);
      put(self, &event);
    }
  }
}

/* Notes that may sound at a receiver that was disconnected: the active ones, and those whose
   note-off was due after the disconnection, which is at most ANNOUNCED ago. */
static RsActiveNotes possibly_active(const RsAlsaSink *self) {
  enum { ANNOUNCED = RS_SECOND }; /* an announcement takes milliseconds */
  const int64_t since = self->clock->now(self->clock) - ANNOUNCED;
  RsActiveNotes notes = self->active;
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    for (int n = 0; n < RS_NOTES; ++n) {
      if (self->ended[channel][n] && self->ended[channel][n] > since) {
        rs_frame_set(&notes.notes[channel], n);
      }
    }
  }
  return notes;
}

void rs_alsa_silence(RsAlsaSink *self, const snd_seq_addr_t *port) {
  const RsActiveNotes active = possibly_active(self);
  RsMessage messages[RS_NOTES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    const size_t notes = rs_active_notes_end(&active, channel, messages);
    send_to(self, port, messages, notes);
    send_to(self, port, messages, rs_silence_messages(channel, messages));
  }
  drain(self);
}
