/* SPDX-License-Identifier: ISC */

/*
  A history as scalars, one after the other: blocks that are kept, place of the newest; of each
  stream age, rest, folded; of each block of the ring its frames, weights, starts, sizes and
  activations; the tangents, and how many blocks they have gone through.
*/

#include "grad/history_internal.h"

#include <complex.h>
#include <string.h>

enum { HEAD = 2, FIGURES = 3 };

/* Scalars of a past block. */
static size_t block_size(const RsPastBlocks *past) {
  return 1 + past->weights + 2 * rs_past_blocks_rows(past) + past->activations;
}

static size_t tangents_size(const RsHistory *h) {
  return h->streams * h->rnn->state_size;
}

size_t rs_history_size(const RsHistory *h) {
  return HEAD + FIGURES * h->streams + h->past.capacity * block_size(&h->past) + tangents_size(h) +
         1;
}

/* ---- Saving ---- */

static void put(rs_scalar **to, size_t n, const rs_scalar *values) {
  memcpy(*to, values, n * sizeof **to);
  *to += n;
}

static void put_count(rs_scalar **to, size_t count) {
  *(*to)++ = (rs_scalar)count;
}

static void save_block(const RsPastBlocks *past, const RsPastBlock *block, rs_scalar **to) {
  put_count(to, block->frames);
  put(to, past->weights, block->weights);
  for (size_t row = 0; row < rs_past_blocks_rows(past); ++row) {
    put_count(to, block->starts[row] != 0);
  }
  put(to, rs_past_blocks_rows(past), block->sizes);
  put(to, past->activations, block->activations);
}

void rs_history_save(const RsHistory *h, rs_scalar *to) {
  put_count(&to, h->past.count);
  put_count(&to, h->past.newest);
  for (size_t s = 0; s < h->streams; ++s) {
    put_count(&to, h->memory[s].age);
    put_count(&to, h->memory[s].rest);
    put_count(&to, h->memory[s].folded);
  }
  for (size_t i = 0; i < h->past.capacity; ++i) {
    save_block(&h->past, h->past.blocks + i, &to);
  }
  put(&to, tangents_size(h), h->tangents);
  put_count(&to, h->pushed);
}

/* ---- Restoring ---- */

/* Whether a saved count is one, from `least` to `most`. */
static bool within(const rs_scalar *x, size_t least, size_t most) {
  return creal(*x) >= (double)least && creal(*x) <= (double)most;
}

bool rs_history_valid(const RsHistory *h, const rs_scalar *saved) {
  const RsPastBlocks *past = &h->past;
  const rs_scalar *figures = saved + HEAD, *blocks = figures + FIGURES * h->streams;
  const rs_scalar *pushed = saved + rs_history_size(h) - 1;
  bool good = within(saved, 0, past->capacity) && within(saved + 1, 0, past->capacity - 1) &&
              within(pushed, 0, RS_OLDEST_AGE);
  for (size_t s = 0; good && s < h->streams; ++s, figures += FIGURES) {
    good = within(figures, 0, RS_OLDEST_AGE) && within(figures + 1, 0, RS_OLDEST_AGE) &&
           within(figures + 2, 0, 1);
  }
  const size_t count = good ? (size_t)creal(saved[0]) : 0;
  for (size_t i = 0; good && i < past->capacity; ++i) {
    const size_t back = (past->capacity + (size_t)creal(saved[1]) - i) % past->capacity;
    good = within(blocks + i * block_size(past), back < count, past->max_frames);
  }
  return good;
}

static void take(const rs_scalar **from, size_t n, rs_scalar *values) {
  memcpy(values, *from, n * sizeof *values);
  *from += n;
}

static size_t take_count(const rs_scalar **from) {
  return (size_t)creal(*(*from)++);
}

static void restore_block(const RsPastBlocks *past, RsPastBlock *block, const rs_scalar **from) {
  block->frames = take_count(from);
  take(from, past->weights, block->weights);
  for (size_t row = 0; row < rs_past_blocks_rows(past); ++row) {
    block->starts[row] = creal(*(*from)++) != 0;
  }
  take(from, rs_past_blocks_rows(past), block->sizes);
  take(from, past->activations, block->activations);
}

void rs_history_restore(RsHistory *h, const rs_scalar *saved) {
  h->past.count = take_count(&saved);
  h->past.newest = take_count(&saved);
  for (size_t s = 0; s < h->streams; ++s) {
    h->memory[s].age = take_count(&saved);
    h->memory[s].rest = take_count(&saved);
    h->memory[s].folded = take_count(&saved);
  }
  for (size_t i = 0; i < h->past.capacity; ++i) {
    restore_block(&h->past, h->past.blocks + i, &saved);
  }
  take(&saved, tangents_size(h), h->tangents);
  h->pushed = take_count(&saved);
}
