/* SPDX-License-Identifier: ISC */

#include <rollsmith/roll.h>

#include "base/memory.h"
#include "music/meter_map.h"
#include "music/note_map.h"

#include <stdlib.h>
#include <string.h>

RsStatus rs_roll_init(RsRoll *roll, const char *name, size_t frames, unsigned planes) {
  *roll = (RsRoll){.frames = frames, .bpm = 120, .frames_per_beat = 4};
  roll->meter_beats = roll->meter_unit = 4;
  roll->on = rs_alloc(frames, sizeof *roll->on);
  bool good = roll->on;
  if (name) {
    good = (roll->name = strdup(name)) && good;
  }
  if (planes & RS_PLANE_ONSET) {
    good = (roll->onset = rs_alloc(frames, sizeof *roll->onset)) && good;
  }
  if (planes & RS_PLANE_VELOCITY) {
    good = (roll->velocity = rs_alloc(frames, RS_NOTES)) && good;
  }
  if (!good) {
    rs_roll_clear(roll);
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_roll_clear(RsRoll *roll) {
  if (roll) {
    free(roll->name);
    free(roll->on);
    free(roll->onset);
    free(roll->velocity);
    free(roll->meters);
    memset(roll, 0, sizeof *roll);
  }
}

unsigned rs_roll_planes(const RsRoll *roll) {
  return (roll->onset ? RS_PLANE_ONSET : 0u) | (roll->velocity ? RS_PLANE_VELOCITY : 0u);
}

RsFrame rs_roll_begins(const RsRoll *roll, size_t frame) {
  if (roll->onset) {
    return roll->onset[frame];
  }
  RsFrame begins = roll->on[frame];
  if (frame) {
    begins.bits[0] &= ~roll->on[frame - 1].bits[0];
    begins.bits[1] &= ~roll->on[frame - 1].bits[1];
  }
  return begins;
}

/* Count the notes that begin in a frame by what becomes of them. */
static void count_notes(const RsFrame *begins, const RsNoteMap *map, int transpose,
                        RsRollCounts *counts) {
  const int *place = map->place;
  for (int n = rs_frame_next(begins, 0); n < RS_NOTES; n = rs_frame_next(begins, n + 1)) {
    counts->kept += place[n] >= 0;
    counts->folded += place[n] >= 0 && place[n] != n + transpose;
    counts->dropped += place[n] < 0;
  }
}

static void fit_frames(const RsRoll *in, const RsNoteMap *map, int transpose, RsRoll *out,
                       RsRollCounts *counts) {
  for (size_t t = 0; t < in->frames; ++t) {
    const RsFrame begins = rs_roll_begins(in, t);
    count_notes(&begins, map, transpose, counts);
    out->on[t] = rs_note_map_frame(map, &in->on[t]);
    if (in->onset) {
      out->onset[t] = rs_note_map_frame(map, &in->onset[t]);
    }
    if (in->velocity) {
      rs_note_map_velocities(map, in->velocity + t * RS_NOTES, out->velocity + t * RS_NOTES);
    }
  }
}

/* What describes a roll, but for its name and its frames. */
static RsStatus copy_description(const RsRoll *from, RsRoll *to) {
  to->bpm = from->bpm;
  to->frames_per_beat = from->frames_per_beat;
  to->frame_ms = from->frame_ms;
  to->meter_beats = from->meter_beats;
  to->meter_unit = from->meter_unit;
  return rs_meters_copy(from, to);
}

RsStatus rs_roll_fit(const RsRoll *in, int low, int high, RsOutside outside, int transpose,
                     RsRoll *out, RsRollCounts *counts) {
  *out = (RsRoll){0};
  if (low < 0 || low > high || high >= RS_NOTES || transpose <= -RS_NOTES ||
      transpose >= RS_NOTES) {
    return RS_ERR_ARGUMENT;
  }
  const RsNoteMap map = rs_note_map(low, high, outside, transpose);
  RsStatus status = rs_roll_init(out, in->name, in->frames, rs_roll_planes(in));
  status = status ? status : copy_description(in, out);
  if (status) {
    rs_roll_clear(out);
    return status;
  }
  RsRollCounts sums = {0, 0, 0};
  fit_frames(in, &map, transpose, out, &sums);
  if (outside == RS_OUTSIDE_REFUSE && sums.dropped) {
    rs_roll_clear(out);
    return RS_ERR_FORMAT;
  }
  if (counts) {
    *counts = sums;
  }
  return RS_OK;
}

void rs_songs_clear(RsSongs *songs) {
  if (songs) {
    for (size_t i = 0; i < songs->count; ++i) {
      rs_roll_clear(&songs->rolls[i]);
    }
    free(songs->rolls);
    *songs = (RsSongs){0};
  }
}

RsStatus rs_songs_add(RsSongs *songs, RsRoll *roll) {
  RsRoll *rolls = rs_grow(songs->rolls, &songs->capacity, songs->count + 1, sizeof *rolls);
  if (!rolls) {
    return RS_ERR_MEMORY;
  }
  songs->rolls = rolls;
  songs->rolls[songs->count++] = *roll;
  *roll = (RsRoll){0};
  return RS_OK;
}

RsStatus rs_songs_move(RsSongs *from, RsSongs *to) {
  const size_t before = to->count;
  for (size_t i = 0; i < from->count; ++i) {
    const RsStatus status = rs_songs_add(to, &from->rolls[i]);
    if (status) {
      while (to->count > before) {
        rs_roll_clear(&to->rolls[--to->count]);
      }
      return status;
    }
  }
  from->count = 0;
  return RS_OK;
}
