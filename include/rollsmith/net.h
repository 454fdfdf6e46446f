/* SPDX-License-Identifier: ISC */

#ifndef ROLLSMITH_NET_H
#define ROLLSMITH_NET_H

/**
   @file net.h Feed-forward nets: layers, skips, shared weights; forward, backward, Jacobians,
   tangents.

   A net is a topology and nothing else: it never changes and any number of threads may use one at
   once. Its parameters are one flat vector that the caller owns and hands to each call, with a
   table of the offsets of its tensors. What passes from one call to the next is in a
   workspace.

   Layer k = 1 .. L computes (doc/math.md, equation N1)

       v(k) = W(k) y(k-1) + b(k) + or - y(j),   y(k) = f(v(k)),   y(0) = x,

   where j < k is the layer that a skip comes from. All matrices are row-major; a batch is a matrix
   with one instance a row. Complex nets are holomorphic: see rs_net_backward() for what their
   gradient is.
*/

#include <rollsmith/rng.h>
#include <rollsmith/scalar.h>
#include <rollsmith/status.h>

#include <stdbool.h>
#include <stddef.h>

#define rs_activation_name RS_FLAVOURED(rs_activation_name)
#define rs_net_new RS_FLAVOURED(rs_net_new)
#define rs_net_new_residual RS_FLAVOURED(rs_net_new_residual)
#define rs_net_free RS_FLAVOURED(rs_net_free)
#define rs_net_inputs RS_FLAVOURED(rs_net_inputs)
#define rs_net_outputs RS_FLAVOURED(rs_net_outputs)
#define rs_net_layers RS_FLAVOURED(rs_net_layers)
#define rs_net_layer_size RS_FLAVOURED(rs_net_layer_size)
#define rs_net_parameters RS_FLAVOURED(rs_net_parameters)
#define rs_net_tensor_count RS_FLAVOURED(rs_net_tensor_count)
#define rs_net_tensor RS_FLAVOURED(rs_net_tensor)
#define rs_net_initialise RS_FLAVOURED(rs_net_initialise)
#define rs_net_work_new RS_FLAVOURED(rs_net_work_new)
#define rs_net_work_free RS_FLAVOURED(rs_net_work_free)
#define rs_net_forward RS_FLAVOURED(rs_net_forward)
#define rs_net_output RS_FLAVOURED(rs_net_output)
#define rs_net_field RS_FLAVOURED(rs_net_field)
#define rs_net_layer_output RS_FLAVOURED(rs_net_layer_output)
#define rs_net_backward RS_FLAVOURED(rs_net_backward)
#define rs_net_backward_delta RS_FLAVOURED(rs_net_backward_delta)
#define rs_net_layer_delta RS_FLAVOURED(rs_net_layer_delta)

