/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_RBM_H
#define ROLLSMITH_RBM_H

/**
   @file rbm.h Restricted Boltzmann machines whose biases change from frame to frame.

   A machine has V visible and H hidden units and one weight matrix W, hidden x visible, for both
   kinds. Everything works on a batch of frames that share W and have biases of their own: row n of
   `biases` holds a (V values), b (H values) and, for a Gaussian machine, z = log of the variances
   (V values), end to end, as a recurrent net puts them out.

       Bernoulli  E(v, h) = -a'v - b'h - h'W v                                  (doc/math.md,
   equation E1) Gaussian   E(v, h) = 1/2 sum (v_i - a_i)^2 e^{-z_i} - b'h - h'W (v o e^{-z/2})
                                                                               (doc/math.md,
   equation G1)

   Real flavours only (float and double).
*/

#include <rollsmith/scalar.h>
#include <rollsmith/status.h>

#include <stddef.h>

#define rs_rbm_work_new RS_FLAVOURED(rs_rbm_work_new)
#define rs_rbm_work_free RS_FLAVOURED(rs_rbm_work_free)
#define rs_rbm_hidden RS_FLAVOURED(rs_rbm_hidden)
#define rs_rbm_free_energy RS_FLAVOURED(rs_rbm_free_energy)
#define rs_rbm_gradient RS_FLAVOURED(rs_rbm_gradient)
#define rs_rbm_contrast RS_FLAVOURED(rs_rbm_contrast)
#define rs_rbm_gradient_of_hidden RS_FLAVOURED(rs_rbm_gradient_of_hidden)

#ifdef __cplusplus
extern "C" {
#endif

/** What the visible units are; the hidden ones are always Bernoulli. */
typedef enum {
  RS_RBM_BERNOULLI, ///< On or off
  RS_RBM_GAUSSIAN,  ///< Real numbers with a variance each
} RsRbmKind;

/** Classes of how many units of a plane are on: 0, 1, ... 6, and 7 or more. */
#define RS_COUNT_CLASSES 8

/**
   States that a note may be in, some of these bits. Of machines with two planes a note has a unit
   in each: it sounds, and it begins; of all others each visible unit is a note.
*/
typedef enum {
  RS_STATE_OFF = 1,   ///< No unit is on
  RS_STATE_ON = 2,    ///< The unit is on; of two planes, that of the first one alone
  RS_STATE_BEGUN = 4, ///< Of two planes: both units are on
} RsNoteState;

/** The shape of a machine. A plain value: it owns nothing. */
typedef struct {
  RsRbmKind kind; ///< Kind of the visible units
  size_t visible; ///< V
  size_t hidden;  ///< H
  size_t planes;  ///< Equal parts of the visible units whose number on has potentials; 0: none;
                  ///< Bernoulli only
} RsRbm;

/** Values in a row of biases: V + H, V more for a Gaussian machine, and RS_COUNT_CLASSES more a
 * plane. */
static inline size_t rs_rbm_biases(const RsRbm *rbm) {
  return rbm->visible + rbm->hidden + (rbm->kind == RS_RBM_GAUSSIAN ? rbm->visible : 0) +
         rbm->planes * RS_COUNT_CLASSES;
}

/** Notes of a frame, to which states are given. */
static inline size_t rs_rbm_notes(const RsRbm *rbm) {
  return rbm->planes ? rbm->visible / rbm->planes : rbm->visible;
}

/** Place of the potentials of counts in a row of biases. */
static inline size_t rs_rbm_potentials(const RsRbm *rbm) {
  return rs_rbm_biases(rbm) - rbm->planes * RS_COUNT_CLASSES;
}

/** Scratch memory for the functions below. */
typedef struct RsRbmWork RsRbmWork;

/**
   A workspace.

   @param rbm    Shape, copied.
   @param count  The most frames that a call will have.
   @param out    Output, to be given to rs_rbm_work_free().
   @return RS_OK, RS_ERR_ARGUMENT for a machine without units, RS_ERR_MEMORY.
*/
RsStatus rs_rbm_work_new(const RsRbm *rbm, size_t count, RsRbmWork **out);

/** Free a workspace. NULL is allowed. */
void rs_rbm_work_free(RsRbmWork *work);

/**
   Probability that each hidden unit is on, given the visible ones: equations E4 and G4.

   @param rbm     Shape.
   @param w       W, H x V.
   @param count   Frames.
   @param biases  count x rs_rbm_biases().
   @param v       count x V.
   @param work    Workspace for at least `count` frames, overwritten.
   @param s       Output, count x H.
*/
void rs_rbm_hidden(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                   const rs_scalar *v, RsRbmWork *work, rs_scalar *s);

/**
   Free energy F(v) = -log sum_h e^{-E(v, h)} of each frame: equations E5 and G5.

   @param f  Output, count values. The others as for rs_rbm_hidden().
*/
void rs_rbm_free_energy(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                        const rs_scalar *v, RsRbmWork *work, rs_real *f);

/**
   Add `sign` times the gradient of the free energy: equations E6 to E8 and G6 to G9.

   The gradient of -log p(v) is the one at the data (sign +1) less its mean under the model, for
   which samples stand in (sign -1).

   @param dw       Added to: sign x sum over frames of dF/dW, H x V; may be NULL.
   @param dbiases  Added to: sign x dF/da, dF/db (and dF/dz) of each frame, count x rs_rbm_biases().
   The others as for rs_rbm_hidden().
*/
void rs_rbm_gradient(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                     const rs_scalar *v, rs_real sign, RsRbmWork *work, rs_scalar *dw,
                     rs_scalar *dbiases);

/**
   The gradient of the free energy at the data less that at samples, in one go: equation E10.

   @param sample   Samples, count x V.
   @param factor   Both are multiplied by this.
   @param dw       Added to: factor x sum over frames of the difference of dF/dW; may be NULL.
   @param dbiases  Output: factor x the difference of dF/da, dF/db (and dF/dz) of each frame.
   The others as for rs_rbm_hidden().
*/
void rs_rbm_contrast(const RsRbm *rbm, const rs_scalar *w, size_t count, const rs_scalar *biases,
                     const rs_scalar *v, const rs_scalar *sample, rs_real factor, RsRbmWork *work,
                     rs_scalar *dw, rs_scalar *dbiases);

/**
   What rs_rbm_gradient() adds, of a Gaussian machine, in the mean over the visible units given the
   hidden ones: equation G14. At hidden units of the model this is the model's phase without the
   noise of the visible ones, which is the larger part of it where variances are small.

   @param h  Hidden units, 0 or 1, count x H.
   The others as for rs_rbm_gradient().
*/
void rs_rbm_gradient_of_hidden(const RsRbm *rbm, const rs_scalar *w, size_t count,
                               const rs_scalar *biases, const rs_scalar *h, rs_real sign,
                               RsRbmWork *work, rs_scalar *dw, rs_scalar *dbiases);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_RBM_H */
