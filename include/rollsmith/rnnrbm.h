/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_RNNRBM_H
#define ROLLSMITH_RNNRBM_H

/**
   @file rnnrbm.h The RNN-RBM: a recurrent net that sets the biases of an RBM, frame by frame.

   Frame n has an RBM of its own. Its weights W are those of all frames; its biases a(n), b(n) (and,
   of a Gaussian machine, log-variances z(n)) are put out by a recurrent net that has seen the
   frames before n, and never frame n itself (doc/math.md, equations K1 and K2):

       r(n) = f(W_r [x(n); r(n-1)] + c),   [a(n); b(n); z(n)] = W_o r(n) + S x(n) + 4 L(n) q + d,

   so that the probabilities of the frames multiply to that of the whole song, exactly (K3). The
   input x(n) is the frame before, v(n-1), followed by whatever else is known of frame n (inputs.h).
   S, the direct connections from the inputs to the biases, and the shared weights q, which the
   links L(n) of the frame add to biases, are present where the shape has them.

   All parameters are one vector: W (hidden x visible), then those of the recurrent net (rnn.h),
   then S, transposed (inputs x biases), then q.
   Real flavours only.
*/

#include <rollsmith/gibbs.h>
#include <rollsmith/links.h>
#include <rollsmith/rnn.h>

#define rs_rnnrbm_new RS_FLAVOURED(rs_rnnrbm_new)
#define rs_rnnrbm_free RS_FLAVOURED(rs_rnnrbm_free)
#define rs_rnnrbm_shape RS_FLAVOURED(rs_rnnrbm_shape)
#define rs_rnnrbm_rbm RS_FLAVOURED(rs_rnnrbm_rbm)
#define rs_rnnrbm_rnn RS_FLAVOURED(rs_rnnrbm_rnn)
#define rs_rnnrbm_inputs RS_FLAVOURED(rs_rnnrbm_inputs)
#define rs_rnnrbm_parameters RS_FLAVOURED(rs_rnnrbm_parameters)
#define rs_rnnrbm_weights RS_FLAVOURED(rs_rnnrbm_weights)
#define rs_rnnrbm_tensor RS_FLAVOURED(rs_rnnrbm_tensor)
#define rs_rnnrbm_initialise RS_FLAVOURED(rs_rnnrbm_initialise)
#define rs_rnnrbm_open_gates RS_FLAVOURED(rs_rnnrbm_open_gates)
#define rs_rnnrbm_bound RS_FLAVOURED(rs_rnnrbm_bound)
#define rs_rnnrbm_hold_variances RS_FLAVOURED(rs_rnnrbm_hold_variances)
#define rs_rnnrbm_learner_new RS_FLAVOURED(rs_rnnrbm_learner_new)
#define rs_rnnrbm_learner_free RS_FLAVOURED(rs_rnnrbm_learner_free)
#define rs_rnnrbm_learner_rnn RS_FLAVOURED(rs_rnnrbm_learner_rnn)
#define rs_rnnrbm_forward RS_FLAVOURED(rs_rnnrbm_forward)
#define rs_rnnrbm_biases RS_FLAVOURED(rs_rnnrbm_biases)
#define rs_rnnrbm_contrast RS_FLAVOURED(rs_rnnrbm_contrast)
#define rs_rnnrbm_add_phase RS_FLAVOURED(rs_rnnrbm_add_phase)
#define rs_rnnrbm_add_hidden_phase RS_FLAVOURED(rs_rnnrbm_add_hidden_phase)
#define rs_rnnrbm_backward RS_FLAVOURED(rs_rnnrbm_backward)
#define rs_rnnrbm_step RS_FLAVOURED(rs_rnnrbm_step)
#define rs_rnnrbm_step_new RS_FLAVOURED(rs_rnnrbm_step_new)
#define rs_rnnrbm_step_free RS_FLAVOURED(rs_rnnrbm_step_free)
#define rs_rnnrbm_set_links RS_FLAVOURED(rs_rnnrbm_set_links)
#define rs_rnnrbm_start RS_FLAVOURED(rs_rnnrbm_start)

