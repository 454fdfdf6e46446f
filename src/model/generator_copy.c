/* SPDX-License-Identifier: ISC */

/* Copy of the state of a generator, so that frames can be made again. */

#include "model/generator_internal.h"

#include "base/memory.h"

#include <string.h>

/* The meter map, where it is another one. */
static RsStatus copy_clock(RsRoll *to, const RsRoll *from) {
  RsStatus status = RS_OK;
  const bool same = to->meter_count == from->meter_count &&
                    (!from->meter_count ||
                     !memcmp(to->meters, from->meters, from->meter_count * sizeof *from->meters));
  if (!same) {
    rs_roll_clear_meters(to);
  }
  for (size_t i = 0; !same && !status && i < from->meter_count; ++i) {
    const RsMeterChange *meter = from->meters + i;
    status = rs_roll_add_meter(to, meter->frame, meter->beats, meter->unit);
  }
  return status;
}

/* The plan of the song that is followed, where it is another one. */
static RsStatus copy_song(RsSongPlan *to, const RsSongPlan *from) {
  const bool same = to->bars == from->bars &&
                    (!from->bars || !memcmp(to->bar, from->bar, from->bars * sizeof *from->bar));
  if (!same) {
    RsBarPlan *bar = rs_alloc(from->bars, sizeof *bar);
    if (!bar) {
      return RS_ERR_MEMORY;
    }
    rs_song_plan_clear(to);
    to->bar = bar;
    to->bars = from->bars;
    if (from->bars) {
      memcpy(bar, from->bar, from->bars * sizeof *bar);
    }
  }
  to->texture = from->texture;
  to->key = from->key;
  return RS_OK;
}

RsStatus rs_generator_copy(RsGenerator *to, const RsGenerator *from) {
  const RsRnnRbm *net = from->model->net;
  RsStatus status = copy_clock(&to->clock, &from->clock);
  status = status ? status : copy_song(&to->plan.song, &from->plan.song);
  if (status) {
    return status;
  }
  to->settings = from->settings;
  to->plan.seed = from->plan.seed;
  to->rng = from->rng;
  to->frame = from->frame;
  to->position = from->position;
  to->plan.now = from->plan.now;
  to->plan.bars = from->plan.bars;
  to->plan.exact = from->plan.exact;
  to->now.given = from->now.given;
  to->now.before = from->now.before;
  memcpy(to->state, from->state, rs_rnn_state_size(rs_rnnrbm_rnn(net)) * sizeof *to->state);
  memcpy(to->now.v, from->now.v, rs_rnnrbm_rbm(net)->visible * sizeof *to->now.v);
  rs_steerer_copy(to->steerer, from->steerer);
  rs_input_history_copy(to->history, from->history);
  to->bars = from->bars;
  if (to->guard && from->guard) {
    rs_copy_guard_copy(to->guard, from->guard);
  }
  return RS_OK;
}
