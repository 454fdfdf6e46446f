#include "live/output.h"

/* Going to a place of the music, as a song position asks for. */

/// A frame that is only passed over. @return Whether it was there.
static bool pass_frame(RsOutput *output) {
  const RsSourceFrame *frame = NULL;
  const RsStatus status = rs_output_see_frame(output, &frame);
  if (status) {
    output->seeks = status == RS_ERR_ARGUMENT; // It is not there yet; else there is no more
    return false;
  }
  output->has_next = false;
  if (frame->kind == RS_FRAME_MESSAGES) {
    rs_output_pass_score(output, &frame->messages);
  }
  output->frame += rs_output_frame_length(frame);
  return true;
}

void rs_output_seek(RsOutput *output, int64_t now) {
  const bool sought = output->seeks;
  while (output->seeks && rs_output_frame_pulse(output) < output->place) {
    pass_frame(output);
    if (!output->has_next && !rs_ring_count(&output->frames)) {
      break;
    }
  }
  output->seeks = output->seeks && rs_output_frame_pulse(output) < output->place;
  if (sought && !output->seeks) {
    output->pulse = output->place;
    output->clock = output->place / output->timeline.pulses_a_clock;
    rs_output_restore(output);
    rs_output_send(output, rs_output_soon(output, now), 0);
  }
}

void rs_output_place_anew(RsOutput *output) {
  atomic_store(&output->song_frame, output->frame + (uint64_t)output->ahead);
  rs_output_discard(output);
}

void rs_output_place(RsOutput *output, uint64_t frame) {
  if (output->places && frame != output->frame + (uint64_t)output->ahead) {
    output->ahead = (int64_t)(frame - output->frame);
    rs_output_place_anew(output);
    rs_performer_go_to(output->performer, frame);
  }
}

/// What is made up as it goes has no frames to go to, but a place in the meter
static void place(RsOutput *output, uint64_t pulse) {
  const uint64_t frame = output->timeline.pulses_a_frame;
  output->follow.ticks = 0;
  output->song_base = pulse;
  rs_output_place(output, (pulse + frame - 1) / frame);
}

void rs_output_locate(RsOutput *output, uint64_t pulse, int64_t now) {
  if (output->places) {
    place(output, pulse);
    return;
  }
  if (!output->rewinds || output->hold) {
    return; // What is made up as it goes has no places
  }
  if (pulse < rs_output_frame_pulse(output)) {
    rs_output_rewind(output);
  }
  output->follow.ticks = 0;
  output->follow_base = (int64_t)pulse;
  output->place = pulse;
  output->located = output->seeks = true;
  rs_output_seek(output, now);
}
