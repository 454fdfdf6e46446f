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

/** W in both orders, rows padded with zeros to a multiple of RS_GIBBS_PAD and aligned to 64 bytes.
 */
typedef struct {
  size_t visible, hidden;
  size_t visible_pad, hidden_pad;
  float *rows;    ///< hidden x visible_pad
  float *columns; ///< visible x hidden_pad
} RsGibbsWeights;

/** Scratch memory of one chain. */
typedef struct {
  float *visible_bias; ///< visible_pad; padding units have a bias that keeps them off
  float *hidden_bias;  ///< hidden_pad
  float *field;        ///< the larger of visible_pad and hidden_pad
  float *sum;          ///< hidden_pad: what W sends to the hidden units
  float *zero;         ///< hidden_pad zeros
  uint32_t *visible;   ///< Numbers of the visible units that are on: visible_pad + RS_GIBBS_PAD
  uint32_t *hidden;    ///< Numbers of the hidden units that are on: hidden_pad + RS_GIBBS_PAD
} RsGibbsScratch;

/**
   One chain.

   @param weights   W.
   @param rng       RS_GIBBS_RNG_WORDS words of random state, advanced.
   @param scratch   Biases filled in, and `visible` with the start, of `on` units; names where the
   chain ended afterwards, ascending.
   @param on        Number of visible units that are on at the start.
*/
typedef struct {
  const RsGibbsWeights *weights;
  uint32_t *rng;
  RsGibbsScratch *scratch;
  size_t on;
} RsGibbsChain;

/** The functions of one instruction set. */
typedef struct {
  /** Run `steps` sweeps with W times `coupling`; chain->on is moved on. */
  void (*run)(RsGibbsChain *chain, float coupling, size_t steps);

  /**
     Run along an annealed path of `betas` steps, as rs_ais_run() describes it.

     @return The log importance weight: doc/math.md, equations A2 and A4.
  */
  double (*anneal)(RsGibbsChain *chain, size_t betas, int reverse);
} RsGibbsKernel;

/** The fastest kernel that this processor runs. */
const RsGibbsKernel *rs_gibbs_kernel(void);

#endif /* RS_RBM_GIBBS_KERNEL_H */
