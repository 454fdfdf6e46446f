/* SPDX-License-Identifier: ISC */

/* Songs of which some notes are given: their meters, plan, and frames that are known. */

#include "model/generator_internal.h"

RsStatus rs_generator_follow(RsGenerator *generator, const RsRoll *roll, RsPart part) {
  const RsPlanPrior *prior = generator->model->inputs.plan;
  rs_generator_start_song(generator);
  rs_song_plan_clear(&generator->plan.song);
  RsStatus status = rs_generator_go_on_in_meter(generator, roll);
  if (!status && prior) {
    status = rs_song_plan(prior, roll, &generator->plan.song);
  }
  if (!status && generator->plan.song.bars && part != RS_PART_WHOLE) {
    generator->plan.song.texture =
        rs_generator_draw_around(generator, generator->plan.song.texture, part);
  }
  return status;
}

RsStatus rs_generator_prime_frame(RsGenerator *generator, const RsRoll *roll, size_t frame) {
  const RsEncoding *encoding = &generator->model->inputs.encoding;
  RsInputPlace place;
  RsFrame begins;
  const bool placed = rs_generator_next_place(generator, &place);
  RsStatus status = rs_generator_next_biases(generator, placed ? &place : NULL);
  if (generator->weight && !status) {
    rs_generator_clamp(generator, &(RsGivenNotes){.known = {{UINT64_MAX, UINT64_MAX}},
                                                  .on = roll->on[frame],
                                                  .begins = rs_roll_begins(roll, frame)});
    status = rs_generator_weigh(generator);
  }
  rs_encode_frame(encoding, roll, frame, 0, generator->now.v);
  rs_decode_frame(encoding, generator->now.v, &generator->now.before, &begins, NULL);
  if (generator->guard) {
    rs_copy_guard_start(generator->guard);
  }
  rs_generator_clamp(generator, NULL);
  rs_generator_add_frame(generator, placed ? &place : NULL);
  ++generator->frame;
  return status;
}