#ifdef __cplusplus
extern "C" {
#endif

/** The shape of an RNN-RBM. */
typedef struct {
  RsRbm rbm;               ///< The RBM of a frame
  size_t inputs;           ///< Values of x(n); 0: v(n-1) alone
  bool direct;             ///< Whether there are direct connections from inputs to biases
  size_t shared;           ///< Shared weights (links.h); 0: none
  size_t recurrent;        ///< Units of the recurrent state
  RsActivation activation; ///< Of the recurrent state; a bounded one
  bool learned_start;      ///< Whether the state before a song's first frame is learned
  rs_real z_low;           ///< Lowest log-variance of a Gaussian unit
  rs_real z_high;          ///< Highest log-variance; no bounds where it is not above z_low
} RsRnnRbmShape;

typedef struct RsRnnRbm RsRnnRbm; ///< A topology, which never changes

/**
   An RNN-RBM: a topology, const ever after.

   @param shape  Copied.
   @param out    Output, to be given to rs_rnnrbm_free().
   @param error  Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT for a size of zero, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_rnnrbm_new(const RsRnnRbmShape *shape, RsRnnRbm **out, RsError *error);

/** Free an RNN-RBM. NULL is allowed. */
void rs_rnnrbm_free(RsRnnRbm *model);

const RsRnnRbmShape *rs_rnnrbm_shape(const RsRnnRbm *model); ///< Its shape
const RsRbm *rs_rnnrbm_rbm(const RsRnnRbm *model);           ///< The RBM of a frame
const RsRnn *rs_rnnrbm_rnn(const RsRnnRbm *model);           ///< The recurrent net
size_t rs_rnnrbm_inputs(const RsRnnRbm *model);              ///< Values of x(n)
size_t rs_rnnrbm_parameters(const RsRnnRbm *model);          ///< Length of the parameter vector
size_t rs_rnnrbm_weights(const RsRnnRbm *model);             ///< Values of W, at its beginning

/** A named part of the parameter vector, as it stands in a model file. */
typedef struct {
  const char *name; ///< "rbm.weight", "rnn.weight", "rnn.bias", "output.weight", "output.bias",
                    ///< "rnn.start", "direct.weight", "shared.weight"
  size_t offset;    ///< Of its first value
  size_t rows;      ///< Rows
  size_t columns;   ///< Columns; 1 for a vector
} RsRnnRbmTensor;

/** Tensor i = 0, 1, ... into *tensor. @return false where there is none any more. */
bool rs_rnnrbm_tensor(const RsRnnRbm *model, size_t i, RsRnnRbmTensor *tensor);

/**
   First values of all parameters: small random weights, and visible biases that give each unit,
   alone, the given mean (equation K9; of a Bernoulli unit it is held 2^-24 away from 0
   and 1).

   @param seed  Of the random numbers, stream RS_STREAM_WEIGHTS.
   @param mean  Mean of each visible unit, visible values; NULL for zero biases.
   @param w     Output, rs_rnnrbm_parameters() values.
*/
void rs_rnnrbm_initialise(const RsRnnRbm *model, uint64_t seed, const rs_scalar *mean,
                          rs_scalar *w);

/** What a visible unit of a Gaussian machine does over the songs. */
typedef struct {
  double share;     ///< Share of the frames in which it is not 0
  double mean;      ///< Mean of its values where it is not 0
  double deviation; ///< Their standard deviation
} RsRnnRbmUnit;

/**
   First values of a Gaussian machine, after rs_rnnrbm_initialise(): hidden unit j lifts visible
   unit j from 0 to the mean it has where it is on, in as many frames as it is on in (equation K13).
   Of visible units beyond the hidden ones, mean and variance alone are right.

   @param units  What each visible unit does, visible values.
   @param w      Parameters, changed.
*/
void rs_rnnrbm_open_gates(const RsRnnRbm *model, const RsRnnRbmUnit *units, rs_scalar *w);

/**
   Hold the log-variances of rows of biases, as the net puts them out, between the bounds of the
   model (equation G12). Without bounds, or for a Bernoulli machine, nothing changes.

   @param rows    Rows.
   @param biases  rows x rs_rbm_biases(), changed.
*/
void rs_rnnrbm_bound(const RsRnnRbm *model, size_t rows, rs_scalar *biases);

/** What a gradient of blocks of frames needs; streams side by side, as in rnn.h. */
typedef struct RsRnnRbmLearner RsRnnRbmLearner;

/**
   A learner, at the start of a song in every stream.

   @param model    RNN-RBM, borrowed for the learner's life.
   @param engine   Gradient engine of the recurrent net.
   @param frames   The most frames of a block.
   @param streams  Streams side by side.
   @param out      Output, to be given to rs_rnnrbm_learner_free().
   @param error    Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_rnnrbm_learner_new(const RsRnnRbm *model, RsRnnEngine engine, size_t frames,
                               size_t streams, RsRnnRbmLearner **out, RsError *error);

/** Free a learner. NULL is allowed. */
void rs_rnnrbm_learner_free(RsRnnRbmLearner *learner);

/** The learner of the recurrent net in it, for its carry and its errors. */
RsRnnLearner *rs_rnnrbm_learner_rnn(RsRnnRbmLearner *learner);

/**
   The biases of the next block of frames. Begins a new gradient: rs_rnnrbm_add_phase() any number
   of times, then rs_rnnrbm_backward().

   @param w       Parameters.
   @param frames  Frames of this block.
   @param x       Inputs, (frames * streams) x rs_rnnrbm_inputs(); borrowed until the backward.
   @param starts  frames * streams, nonzero where a song starts; or NULL.
   @return As rs_rnn_learner_forward().
*/
RsStatus rs_rnnrbm_forward(RsRnnRbmLearner *learner, const rs_scalar *w, size_t frames,
                           const rs_scalar *x, const unsigned char *starts);

/**
   The links of the frames of the next forward.

   @param links  (frames * streams) rows, borrowed until the backward; NULL: none.
*/
void rs_rnnrbm_set_links(RsRnnRbmLearner *learner, const RsLinks *links);

/** Biases of the last forward, bounded, (frames * streams) x rs_rbm_biases(). */
const rs_scalar *rs_rnnrbm_biases(const RsRnnRbmLearner *learner);

/**
   Add `weight` times the gradient of the free energies at v to the gradient of the block: +1 at the
   data and -1 at samples of the model make the gradient of -log p (equations K4 and K5).

   @param v       (frames * streams) x visible.
   @param weight  Factor.
   @param g       Gradient, rs_rnnrbm_parameters() values: its part of W is added to at once.
*/
void rs_rnnrbm_add_phase(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *v,
                         rs_real weight, rs_scalar *g);

/**
   Begin the gradient of the block anew with that of -log p, `weight` times: what
   rs_rnnrbm_add_phase() makes of the data v and, with the other sign, of the samples, in one go.
*/
void rs_rnnrbm_contrast(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *v,
                        const rs_scalar *sample, rs_real weight, rs_scalar *g);

/**
   As rs_rnnrbm_add_phase(), of a Gaussian machine, in the mean over what the hidden units h make
   visible: rs_rbm_gradient_of_hidden().

   @param h  (frames * streams) x hidden.
*/
void rs_rnnrbm_add_hidden_phase(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *h,
                                rs_real weight, rs_scalar *g);

/** Whether gradients leave the log-variances out, as if they were given; at first they do not. */
void rs_rnnrbm_hold_variances(RsRnnRbmLearner *learner, bool hold);

/**
   Send what the phases left at the biases back through time, and move on to the next block.

   @param g  Gradient: its part of the recurrent net is added to; NULL to move on without.
   @return As rs_rnn_learner_backward().
*/
RsStatus rs_rnnrbm_backward(RsRnnRbmLearner *learner, const rs_scalar *w, rs_scalar *g);

/** Workspace of rs_rnnrbm_step(). */
typedef struct RsRnnRbmStep RsRnnRbmStep;

/**
   A workspace that holds the parameters in an order that makes the steps quick.

   @param model  RNN-RBM, borrowed for the workspace's life.
   @param w      Parameters, borrowed for the workspace's life; they must stay as they are.
   @param out    Output, to be given to rs_rnnrbm_step_free().
   @return RS_OK, RS_ERR_MEMORY, RS_ERR_NONFINITE where w holds a NaN or an infinity.
*/
RsStatus rs_rnnrbm_step_new(const RsRnnRbm *model, const rs_scalar *w, RsRnnRbmStep **out);

/** Free a workspace. NULL is allowed. */
void rs_rnnrbm_step_free(RsRnnRbmStep *step);

/**
   The biases of one frame of one song, for generation (equations K1 and K2).

   @param step    Workspace, overwritten.
   @param x       Input, rs_rnnrbm_inputs() values.
   @param links   Row 0 has the links of the frame; NULL: none.
   @param state   r(n-1), replaced by r(n); rs_rnn_state_size() values.
   @param biases  Output, bounded, rs_rbm_biases() values.
   @return As rs_rnn_step().
*/
RsStatus rs_rnnrbm_step(RsRnnRbmStep *step, const rs_scalar *x, const RsLinks *links,
                        rs_scalar *state, rs_scalar *biases);

/** The state that a song starts with. @param state  Output, rs_rnn_state_size() values. */
void rs_rnnrbm_start(const RsRnnRbm *model, const rs_scalar *w, rs_scalar *state);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_RNNRBM_H */
