/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_KERNEL_H
#define RS_RBM_KERNEL_H

/**
   @file kernel.h A chain of a Bernoulli machine in float, as sums of rows of W.

   A frame has four notes on of 88, so W v is a sum of few rows, and from sweep to sweep few of them
   change. Of the hidden units half are on: W'h is the sum of a row a group from a table in fixed
   point, and where that is too coarse to decide a visible unit's draw, this unit's sum is taken
   exactly. A unit is on where its field is above a number of the logistic distribution
   (doc/math.md, equation E14): these are drawn beforehand, so that a draw is a comparison. Where 32
   numbers of 16 bits fit into a vector, fields are compared in such numbers (fixed16.h). The
   samples are those of exact sums throughout: weights are rounded so that sums are the same in any
   order (exact_sums.h), and nothing is fused, so all kernels draw the same bytes. There
   is one source file an instruction set; rs_gibbs_kernel() picks the best one that the processor
   has.
*/

#include "rbm/note_states.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Units are padded to a multiple of this. */
#define RS_GIBBS_PAD 16

/** 1.5 x 2^23: adding it rounds a float to a whole number, which then stands in its last bits. */
#define RS_GIBBS_ROUNDER 12582912.0f

/** x, which fits into 16 bits, rounded to a whole number. */
static inline int16_t rs_gibbs_rounded(float x) {
  const union {
    float real;
    uint32_t bits;
  } shifted = {.real = x + RS_GIBBS_ROUNDER};
  return (int16_t)(uint16_t)shifted.bits;
}

/** 32-bit words of a random state: xoshiro128++ in RS_GIBBS_PAD lanes. A step serves twice as many
 * units, each with 16 bits, in the order in which they lie in memory. */
#define RS_GIBBS_RNG_WORDS (4 * RS_GIBBS_PAD)

/** Bits of a word of units. */
#define RS_GIBBS_WORD 64

/** Hidden units of a group, whose rows are summed up beforehand in every combination. */
#define RS_GIBBS_GROUP 5

/** Combinations of a group. */
#define RS_GIBBS_SUBSETS (1 << RS_GIBBS_GROUP)

/** Groups of a word; what bits of hidden units are left over stand for no unit. */
#define RS_GIBBS_WORD_GROUPS (RS_GIBBS_WORD / RS_GIBBS_GROUP)

/** Columns of the table of sums are padded to a multiple of so many numbers: 64 bytes. */
#define RS_GIBBS_COARSE_PAD 32

/** The table is cut into tables of so many columns, the last of what is left. */
#define RS_GIBBS_COARSE_TILE (4 * RS_GIBBS_COARSE_PAD)

/** Numbers from one row of a table of `columns`, a multiple of RS_GIBBS_COARSE_PAD, to the next: a
 * power of 2, so that bits shifted to their place lead to the row. */
static inline size_t rs_gibbs_table_stride(size_t columns) {
  const size_t pads = columns / RS_GIBBS_COARSE_PAD;
  return (pads > 2 ? 4 : pads) * RS_GIBBS_COARSE_PAD;
}

/** The place of a hidden unit, among hidden_pad. */
static inline size_t rs_gibbs_place(size_t unit) {
  const size_t in_word = RS_GIBBS_WORD_GROUPS * RS_GIBBS_GROUP;
  return unit / in_word * RS_GIBBS_WORD + unit % in_word;
}

/** RS_GIBBS_WORD units, unit 0 in the lowest bit. */
typedef uint64_t RsGibbsBits;

/** What 32 units at a time are drawn from: fixed16.h. */
typedef struct RsFixed16 RsFixed16;

/** Classes of how many units of a plane are on: RS_COUNT_CLASSES of rbm.h. */
#define RS_GIBBS_CLASSES 8

/** A note that has other choices than to be off or to begin. */
typedef struct {
  size_t note;
  unsigned char states; ///< Of RsNoteState
} RsGibbsTied;

/** Of a frame in which notes have given states: kernel_states.h. */
typedef struct {
  double *plain; ///< count_units: 1 for notes that are off or on in all planes, 0 for all others
  RsGibbsTied *tied;       ///< count_units: the notes with other choices
  RsStateWeights *weights; ///< count_units: of each of these
  double *rows;            ///< (count_units + 1) x RS_STATE_CELLS: of the first of these
  size_t tied_count;
  size_t sounding, beginning; ///< Notes of one state that sound, and begin
  RsGibbsBits *fixed;         ///< Units that notes of one state have on
  RsGibbsBits *free;          ///< All other units, of machines without potentials
} RsGibbsStates;

/** What visible units with potentials on counts are drawn with: kernel_counts.h. */
typedef struct {
  double *odds;    ///< visible_pad: e^field of each unit
  double *factors; ///< planes x 2 RS_GIBBS_CLASSES: e^potential of 0, 1, ... 15 units, up to a
                   ///< factor a plane
  double *table;   ///< planes x stride: rows of RS_GIBBS_CLASSES, one for each number of units
  size_t stride;
  size_t step; ///< A power of 2: half as many rows as a plane has in the table
} RsGibbsCounts;

