/* SPDX-License-Identifier: ISC */

/* An index of runs of frames.

   The hash value of a run is a polynomial in two odd numbers p and q, modulo 2^64: the sum over its
   frames j = 0, 1 ... and the notes n in them of p^n q^j. To transpose it by s multiplies it by
   p^s, so that divided by p to the power of its first frame's lowest note it is the same at any
   transposition; and what a single frame contributes can be taken out of it again. Equation T30 of
   doc/math.md. */

#include "music/runs.h"

#include "base/memory.h"

#include <rollsmith/statistics.h>

#include <stdlib.h>
#include <string.h>

#define NOTE UINT64_C(0xd1342543de82ef95)  /* p */
#define PLACE UINT64_C(0x9e6c63d0876a9a99) /* q */

/* An entry of the table: bits of the hash value, the lowest of which is set if several songs
   have the run; 0 for none. */
#define SEVERAL 1u

/* Of a run: no frame is taken out of it. */
#define WHOLE SIZE_MAX

struct RsRuns {
  size_t length;
  bool near;
  uint64_t note[RS_NOTES], note_inverse[RS_NOTES]; /* powers of p, and of 1 / p */
  uint64_t *place, place_inverse;                  /* powers of q, `length` of them, and 1 / q */
  uint32_t *table;                                 /* mask + 1 entries */
  size_t mask;
};

/* A frame of a roll, prepared. */
typedef struct {
  uint64_t hash; /* sum of the notes' powers of p */
  int low;       /* lowest note, RS_NOTES for silence */
  bool changes;  /* whether it is another chord than the frame before */
} Frame;

/* A run within a roll. */
typedef struct {
  const RsRuns *runs;
  const RsFrame *on;
  const Frame *frames; /* from its first one on */
  uint64_t hash;       /* not divided */
  size_t changes;      /* of its second to last frame */
} Run;

/* ---- Arithmetic ------------------------------------------------------------------------------ */

/* 1 / odd modulo 2^64, by Newton's method: each step doubles the number of right bits, 3 at first.
 */
static uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int step = 0; step < 5; ++step) {
    x *= 2 - odd * x;
  }
  return x;
}

static void powers(uint64_t base, size_t count, uint64_t *out) {
  uint64_t power = 1;
  for (size_t i = 0; i < count; ++i, power *= base) {
    out[i] = power;
  }
}

/* All bits of the result depend on all of the argument's; of Steele and others, SplitMix. */
static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* @param before  The frame before it; NULL for the first. */
static Frame prepared(const RsRuns *runs, const RsFrame *on, const RsFrame *before) {
  Frame frame = {.low = rs_frame_next(on, 0), .changes = before && !rs_frame_equal(on, before)};
  for (int n = frame.low; n < RS_NOTES; n = rs_frame_next(on, n + 1)) {
    frame.hash += runs->note[n];
  }
  return frame;
}

static RsStatus prepare(const RsRuns *runs, const RsRoll *roll, Frame **out) {
  Frame *frames = *out = rs_alloc(roll->frames, sizeof *frames);
  for (size_t f = 0; frames && f < roll->frames; ++f) {
    frames[f] = prepared(runs, &roll->on[f], f ? &roll->on[f - 1] : NULL);
  }
  return frames ? RS_OK : RS_ERR_MEMORY;
}

static Run first_run(const RsRuns *runs, const RsFrame *on, const Frame *frames) {
  Run run = {runs, on, frames, 0, 0};
  for (size_t j = 0; j < runs->length; ++j) {
    run.hash += frames[j].hash * runs->place[j];
    run.changes += j && frames[j].changes;
  }
  return run;
}

/* Advance by one frame; the frame after the run exists. */
static void next_run(Run *run) {
  const RsRuns *runs = run->runs;
  const size_t last = runs->length - 1;
  run->hash = (run->hash - run->frames[0].hash) * runs->place_inverse;
  run->hash += run->frames[last + 1].hash * runs->place[last];
  run->changes += run->frames[last + 1].changes;
  run->changes -= run->frames[1].changes;
  ++run->frames;
  ++run->on;
}

static bool sounds(const Run *run, size_t frame) {
  return run->frames[frame].low < RS_NOTES;
}

/* Whether the run without one of its frames is not one chord all along. */
static bool moves_without(const Run *run, size_t hole) {
  const size_t end = run->runs->length;
  size_t changes = run->changes;
  changes -= hole > 0 && hole < end && run->frames[hole].changes;
  changes -= hole + 1 < end && run->frames[hole + 1].changes;
  if (hole > 0 && hole + 1 < end) {
    changes += !rs_frame_equal(&run->on[hole - 1], &run->on[hole + 1]);
  }
  return changes > 0;
}

