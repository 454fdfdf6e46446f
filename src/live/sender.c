/* SPDX-License-Identifier: ISC */

#include "live/sender.h"

int64_t rs_sender_earliest(const RsSender *sender, int64_t now) {
  return now + sender->sink->lookahead;
}

/* ---- Into the batch ---- */

int rs_sender_channel(const RsSender *sender, unsigned part) {
  return (int)rs_part_channel((unsigned)sender->channel, part);
}

void rs_sender_put(RsSender *sender, RsMessage message) {
  if (sender->batched < RS_BATCH) {
    sender->batch[sender->batched++] = message;
  }
}

static void put_all(RsSender *sender, const RsMessage *messages, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    rs_sender_put(sender, messages[i]);
  }
}

void rs_sender_put_program(RsSender *sender) {
  for (unsigned part = 0; sender->program >= 0 && part < sender->parts; ++part) {
    const uint8_t status = (uint8_t)(RS_MIDI_PROGRAM | rs_sender_channel(sender, part));
    rs_sender_put(sender, (RsMessage){2, {status, (uint8_t)sender->program, 0}});
  }
}

void rs_sender_put_ends(RsSender *sender) {
  RsMessage ends[RS_NOTES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    put_all(sender, ends, rs_active_notes_end(&sender->active, channel, ends));
  }
  sender->restart_notes = true;
}

void rs_sender_put_silence(RsSender *sender, int channel) {
  RsMessage silence[RS_SILENCE_MESSAGES];
  put_all(sender, silence, rs_silence_messages(channel, silence));
}

void rs_sender_put_silences(RsSender *sender) {
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    if (sender->channels_used >> channel & 1) {
      rs_sender_put_silence(sender, channel);
    }
  }
}

void rs_sender_restore(RsSender *sender) {
  RsMessage missed[RS_CHANNEL_MESSAGES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    put_all(sender, missed, rs_channel_state_restore(&sender->channel_state, channel, missed));
  }
}

/* ---- To the sink ---- */

/* Time for which a message may be late in the queue on a busy machine. */
#define MOST_LATE (RS_SECOND / 2)

void rs_sender_port_lost(RsSender *sender, int64_t now) {
  sender->outage.refreshes = false;
  sender->suspended = sender->stalled = false;
  if (!sender->outage.since) {
    sender->outage.since = now ? now : 1;
    sender->outage.reopen_at = now;
  }
}

/* Measure the lateness of a batch at the receiver, and that of sending it, for which the sink's
   lookahead may compensate. */
static void measure_lateness(RsSender *sender, int64_t due, int64_t now) {
  const int64_t delivered = sender->sink->delivered > now ? sender->sink->delivered : now;
  const int64_t late = delivered > due ? delivered - due : 0;
  rs_histogram_add(&sender->statistics.lateness, late);
  rs_histogram_add(&sender->statistics.delay, now - (due - sender->sink->lookahead));
  sender->statistics.late_ms = (double)late / RS_MILLISECOND;
}

/* Report the batch to the caller's thread, with or without a port. */
static void report(RsSender *sender, int64_t due) {
  for (size_t i = 0; sender->sent_queue && i < sender->batched; ++i) {
    const RsSentMessage sent = {due, sender->batch[i], sender->sent_dropped};
    sender->sent_dropped = !rs_ring_push(sender->sent_queue, &sent);
  }
}

void rs_sender_send(RsSender *sender, int64_t due, int64_t now) {
  const size_t count = sender->batched;
  sender->last_due = due > sender->last_due ? due : sender->last_due;
  report(sender, sender->last_due);
  sender->batched = 0;
  if (!count) {
    return;
  }
  if (sender->outage.since || sender->suspended) {
    rs_channel_state_update(&sender->channel_state, sender->batch, count, false);
    sender->statistics.lost += count;
    return;
  }
  const RsStatus status = sender->sink->send(sender->sink, sender->last_due, sender->batch, count);
  rs_active_notes_update(&sender->active, sender->batch, count, !status);
  rs_channel_state_update(&sender->channel_state, sender->batch, count, !status);
  if (status) {
    sender->statistics.lost += count;
    rs_sender_port_lost(sender, now ? now : due);
    return;
  }
  sender->statistics.sent += count;
  if (sender->sink->recall) {
    rs_sent_log_add(&sender->log, sender->last_due, sender->batch, count);
  }
  rs_flow_sent(&sender->flow, sender->last_due, count);
  if (now) {
    measure_lateness(sender, due, now);
  }
}

/* ---- Recall ---- */

/* Mark the note of a message as active, whether it begins or ends it. */
static void mark_note(RsActiveNotes *active, const RsMessage *message) {
  const int kind = rs_midi_kind(message->bytes[0]);
  if (kind == RS_MIDI_NOTE_ON || kind == RS_MIDI_NOTE_OFF) {
    rs_frame_set(&active->notes[rs_midi_channel(message->bytes[0])], message->bytes[1]);
  }
}

bool rs_sender_recall(RsSender *sender, int64_t now) {
  size_t first = 0;
  if (!sender->sink->recall || sender->outage.since || sender->suspended ||
      !rs_sent_log_after(&sender->log, now - MOST_LATE, &first) ||
      sender->sink->recall(sender->sink)) {
    return false;
  }
  for (; first < sender->log.count; ++first) {
    const RsMessage *message = rs_sent_log_at(&sender->log, first);
    mark_note(&sender->active, message);
    rs_channel_state_update(&sender->channel_state, message, 1, false);
  }
  rs_sent_log_clear(&sender->log);
  sender->last_due = now;
  return true;
}
