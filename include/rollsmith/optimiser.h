/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_OPTIMISER_H
#define ROLLSMITH_OPTIMISER_H

/**
   @file optimiser.h Ways to move parameters against their gradient (doc/math.md, section S).
*/

#include <rollsmith/net.h>

#define rs_optimiser_new RS_FLAVOURED(rs_optimiser_new)
#define rs_optimiser_free RS_FLAVOURED(rs_optimiser_free)
#define rs_optimiser_step RS_FLAVOURED(rs_optimiser_step)
#define rs_optimiser_set_rate RS_FLAVOURED(rs_optimiser_set_rate)
#define rs_optimiser_state_size RS_FLAVOURED(rs_optimiser_state_size)
#define rs_optimiser_state RS_FLAVOURED(rs_optimiser_state)
#define rs_optimiser_steps RS_FLAVOURED(rs_optimiser_steps)
#define rs_optimiser_set_steps RS_FLAVOURED(rs_optimiser_set_steps)
#define rs_clip_norm RS_FLAVOURED(rs_clip_norm)
#define rs_net_descend RS_FLAVOURED(rs_net_descend)

#ifdef __cplusplus
extern "C" {
#endif

/** The rule. */
typedef enum {
  RS_SGD,      ///< w -= rate g (equation S3)
  RS_MOMENTUM, ///< m = momentum m + g, w -= rate m (equation S4)
  RS_ADAM,     ///< Kingma and Ba 2015, algorithm 1 (equation S5)
} RsOptimiserKind;

/** A rule with its constants; those that a rule does not name may be anything. */
typedef struct {
  RsOptimiserKind kind; ///< Which rule
  rs_real rate;         ///< Learning rate, above 0
  rs_real momentum;     ///< RS_MOMENTUM: in [0, 1); RS_ADAM: beta1, such as 0.9
  rs_real square;       ///< RS_ADAM: beta2 in [0, 1), such as 0.999
  rs_real epsilon;      ///< RS_ADAM: above 0, such as 1e-8
} RsOptimiserSpec;

typedef struct RsOptimiser RsOptimiser; ///< An optimiser with its moments

/**
   An optimiser.

   @param spec   Rule, copied.
   @param n      Number of parameters.
   @param out    Output, to be given to rs_optimiser_free().
   @param error  Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT for a constant out of its range, RS_ERR_MEMORY.
*/
RsStatus rs_optimiser_new(const RsOptimiserSpec *spec, size_t n, RsOptimiser **out, RsError *error);

/** Free an optimiser; NULL is allowed. */
void rs_optimiser_free(RsOptimiser *optimiser);

/**
   One step.

   @param optimiser  Optimiser.
   @param g          Gradient, n values.
   @param w          Parameters, n values, moved.
   @return RS_OK, or RS_ERR_NONFINITE where g holds a NaN or an infinity, or is so long that Adam's
   squares overflow: nothing is moved then. Parameters that a step carries out of range are found by
   the next forward.
*/
RsStatus rs_optimiser_step(RsOptimiser *optimiser, const rs_scalar *g, rs_scalar *w);

/** Another learning rate from now on; above 0, which is not checked. */
void rs_optimiser_set_rate(RsOptimiser *optimiser, rs_real rate);

/** Number of scalars in the state of an optimiser: 0 (SGD), n (momentum) or 2 n (Adam). */
size_t rs_optimiser_state_size(const RsOptimiser *optimiser);

/** Its state, to save and restore together with the number of steps. */
rs_scalar *rs_optimiser_state(RsOptimiser *optimiser);

/** Number of steps taken. */
unsigned long long rs_optimiser_steps(const RsOptimiser *optimiser);

/** Restore the number of steps taken. */
void rs_optimiser_set_steps(RsOptimiser *optimiser, unsigned long long steps);

/**
   Scale a gradient down to a norm of at most `most`, 0 or more, if it is larger (equation S6).

   @return Its Euclidean norm before, which is not finite if a number of it is not or the norm
   overflows; g is then unchanged.
*/
rs_real rs_clip_norm(size_t n, rs_real most, rs_scalar *g);

/**
   A step of stochastic gradient descent straight from the sensitivities of the last
   rs_net_backward() (given no g), w -= rate s a^T layer by layer (doc/math.md, equations S1, S2).
   Uses the sensitivities up.

   @return RS_OK; RS_ERR_ARGUMENT for another net's workspace, a rate that is not above 0, or where
   no backward came before (the last call on the workspace has to be a backward that succeeded).
*/
RsStatus rs_net_descend(const RsNet *net, rs_real rate, RsNetWork *work, rs_scalar *w,
                        RsError *error);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_OPTIMISER_H */