/* Whether this is a run when whatever is in the hole may be something else. */
static bool is_run(const Run *run, size_t hole) {
  const size_t last = run->runs->length - 1;
  const bool ends_sound = (!hole || sounds(run, 0)) && (hole == last || sounds(run, last));
  return ends_sound && (hole == WHOLE ? run->changes > 0 : moves_without(run, hole));
}

/* The hash value of a run, without the frame in the hole. */
static uint64_t key_of(const Run *run, size_t hole) {
  const RsRuns *runs = run->runs;
  uint64_t hash = run->hash;
  size_t first = 0;
  if (hole != WHOLE) {
    hash -= run->frames[hole].hash * runs->place[hole];
    first = hole ? 0 : 1;
    while (!sounds(run, first)) {
      ++first; /* ends: not all that is left is silent, or it would not move */
    }
  }
  return mix(hash * runs->note_inverse[run->frames[first].low] + (hole + 1) * NOTE);
}

/* ---- The table ------------------------------------------------------------------------------- */

static uint32_t entry_of(uint64_t key) {
  const uint32_t bits = (uint32_t)(key >> 32) & ~SEVERAL;
  return bits ? bits : 2;
}

/* Where a key is, or would be. */
static size_t slot_of(const RsRuns *runs, uint64_t key) {
  const uint32_t entry = entry_of(key);
  size_t slot = (size_t)key & runs->mask;
  while (runs->table[slot] && (runs->table[slot] & ~SEVERAL) != entry) {
    slot = (slot + 1) & runs->mask;
  }
  return slot;
}

/* `owners`: the last song that has each entry. */
static void add_key(RsRuns *runs, uint64_t key, uint32_t song, uint32_t *owners) {
  const size_t slot = slot_of(runs, key);
  if (runs->table[slot] && owners[slot] != song) {
    runs->table[slot] |= SEVERAL;
  } else if (!runs->table[slot]) {
    runs->table[slot] = entry_of(key);
    owners[slot] = song;
  }
}

static void add_run(RsRuns *runs, const Run *run, uint32_t song, uint32_t *owners) {
  if (!runs->near && is_run(run, WHOLE)) {
    add_key(runs, key_of(run, WHOLE), song, owners);
  }
  for (size_t hole = 0; runs->near && hole < runs->length; ++hole) {
    if (is_run(run, hole)) {
      add_key(runs, key_of(run, hole), song, owners);
    }
  }
}

static size_t runs_of(const RsRoll *roll, size_t length) {
  return roll->frames < length ? 0 : roll->frames - length + 1;
}

static RsStatus add_song(RsRuns *runs, const RsRoll *roll, uint32_t song, uint32_t *owners) {
  Frame *frames = NULL;
  const size_t count = runs_of(roll, runs->length);
  const RsStatus status = count ? prepare(runs, roll, &frames) : RS_OK;
  if (!status && count) {
    Run run = first_run(runs, roll->on, frames);
    add_run(runs, &run, song, owners);
    for (size_t i = 1; i < count; ++i) {
      next_run(&run);
      add_run(runs, &run, song, owners);
    }
  }
  free(frames);
  return status;
}

/* A table at most two thirds full. */
static RsStatus make_table(RsRuns *runs, const RsSongs *songs) {
  size_t keys = 1;
  for (size_t s = 0; s < songs->count; ++s) {
    keys += runs_of(&songs->rolls[s], runs->length) * (runs->near ? runs->length : 1);
  }
  while (runs->mask / 3 * 2 < keys) {
    runs->mask = 2 * runs->mask + 1;
  }
  runs->table = rs_alloc(runs->mask + 1, sizeof *runs->table);
  return runs->table ? RS_OK : RS_ERR_MEMORY;
}

static RsStatus fill(RsRuns *runs, const RsSongs *songs) {
  uint32_t *owners = rs_alloc(runs->mask + 1, sizeof *owners);
  RsStatus status = owners ? RS_OK : RS_ERR_MEMORY;
  for (size_t s = 0; !status && s < songs->count; ++s) {
    status = add_song(runs, &songs->rolls[s], (uint32_t)s, owners);
  }
  free(owners);
  return status;
}

