/* SPDX-License-Identifier: ISC */

/* The longest passage of a roll that occurs in a song at any transposition.

   Both are cut into chords, each with its length, its shape (the notes above its lowest) and its
   step (its lowest note above that of the last chord before, over any silence). A stretch is a run
   of chords that agree in shape, step and length; of the first chord the step may differ, and of
   the first and the last the length, the shorter of the two counts. As in the longest common
   substring, each pair of chords (i of the roll, j of a song) that agree in shape and step carries
   the length of the stretch that ends with them on from the pair (i - 1, j - 1), or begins one
   there. */

#include "base/memory.h"

#include <rollsmith/statistics.h>

#include <stdbool.h>
#include <stdlib.h>

#define NONE SIZE_MAX

typedef struct {
  RsFrame shape; /* notes above the lowest; silence has none */
  size_t at;     /* first frame */
  size_t frames; /* length */
  int low, step; /* lowest note, and how far above that of the last chord; 0 for silence */
  bool silent;
} Chord;

/* The chords of the roll, in lists of equal shape and step, each from its last chord to its first.
 */
typedef struct {
  Chord *chords;
  size_t count;
  size_t *next;  /* count values: the one before in the list, or NONE */
  size_t *lists; /* a hash table of the lists' heads, `mask` + 1 values */
  size_t mask;
  size_t *run; /* count values: length of the stretch whose last chord is this one ... */
  size_t *row; /* ... in the row of the table with this index */
} Index;

static Chord chord_at(const RsRoll *roll, size_t at, int low_before) {
  const RsFrame *frame = &roll->on[at];
  Chord c = {.at = at, .frames = 1};
  while (at + c.frames < roll->frames && rs_frame_equal(frame, &roll->on[at + c.frames])) {
    ++c.frames;
  }
  const int low = rs_frame_next(frame, 0);
  c.silent = low == RS_NOTES;
  c.low = c.silent ? low_before : low;
  c.step = c.low - low_before;
  c.shape = rs_frame_shift(frame, c.silent ? 0 : -low);
  return c;
}

static bool same_shape(const Chord *a, const Chord *b) {
  return rs_frame_equal(&a->shape, &b->shape);
}

static size_t hash(const Chord *chord) {
  uint64_t h = chord->shape.bits[0] * UINT64_C(0x9e3779b97f4a7c15) ^ chord->shape.bits[1];
  h = (h ^ h >> 29 ^ (uint64_t)chord->step) * UINT64_C(0xbf58476d1ce4e5b9);
  return (size_t)(h ^ h >> 32);
}

/* Where in the hash table the list of a chord's like is, or would be. */
static size_t slot_of(const Index *index, const Chord *chord) {
  size_t slot = hash(chord) & index->mask;
  for (; index->lists[slot] != NONE; slot = (slot + 1) & index->mask) {
    const Chord *other = &index->chords[index->lists[slot]];
    if (other->step == chord->step && same_shape(other, chord)) {
      break;
    }
  }
  return slot;
}

static void fill(Index *index, const RsRoll *roll) {
  int low = 0;
  for (size_t slot = 0; slot <= index->mask; ++slot) {
    index->lists[slot] = NONE;
  }
  for (size_t at = 0; at < roll->frames; at += index->chords[index->count++].frames) {
    const Chord c = chord_at(roll, at, low);
    const size_t slot = slot_of(index, &c);
    index->chords[index->count] = c;
    index->next[index->count] = index->lists[slot];
    index->lists[slot] = index->count;
    low = c.low;
  }
}

static void index_free(Index *index) {
  free(index->chords);
  free(index->next);
  free(index->lists);
  free(index->run);
  free(index->row);
}

static RsStatus index_new(const RsRoll *roll, Index *index) {
  const size_t most = roll->frames;
  *index = (Index){.mask = 1};
  while (index->mask < 2 * most) {
    index->mask = 2 * index->mask + 1;
  }
  index->chords = rs_alloc(most, sizeof *index->chords);
  index->next = rs_alloc(most, sizeof *index->next);
  index->lists = rs_alloc(index->mask + 1, sizeof *index->lists);
  index->run = rs_alloc(most, sizeof *index->run);
  index->row = rs_alloc(most, sizeof *index->row);
  if (!index->chords || !index->next || !index->lists || !index->run || !index->row) {
    index_free(index);
    return RS_ERR_MEMORY;
  }
  fill(index, roll);
  return RS_OK;
}

static size_t shorter(const Chord *a, const Chord *b) {
  return a->frames < b->frames ? a->frames : b->frames;
}

/* Keep a stretch of so many frames, if it is the longest; its last chord is `c` in the roll and `d`
 * in the song. */
static void keep_longest(RsCopy *best, size_t frames, size_t song, const Chord *c, const Chord *d) {
  const size_t last = shorter(c, d);
  if (frames > best->frames) {
    *best = (RsCopy){frames, c->at + last - frames, song, d->at + last - frames, c->low - d->low};
  }
}

/* Length of the stretch up to chord i of the roll that chord `d` of a song, in row `row`, goes on
   with. A stretch begins in sound. */
static size_t stretch_before(const Index *index, size_t i, const Chord *before_d, size_t row) {
  if (!i) {
    return 0;
  }
  if (index->row[i - 1] == row - 1) {
    return index->run[i - 1];
  }
  const Chord *before_c = &index->chords[i - 1];
  return before_c->silent || !same_shape(before_c, before_d) ? 0 : shorter(before_c, before_d);
}

/* One row: chord d[1] of a song, which d[0] stands before, against all of its like in the roll. A
   list goes downwards, so that what chord i - 1 carries is still that of the row before. */
static void match(Index *index, const Chord d[2], size_t row, size_t song, RsCopy *best) {
  for (size_t i = index->lists[slot_of(index, &d[1])]; i != NONE; i = index->next[i]) {
    const Chord *c = &index->chords[i];
    const size_t before = stretch_before(index, i, &d[0], row);
    if (before && !c->silent) {
      keep_longest(best, before + shorter(c, &d[1]), song, c, &d[1]);
    }
    if (before && c->frames == d[1].frames) {
      index->run[i] = before + c->frames;
      index->row[i] = row;
    }
  }
}

/* All rows of a song; returns the next free one. */
static size_t match_song(Index *index, const RsRoll *song, size_t number, size_t row,
                         RsCopy *best) {
  Chord d[2] = {{.silent = true}};
  for (size_t at = 0; at < song->frames; at += d[1].frames) {
    d[1] = chord_at(song, at, d[0].low);
    match(index, d, row++, number, best);
    d[0] = d[1];
  }
  return row;
}

RsStatus rs_longest_copy(const RsRoll *roll, const RsSongs *songs, RsCopy *out) {
  Index index;
  *out = (RsCopy){0};
  const RsStatus status = index_new(roll, &index);
  if (status) {
    return status;
  }
  size_t row = 2; /* row 0 is nowhere, and the first row must not follow on it */
  for (size_t s = 0; s < songs->count; ++s) {
    row = match_song(&index, &songs->rolls[s], s, row, out) + 1; /* nor on another song's last */
  }
  index_free(&index);
  return RS_OK;
}
