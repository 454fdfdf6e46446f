/* SPDX-License-Identifier: ISC */

#include "music/note_values.h"

#include "base/memory.h"
#include "music/meter.h"

#include <math.h>

RsGrid rs_grid(unsigned frames_per_quarter, unsigned beats, unsigned unit, size_t frames) {
  const RsMeter meter = rs_meter(frames_per_quarter, beats, unit);
  RsGrid grid = {.frames = frames, .odd = frames_per_quarter, .compound = meter.divisions == 3};
  for (; grid.odd % 2 == 0; grid.odd /= 2) {
    ++grid.halvings;
  }
  const double values = meter.beat_frames / grid.odd;
  grid.beat = values == floor(values) ? (size_t)meter.beat_frames : 0;
  const bool whole = unit > 4 && frames_per_quarter * 4 % (unit * grid.odd) == 0;
  grid.container = whole ? frames_per_quarter * 4 / unit : frames_per_quarter;
  return grid;
}

RsStatus rs_chords_add(RsChords *chords, RsChord chord) {
  RsChord *list = rs_grow(chords->list, &chords->room, chords->count + 1, sizeof *list);
  if (!list) {
    return RS_ERR_MEMORY;
  }
  chords->list = list;
  list[chords->count++] = chord;
  return RS_OK;
}

/* ---- Note values ----------------------------------------------------------------------------- */

/* The longest note value, dotted or not, of at most `length` times 2^-halvings quarter notes: 2^k
   or 3 x 2^k of them. */
static size_t longest_value(size_t length, int halvings) {
  const size_t longest = (size_t)3 << (halvings + RS_LONGEST_VALUE - 1);
  size_t value = 1;
  while (2 * value <= length && 2 * value <= longest) {
    value *= 2;
  }
  return value > 1 && value / 2 * 3 <= length && value / 2 * 3 <= longest ? value / 2 * 3 : value;
}

static bool is_value(size_t length, int halvings) {
  return longest_value(length, halvings) == length;
}

/* Set the note value of a chord from its length in units of 2^-halvings quarter notes. */
static void set_value(RsChord *chord, size_t length, int halvings) {
  chord->dotted = length % 3 == 0;
  chord->power = (chord->dotted ? 1 : 0) - halvings;
  for (size_t value = chord->dotted ? length / 3 : length; value > 1; value /= 2) {
    ++chord->power;
  }
}

/* How much of a chord outside a tuplet the next note value takes, in frames: it keeps to the beats,
   so that a reader sees where they are. */
static size_t plain_length(const RsGrid *grid, size_t start, size_t end) {
  const size_t unit = grid->odd, beat = grid->beat, frames = end - start;
  const size_t into = beat ? start % beat : 0;
  if (into) {
    const bool syncopated = !grid->compound && 2 * into == beat && frames == beat;
    const size_t left = syncopated ? beat : beat - into;
    return unit * longest_value((frames < left ? frames : left) / unit, grid->halvings);
  }
  if (!grid->compound && is_value(frames / unit, grid->halvings)) {
    return frames;
  }
  for (size_t whole = beat ? frames / beat * beat : 0; whole; whole -= beat) {
    if (is_value(whole / unit, grid->halvings)) {
      return whole;
    }
  }
  return unit * longest_value(frames / unit, grid->halvings);
}

/* ---- Tuplets --------------------------------------------------------------------------------- */

/* A part of a measure that is one tuplet, or has none. */
typedef struct {
  size_t start, end;
  bool tuplet;
} Span;

/* Whether a chord begins in a frame. */
static bool begins(const RsChord *chords, size_t count, size_t frame) {
  for (size_t i = 0; i < count; ++i) {
    if (chords[i].start == frame) {
      return true;
    }
  }
  return false;
}

/* Whether a chord of a part of a measure begins or ends between note values. The first one of a
   pickup may begin within the part. */
