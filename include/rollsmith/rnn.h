/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_RNN_H
#define ROLLSMITH_RNN_H

/**
   @file rnn.h Recurrent nets made of feed-forward ones, and three engines for their gradient.

   A net f becomes recurrent by feeding part of its activity back (doc/math.md, equation R1):

       u(n) = f(x(n), r(n-1) | w),   r(n) = Gamma u(n),

   r being a range of units of one layer of f: of the last layer, as the seeds have it, or of a
   hidden layer, whose later layers then read the state out and never reach it. The inputs of f are
   those of the recurrent net followed by r. A series begins with a state of zeros, or with one that
   is learned.

   A learner takes series by blocks of frames, several streams side by side, and gives the gradient
   of the cost by one of three engines:

     RS_ENGINE_BPTT   back-propagation through time; the state at the block's beginning is constant
     RS_ENGINE_BLOCK  block RTRL: back through past blocks, and dr/dw where the memory of the net
                      is longer than those; exact (equations B1 to B4, B9, B10) up to rounding:
                      what is below rounding is left out, by a bound that holds where cotangents
                      grow on their way back as well (B11 to B13)
     RS_ENGINE_RTRL   real-time recurrent learning as written, the slow reference (R5, R6)

   Where every series begins and ends in one block the three agree to rounding. Where it does not,
   the last two still give the gradient of everything since the series began. Parameters may move
   between blocks: dr/dw is then carried on as RTRL does, past blocks keep those of their time. A
   border, where a series starts anew, is passed by nothing.
*/

#include <rollsmith/net.h>

#define rs_rnn_new RS_FLAVOURED(rs_rnn_new)
#define rs_rnn_free RS_FLAVOURED(rs_rnn_free)
#define rs_rnn_inputs RS_FLAVOURED(rs_rnn_inputs)
#define rs_rnn_outputs RS_FLAVOURED(rs_rnn_outputs)
#define rs_rnn_state_size RS_FLAVOURED(rs_rnn_state_size)
#define rs_rnn_parameters RS_FLAVOURED(rs_rnn_parameters)
#define rs_rnn_learner_new RS_FLAVOURED(rs_rnn_learner_new)
#define rs_rnn_learner_free RS_FLAVOURED(rs_rnn_learner_free)
#define rs_rnn_learner_forward RS_FLAVOURED(rs_rnn_learner_forward)
#define rs_rnn_learner_outputs RS_FLAVOURED(rs_rnn_learner_outputs)
#define rs_rnn_learner_cotangents RS_FLAVOURED(rs_rnn_learner_cotangents)
#define rs_rnn_learner_backward RS_FLAVOURED(rs_rnn_learner_backward)
#define rs_rnn_learner_error RS_FLAVOURED(rs_rnn_learner_error)
#define rs_rnn_learner_reset RS_FLAVOURED(rs_rnn_learner_reset)
#define rs_rnn_learner_carry_size RS_FLAVOURED(rs_rnn_learner_carry_size)
#define rs_rnn_learner_carry_resize RS_FLAVOURED(rs_rnn_learner_carry_resize)
#define rs_rnn_learner_carry_save RS_FLAVOURED(rs_rnn_learner_carry_save)
#define rs_rnn_learner_carry_valid RS_FLAVOURED(rs_rnn_learner_carry_valid)
#define rs_rnn_learner_carry_restore RS_FLAVOURED(rs_rnn_learner_carry_restore)
#define rs_rnn_step_new RS_FLAVOURED(rs_rnn_step_new)
#define rs_rnn_step_free RS_FLAVOURED(rs_rnn_step_free)
#define rs_rnn_start RS_FLAVOURED(rs_rnn_start)
#define rs_rnn_step_hold RS_FLAVOURED(rs_rnn_step_hold)
#define rs_rnn_step RS_FLAVOURED(rs_rnn_step)

