/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_HISTORY_INTERNAL_H
#define RS_GRAD_HISTORY_INTERNAL_H

/**
   @file history_internal.h What a history consists of, for history.c, which computes with it, and
   history_carry.c, which saves and restores it.
*/

#include "grad/history.h"
#include "grad/past_blocks.h"
#include "grad/tangent.h"

/** An age that is not counted any further: a float holds all whole numbers up to it. */
enum { RS_OLDEST_AGE = 1 << 20 };

/** What is known of the memory of a stream. */
typedef struct {
  size_t age;  /**< Nothing older than so many frames can be seen in the state */
  size_t rest; /**< Frames until the next probe */
  bool folded; /**< Whether M holds what is older than the ring */
} RsStreamMemory;

/** Propagation of lambda, one stream after the other. */
typedef struct {
  rs_scalar *lambda; /**< state_size values each */
  rs_real *floor;    /**< Bound of what is further back than can be represented, equation B13 */
  size_t *depth;     /**< Frames walked */
  bool *walking;     /**< Whether it goes on */
  size_t left;       /**< Streams that walk */
} RsWalk;

struct RsHistory {
  RsRnn *rnn;
  size_t streams;
  RsPastBlocks past;
  RsStreamMemory *memory; /**< streams */
  RsTangent *tangent;
  rs_scalar *tangents; /**< streams x state_size: of the states after the newest block */
  size_t pushed;       /**< Blocks that the tangents have gone through, modulo RS_OLDEST_AGE */
  RsWalk walk;
  size_t *reach;  /**< streams: the longest walk of a probe */
  double *normal; /**< streams x state_size: one probe */
};

#endif /* RS_GRAD_HISTORY_INTERNAL_H */
