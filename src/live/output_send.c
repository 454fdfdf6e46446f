#include "live/output.h"

/* The messages of the output on their way: those due together, the account of what sounds, and a
   port that goes and comes back. */

#define DRAIN (100 * RS_MILLISECOND) // What a queue in the kernel takes on top
#define MOST_LAG (RS_SECOND)
#define REOPEN_EVERY (RS_SECOND / 4)

/// Messages that the receiver must have room for before it is sent to again
enum { RS_ROOM_TO_GO_ON = 48 };

/* ---- Sending ---- */

int rs_output_channel(const RsOutput *output) {
  return (int)output->settings.channel - 1;
}

void rs_output_put(RsOutput *output, RsMessage message) {
  if (output->batched < RS_BATCH) {
    output->batch[output->batched++] = message;
  }
}

static void put_all(RsOutput *output, const RsMessage *messages, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    rs_output_put(output, messages[i]);
  }
}

void rs_output_lose_port(RsOutput *output, int64_t now) {
  output->refreshes = false;
  output->held = output->stuck = false;
  if (!output->gone_since) {
    output->gone_since = now ? now : 1;
    output->reopen_at = now;
  }
}

/// By how much a batch comes late, and by how much it was handed over late, which the sink's
/// lookahead may make up for
static void account_lateness(RsOutput *output, int64_t due, int64_t now) {
  const int64_t delivered = output->sink->delivered > now ? output->sink->delivered : now;
  const int64_t late = delivered > due ? delivered - due : 0;
  rs_histogram_add(&output->lateness, late);
  rs_histogram_add(&output->delay, now - (due - output->sink->lookahead));
  atomic_store_explicit(&output->seen_lateness, (double)late / RS_MILLISECOND,
                        memory_order_relaxed);
}

void rs_output_send(RsOutput *output, int64_t due, int64_t now) {
  const size_t count = output->batched;
  output->batched = 0;
  output->last_due = due > output->last_due ? due : output->last_due;
  if (!count) {
    return;
  }
  if (output->gone_since || output->held) {
    rs_channels_account(&output->set, output->batch, count, false);
    output->stats.lost += count;
    return;
  }
  const RsStatus status = output->sink->send(output->sink, output->last_due, output->batch, count);
  rs_sounding_account(&output->sounding, output->batch, count, !status);
  rs_channels_account(&output->set, output->batch, count, !status);
  if (status) {
    output->stats.lost += count;
    rs_output_lose_port(output, now ? now : due);
    return;
  }
  output->stats.events += count;
  rs_flight_sent(&output->flight, output->last_due, count);
  if (now) {
    account_lateness(output, due, now);
  }
}

void rs_output_put_ends(RsOutput *output) {
  RsMessage ends[RS_NOTES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    put_all(output, ends, rs_sounding_end(&output->sounding, channel, ends));
  }
  output->anew = true;
}

void rs_output_program(RsOutput *output) {
  if (output->settings.program >= 0) {
    const uint8_t status = (uint8_t)(RS_MIDI_PROGRAM | rs_output_channel(output));
    rs_output_put(output, (RsMessage){2, {status, (uint8_t)output->settings.program, 0}});
  }
}

void rs_output_put_silence(RsOutput *output, int channel) {
  RsMessage silence[RS_SILENCE_MESSAGES];
  put_all(output, silence, rs_silence(channel, silence));
}

/// On all channels that were used
static void put_silences(RsOutput *output) {
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    if (channel == rs_output_channel(output) || output->channels >> channel & 1) {
      rs_output_put_silence(output, channel);
    }
  }
}

int64_t rs_output_soon(const RsOutput *output, int64_t now) {
  return now + output->sink->lookahead;
}

void rs_output_hush(RsOutput *output, int64_t now) {
  RsNoteEvent events[RS_NOTES];
  rs_performer_end(output->performer, events);
  rs_output_put_ends(output);
  rs_output_send(output, rs_output_soon(output, now), 0);
}

void rs_output_end(RsOutput *output, int64_t due, RsStatus status) {
  if (output->state >= RS_OUTPUT_DRAINS) {
    return;
  }
  output->held = false; // There is room for what ends
  rs_output_put_ends(output);
  put_silences(output);
  if (output->settings.clock && output->state == RS_OUTPUT_PLAYS) {
    rs_output_put(output, rs_message_byte(RS_MIDI_STOP));
  }
  rs_output_send(output, due, 0);
  output->status = status || !output->gone_since || output->refreshes ? status : RS_ERR_PORT;
  output->state = RS_OUTPUT_DRAINS;
  output->drained = output->last_due;
  if (output->sink->lookahead && !output->gone_since) {
    const int64_t lag = output->delay.largest; // As late as we were, others may be
    output->drained += DRAIN + (lag < MOST_LAG ? lag : MOST_LAG);
  }
}

/* ---- The receiver does not read ---- */

void rs_output_restore(RsOutput *output) {
  RsMessage missed[RS_CHANNEL_MESSAGES];
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    put_all(output, missed, rs_channels_restore(&output->set, channel, missed));
  }
}

/// The music goes on where it is by now
static void go_on(RsOutput *output, int64_t now) {
  rs_output_hush(output, now);
  put_silences(output);
  rs_output_program(output);
  if (output->settings.program >= 0) { // Which the music does not change
    output->set.of[rs_output_channel(output)].program.missed = false;
  }
  rs_output_restore(output);
  if (output->settings.clock) { // Of which some ticks were lost
    rs_output_put(output, rs_message_byte(RS_MIDI_STOP));
    output->cues = true;
  }
  rs_output_send(output, now, 0);
}

void rs_output_hold_back(RsOutput *output, int64_t now) {
  if (!output->held && !output->gone_since && output->state < RS_OUTPUT_DRAINS) {
    rs_output_hush(output, now);
    output->held = true;
    output->waits = false;
    ++output->stats.stalls;
  }
}

void rs_output_look_at_receiver(RsOutput *output, int64_t now) {
  if (!output->stuck && rs_flight_fits(&output->flight, RS_ROOM_TO_GO_ON)) {
    output->held = false;
    go_on(output, now);
  }
}

/* ---- The port is gone ---- */

static void welcome_port(RsOutput *output, int64_t now) {
  output->gone_since = 0;
  output->flight = (RsFlight){.seen_at = 0};
  if (!output->refreshes) { // It may be another one
    rs_channels_miss_all(&output->set);
  }
  output->refreshes = false;
  go_on(output, now);
}

void rs_output_refresh(RsOutput *output, int64_t now) {
  if (!output->gone_since) {
    rs_output_hush(output, now);
    output->gone_since = now;
    output->refreshes = true;
    output->reopen_at = output->last_due + DRAIN;
  }
}

void rs_output_look_for_port(RsOutput *output, int64_t now) {
  const double patience = output->settings.patience;
  if (now < output->reopen_at) {
    return;
  }
  if (!output->sink->reopen || !output->sink->reopen(output->sink)) {
    welcome_port(output, now);
    return;
  }
  output->refreshes = false;
  if (patience >= 0 && (double)(now - output->gone_since) > patience * RS_SECOND) {
    rs_output_end(output, now, RS_ERR_PORT);
  }
  output->reopen_at = now + REOPEN_EVERY;
}
