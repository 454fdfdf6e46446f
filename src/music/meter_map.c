/* SPDX-License-Identifier: ISC */

#include "music/meter_map.h"

#include "base/memory.h"
#include "music/meter.h"

#include <stdlib.h>
#include <string.h>

double rs_meter_bar_frames(unsigned beats, unsigned unit, double frames_per_beat) {
  return rs_meter(frames_per_beat, beats, unit).bar_frames;
}

double rs_meter_beat_frames(unsigned beats, unsigned unit, double frames_per_beat) {
  return rs_meter(frames_per_beat, beats, unit).beat_frames;
}

/* ---- Bars of one time signature, in whole numbers -------------------------------------------- */

/* Frames of a bar times the lower number of the time signature. */
static uint64_t scaled_bar(const RsMeterChange *meter, unsigned frames_per_beat) {
  return (uint64_t)4 * frames_per_beat * meter->beats;
}

/* Which bar holds the frame so far behind the change: the last one k with round(k bars) <= at. */
static size_t bar_at(const RsMeterChange *meter, unsigned frames_per_beat, size_t at) {
  return ((2 * (uint64_t)at + 1) * meter->unit - 1) / (2 * scaled_bar(meter, frames_per_beat));
}

/* First frame of a bar, counted from the change. */
static size_t start_of(const RsMeterChange *meter, unsigned frames_per_beat, size_t bar) {
  return (2 * bar * scaled_bar(meter, frames_per_beat) + meter->unit) / (2 * meter->unit);
}

