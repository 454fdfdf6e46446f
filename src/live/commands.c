/* SPDX-License-Identifier: ISC */

#include "live/output.h"

/* Commands of the caller's thread. */

static void set_tempo(RsOutput *output, double bpm, int64_t now) {
  if (!output->settings.follow) {
    output->score.pace = bpm / output->score.bpm;
    rs_output_set_tempo(output, rs_output_position(output, now), bpm);
  }
}

static void hold(RsOutput *output, uint64_t frames) {
  RsTransform *transform = &output->transform;
  output->sender.restart_notes =
      output->sender.restart_notes ||
      transform->hold; /* note-offs of active notes are in the bars that were held */
  rs_transform_hold(transform, frames);
}

static void pause(RsOutput *output, bool paused, int64_t now) {
  output->transport.paused = paused;
  if (paused && output->state == RS_OUTPUT_PLAYING) {
    rs_output_halt(output, now);
  } else if (!paused && output->state == RS_OUTPUT_HALTED && !output->settings.follow) {
    rs_output_continue(output, rs_sender_earliest(&output->sender, now) + 2 * RS_MILLISECOND);
  }
}

static void panic(RsOutput *output, int64_t now) {
  rs_sender_put_ends(&output->sender);
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    rs_sender_put_silence(&output->sender, channel);
  }
  rs_sender_send(&output->sender, rs_sender_earliest(&output->sender, now), 0);
}

static void set_receiver(RsOutput *output, RsReceiver receiver, int64_t now) {
  output->sender.stalled = receiver == RS_RECEIVER_STALLED;
  if (output->sender.stalled) {
    rs_output_suspend_sending(output, now);
  } else if (receiver == RS_RECEIVER_MISSING) {
    rs_sender_port_lost(&output->sender, now);
  }
}

/* The source has restarted: discard the frames that it made before. */
static void begin_generation(RsOutput *output, unsigned generation) {
  output->queue.generation = generation;
  if (output->settings.follow && output->queue.can_locate) {
    rs_output_relocate_source(output);
  }
}

static void execute(RsOutput *output, const RsQueuedCommand *queued, int64_t now) {
  const RsPlayerCommand *command = &queued->command;
  switch (command->control) {
  case RS_PLAYER_TEMPO:
    set_tempo(output, command->bpm, now);
    return;
  case RS_PLAYER_TRANSPOSE:
    output->transform.transpose = command->semitones;
    output->sender.restart_notes = true;
    return;
  case RS_PLAYER_MUTE:
    output->transform.mute = command->on;
    output->sender.restart_notes = true;
    return;
  case RS_PLAYER_HOLD:
    hold(output, command->frames);
    return;
  case RS_PLAYER_PANIC:
    panic(output, now);
    return;
  case RS_PLAYER_PAUSE:
    pause(output, command->on, now);
    return;
  case RS_PLAYER_RECEIVER:
    set_receiver(output, command->receiver, now);
    return;
  case RS_PLAYER_ROOM:
    rs_flow_observe(&output->sender.flow, queued->time, command->room);
    return;
  case RS_PLAYER_REFRESH:
    rs_output_refresh(output, now);
    return;
  case RS_PLAYER_SEED:
    begin_generation(output, queued->generation);
    return;
  case RS_PLAYER_TEMPERATURE:
  case RS_PLAYER_MAX_POLYPHONY:
  case RS_PLAYER_STEERING:
    return;
  }
}

void rs_output_commands(RsOutput *output, int64_t now) {
  RsQueuedCommand command;
  while (rs_ring_pop(&output->shared.commands, &command)) {
    execute(output, &command, now);
  }
}
