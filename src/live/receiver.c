#include "live/output.h"

/* A receiver that does not read, and a port that goes and comes back. */

#define REOPEN_EVERY (RS_SECOND / 4)

/// Messages that the receiver must have room for before it is sent to again
enum { ROOM_TO_GO_ON = 48 };

/* ---- The receiver does not read ---- */

/// The music goes on where it is by now
static void go_on(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  rs_output_hush(output, now);
  rs_sender_put_silences(sender);
  rs_sender_put_program(sender);
  if (sender->program >= 0) { // Which the music does not change
    sender->set.of[sender->channel].program.missed = false;
  }
  rs_sender_restore(sender);
  if (output->settings.clock) { // Of which some ticks were lost
    rs_sender_put(sender, rs_message_byte(RS_MIDI_STOP));
    output->transport.cues = true;
  }
  rs_sender_send(sender, now, 0);
}

void rs_output_hold_back(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  if (!sender->held && !sender->gone.since && output->state < RS_OUTPUT_DRAINS) {
    rs_output_hush(output, now);
    sender->held = true;
    output->waits = false;
    ++output->stats.stalls;
  }
}

void rs_output_look_at_receiver(RsOutput *output, int64_t now) {
  if (!output->sender.stuck && rs_flow_fits(&output->sender.flow, ROOM_TO_GO_ON)) {
    output->sender.held = false;
    go_on(output, now);
  }
}

/* ---- The port is gone ---- */

static void welcome_port(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  sender->gone.since = 0;
  sender->flow = (RsFlowControl){.seen_at = 0};
  if (!sender->gone.refreshes) { // It may be another one
    rs_channels_miss_all(&sender->set);
  }
  sender->gone.refreshes = false;
  go_on(output, now);
}

void rs_output_refresh(RsOutput *output, int64_t now) {
  RsSender *sender = &output->sender;
  if (!sender->gone.since) {
    rs_output_hush(output, now);
    sender->gone.since = now;
    sender->gone.refreshes = true;
    sender->gone.reopen_at = sender->last_due + RS_DRAIN;
  }
}

void rs_output_look_for_port(RsOutput *output, int64_t now) {
  const double patience = output->settings.patience;
  RsSender *sender = &output->sender;
  if (now < sender->gone.reopen_at) {
    return;
  }
  if (!sender->sink->reopen || !sender->sink->reopen(sender->sink)) {
    welcome_port(output, now);
    return;
  }
  sender->gone.refreshes = false;
  if (patience >= 0 && (double)(now - sender->gone.since) > patience * RS_SECOND) {
    rs_output_end(output, now, RS_ERR_PORT);
  }
  sender->gone.reopen_at = now + REOPEN_EVERY;
}