static bool needs_tuplet(const RsGrid *grid, const RsChord *chords, size_t count, size_t start,
                         size_t end) {
  if (chords[0].start > start && chords[0].start < end && chords[0].start % grid->odd) {
    return true;
  }
  for (size_t i = 0; i < count; ++i) {
    const size_t border = chords[i].start + chords[i].frames;
    if (border > start && border <= end && border % grid->odd) {
      return true;
    }
  }
  return false;
}

/* The part that holds a frame: a tuplet is halved where a chord begins in its middle. */
static Span span_at(const RsGrid *grid, const RsChord *chords, size_t count, size_t frame) {
  size_t size = grid->container, start = frame / size * size;
  while (true) {
    const size_t end = start + size < grid->frames ? start + size : grid->frames;
    const size_t middle = start + size / 2;
    const size_t first = start > chords[0].start ? start : chords[0].start;
    const bool tuplet = grid->odd > 1 && needs_tuplet(grid, chords, count, start, end);
    const bool whole = size % (2 * grid->odd) || middle >= end || !begins(chords, count, middle);
    if (!tuplet || whole) {
      return (Span){first, end, tuplet};
    }
    size /= 2;
    start = frame < middle ? start : middle;
  }
}

/* The part at a frame; those without tuplets are joined, up to a frame. */
static Span joined_span_at(const RsGrid *grid, const RsChord *chords, size_t count, size_t frame,
                           size_t until) {
  Span span = span_at(grid, chords, count, frame);
  while (!span.tuplet && span.end < until) {
    const Span next = span_at(grid, chords, count, span.end);
    if (next.tuplet) {
      break;
    }
    span.end = next.end;
  }
  return span;
}

/* Largest power of two below an odd number above 1. */
static int power_below(unsigned odd) {
  int power = 0;
  while (2u << power < odd) {
    ++power;
  }
  return power;
}

/* ---- Rows of chords -------------------------------------------------------------------------- */

/* Length in frames of the next note value of a chord, and that value. */
static size_t take_value(const RsGrid *grid, const Span *span, size_t end, RsChord *chord) {
  const size_t stop = end < span->end ? end : span->end;
  size_t frames = plain_length(grid, chord->start, stop);
  if (span->tuplet) {
    const int halvings = grid->halvings + power_below(grid->odd);
    frames = longest_value(stop - chord->start, halvings);
    set_value(chord, frames, halvings);
    chord->actual = grid->odd;
    chord->normal = 1u << power_below(grid->odd);
  } else {
    set_value(chord, frames / grid->odd, grid->halvings);
    chord->actual = chord->normal = 1;
  }
  return frames;
}

/* Mark where a tuplet begins and ends. `first` is the index of its first chord, and updated. */
static void mark_tuplet(const Span *span, const RsChord *chord, size_t *first, RsChords *out) {
  if (span->tuplet && chord->start == span->start) {
    *first = out->count - 1;
  }
  if (span->tuplet && chord->start + chord->frames == span->end) {
    out->list[*first].group = out->count - *first;
    out->list[out->count - 1].group_end = true;
  }
}

RsStatus rs_note_values(const RsGrid *grid, const RsChord *chords, size_t count, RsChords *out) {
  size_t first = 0;
  RsStatus status = RS_OK;
  for (size_t i = 0; i < count; ++i) {
    const size_t end = chords[i].start + chords[i].frames;
    RsChord chord = chords[i];
    while (chord.start < end && !status) {
      const Span span = joined_span_at(grid, chords, count, chord.start, end);
      chord.frames = take_value(grid, &span, end, &chord);
      chord.to = chord.start + chord.frames < end ? chord.notes : chords[i].to;
      status = rs_chords_add(out, chord);
      if (!status) {
        mark_tuplet(&span, &chord, &first, out);
      }
      chord.from = chord.notes;
      chord.start += chord.frames;
    }
  }
  return status;
}