/**
   W in both orders, rows padded with zeros to a multiple of RS_GIBBS_PAD and aligned to 64 bytes;
   and, unless weights are huge, a table of sums of rows in fixed point with 16 bits. Hidden units
   stand in their places.
*/
typedef struct {
  size_t visible, hidden;
  size_t visible_pad, hidden_pad;
  size_t planes;      ///< Equal parts of the visible units with potentials on counts; 0: none
  size_t count_units; ///< Units of a plane
  float *rows;        ///< hidden_pad x visible_pad
  float *columns;     ///< visible x hidden_pad
  size_t groups;      ///< Of hidden units; 0 where there is no table
  size_t coarse_pad;  ///< visible + planes, padded to a multiple of RS_GIBBS_COARSE_PAD
  int16_t *table;     ///< A tile after the other, (groups x RS_GIBBS_SUBSETS) x columns: sums of a
                      ///< group's rows / scale
  float *sums;  ///< (groups of hidden units x RS_GIBBS_SUBSETS) x visible_pad: exact sums of a
                ///< group's rows; NULL where they are not used
  float *scale; ///< coarse_pad: what a step of each visible unit stands for
  float *error; ///< coarse_pad: how far off a sum of the table can be
  RsGibbsBits *visible_units; ///< A bit for each unit that is not padding
  RsGibbsBits *hidden_units;  ///< The same
  float *bounds;              ///< 2 x the larger of visible_pad and hidden_pad: scratch memory
  RsFixed16 *fixed16;         ///< NULL where the kernel has no use for it
} RsGibbsWeights;

/** Words of bits of so many units. */
static inline size_t rs_gibbs_words(size_t units) {
  return (units + RS_GIBBS_WORD - 1) / RS_GIBBS_WORD;
}

/** The units of a layer, a bit each; bits of padding are zero. */
typedef struct {
  RsGibbsBits *on;     ///< Which are on
  RsGibbsBits *summed; ///< Whose rows stand in the other layer's sum
} RsGibbsLayer;

/**
   One chain: where it is, and its scratch memory.
*/
typedef struct {
  const float *biases;         ///< Of the visible and of the hidden units, without padding; then
                               ///< the potentials on counts
  float *v;                    ///< visible: where the chain is, and after a run where it ended
  const unsigned char *states; ///< Of each note, as RsGibbsRun.states; NULL: any
  float *visible_bias;         ///< visible_pad; padding units have a bias that keeps them off
  float *hidden_bias;          ///< hidden_pad
  float *visible_sum;          ///< visible_pad: what W sends down, where the table is not used
  int16_t *coarse_sum;         ///< coarse_pad: the same from the table
  float *hidden_sum;           ///< hidden_pad: what W sends up
  RsGibbsLayer visible;        ///< Where the chain is
  RsGibbsLayer hidden;         ///< What its last sweep drew
  RsGibbsBits *ambiguous;      ///< Visible units that sums of the table could not decide
  int16_t *fixed_visible_bias; ///< coarse_pad: in fixed point, filled in by the kernel
  int16_t *fixed_ratio;        ///< coarse_pad: RsFixed16.ratio times a coupling
  int16_t *fixed_hidden_bias;  ///< hidden_pad: as fixed_visible_bias
  int16_t *fixed_sum;          ///< hidden_pad: what W sends up, the same
  RsGibbsCounts *counts;       ///< NULL without potentials on counts
  RsGibbsStates given;         ///< What follows from `states`
  const float *noise; ///< Logistic numbers, rs_gibbs_noise_size() for each sweep of the run:
                      ///< hidden_pad, then coarse_pad
  const int16_t *fixed_noise; ///< The same in fixed point, rs_fixed16_unit() a unit; unused
                              ///< where that is 0
} RsGibbsChain;

/** Logistic numbers that a sweep takes. */
static inline size_t rs_gibbs_noise_size(const RsGibbsWeights *weights) {
  return weights->hidden_pad + weights->coarse_pad;
}

/** Steps of an annealed path: those from `from` on, before `to`, of `betas`. */
typedef struct {
  size_t betas;
  bool reverse;
  size_t from, to;
} RsGibbsPath;

/** The functions of one instruction set. */
typedef struct {
  const char *name; ///< plain, avx2, avx512

  /** Run `steps` sweeps with W times `coupling`. */
  void (*run)(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps);

  /**
     Run along a part of an annealed path, as rs_ais_run() describes it.

     @return The log importance weight: doc/math.md, equations A2 and A4.
  */
  double (*anneal)(const RsGibbsWeights *weights, RsGibbsChain *chain, const RsGibbsPath *path);

  /**
     Draw `count` logistic numbers, a multiple of 2 RS_GIBBS_PAD.

     @param state  RS_GIBBS_RNG_WORDS words of random state, advanced.
     @param unit   Steps of fixed-point numbers that stand for 1; 0: not used.
     @param noise  Output, `count` numbers.
     @param fixed  Output, `count` numbers, the same times `unit`, rounded.
  */
  void (*draw_noise)(uint32_t *state, size_t count, float unit, float *noise, int16_t *fixed);

  bool has_fixed16; ///< Whether it has a use for RsFixed16
} RsGibbsKernel;

/** The one that any processor runs, and those for x86-64; a build may have fewer. */
extern const RsGibbsKernel rs_gibbs_kernel_plain, rs_gibbs_kernel_avx2, rs_gibbs_kernel_avx512;

/** Kernel i of those that this processor runs, the fastest first; NULL where there are no more. */
const RsGibbsKernel *rs_gibbs_kernel_at(size_t i);

/** The fastest kernel that this processor runs; or, for tests and measurements, the one that
 * ROLLSMITH_KERNEL in the environment names, NULL where the processor runs none of that name. */
const RsGibbsKernel *rs_gibbs_kernel(void);

#endif /* RS_RBM_KERNEL_H */
