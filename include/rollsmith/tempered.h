/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_TEMPERED_H
#define ROLLSMITH_TEMPERED_H

/**
   @file tempered.h Parallel tempering of a Bernoulli machine: replicas at a ladder of couplings,
   of which neighbours exchange their frames (doc/math.md, section A, equations A9 to A14).

   The replica of the first rung is drawn independently in each round; the last rung is the machine
   itself. So frames of the last rung come from all of the machine's modes, where a chain of as many
   sweeps would stay in one, and log Z follows from what neighbours exchange.

   Real flavours only (float and double).
*/

#include <rollsmith/gibbs.h>

#define rs_tempered_new RS_FLAVOURED(rs_tempered_new)
#define rs_tempered_free RS_FLAVOURED(rs_tempered_free)
#define rs_tempered_set_weights RS_FLAVOURED(rs_tempered_set_weights)
#define rs_tempered_run RS_FLAVOURED(rs_tempered_run)
#define rs_tempered_swap_rate RS_FLAVOURED(rs_tempered_swap_rate)
#define rs_tempered_coupling RS_FLAVOURED(rs_tempered_coupling)
#define rs_tempered_space RS_FLAVOURED(rs_tempered_space)

#ifdef __cplusplus
extern "C" {
#endif

/** The fewest rungs of a ladder. */
#define RS_TEMPERED_RUNGS_MIN 2
/** The most rungs of a ladder. */
#define RS_TEMPERED_RUNGS_MAX 256

/** Replicas of one frame, and the ladder. */
typedef struct RsTempered RsTempered;

/**
   Replicas for a sampler of this shape, on a ladder that is closer where the coupling is strong.

   @param gibbs  Sampler, for its shape alone.
   @param rungs  Replicas, RS_TEMPERED_RUNGS_MIN to RS_TEMPERED_RUNGS_MAX.
   @param out    Output, to be given to rs_tempered_free().
   @return RS_OK, RS_ERR_ARGUMENT for a Gaussian machine or another number of rungs,
   RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_tempered_new(const RsGibbs *gibbs, size_t rungs, RsTempered **out);

/** Free replicas. NULL is allowed. */
void rs_tempered_free(RsTempered *tempered);

/** Take over the weights w, hidden x visible, which are also those of the sampler. */
void rs_tempered_set_weights(RsTempered *tempered, const rs_scalar *w);

/** What rs_tempered_run() runs. */
typedef struct {
  const rs_scalar *biases;     ///< One row of biases (rbm.h)
  rs_scalar coupling;          ///< W is multiplied by this at the last rung
  const unsigned char *states; ///< States of each note, as in RsGibbsRun; NULL: every v
  const rs_scalar *means;      ///< V + H values: means of visible and hidden units that the ladder
                               ///< is built about; NULL: zeros, so that W alone is scaled
  size_t sweeps;               ///< Sweeps of each replica a round, at least 1
  size_t pilot;                ///< First rounds, which find other means; 0: those stay
  size_t burn_in;              ///< Rounds after those that count for nothing
  size_t rounds;               ///< Rounds that log Z is measured in
  bool from_v;                 ///< Whether all replicas begin at v; else at the first rung
  rs_scalar *v;                ///< V values: where replicas begin; output: frame of the last rung
  RsRng rng;                   ///< Where the random numbers come from
  uint64_t first;              ///< Number of the first replica, see rs_gibbs_seed(); the others
                               ///< have the numbers that follow
} RsTemperedRun;

/**
   Run the replicas of a frame: equations A9 to A13.

   @param log_z  Output: log Z of the machine with this coupling; NULL to skip it. Needs two rounds
                 at least.
   @return RS_OK, RS_ERR_MEMORY.
*/
RsStatus rs_tempered_run(const RsGibbs *gibbs, RsTempered *tempered, const RsTemperedRun *run,
                         double *log_z);

/** Share of accepted swaps between rungs k and k + 1 since the ladder was last spaced, 0 to 1;
 * 1 where none was tried. */
double rs_tempered_swap_rate(const RsTempered *tempered, size_t k);

/** Coupling of rung k as a share of that of the last one. */
double rs_tempered_coupling(const RsTempered *tempered, size_t k);

/** Space the ladder so that all swaps are accepted equally often, by what was accepted since the
 * last time: equation A14. */
void rs_tempered_space(RsTempered *tempered);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_TEMPERED_H */
