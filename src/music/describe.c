/* SPDX-License-Identifier: ISC */

#include "music/describe.h"

#include "base/memory.h"

#include <stdlib.h>

/* Time for which a value was in force */
typedef struct {
  double value;
  double length;
  size_t index; /* in the song */
} Span;

size_t rs_tempo_at(const RsMidiSong *song, uint32_t tick) {
  size_t low = 0, high = song->tempo_count;
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    if (song->tempos[middle].tick <= tick) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

/* By value, then by time. */
static int compare_spans(const void *a, const void *b) {
  const Span *x = a, *y = b;
  return x->value != y->value ? (x->value > y->value) - (x->value < y->value)
                              : (x->index > y->index) - (x->index < y->index);
}

/* The first index of the value that is in force longest. */
static size_t longest(Span *spans, size_t count) {
  Span best = {0, -1, 0};
  qsort(spans, count, sizeof *spans, compare_spans);
  for (size_t i = 0; i < count;) {
    Span sum = spans[i];
    for (++i; i < count && spans[i].value == sum.value; ++i) {
      sum.length += spans[i].length;
    }
    if (sum.length > best.length || (sum.length == best.length && sum.index < best.index)) {
      best = sum;
    }
  }
  return best.index;
}

/* The part of [from, to) in [first, last). */
static double overlap(double from, double to, double first, double last) {
  const double low = from > first ? from : first, high = to < last ? to : last;
  return high > low ? high - low : 0;
}

static double meter_value(unsigned beats, unsigned unit) {
  return 65536.0 * beats + unit;
}

/* Fill in the tempos, or the meters, in force from tick `first` up to `last`. */
static void fill_from_song(const RsMidiSong *song, bool meters, double first, double last,
                           Span *spans) {
  for (size_t i = 0; i < song->tempo_count; ++i) {
    const RsTempo *tempo = &song->tempos[i];
    const double end = i + 1 < song->tempo_count ? tempo[1].tick : last;
    const double value =
        meters ? meter_value(tempo->meter_beats, tempo->meter_unit) : tempo->tick_seconds;
    spans[i] = (Span){value, overlap(tempo->tick, end, first, last), i};
  }
}

static void fill_from_map(const RsMeterMap *map, size_t frames, Span *spans) {
  for (size_t i = 0; i < map->count; ++i) {
    const RsMeterChange *meter = &map->changes[i];
    const size_t end = i + 1 < map->count ? meter[1].frame : frames;
    const double length = overlap((double)meter->frame, (double)end, 0, (double)frames);
    spans[i] = (Span){meter_value(meter->beats, meter->unit), length, i};
  }
}

static void describe_tempo(const RsMidiSong *song, double first, double last, Span *spans,
                           RsRoll *roll) {
  fill_from_song(song, false, first, last, spans);
  const RsTempo *tempo = &song->tempos[longest(spans, song->tempo_count)];
  roll->bpm = 60 / (tempo->tick_seconds * song->ticks_per_beat);
}

static void describe_meter(const RsMidiSong *song, const RsMeterMap *map, double last, Span *spans,
                           RsRoll *roll) {
  if (map->count) {
    fill_from_map(map, roll->frames, spans);
    const RsMeterChange *meter = &map->changes[longest(spans, map->count)];
    roll->meter_beats = meter->beats;
    roll->meter_unit = meter->unit;
    return;
  }
  fill_from_song(song, true, 0, last, spans);
  const RsTempo *tempo = &song->tempos[longest(spans, song->tempo_count)];
  roll->meter_beats = tempo->meter_beats;
  roll->meter_unit = tempo->meter_unit;
}

/* The changes before the end of the roll. */
static RsStatus copy_meters(const RsMeterMap *map, RsRoll *roll) {
  RsRoll whole = {.meters = map->changes, .meter_count = map->count};
  while (whole.meter_count > 1 && map->changes[whole.meter_count - 1].frame >= roll->frames) {
    --whole.meter_count;
  }
  return rs_meters_copy(&whole, roll);
}

RsStatus rs_describe(const RsMidiSong *song, const RsNotes *notes, const RsIngest *settings,
                     const RsMeterMap *map, RsRoll *roll) {
  const bool by_time = settings->frame_ms > 0;
  double first = UINT32_MAX, last = 0;
  for (size_t i = 0; i < notes->count; ++i) {
    const RsNote *note = &notes->notes[i];
    first = note->on < first ? note->on : first;
    last = note->off > last ? note->off : last;
  }
  /* A cut may add a change. */
  const size_t room = song->tempo_count > map->count ? song->tempo_count : map->count;
  Span *spans = rs_alloc(room, sizeof *spans);
  if (!spans) {
    return RS_ERR_MEMORY;
  }
  roll->frames_per_beat = by_time ? 0 : settings->frames_per_beat;
  roll->frame_ms = by_time ? settings->frame_ms : 0;
  describe_tempo(song, first, last, spans, roll);
  describe_meter(song, map, last, spans, roll);
  free(spans);
  return copy_meters(map, roll);
}
