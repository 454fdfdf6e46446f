/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_RNG_H
#define ROLLSMITH_RNG_H

/**
   @file rng.h Counter-based random numbers.

   The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
   2011): a word is a function of (seed, stream, step, index). There is no state, so results do not
   depend on the number of threads, the order of a batch, or a stop and a resume.
*/

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A sequence of random numbers; streams of one seed are statistically independent. */
typedef struct {
  uint64_t seed;   ///< The user's seed
  uint32_t stream; ///< One of RsRngStream
} RsRng;

/** Uses of random numbers, one stream each, so that no two uses share numbers. */
typedef enum {
  RS_STREAM_WEIGHTS = 1,   ///< Initial weights
  RS_STREAM_ORDER,         ///< Order of the songs in an epoch
  RS_STREAM_TRANSPOSE,     ///< Random transposition
  RS_STREAM_GIBBS,         ///< Gibbs chains of training
  RS_STREAM_NEGATIVE,      ///< Gibbs chains of the negative gradient
  RS_STREAM_GENERATE,      ///< Gibbs chains of the generator
  RS_STREAM_VELOCITY,      ///< Shaping of velocities
  RS_STREAM_EVALUATE,      ///< Annealed importance sampling
  RS_STREAM_SPLIT,         ///< Choice of the validation songs
  RS_STREAM_FREE_RUN,      ///< Free runs during training
  RS_STREAM_NOISE,         ///< Random songs of the negative gradient
  RS_STREAM_PROBE,         ///< Random cotangents that estimate the Jacobian of a recurrent net
  RS_STREAM_INPUT_NOISE,   ///< Noise on the notes of past frames
  RS_STREAM_REPLAY,        ///< Choice of free-run passages that are replayed in training
  RS_STREAM_SPLIT_HALF,    ///< Random halves of the songs, compared with each other
  RS_STREAM_TANGENT,       ///< Random tangents that estimate the norm of dr/dw
  RS_STREAM_PLAN,          ///< Plans of songs
  RS_STREAM_REDRAW,        ///< Frames that the generator draws again
  RS_STREAM_LOOK_AHEAD,    ///< Particles that look ahead
  RS_STREAM_CANDIDATES,    ///< Candidates for a bar, and which of them is taken
  RS_STREAM_DISCRIMINATOR, ///< First weights of the discriminator, and the pairs of its steps
  RS_STREAM_TEST = 1000,   ///< Tests
} RsRngStream;

/**
   Random words.

   @param rng    Sequence.
   @param step   Position in the sequence, such as a frame's number.
   @param count  Number of words; word i of a step is the same whatever the count.
   @param words  Output, `count` values, uniform over uint32_t.
*/
void rs_rng_words(RsRng rng, uint64_t step, size_t count, uint32_t *words);

/** Uniform number in [0, 1) with 32 random bits, from word 0 of `step`. */
double rs_rng_uniform(RsRng rng, uint64_t step);

/** Uniform integer in [0, bound), from words 0 and 1 of `step`; `bound` is at least 1. */
uint32_t rs_rng_below(RsRng rng, uint64_t step, uint32_t bound);

/**
   Normal random numbers, mean 0 and variance 1, by the Box-Muller transform.

   @param rng    Sequence.
   @param step   Position in the sequence.
   @param count  Number of values.
   @param out    Output, `count` values.
*/
void rs_rng_normal(RsRng rng, uint64_t step, size_t count, double *out);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_RNG_H */