RsStatus rs_runs_new(const RsSongs *songs, size_t length, bool near, RsRuns **out) {
  RsRuns *runs = *out = rs_alloc(1, sizeof *runs);
  if (!runs) {
    return RS_ERR_MEMORY;
  }
  runs->length = length;
  runs->near = near;
  runs->place_inverse = inverse(PLACE);
  powers(NOTE, RS_NOTES, runs->note);
  powers(inverse(NOTE), RS_NOTES, runs->note_inverse);
  runs->place = rs_alloc(length, sizeof *runs->place);
  RsStatus status = runs->place ? RS_OK : RS_ERR_MEMORY;
  if (!status) {
    powers(PLACE, length, runs->place);
  }
  status = status ? status : make_table(runs, songs);
  status = status ? status : fill(runs, songs);
  if (status) {
    rs_runs_free(runs);
    *out = NULL;
  }
  return status;
}

void rs_runs_free(RsRuns *runs) {
  if (runs) {
    free(runs->place);
    free(runs->table);
    free(runs);
  }
}

/* ---- Looking up ------------------------------------------------------------------------------ */

static bool is_known(const RsRuns *runs, uint64_t key, bool own) {
  const uint32_t entry = runs->table[slot_of(runs, key)];
  return entry && (!own || entry & SEVERAL);
}

static bool is_copy(const Run *run, bool own) {
  const RsRuns *runs = run->runs;
  if (!is_run(run, WHOLE)) {
    return false;
  }
  if (!runs->near) {
    return is_known(runs, key_of(run, WHOLE), own);
  }
  for (size_t hole = 0; hole < runs->length; ++hole) {
    if (moves_without(run, hole) && is_known(runs, key_of(run, hole), own)) {
      return true;
    }
  }
  return false;
}

/* Whether the window that begins there holds a copy. */
static bool holds_copy(const RsRuns *runs, const RsFrame *on, const Frame *frames, bool own) {
  Run run = first_run(runs, on, frames);
  for (size_t i = runs->length; i < RS_WINDOW; ++i) {
    if (is_copy(&run, own)) {
      return true;
    }
    next_run(&run);
  }
  return is_copy(&run, own);
}

RsStatus rs_runs_copied(const RsRuns *runs, const RsRoll *roll, bool own, size_t *copied) {
  Frame *frames = NULL;
  const RsStatus status = prepare(runs, roll, &frames);
  *copied = 0;
  for (size_t at = 0; !status && at + RS_WINDOW <= roll->frames; at += RS_WINDOW) {
    *copied += holds_copy(runs, roll->on + at, frames + at, own);
  }
  free(frames);
  return status;
}

/* ---- Music that goes on ---------------------------------------------------------------------- */

struct RsRunTail {
  const RsRuns *runs;
  size_t count;  /* frames that came, at most one less than a run has */
  RsFrame *on;   /* the last frames, then room for one more: those of a run */
  Frame *frames; /* the same, prepared */
};

RsStatus rs_run_tail_new(const RsRuns *runs, RsRunTail **out) {
  RsRunTail *tail = *out = rs_alloc(1, sizeof *tail);
  if (!tail) {
    return RS_ERR_MEMORY;
  }
  tail->runs = runs;
  tail->on = rs_alloc(runs->length, sizeof *tail->on);
  tail->frames = rs_alloc(runs->length, sizeof *tail->frames);
  if (!tail->on || !tail->frames) {
    rs_run_tail_free(tail);
    *out = NULL;
    return RS_ERR_MEMORY;
  }
  return RS_OK;
}

void rs_run_tail_copy(RsRunTail *to, const RsRunTail *from) {
  to->count = from->count;
  memcpy(to->on, from->on, from->runs->length * sizeof *to->on);
  memcpy(to->frames, from->frames, from->runs->length * sizeof *to->frames);
}

void rs_run_tail_free(RsRunTail *tail) {
  if (tail) {
    free(tail->on);
    free(tail->frames);
    free(tail);
  }
}

void rs_run_tail_start(RsRunTail *tail) {
  tail->count = 0;
}

static void put_last(RsRunTail *tail, const RsFrame *next) {
  const size_t last = tail->runs->length - 1;
  tail->on[last] = *next;
  tail->frames[last] = prepared(tail->runs, next, &tail->on[last - 1]);
}

bool rs_run_tail_copies(RsRunTail *tail, const RsFrame *next) {
  if (tail->count + 1 < tail->runs->length) {
    return false;
  }
  put_last(tail, next);
  const Run run = first_run(tail->runs, tail->on, tail->frames);
  return is_copy(&run, false);
}

void rs_run_tail_add(RsRunTail *tail, const RsFrame *next) {
  const size_t last = tail->runs->length - 1;
  put_last(tail, next);
  memmove(tail->on, tail->on + 1, last * sizeof *tail->on);
  memmove(tail->frames, tail->frames + 1, last * sizeof *tail->frames);
  tail->count += tail->count < last;
}
