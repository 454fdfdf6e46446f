/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_GIBBS_H
#define ROLLSMITH_GIBBS_H

/**
   @file gibbs.h Block Gibbs sampling of restricted Boltzmann machines.

   A sampler holds the weights in the order in which sampling reads them and is const while it
   samples; chains are in a workspace, one for each thread. A chain's random numbers depend on (rng,
   its number) and on its progress, never on the batch that it runs in.

   Bernoulli machines in float run on a kernel that adds up the rows of W of the units that are on,
   in the widest vectors that the processor has; everything else runs on dense products. Of Gaussian
   machines the visible units are summed out while the hidden ones move (equation G13).
*/

#include <rollsmith/rbm.h>
#include <rollsmith/rng.h>

#include <stdbool.h>

#define rs_gibbs_new RS_FLAVOURED(rs_gibbs_new)
#define rs_gibbs_free RS_FLAVOURED(rs_gibbs_free)
#define rs_gibbs_set_weights RS_FLAVOURED(rs_gibbs_set_weights)
#define rs_gibbs_chains_new RS_FLAVOURED(rs_gibbs_chains_new)
#define rs_gibbs_chains_free RS_FLAVOURED(rs_gibbs_chains_free)
#define rs_gibbs_share RS_FLAVOURED(rs_gibbs_share)
#define rs_gibbs_seed RS_FLAVOURED(rs_gibbs_seed)
#define rs_gibbs_run RS_FLAVOURED(rs_gibbs_run)
#define rs_gibbs_hidden RS_FLAVOURED(rs_gibbs_hidden)

#ifdef __cplusplus
extern "C" {
#endif

/** The weights of a machine, made ready for sampling. */
typedef struct RsGibbs RsGibbs;

/** The random state and scratch memory of a number of chains. */
typedef struct RsGibbsChains RsGibbsChains;

/**
   A sampler; its weights are zero until rs_gibbs_set_weights().

   @param rbm    Shape, copied.
   @param plain  Use dense products in every case: the twin that tests hold the kernel against.
   @param out    Output, to be given to rs_gibbs_free().
   @return RS_OK, RS_ERR_ARGUMENT for a machine without units, RS_ERR_OVERFLOW, RS_ERR_MEMORY;
   RS_ERR_SETTING where ROLLSMITH_KERNEL in the environment names no kernel that the processor runs.
*/
RsStatus rs_gibbs_new(const RsRbm *rbm, bool plain, RsGibbs **out);

/** Free a sampler. NULL is allowed. */
void rs_gibbs_free(RsGibbs *gibbs);

/** Set the weights w, hidden x visible; to be called after each change of them. */
void rs_gibbs_set_weights(RsGibbs *gibbs, const rs_scalar *w);

/**
   Chains for a sampler of this shape.

   @param gibbs  Sampler, for its shape alone.
   @param count  The most chains that a call will run.
   @param out    Output, to be given to rs_gibbs_chains_free().
   @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_gibbs_chains_new(const RsGibbs *gibbs, size_t count, RsGibbsChains **out);

/** Free chains. NULL is allowed. */
void rs_gibbs_chains_free(RsGibbsChains *chains);

/**
   Let chains share random numbers, from the next seeding on, or not (which is how they begin).

   Each chain is what it would be alone: its random numbers are independent. But 512 chains, whose
   numbers share all but the last 9 bits, read them from one pool, each from a place of its own. For
   means over many short chains, as in contrastive divergence, that is as good, and quicker; where
   chains that follow each other make one piece of music, they should not. Does nothing to dense
   products and Gaussian machines.

   @param share  From the next rs_gibbs_seed() on.
*/
void rs_gibbs_share(RsGibbsChains *chains, bool share);

/**
   Give chains 0 .. count - 1 the random numbers of chain numbers first .. first + count - 1.

   @param first  Below 2^40, and unique to these chains within (seed, stream).
*/
void rs_gibbs_seed(RsGibbsChains *chains, size_t count, RsRng rng, uint64_t first);

/** What rs_gibbs_run() runs. */
typedef struct {
  size_t count;            ///< Chains
  const rs_scalar *biases; ///< Row of biases of each chain (rbm.h)
  size_t stride;           ///< Scalars from one row to the next; 0: all chains share the row
  rs_scalar coupling;      ///< W is multiplied by this: 1, or less along an annealed path
  size_t steps;            ///< Sweeps: hidden given visible, then visible given hidden
  rs_scalar *v;            ///< count x V: where the chains are, and afterwards where they came to
  const unsigned char *states; ///< count x rs_rbm_notes(): states that each note may be in, at
                               ///< least one of RsNoteState; NULL: every v. Of a Gaussian machine 0
                               ///< holds a unit at its value in v, and anything else leaves it
                               ///< free. At most two planes.
} RsGibbsRun;

/** Run seeded chains; see doc/math.md, equations E4 (Bernoulli) and G4 (Gaussian) for the
 * conditionals. */
void rs_gibbs_run(const RsGibbs *gibbs, RsGibbsChains *chains, const RsGibbsRun *run);

/**
   The hidden units from which the last run of a Gaussian machine drew its visible ones, count x H;
   NULL where the sampler keeps none.
*/
const rs_scalar *rs_gibbs_hidden(const RsGibbsChains *chains);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_GIBBS_H */
