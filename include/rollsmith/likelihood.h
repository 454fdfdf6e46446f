/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_LIKELIHOOD_H
#define ROLLSMITH_LIKELIHOOD_H

/**
   @file likelihood.h How likely a frame is: partition functions, exact and estimated.

   log p(v) = -F(v) - log Z. F is cheap (rbm.h); Z is a sum over 2^H states of the hidden units,
   which is taken as it stands for small machines and by annealed importance sampling (AIS; Neal
   2001, Salakhutdinov and Murray 2008) for the rest. The annealed path multiplies W, or what the
   hidden units of a Gaussian machine send each other, by a coupling that goes from 0 to 1 and
   leaves the frame's own biases alone, so that its beginning is a machine whose Z and samples are
   exact: doc/math.md, section A.

   Real flavours only (float and double).
*/

#include <rollsmith/gibbs.h>

#define rs_log_z_uncoupled RS_FLAVOURED(rs_log_z_uncoupled)
#define rs_log_z_uncoupled_within RS_FLAVOURED(rs_log_z_uncoupled_within)
#define rs_log_z_exact RS_FLAVOURED(rs_log_z_exact)
#define rs_log_z_exact_within RS_FLAVOURED(rs_log_z_exact_within)
#define rs_ais_new RS_FLAVOURED(rs_ais_new)
#define rs_ais_free RS_FLAVOURED(rs_ais_free)
#define rs_ais_run RS_FLAVOURED(rs_ais_run)
#define rs_log_mean_exp RS_FLAVOURED(rs_log_mean_exp)

#ifdef __cplusplus
extern "C" {
#endif

/** The most hidden units that rs_log_z_exact() enumerates. */
#define RS_EXACT_HIDDEN_MAX 24

/**
   log Z where the path begins: of a Bernoulli machine without its weights (equation A1), of a
   Gaussian one whose hidden units send each other nothing (A8). Its units are independent.

   @param w       W, H x V; not read for a Bernoulli machine.
   @param biases  One row of biases (rbm.h).
*/
double rs_log_z_uncoupled(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases);

/** The same of the frames whose notes are in one of the given states (RsGibbsRun.states, one row of
 * a Bernoulli machine; NULL: any): equation H10. */
double rs_log_z_uncoupled_within(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                                 const unsigned char *states);

/**
   log Z by enumeration of the hidden units, 2^H terms in Gray-code order: equations E9 and G10.

   @param rbm     Shape; at most RS_EXACT_HIDDEN_MAX hidden units.
   @param w       W, H x V.
   @param biases  One row of biases.
   @param log_z   Output.
   @return RS_OK, RS_ERR_ARGUMENT for too many hidden units, RS_ERR_MEMORY.
*/
RsStatus rs_log_z_exact(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                        double *log_z);

/**
   The same of the frames whose notes are in one of the given states, as
   rs_log_z_uncoupled_within(); allocates nothing.

   @param scratch  V numbers, overwritten.
   @return RS_OK, RS_ERR_ARGUMENT for too many hidden units.
*/
RsStatus rs_log_z_exact_within(const RsRbm *rbm, const rs_scalar *w, const rs_scalar *biases,
                               const unsigned char *states, double *scratch, double *log_z);

/** Memory of AIS chains. */
typedef struct RsAis RsAis;

/**
   Memory for AIS.

   @param gibbs  Sampler that rs_ais_run() will use; for its shape alone here.
   @param count  The most chains that a call will have.
   @param out    Output, to be given to rs_ais_free().
   @return RS_OK, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_ais_new(const RsGibbs *gibbs, size_t count, RsAis **out);

/** Free the memory. NULL is allowed. */
void rs_ais_free(RsAis *ais);

/** What rs_ais_run() runs. */
typedef struct {
  size_t count;            ///< Chains
  const rs_scalar *biases; ///< Row of biases of each chain
  size_t stride;           ///< Scalars from one row to the next; 0: all chains share the row
  size_t betas;            ///< Steps of the annealed path, at least 1
  bool reverse;            ///< From the machine to the uncoupled one: the chains then start at v
  rs_scalar *v;            ///< count x V; reverse: samples of the machine; overwritten in any case
  RsRng rng;               ///< Where the random numbers come from
  uint64_t first;          ///< Number of chain 0, see rs_gibbs_seed()
  const unsigned char *states; ///< As in RsGibbsRun; Bernoulli machines only
} RsAisRun;

/**
   Log importance weights.

   Forward, the mean of e^log_w over chains is an unbiased estimate of Z / Z_uncoupled (equation
   A3), and the log of it tends to be too low. In reverse the mean of e^-log_w estimates Z_uncoupled
   / Z (equation A4), and what follows for log Z tends to be too high. Between the two is the truth,
   if the starting samples were good.

   @param log_w  Output, count values.
*/
void rs_ais_run(const RsGibbs *gibbs, RsAis *ais, const RsAisRun *run, double *log_w);

/** log of the mean of e^(sign x_i), without overflow. @param count At least 1. */
double rs_log_mean_exp(size_t count, double sign, const double *x);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_LIKELIHOOD_H */
