/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_PAST_BLOCKS_H
#define RS_GRAD_PAST_BLOCKS_H

/**
   @file past_blocks.h A ring of the blocks before the present one, with the activations of their
   frames and the parameters of their time (doc/math.md, equation B9).
*/

#include "grad/rnn_internal.h"

#define rs_past_blocks_init RS_FLAVOURED(rs_past_blocks_init)
#define rs_past_blocks_clear RS_FLAVOURED(rs_past_blocks_clear)
#define rs_past_blocks_reset RS_FLAVOURED(rs_past_blocks_reset)
#define rs_past_blocks_push RS_FLAVOURED(rs_past_blocks_push)
#define rs_past_blocks_frames RS_FLAVOURED(rs_past_blocks_frames)

/** A past block. Its arrays have room for max_frames x streams rows. */
typedef struct {
  size_t frames;          /**< Frames of each stream; 0 before anything was pushed into it */
  rs_scalar *weights;     /**< Parameters up to the state layer's */
  unsigned char *starts;  /**< Rows: whether a series starts before that frame */
  rs_scalar *sizes;       /**< Rows: norms of the tangents after each frame (equation B12) */
  rs_scalar *activations; /**< y and v of the layers up to the state's, where the net keeps v */
  RsNetWork work;         /**< Borrows them; c is scratch that all past blocks have in common */
} RsPastBlock;

/** The ring. */
typedef struct {
  const RsRnn *rnn;      /**< Borrowed */
  size_t max_frames;     /**< Most frames of a block */
  size_t streams;        /**< Streams */
  size_t capacity;       /**< Blocks of the ring */
  size_t count;          /**< Blocks that are kept */
  size_t newest;         /**< Place of the newest one */
  size_t weights;        /**< Values of RsPastBlock.weights */
  size_t activations;    /**< Values of RsPastBlock.activations */
  RsPastBlock *blocks;   /**< `capacity` of them */
  rs_scalar *values;     /**< Weights, sizes and activations of all blocks */
  unsigned char *starts; /**< Starts of all blocks */
  rs_scalar **pointers;  /**< y and v of all blocks */
  RsNetWork *scratch;
} RsPastBlocks;

/**
   An empty ring for about 1024 frames of each stream.

   @param rnn  Borrowed for the ring's life.
   @param out  Output, to be given to rs_past_blocks_clear(), also after a failure.
   @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_past_blocks_init(const RsRnn *rnn, size_t max_frames, size_t streams, RsPastBlocks *out,
                             RsError *error);

/** Free what the ring owns. */
void rs_past_blocks_clear(RsPastBlocks *past);

/** Empty the ring. */
void rs_past_blocks_reset(RsPastBlocks *past);

/** Rows of a block. */
static inline size_t rs_past_blocks_rows(const RsPastBlocks *past) {
  return past->max_frames * past->streams;
}

/** Whether the next push takes the place of the oldest block. */
static inline bool rs_past_blocks_full(const RsPastBlocks *past) {
  return past->count == past->capacity;
}

/** The block so many blocks before the newest. */
static inline RsPastBlock *rs_past_block(const RsPastBlocks *past, size_t back) {
  return past->blocks + (past->newest + past->capacity - back) % past->capacity;
}

/** That block with its activations, for a backward pass. */
static inline RsBlock rs_past_block_open(const RsPastBlocks *past, size_t back) {
  RsPastBlock *block = rs_past_block(past, back);
  return (RsBlock){past->rnn,     &block->work,  block->weights,
                   block->frames, past->streams, block->starts};
}

/** The present block becomes the newest of the past; its sizes are still to be set. The ring is not
 * full. */
void rs_past_blocks_push(RsPastBlocks *past, const RsBlock *present);

/** Frames of the newest blocks together. */
size_t rs_past_blocks_frames(const RsPastBlocks *past, size_t blocks);

#endif /* RS_GRAD_PAST_BLOCKS_H */
