/* SPDX-License-Identifier: ISC */

/* One frame: its biases, its draw, and its place in the past, doc/math.md, equations K1, K2 and T1.
 */

#include "model/generator_internal.h"

RsStatus rs_generator_next_biases(RsGenerator *generator, const RsInputPlace *place) {
  rs_input_history_fill(generator->history, place, generator->now.x, generator->now.links);
  return rs_rnnrbm_step(generator->step, generator->now.x, &generator->now.links, generator->state,
                        generator->now.biases);
}

void rs_generator_add_frame(RsGenerator *generator, const RsInputPlace *place) {
  rs_input_history_add(generator->history, place, generator->now.v, generator->now.v);
  if (generator->candidate) {
    rs_generated_bars_observe(generator, place);
  }
  ++generator->position;
}

RsStatus rs_generator_make_frame(RsGenerator *generator, RsFrame *on, RsFrame *onset,
                                 uint8_t *velocity) {
  const bool onsets = generator->model->inputs.encoding.onsets;
  RsInputPlace place;
  const bool placed = rs_generator_next_place(generator, &place);
  RsStatus status = rs_generator_next_biases(generator, placed ? &place : NULL);
  status = status ? status : rs_generator_weigh(generator);
  if (status) {
    return status;
  }
  RsFrame begins;
  rs_generator_heat(generator);
  rs_generator_steer_biases(generator);
  if (generator->guard) {
    rs_copy_guard_draw(generator, on, &begins, velocity);
  } else {
    rs_generator_draw(generator, generator->rng, generator->frame, on, &begins, velocity);
  }
  rs_complete_begins(onsets, &generator->now.before, on, &begins);
  rs_generator_steered(generator, on, &begins);
  if (onset) {
    *onset = begins;
  }
  generator->now.before = *on;
  rs_generator_clamp(generator, NULL);
  rs_generator_add_frame(generator, placed ? &place : NULL);
  ++generator->frame;
  return RS_OK;
}
