#ifndef RS_RBM_GIBBS_KERNEL_H
#define RS_RBM_GIBBS_KERNEL_H

/**
   @file gibbs_kernel.h A chain of a Bernoulli machine in float, as sums of rows of W.

   A frame has four notes on of 88 and a hidden layer a third of its units, so W v and W'h are sums
   of few rows. The source is compiled once an instruction set; rs_gibbs_kernel() picks the best one
   that the processor has.
*/

#include <stddef.h>
#include <stdint.h>

/** Units are padded to a multiple of this. */
#define RS_GIBBS_PAD 16

/** 32-bit words of a chain's random state: xoshiro128++ in RS_GIBBS_PAD lanes. */
#define RS_GIBBS_RNG_WORDS (4 * RS_GIBBS_PAD)

/** Hidden units of a group, whose rows are summed up beforehand in every combination. */
#define RS_GIBBS_GROUP 4

/** Combinations of a group. */
#define RS_GIBBS_SUBSETS (1 << RS_GIBBS_GROUP)

/** W in both orders, rows padded with zeros to a multiple of RS_GIBBS_PAD and aligned to 64 bytes.
 */
typedef struct {
  size_t visible, hidden;
  size_t visible_pad, hidden_pad;
  float *rows;    ///< (hidden + 1) x visible_pad, the last row zero
  float *columns; ///< (visible + 1) x hidden_pad, the last row zero
  size_t groups;  ///< Of hidden units, an even number; 0 where the table would be too large
  float *table; ///< (groups x RS_GIBBS_SUBSETS) x visible_pad: sums of the rows of a group's units
} RsGibbsWeights;

/** RS_GIBBS_PAD units, unit 0 in the lowest bit. */
typedef uint16_t RsGibbsBits;

/** Words of units that are counted at a time. */
#define RS_GIBBS_WORDS 4

/** The units of a layer; the words are rounded up to a multiple of RS_GIBBS_WORDS with zeros. */
typedef struct {
  RsGibbsBits *on;     ///< Which are on
  RsGibbsBits *summed; ///< Whose rows stand in the other layer's sum
} RsGibbsLayer;

/** What is to be added to a sum: the rows `one`, and sign x the rows `two`; or a row a group. */
typedef struct {
  int anew;      ///< Whether the sum so far is dropped
  size_t groups; ///< Groups, each of which has its row in the table; 0: the lists below
  uint32_t *one; ///< The larger of visible_pad and hidden_pad, + 2 RS_GIBBS_PAD
  uint32_t *two; ///< The same
  size_t count;  ///< Rows of either; the shorter list ends in the row of zeros
  float sign;    ///< 1 or -1
} RsGibbsChange;

/**
   One chain: where it is, and its scratch memory. Before a run its biases, visible.on and rng are
   filled in, and `summed` and the sums are zero.
*/
typedef struct {
  float *visible_bias;  ///< visible_pad; padding units have a bias that keeps them off
  float *hidden_bias;   ///< hidden_pad
  float *visible_sum;   ///< visible_pad: what W sends down
  float *hidden_sum;    ///< hidden_pad: what W sends up
  RsGibbsLayer visible; ///< Where the chain is, and after a run where it ended
  RsGibbsLayer hidden;  ///< What its last sweep drew
  RsGibbsChange change; ///< Of the sum at work
  uint32_t *rng;        ///< RS_GIBBS_RNG_WORDS words of random state, advanced
} RsGibbsChain;

/** The functions of one instruction set. */
typedef struct {
  /** Run `steps` sweeps with W times `coupling`. */
  void (*run)(const RsGibbsWeights *weights, RsGibbsChain *chain, float coupling, size_t steps);

  /**
     Run along an annealed path of `betas` steps, as rs_ais_run() describes it.

     @return The log importance weight: doc/math.md, equations A2 and A4.
  */
  double (*anneal)(const RsGibbsWeights *weights, RsGibbsChain *chain, size_t betas, int reverse);
} RsGibbsKernel;

/** The fastest kernel that this processor runs. */
const RsGibbsKernel *rs_gibbs_kernel(void);

#endif /* RS_RBM_GIBBS_KERNEL_H */
