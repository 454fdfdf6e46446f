/* SPDX-License-Identifier: ISC */

#ifndef RS_RBM_SAMPLER_DENSE_H
#define RS_RBM_SAMPLER_DENSE_H

/**
   @file sampler_dense.h The dense sampler, as far as the collapsed one is made of it.
*/

#include "rbm/sampler.h"

#define rs_dense_init RS_FLAVOURED(rs_dense_init)
#define rs_dense_clear RS_FLAVOURED(rs_dense_clear)
#define rs_dense_set_weights RS_FLAVOURED(rs_dense_set_weights)
#define rs_dense_chains_init RS_FLAVOURED(rs_dense_chains_init)
#define rs_dense_chains_clear RS_FLAVOURED(rs_dense_chains_clear)
#define rs_dense_run RS_FLAVOURED(rs_dense_run)
#define rs_dense_hidden RS_FLAVOURED(rs_dense_hidden)
#define rs_dense_fields RS_FLAVOURED(rs_dense_fields)
#define rs_dense_draw_hidden RS_FLAVOURED(rs_dense_draw_hidden)
#define rs_dense_draw_visible RS_FLAVOURED(rs_dense_draw_visible)
#define rs_dense_step RS_FLAVOURED(rs_dense_step)

/** Weights. */
typedef struct {
  RsGibbs base;
  rs_scalar *w;          /**< H x V */
  rs_scalar *transposed; /**< V x H */
} RsDense;

/** Chains. */
typedef struct {
  RsGibbsChains base;
  rs_scalar *hidden;  /**< count x H: fields, then units */
  rs_scalar *field;   /**< count x H: what W sends up along an annealed path; Bernoulli only */
  rs_scalar *soft;    /**< H: the same */
  rs_scalar *scaled;  /**< count x V */
  rs_scalar *uniform; /**< V + planes */
  uint32_t *words;    /**< The larger of H and V + planes */
  double *normal;     /**< V */
  double *scratch;    /**< rs_counts_scratch() */
  rs_scalar *held;    /**< count x V, of Gaussian machines: where units are held */
} RsDenseChains;

/** Memory of cleared weights. @return false without memory; rs_dense_clear() frees what there is.
 */
bool rs_dense_init(RsDense *dense, const RsRbm *rbm);

/** Free the members. */
void rs_dense_clear(RsDense *dense);

/** As rs_gibbs_set_weights(). */
void rs_dense_set_weights(RsDense *dense, const rs_scalar *w);

/** Memory of cleared chains, as rs_dense_init(). */
bool rs_dense_chains_init(RsDenseChains *chains, const RsRbm *rbm, size_t count);

/** Free the members. */
void rs_dense_chains_clear(RsDenseChains *chains);

/** RsSampler.run */
void rs_dense_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run);

/** RsSampler.hidden */
const rs_scalar *rs_dense_hidden(const RsGibbsChains *chains);

/**
   Fields of the hidden units of all chains: b + coupling W (x o e^{-z/2}), the scaling for Gaussian
   machines only.

   @param x         Rows that are `x_stride` apart.
   @param field     Output, count x H.
*/
void rs_dense_fields(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run,
                     const rs_scalar *x, size_t x_stride, rs_scalar *field);

/** Hidden units of all chains given run->v, into chains->hidden: equations E4 and G4. */
void rs_dense_draw_hidden(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run);

/** run->v given chains->hidden: equations E4, G4 and H4. */
void rs_dense_draw_visible(const RsDense *dense, RsDenseChains *chains, const RsGibbsRun *run);

/** Number of the random numbers of chain n in this half sweep. */
static inline uint64_t rs_dense_step(const RsDenseChains *chains, size_t n, unsigned half) {
  return (chains->base.first + n) << 24 | (chains->base.sweeps & 0x7FFFFF) << 1 | half;
}

#endif /* RS_RBM_SAMPLER_DENSE_H */