/* The last change at or before a frame. */
static size_t change_at(const RsMeterChange *changes, size_t count, size_t frame) {
  size_t low = 0, high = count;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (changes[middle].frame <= frame) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/* ---- Places ---------------------------------------------------------------------------------- */

/* A place at a frame of a change; `before`: bars begun before the change. */
static RsBarPlace place_in(const RsRoll *roll, size_t change, size_t before, size_t frame) {
  const RsMeterChange *meter = &roll->meters[change];
  const size_t bar = bar_at(meter, roll->frames_per_beat, frame - meter->frame);
  const size_t start = meter->frame + start_of(meter, roll->frames_per_beat, bar);
  const size_t frames = start_of(meter, roll->frames_per_beat, 1);
  return (RsBarPlace){
      .beats = meter->beats,
      .unit = meter->unit,
      .change = change,
      .bar = before + bar,
      .bar_start = start,
      .bar_frames = frames ? frames : 1,
      .frame_in_bar = frame - start,
  };
}

bool rs_roll_bar(const RsRoll *roll, size_t frame, RsBarPlace *place) {
  if (!roll->meter_count) {
    return false;
  }
  const size_t change = change_at(roll->meters, roll->meter_count, frame);
  size_t before = 0;
  for (size_t i = 0; i < change; ++i) {
    const size_t last = roll->meters[i + 1].frame - roll->meters[i].frame - 1;
    before += bar_at(&roll->meters[i], roll->frames_per_beat, last) + 1;
  }
  *place = place_in(roll, change, before, frame);
  return true;
}

void rs_roll_next_bar(const RsRoll *roll, RsBarPlace *place) {
  const RsMeterChange *meter = &roll->meters[place->change];
  const unsigned frames = roll->frames_per_beat;
  const size_t bar = bar_at(meter, frames, place->bar_start - meter->frame);
  const size_t before = place->bar - bar;
  const size_t next = meter->frame + start_of(meter, frames, bar + 1);
  const bool changes = place->change + 1 < roll->meter_count && meter[1].frame <= next;
  *place = changes ? place_in(roll, place->change + 1, place->bar + 1, meter[1].frame)
                   : place_in(roll, place->change, before, next);
}

/* ---- Maps that grow -------------------------------------------------------------------------- */

size_t rs_meters_bar_start(const RsMeterMap *map, size_t frame) {
  const RsMeterChange *meter = &map->changes[change_at(map->changes, map->count, frame)];
  const size_t bar = bar_at(meter, map->frames, frame - meter->frame);
  return meter->frame + start_of(meter, map->frames, bar);
}

static bool changes_nothing(const RsMeterMap *map, const RsMeterChange *change) {
  const RsMeterChange *last = &map->changes[map->count - 1];
  const size_t scaled = scaled_bar(last, map->frames);
  return last->beats == change->beats && last->unit == change->unit &&
         (change->frame - last->frame) * last->unit % scaled == 0;
}

RsStatus rs_meters_add(RsMeterMap *map, RsMeterChange change) {
  if (map->count && map->changes[map->count - 1].frame == change.frame) {
    --map->count;
  }
  if (map->count && changes_nothing(map, &change)) {
    return RS_OK;
  }
  RsMeterChange *changes = rs_grow(map->changes, &map->room, map->count + 1, sizeof *changes);
  if (!changes) {
    return RS_ERR_MEMORY;
  }
  map->changes = changes;
  map->changes[map->count++] = change;
  return RS_OK;
}

/* The first beginning of a bar at or behind a frame. */
static RsMeterChange next_bar(const RsMeterMap *map, size_t frame) {
  const size_t change = change_at(map->changes, map->count, frame);
  const RsMeterChange *meter = &map->changes[change];
  RsMeterChange next = *meter;
  next.frame = rs_meters_bar_start(map, frame);
  if (next.frame < frame) {
    const size_t bar = bar_at(meter, map->frames, frame - meter->frame) + 1;
    next.frame = meter->frame + start_of(meter, map->frames, bar);
    if (change + 1 < map->count && meter[1].frame <= next.frame) {
      next = meter[1];
    }
  }
  return next;
}

/* Add the changes of a map from `from` up to `to`, `back` frames earlier. */
static RsStatus add_changes(const RsMeterMap *map, size_t from, size_t to, size_t back,
                            RsMeterMap *out) {
  RsStatus status = RS_OK;
  size_t i = change_at(map->changes, map->count, from);
  i += map->changes[i].frame < from;
  for (; !status && i < map->count && map->changes[i].frame <= to; ++i) {
    RsMeterChange change = map->changes[i];
    change.frame -= back;
    status = rs_meters_add(out, change);
  }
  return status;
}

RsStatus rs_meters_cut(RsMeterMap *map, const RsCut *cuts, size_t count) {
  RsMeterMap out = {.frames = map->frames};
  RsStatus status = RS_OK;
  size_t from = 0, back = 0;
  for (size_t i = 0; !status && i < count; ++i) {
    const size_t last = i + 1 < count ? cuts[i + 1].first : SIZE_MAX;
    RsMeterChange next = next_bar(map, cuts[i].first + cuts[i].count);
    status = add_changes(map, from, cuts[i].first, back, &out);
    back += cuts[i].count;
    from = next.frame;
    next.frame -= back;
    if (!status && from <= last) {
      status = rs_meters_add(&out, next);
    }
  }
  status = status ? status : add_changes(map, from, SIZE_MAX, back, &out);
  RsMeterMap *unused = status ? &out : map;
  free(unused->changes);
  if (!status) {
    *map = out;
  }
  return status;
}

RsStatus rs_meters_copy(const RsRoll *from, RsRoll *to) {
  if (!from->meter_count) {
    return RS_OK;
  }
  to->meters = rs_alloc(from->meter_count, sizeof *to->meters);
  if (!to->meters) {
    return RS_ERR_MEMORY;
  }
  memcpy(to->meters, from->meters, from->meter_count * sizeof *to->meters);
  to->meter_count = from->meter_count;
  return RS_OK;
}

RsStatus rs_roll_add_meter(RsRoll *roll, size_t frame, unsigned beats, unsigned unit) {
  RsMeterChange *meters = realloc(roll->meters, (roll->meter_count + 1) * sizeof *meters);
  if (!meters) {
    return RS_ERR_MEMORY;
  }
  meters[roll->meter_count] = (RsMeterChange){frame, beats, unit};
  roll->meters = meters;
  ++roll->meter_count;
  return RS_OK;
}

void rs_roll_clear_meters(RsRoll *roll) {
  free(roll->meters);
  roll->meters = NULL;
  roll->meter_count = 0;
}
