/* SPDX-License-Identifier: ISC */

/* The past blocks of doc/math.md, equation B9. */

#include "grad/past_blocks.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
  FRAMES = 1024,    /* that the ring is meant to hold */
  MOST_BLOCKS = 64, /* each has a copy of the weights */
};

static size_t choose_capacity(size_t max_frames) {
  const size_t blocks = (FRAMES + max_frames - 1) / max_frames;
  return blocks < 2 ? 2 : blocks < MOST_BLOCKS ? blocks : MOST_BLOCKS;
}

static size_t count_weights(const RsRnn *rnn) {
  size_t most = 0;
  for (size_t i = 0; i < rs_net_tensor_count(rnn->net); ++i) {
    const RsNetTensor *t = rs_net_tensor(rnn->net, i);
    const size_t end = t->offset + t->rows * t->columns;
    most = t->layer <= rnn->state_layer && end > most ? end : most;
  }
  return most;
}

/* Whether local fields of layer k are kept apart from its outputs. */
static bool has_field(const RsNetWork *work, size_t k) {
  return work->v[k] != work->y[k];
}

/* At most the activations of a workspace, which exists. */
static size_t count_activations(const RsPastBlocks *past) {
  size_t size = 0;
  for (size_t k = 0; k <= past->rnn->state_layer; ++k) {
    size += (has_field(past->scratch, k) ? 2 : 1) * rs_past_blocks_rows(past) *
            rs_net_layer_size(past->rnn->net, k);
  }
  return size;
}

/* A workspace that borrows the activations of a block, and the scratch memory for the rest. */
static RsNetWork look_at(const RsPastBlocks *past, rs_scalar *activations, rs_scalar **pointers) {
  const size_t layers = past->rnn->net->layers + 1;
  RsNetWork work = *past->scratch;
  work.y = memcpy(pointers, past->scratch->y, layers * sizeof *pointers);
  work.v = memcpy(pointers + layers, past->scratch->v, layers * sizeof *pointers);
  for (size_t k = 0; k <= past->rnn->state_layer; ++k) {
    const size_t size = rs_past_blocks_rows(past) * rs_net_layer_size(past->rnn->net, k);
    work.y[k] = activations;
    activations += has_field(past->scratch, k) ? size : 0;
    work.v[k] = activations;
    activations += size;
  }
  return work;
}

/* Scalars of a block: at most those of the workspace and of the parameters, which exist. */
static size_t values_of_block(const RsPastBlocks *past) {
  return past->weights + rs_past_blocks_rows(past) + past->activations;
}

static bool allocate(RsPastBlocks *past, size_t values) {
  past->blocks = rs_alloc(past->capacity, sizeof *past->blocks);
  past->values = rs_alloc(values, sizeof *past->values);
  past->starts = rs_alloc(past->capacity, rs_past_blocks_rows(past));
  past->pointers =
      rs_alloc(past->capacity, 2 * (past->rnn->net->layers + 1) * sizeof *past->pointers);
  return past->blocks && past->values && past->starts && past->pointers;
}

static void lay_out(RsPastBlocks *past) {
  const size_t layers = past->rnn->net->layers + 1;
  for (size_t i = 0; i < past->capacity; ++i) {
    RsPastBlock *block = past->blocks + i;
    block->weights = past->values + i * values_of_block(past);
    block->sizes = block->weights + past->weights;
    block->activations = block->sizes + rs_past_blocks_rows(past);
    block->starts = past->starts + i * rs_past_blocks_rows(past);
    block->work = look_at(past, block->activations, past->pointers + i * 2 * layers);
  }
}

RsStatus rs_past_blocks_init(const RsRnn *rnn, size_t max_frames, size_t streams, RsPastBlocks *out,
                             RsError *error) {
  size_t values = 0;
  *out = (RsPastBlocks){.rnn = rnn,
                        .max_frames = max_frames,
                        .streams = streams,
                        .capacity = choose_capacity(max_frames),
                        .weights = count_weights(rnn)};
  const RsStatus status = rs_net_work_new(rnn->net, max_frames * streams, &out->scratch, error);
  if (status) {
    return status;
  }
  out->activations = count_activations(out);
  if (!rs_multiply_sizes(out->capacity, values_of_block(out), &values)) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu blocks of %zu frames of %zu streams: too many",
                    out->capacity, max_frames, streams);
  }
  if (!allocate(out, values)) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for past blocks");
  }
  lay_out(out);
  return RS_OK;
}

void rs_past_blocks_clear(RsPastBlocks *past) {
  rs_net_work_free(past->scratch);
  free(past->blocks);
  free(past->values);
  free(past->starts);
  free(past->pointers);
}

void rs_past_blocks_reset(RsPastBlocks *past) {
  past->count = past->newest = 0;
  memset(past->values, 0, past->capacity * values_of_block(past) * sizeof *past->values);
  memset(past->starts, 0, past->capacity * rs_past_blocks_rows(past));
  for (size_t i = 0; i < past->capacity; ++i) {
    past->blocks[i].frames = 0;
  }
}

static void copy_activations(const RsBlock *from, const RsNetWork *to) {
  for (size_t k = 0; k <= from->rnn->state_layer; ++k) {
    const size_t size = from->frames * from->streams * rs_net_layer_size(from->rnn->net, k);
    memcpy(to->y[k], from->work->y[k], size * sizeof **to->y);
    if (has_field(to, k)) {
      memcpy(to->v[k], from->work->v[k], size * sizeof **to->v);
    }
  }
}

void rs_past_blocks_push(RsPastBlocks *past, const RsBlock *present) {
  past->newest = (past->newest + 1) % past->capacity;
  ++past->count;
  RsPastBlock *block = rs_past_block(past, 0);
  block->frames = present->frames;
  memcpy(block->weights, present->w, past->weights * sizeof *block->weights);
  memcpy(block->starts, present->starts, present->frames * past->streams);
  copy_activations(present, &block->work);
}

size_t rs_past_blocks_frames(const RsPastBlocks *past, size_t blocks) {
  size_t frames = 0;
  for (size_t i = 0; i < blocks; ++i) {
    frames += rs_past_block(past, i)->frames;
  }
  return frames;
}