#ifdef __cplusplus
extern "C" {
#endif

/** Activation of a layer; p is RsLayerSpec.parameter (doc/math.md, table of activations in section
 * N). */
typedef enum {
  RS_IDENTITY,         ///< v
  RS_SIGMOID,          ///< 1 / (1 + e^-v)
  RS_TANH,             ///< tanh v
  RS_SOFTPLUS,         ///< log(1 + e^v)
  RS_RELU,             ///< max(v, 0); real flavours only; slope 0 at 0
  RS_LEAKY_RELU,       ///< v where v > 0, else p v; real flavours only; slope p at 0
  RS_SQUARE,           ///< v^2
  RS_SMOOTH_SQRT,      ///< sqrt(v + p), p > 0
  RS_SINE,             ///< sin v
  RS_HALF_LINEAR_TANH, ///< a tanh(b v) + a b v / 2, a = 1.7159, b = 2/3: the seed author's
  RS_SOFTMAX,          ///< e^v_i / sum_j e^v_j, on the last layer only
} RsActivation;

/** Where the weights of a layer come from. */
typedef enum {
  RS_WEIGHTS_OWN,      ///< Parameters of this layer
  RS_WEIGHTS_FROZEN,   ///< In the parameter vector, but their gradient is zero
  RS_WEIGHTS_GIVEN,    ///< The matrix RsLayerSpec.given, copied; no parameters
  RS_WEIGHTS_IDENTITY, ///< The identity; no parameters
  RS_WEIGHTS_SHARED,   ///< Those of the earlier layer RsLayerSpec.weights_of
  RS_WEIGHTS_TIED,     ///< Those of the earlier layer RsLayerSpec.weights_of, transposed (not
                       ///< conjugated)
} RsWeights;

/** Where the bias of a layer comes from. */
typedef enum {
  RS_BIAS_NONE,   ///< Zero
  RS_BIAS_OWN,    ///< Parameters of this layer
  RS_BIAS_FROZEN, ///< In the parameter vector, but its gradient is zero
  RS_BIAS_GIVEN,  ///< The vector RsLayerSpec.given_bias, copied; no parameters
} RsBias;

/** How the output of an earlier layer enters the local field. */
typedef enum {
  RS_SKIP_NONE,     ///< Not at all
  RS_SKIP_ADD,      ///< Added
  RS_SKIP_SUBTRACT, ///< Subtracted
} RsSkip;

/** One layer. All zero but `outputs` is a linear layer with weights of its own and no bias. */
typedef struct {
  size_t outputs;          ///< Number of units, at least 1
  RsActivation activation; ///< What the units do
  rs_real parameter;       ///< p of the activation, where it has one
  RsBias bias;             ///< Where the bias comes from
  RsSkip skip;             ///< Whether an earlier layer's output enters
  size_t skip_from;        ///< That layer, 0 being the net's input; of equal size
  RsWeights weights;       ///< Where the weights come from
  size_t weights_of;       ///< RS_WEIGHTS_SHARED and _TIED: the earlier layer, counted from 1
  const rs_scalar *given;  ///< RS_WEIGHTS_GIVEN: outputs x inputs; _FROZEN: first values, or NULL
  const rs_scalar *given_bias; ///< RS_BIAS_GIVEN: outputs values; _FROZEN: first values, or NULL
} RsLayerSpec;

/** A named part of the parameter vector. */
typedef struct {
  char name[24];  ///< "W1", "b1", ..., by the layer that it belongs to
  size_t offset;  ///< Of its first value in the vector
  size_t rows;    ///< Outputs of the layer
  size_t columns; ///< Inputs of the layer, 1 for a bias
  size_t layer;   ///< Layer, counted from 1
  bool frozen;    ///< Whether its gradient is always zero
} RsNetTensor;

typedef struct RsNet RsNet;         ///< A topology, which never changes
typedef struct RsNetWork RsNetWork; ///< Scratch memory of a net

/** Which layers of a residual net get a skip from the layer before the last, y(k-2). */
typedef enum {
  RS_RESIDUAL_EVERY_LAYER,  ///< Layers 2, 3, 4, ... (doc/math.md, equation N2)
  RS_RESIDUAL_EVERY_SECOND, ///< Layers 3, 5, 7, ... (doc/math.md, equation N2)
} RsResidual;

/** Name of an activation, such as "tanh"; never freed. */
const char *rs_activation_name(RsActivation activation);

/**
   A net.

   @param inputs  Size of x, at least 1.
   @param layers  Number of layers L, at least 1.
   @param spec    L layers, the first one first; copied with the matrices that they point to.
   @param out     Output, to be given to rs_net_free().
   @param error   Detail of a failure with the layer's number, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT where something does not fit, RS_ERR_OVERFLOW where a size is too
   large, RS_ERR_NONFINITE where a given matrix holds a NaN or an infinity, RS_ERR_MEMORY.
*/
RsStatus rs_net_new(size_t inputs, size_t layers, const RsLayerSpec *spec, RsNet **out,
                    RsError *error);

/**
   A net with skips after a pattern: layer k of the pattern gets y(k-2) added wherever the two are
   of equal size (so that a first or a last layer of another width needs no special care) and has no
   skip of its own in `spec`. A net that could take no skip at all is an error. Else as
   rs_net_new().
*/
RsStatus rs_net_new_residual(RsResidual pattern, size_t inputs, size_t layers,
                             const RsLayerSpec *spec, RsNet **out, RsError *error);

/** Free a net; NULL is allowed. Workspaces and recurrent nets made of it stay valid. */
void rs_net_free(RsNet *net);

size_t rs_net_inputs(const RsNet *net);  ///< Size of x
size_t rs_net_outputs(const RsNet *net); ///< Size of y(L)
size_t rs_net_layers(const RsNet *net);  ///< L
size_t
rs_net_parameters(const RsNet *net); ///< Length of the parameter vector, frozen tensors included

/** Size of y(k), k = 0 .. L; 0 for any other k. */
size_t rs_net_layer_size(const RsNet *net, size_t k);

/** Number of tensors in the parameter vector. They lie in the order of the layers, weights before
 * bias. */
size_t rs_net_tensor_count(const RsNet *net);

/** Tensor i = 0 .. rs_net_tensor_count() - 1, valid as long as the net. NULL for any other i. */
const RsNetTensor *rs_net_tensor(const RsNet *net, size_t i);

/**
   First values: weights normal with variance gain^2 / inputs of the layer, biases zero, frozen
   tensors what their layer was given (where it was given nothing, as if they were not frozen).

   @param net   Net.
   @param rng   Which random numbers; RS_STREAM_WEIGHTS is the stream meant for it.
   @param gain  1 keeps the size of signals in a net of tanh units.
   @param w     Output, rs_net_parameters(net) values.
*/
void rs_net_initialise(const RsNet *net, RsRng rng, rs_real gain, rs_scalar *w);

/**
   Workspace of a net: what forward leaves for backward. One call at a time may use it.

   @param net        Net.
   @param max_batch  Most rows that a batch will have, at least 1.
   @param out        Output, to be given to rs_net_work_free().
   @param error      Detail of a failure, or NULL.
   @return RS_OK, RS_ERR_ARGUMENT, RS_ERR_OVERFLOW, RS_ERR_MEMORY.
*/
RsStatus rs_net_work_new(const RsNet *net, size_t max_batch, RsNetWork **out, RsError *error);

/** Free a workspace; NULL is allowed. */
void rs_net_work_free(RsNetWork *work);

/**
   y(L) of a batch (doc/math.md, equations N1 and N3); ask rs_net_output() for it.

   @param net    Net.
   @param w      Parameters, rs_net_parameters(net) values.
   @param batch  Number of rows, 1 .. max_batch of the workspace.
   @param x      Inputs, batch x rs_net_inputs(net), copied.
   @param work   Workspace of this net, overwritten.
   @param error  Detail of a failure, or NULL.
   @return RS_OK; RS_ERR_NONFINITE where w or x holds a NaN or an infinity, or a layer's output
   overflows; RS_ERR_ARGUMENT for another net's workspace or a batch that does not fit.
*/
RsStatus rs_net_forward(const RsNet *net, const rs_scalar *w, size_t batch, const rs_scalar *x,
                        RsNetWork *work, RsError *error);

/** y(L) of the last forward, batch x rs_net_outputs(net), valid until the next. */
const rs_scalar *rs_net_output(const RsNetWork *work);

/** v(L) of the last forward, the last local field, shaped like y(L), valid until the next. */
const rs_scalar *rs_net_field(const RsNetWork *work);

/** y(k) of the last forward, batch x rs_net_layer_size(net, k), k = 0 .. L. NULL for any other k.
 */
const rs_scalar *rs_net_layer_output(const RsNetWork *work, size_t k);

/**
   Gradient of a cost from its cotangent, by backpropagation through the last forward (doc/math.md,
   equations N4 to N7).

   For a complex net the cost is real, and a gradient or cotangent with respect to a complex z is
   dJ/dRe z + i dJ/dIm z, so that w - rate g descends; for the squared error dy is y - t, and the
   Jacobian enters conjugated (doc/math.md, equations C1 to C4).

   @param net    Net.
   @param w      Parameters, as in the forward.
   @param work   Workspace after a forward.
   @param dy     Cotangent of the output, batch x rs_net_outputs(net).
   @param g      Gradient with respect to w, added to; NULL to skip it.
   @param dx     Output, gradient with respect to the input, batch x rs_net_inputs(net); NULL if not
   wanted.
   @param error  Detail of a failure, or NULL.
   @return RS_OK; RS_ERR_NONFINITE where dy, or what comes of it, holds a NaN or an infinity (g may
   then hold it too); RS_ERR_ARGUMENT for another net's workspace or one without a forward.
*/
RsStatus rs_net_backward(const RsNet *net, const rs_scalar *w, RsNetWork *work, const rs_scalar *dy,
                         rs_scalar *g, rs_scalar *dx, RsError *error);

/**
   As rs_net_backward(), from the cotangent of the last local field v(L) instead of the output's:
   what rs_loss_delta() gives, where sigmoid and logistic cost, or softmax and its cost, are taken
   together.
*/
RsStatus rs_net_backward_delta(const RsNet *net, const rs_scalar *w, RsNetWork *work,
                               const rs_scalar *dv, rs_scalar *g, rs_scalar *dx, RsError *error);

/**
   Sensitivities of layer k after a backward: cotangents of its local field v(k), batch x
   rs_net_layer_size(net, k), valid until the next call (doc/math.md, equation S1). NULL for a k
   that is not in 1 .. L. In a complex net they are the conjugates of the gradients.
*/
const rs_scalar *rs_net_layer_delta(const RsNetWork *work, size_t k);

#ifdef __cplusplus
}
#endif

#endif /* ROLLSMITH_NET_H */
