/* SPDX-License-Identifier: ISC */

#include "live/output.h"

/* Recovery from a stalled receiver and from the loss of the port. */

#define REOPEN_INTERVAL                                                                            \
  (RS_SECOND / 4) /* opening scans all ports, which takes some milliseconds                        \
                   */

/* Free space of the receiver's queue before messages are sent to it again: silences of 16 channels
 */
enum { ROOM_TO_RESUME = 48 };

/* ---- Stalled receiver ---- */

/* Put programs, controllers and bends that the receiver has missed. */
static void put_channels(RsSender *sender) {
  rs_sender_put_program(sender);
  for (unsigned part = 0; sender->program >= 0 && part < sender->parts; ++part) {
    /* the program is fixed */
    sender->channel_state.of[rs_sender_channel(sender, part)].program.missed = false;
  }
  rs_sender_restore(sender);
}

/* Resume at the current position. */
static void resume(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  rs_output_end_notes(output, rs_sender_earliest(sender, now));
  rs_sender_put_silences(sender);
  put_channels(sender);
  if (output->settings.clock) { /* clocks were lost: send the song position */
    rs_sender_put(sender, rs_message_byte(RS_MIDI_STOP));
    output->transport.cue_pending = true;
  }
  rs_sender_send(sender, now, 0);
}

void rs_output_suspend_sending(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  if (!sender->suspended && !sender->outage.since && output->state < RS_OUTPUT_DRAINING) {
    const bool recalled = rs_sender_recall(sender, now);
    rs_output_end_notes(output, recalled ? now : rs_sender_earliest(sender, now));
    sender->suspended = true;
    output->waits = false;
    ++output->stats.stalls;
  }
}

void rs_output_check_receiver(RsOutput *output, int64_t now) {
  if (!output->sender.stalled && rs_flow_fits(&output->sender.flow, ROOM_TO_RESUME)) {
    output->sender.suspended = false;
    resume(output, now);
  }
}

/* ---- Receivers that were connected ---- */

void rs_output_receiver_joined(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  rs_channel_state_invalidate(&sender->channel_state);
  if (output->state == RS_OUTPUT_PLAYING || output->state == RS_OUTPUT_HALTED) {
    put_channels(sender);
    rs_sender_send(sender, rs_sender_earliest(sender, now), 0);
  }
}

/* ---- Loss of the port ---- */

static void port_reopened(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  sender->outage.since = 0;
  sender->flow = (RsFlowControl){.seen_at = 0};
  if (!sender->outage.refreshes) { /* the receiver may be a new one */
    rs_channel_state_invalidate(&sender->channel_state);
  }
  sender->outage.refreshes = false;
  resume(output, now);
}

void rs_output_refresh(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  if (!sender->outage.since && !sender->sink->reconnects) {
    rs_output_end_notes(output, rs_sender_earliest(sender, now));
    sender->outage.since = now;
    sender->outage.refreshes = true;
    sender->outage.reopen_at = sender->last_due + RS_DRAIN;
  }
}

void rs_output_reopen_port(RsOutput *output, int64_t now) {
  const double patience = output->settings.patience;
  RsSender *sender = &output->sender;
  if (now < sender->outage.reopen_at) {
    return;
  }
  if (!sender->sink->reopen || !sender->sink->reopen(sender->sink)) {
    port_reopened(output, now);
    return;
  }
  sender->outage.refreshes = false;
  if (patience >= 0 && (double)(now - sender->outage.since) > patience * RS_SECOND) {
    rs_output_end(output, now, RS_ERR_PORT);
  }
  sender->outage.reopen_at = now + REOPEN_INTERVAL;
}
