#include "live/output.h"

/* What the caller's thread asks for. */

static void set_tempo(RsOutput *output, double bpm, int64_t now) {
  if (!output->settings.follow) {
    output->score.pace = bpm / output->score.bpm;
    rs_output_set_tempo(output, rs_output_position(output, now), bpm);
  }
}

static void hold(RsOutput *output, uint64_t frames) {
  RsTransform *transform = &output->transform;
  output->sender.anew = output->sender.anew || transform->hold; // Its ends lie in the bars held
  rs_transform_hold(transform, frames);
}

static void pause(RsOutput *output, bool paused, int64_t now) {
  output->transport.paused = paused;
  if (paused && output->state == RS_OUTPUT_PLAYS) {
    rs_output_stand(output, now);
  } else if (!paused && output->state == RS_OUTPUT_STANDS && !output->settings.follow) {
    rs_output_go_on(output, rs_sender_soon(&output->sender, now) + 2 * RS_MILLISECOND);
  }
}

static void panic(RsOutput *output, int64_t now) {
  rs_sender_put_ends(&output->sender);
  for (int channel = 0; channel < RS_CHANNELS; ++channel) {
    rs_sender_put_silence(&output->sender, channel);
  }
  rs_sender_send(&output->sender, rs_sender_soon(&output->sender, now), 0);
}

static void see_receiver(RsOutput *output, RsReceiver receiver, int64_t now) {
  output->sender.stuck = receiver == RS_RECEIVER_STUCK;
  if (output->sender.stuck) {
    rs_output_hold_back(output, now);
  } else if (receiver == RS_RECEIVER_GONE) {
    rs_sender_lose_port(&output->sender, now);
  }
}

/// The source has begun anew: frames that it made before are thrown away
static void begin_generation(RsOutput *output, unsigned generation) {
  output->queue.generation = generation;
  if (output->settings.follow && output->queue.places) {
    rs_output_place_anew(output);
  }
}

static void obey(RsOutput *output, const RsQueuedCommand *queued, int64_t now) {
  const RsPlayerCommand *command = &queued->command;
  switch (command->control) {
  case RS_PLAYER_TEMPO:
    set_tempo(output, command->bpm, now);
    return;
  case RS_PLAYER_TRANSPOSE:
    output->transform.transpose = command->semitones;
    output->sender.anew = true;
    return;
  case RS_PLAYER_MUTE:
    output->transform.mute = command->on;
    output->sender.anew = true;
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
    see_receiver(output, command->receiver, now);
    return;
  case RS_PLAYER_ROOM:
    rs_flow_seen(&output->sender.flow, queued->time, command->room);
    return;
  case RS_PLAYER_REFRESH:
    rs_output_refresh(output, now);
    return;
  case RS_PLAYER_SEED:
    begin_generation(output, queued->generation);
    return;
  case RS_PLAYER_TEMPERATURE:
  case RS_PLAYER_DENSITY:
    return;
  }
}

void rs_output_commands(RsOutput *output, int64_t now) {
  RsQueuedCommand command;
  while (rs_ring_pop(&output->shared.commands, &command)) {
    obey(output, &command, now);
  }
}