#ifdef __cplusplus
extern "C" {
#endif

/** How a net is made recurrent. */
typedef struct {
  const RsNet *net;   ///< f; it may be freed afterwards
  size_t state_layer; ///< Layer of f that holds the state, 1 .. L
  size_t state_first; ///< First unit of that layer that belongs to the state, counted from 0
  size_t state_size;  ///< Number of units of the state, at least 1
  bool learned_start; ///< Whether a series begins with a state that is a parameter, or with zeros
} RsRnnSpec;

/** Engine of the gradient. */
typedef enum {
  RS_ENGINE_BPTT,  ///< Back-propagation through the block alone
  RS_ENGINE_BLOCK, ///< Block RTRL: exact, carried over from block to block
  RS_ENGINE_RTRL,  ///< RTRL as written: exact and slow
} RsRnnEngine;

typedef struct RsRnn RsRnn;               ///< A topology, which never changes
typedef struct RsRnnLearner RsRnnLearner; ///< State of a learner between blocks
typedef struct RsRnnStep RsRnnStep;       ///< Scratch memory of one step

/**
   A recurrent net.

   @param spec   How; its inputs are those of f less the state's size.
   @param out    Output, to be given to rs_rnn_free().
   @param error  Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT where the state does not fit in its layer or in f's inputs (at
   least one input must be left), or is of a softmax; RS_ERR_MEMORY.
*/
RsStatus rs_rnn_new(const RsRnnSpec *spec, RsRnn **out, RsError *error);

/** Free a recurrent net; NULL is allowed. Its learners and steps stay valid. */
void rs_rnn_free(RsRnn *rnn);

size_t rs_rnn_inputs(const RsRnn *rnn);     ///< Size of x(n)
size_t rs_rnn_outputs(const RsRnn *rnn);    ///< Size of u(n), the output of f
size_t rs_rnn_state_size(const RsRnn *rnn); ///< Size of r(n)

/** Length of the parameter vector: that of f, then the state of the start where it is learned. */
size_t rs_rnn_parameters(const RsRnn *rnn);

/**
   A learner, at the start of a series in every stream.

   @param rnn         Recurrent net.
   @param engine      How the gradient is had. RTRL carries state_size x (parameters that reach
   the state) scalars a stream. BLOCK keeps about 1024 frames (2 to 64 blocks) of inputs and states,
   and needs as much as RTRL only where the memory of the net is longer.
   @param max_frames  Most frames of a block, at least 1.
   @param streams     Number of series side by side, at least 1.
   @param out         Output, to be given to rs_rnn_learner_free().
   @param error       Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_rnn_learner_new(const RsRnn *rnn, RsRnnEngine engine, size_t max_frames, size_t streams,
                            RsRnnLearner **out, RsError *error);

/** Free a learner; NULL is allowed. */
void rs_rnn_learner_free(RsRnnLearner *learner);

/**
   Outputs of the next block, from the carried state on, which moves to the block's end.

   @param learner  Learner.
   @param w        Parameters, rs_rnn_parameters() values.
   @param frames   Frames of this block, 1 .. max_frames.
   @param x        Inputs, (frames x streams) x rs_rnn_inputs(): row n streams + s is frame n of
   stream s.
   @param starts   frames x streams flags: where not zero, a series starts before that frame. NULL:
   nowhere.
   @return RS_OK; RS_ERR_NONFINITE where w, x or the carried state holds a NaN or an infinity, or an
   output overflows; RS_ERR_ARGUMENT for frames out of range. rs_rnn_learner_error() has the
   details. After a failure that is not RS_ERR_ARGUMENT or of w or x, reset the learner or restore
   its carry.
*/
RsStatus rs_rnn_learner_forward(RsRnnLearner *learner, const rs_scalar *w, size_t frames,
                                const rs_scalar *x, const unsigned char *starts);

/** Outputs u of the last forward, (frames x streams) x rs_rnn_outputs(), valid until the next. */
const rs_scalar *rs_rnn_learner_outputs(const RsRnnLearner *learner);

/** Memory for the cotangents of the last forward, shaped like its outputs: those that are made here
 * and then given to the backward, which overwrites them, need no copy. */
rs_scalar *rs_rnn_learner_cotangents(RsRnnLearner *learner);

/**
   Gradient of the block's cost, and dr/dw carried to the block's end. Once after each forward; an
   engine that carries dr/dw needs it also where no gradient is computed.

   @param learner  Learner after a forward.
   @param w        Parameters, as in the forward.
   @param dy       Cotangents of the outputs, shaped like them; NULL for zeros.
   @param g        Gradient, rs_rnn_parameters() values, added to; NULL to skip it.
   @return RS_OK; RS_ERR_NONFINITE where dy or the gradient holds a NaN or an infinity;
   RS_ERR_ARGUMENT where no forward came before; RS_ERR_MEMORY where dr/dw turns out to be needed,
   and does not fit.
*/
RsStatus rs_rnn_learner_backward(RsRnnLearner *learner, const rs_scalar *w, const rs_scalar *dy,
                                 rs_scalar *g);

/** The status and message of the last failure of forward or backward; RS_OK where there was none.
 */
const RsError *rs_rnn_learner_error(const RsRnnLearner *learner);

/** Back to the start of a series in every stream: the state, and dr/dw. */
void rs_rnn_learner_reset(RsRnnLearner *learner);

/** Number of scalars that pass from block to block. That of block RTRL grows once, where a backward
 * finds that the memory of the net is longer than the blocks that are kept. */
size_t rs_rnn_learner_carry_size(const RsRnnLearner *learner);

/**
   Make the carry as large as one that was saved, before it is restored.

   @param learner  Learner of the same recurrent net, engine, frames and streams.
   @param size     What rs_rnn_learner_carry_size() gave when it was saved.
   @return RS_OK; RS_ERR_ARGUMENT where no carry of this learner has that size; RS_ERR_MEMORY. The
   carry is then as it was.
*/
RsStatus rs_rnn_learner_carry_resize(RsRnnLearner *learner, size_t size);

/**
   All that passes from block to block, to be saved after a backward: a stream after the other 1
   where a series starts next (else 0), and r; then, of block RTRL, past blocks with the parameters
   of their time; then dr/dw, of RTRL, and of block RTRL where it came to be needed.

   @param carry  Output, rs_rnn_learner_carry_size() values.
*/
void rs_rnn_learner_carry_save(const RsRnnLearner *learner, rs_scalar *carry);

/** Whether values that rs_rnn_learner_carry_size() counts, which may come from a file, can be such
 * a carry: whether what is counted in it is within bounds. */
bool rs_rnn_learner_carry_valid(const RsRnnLearner *learner, const rs_scalar *carry);

/**
   Go on from a saved carry, before a forward.

   @param carry  What rs_rnn_learner_carry_save() gave, rs_rnn_learner_carry_size() values.
   @return RS_OK; RS_ERR_ARGUMENT where it is not valid: the learner is then as it was.
*/
RsStatus rs_rnn_learner_carry_restore(RsRnnLearner *learner, const rs_scalar *carry);

/** Workspace of rs_rnn_step(), to be given to rs_rnn_step_free(). @return RS_OK or RS_ERR_MEMORY.
 */
RsStatus rs_rnn_step_new(const RsRnn *rnn, RsRnnStep **out);

/** Free a workspace; NULL is allowed. */
void rs_rnn_step_free(RsRnnStep *step);

/**
   Check parameters for many steps and pack them: rs_rnn_step() with the same pointer skips both.

   @param w     Parameters; as long as rs_rnn_step() is called with them, they must stay as they
                are. NULL, or a step with others, ends that.
   @param step  Workspace of the steps.
   @return RS_OK; RS_ERR_NONFINITE where w holds a NaN or an infinity: it is then not held.
*/
RsStatus rs_rnn_step_hold(const RsRnn *rnn, const rs_scalar *w, RsRnnStep *step);

/** The state that a series starts with. @param state  Output, rs_rnn_state_size() values. */
void rs_rnn_start(const RsRnn *rnn, const rs_scalar *w, rs_scalar *state);

/**
   One frame of one series, for generation.

   @param rnn    Recurrent net; any number of threads may use it at once.
   @param w      Parameters, rs_rnn_parameters() values.
   @param x      Input, rs_rnn_inputs() values.
   @param state  r(n-1), replaced by r(n); rs_rnn_state_size() values.
   @param y      Output u(n), rs_rnn_outputs() values.
   @param step   Workspace, overwritten.
   @return RS_OK; RS_ERR_NONFINITE where w, x, state or the result holds a NaN or an infinity: state
   and y are then as they were.
*/
RsStatus rs_rnn_step(const RsRnn *rnn, const rs_scalar *w, const rs_scalar *x, rs_scalar *state,
                     rs_scalar *y, RsRnnStep *step);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_RNN_H */
