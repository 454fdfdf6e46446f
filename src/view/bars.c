/* SPDX-License-Identifier: ISC */

#include "view/bars.h"

#include "base/memory.h"

#include <stdlib.h>

static RsStatus add_bar(RsBars *bars, size_t *room, RsBar bar) {
  RsBar *grown = rs_grow(bars->bars, room, bars->count + 1, sizeof *grown);
  if (!grown) {
    return RS_ERR_MEMORY;
  }
  bars->bars = grown;
  bars->bars[bars->count++] = bar;
  return RS_OK;
}

static RsStatus bars_of_map(const RsRoll *roll, RsBars *out) {
  size_t room = 0;
  RsStatus status = RS_OK;
  RsBarPlace place;
  rs_roll_bar(roll, 0, &place);
  for (; !status && place.bar_start < roll->frames; rs_roll_next_bar(roll, &place)) {
    const RsMeter meter = rs_meter(roll->frames_per_beat, place.beats, place.unit);
    status = add_bar(out, &room, (RsBar){place.bar_start, place.bar_start, meter});
    out->end = place.bar_start + place.bar_frames;
  }
  return status;
}

static RsStatus bars_of_meter(const RsRoll *roll, RsBars *out) {
  const RsMeter meter = rs_meter_of(roll);
  size_t room = 0, bar = 0;
  RsStatus status = RS_OK;
  while (!status && out->end < roll->frames) {
    const size_t start = out->end;
    do { /* bars shorter than a frame begin in the same one */
      out->end = rs_meter_bar_start(&meter, ++bar);
    } while (out->end <= start);
    status = add_bar(out, &room, (RsBar){start, 0, meter});
  }
  return status;
}

RsStatus rs_bars_of(const RsRoll *roll, RsBars *out) {
  *out = (RsBars){.bars = NULL};
  const RsStatus status = roll->meter_count ? bars_of_map(roll, out) : bars_of_meter(roll, out);
  if (status) {
    rs_bars_clear(out);
  }
  return status;
}

void rs_bars_clear(RsBars *bars) {
  free(bars->bars);
  *bars = (RsBars){.bars = NULL};
}

size_t rs_bars_start(const RsBars *bars, size_t bar) {
  return bar < bars->count ? bars->bars[bar].start : bars->end;
}

RsPlace rs_bar_place(const RsBar *bar, size_t frame) {
  return frame == bar->start ? RS_PLACE_BAR : rs_meter_place(&bar->meter, frame - bar->origin);
}
