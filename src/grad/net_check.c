/* SPDX-License-Identifier: ISC */

/* Validation of a layer against the layers before it. */

#include "grad/net_internal.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <math.h>

static RsStatus check_activation(const RsLayerSpec *spec, size_t k, size_t layers, RsError *error) {
  const char *name = rs_activation_name(spec->activation);
  if ((unsigned)spec->activation > RS_SOFTMAX) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu: unknown activation %u", k,
                    (unsigned)spec->activation);
  }
  if (spec->activation == RS_SOFTMAX && k < layers) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu of %zu: softmax is for the last layer only",
                    k, layers);
  }
  if (!isfinite(spec->parameter)) {
    return rs_error(error, RS_ERR_NONFINITE, "layer %zu: the parameter of %s is not finite", k,
                    name);
  }
  if (spec->activation == RS_SMOOTH_SQRT && !(spec->parameter > 0)) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "layer %zu: the parameter of %s is %g, it has to be above 0", k, name,
                    (double)spec->parameter);
  }
#if defined RS_SCALAR_COMPLEX
  if (spec->activation == RS_RELU || spec->activation == RS_LEAKY_RELU) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "layer %zu: %s is not holomorphic, a complex net cannot use it", k, name);
  }
#endif
  return RS_OK;
}

static RsStatus check_skip(const RsNet *net, const RsLayerSpec *spec, size_t k, RsError *error) {
  if ((unsigned)spec->skip > RS_SKIP_SUBTRACT) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu: unknown kind of skip %u", k,
                    (unsigned)spec->skip);
  }
  if (spec->skip && spec->skip_from >= k) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "layer %zu: its skip comes from layer %zu, it has to be earlier", k,
                    spec->skip_from);
  }
  if (spec->skip && rs_net_layer_size(net, spec->skip_from) != spec->outputs) {
    return rs_error(
        error, RS_ERR_ARGUMENT,
        "layer %zu has %zu outputs, its skip from layer %zu %zu: the two have to be equal", k,
        spec->outputs, spec->skip_from, rs_net_layer_size(net, spec->skip_from));
  }
  return RS_OK;
}

/* Whether the matrices and biases that a layer is given are there, and finite. */
static RsStatus check_given(const RsLayerSpec *spec, size_t inputs, size_t k, RsError *error) {
  const bool takes = spec->weights == RS_WEIGHTS_GIVEN || spec->weights == RS_WEIGHTS_FROZEN;
  const bool takes_bias = spec->bias == RS_BIAS_GIVEN || spec->bias == RS_BIAS_FROZEN;
  if (spec->weights == RS_WEIGHTS_GIVEN && !spec->given) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu: its given matrix, %zu x %zu, is missing", k,
                    spec->outputs, inputs);
  }
  if (spec->bias == RS_BIAS_GIVEN && !spec->given_bias) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu: its given bias of %zu values is missing", k,
                    spec->outputs);
  }
  if ((takes && spec->given && !rs_all_finite(spec->outputs * inputs, spec->given)) ||
      (takes_bias && spec->given_bias && !rs_all_finite(spec->outputs, spec->given_bias))) {
    return rs_error(error, RS_ERR_NONFINITE,
                    "layer %zu: what it is given holds a NaN or an infinity", k);
  }
  return RS_OK;
}

static RsStatus check_weights(const RsNet *net, const RsLayerSpec *spec, size_t k, RsError *error) {
  const size_t inputs = rs_net_layer_size(net, k - 1);
  if ((unsigned)spec->weights > RS_WEIGHTS_TIED || (unsigned)spec->bias > RS_BIAS_GIVEN) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu: unknown kind of weights %u or of bias %u",
                    k, (unsigned)spec->weights, (unsigned)spec->bias);
  }
  if (spec->weights == RS_WEIGHTS_IDENTITY && spec->outputs != inputs) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "layer %zu: the identity of %zu inputs gives %zu outputs, not %zu", k, inputs,
                    inputs, spec->outputs);
  }
  if (spec->weights == RS_WEIGHTS_SHARED || spec->weights == RS_WEIGHTS_TIED) {
    if (spec->weights_of < 1 || spec->weights_of >= k) {
      return rs_error(error, RS_ERR_ARGUMENT,
                      "layer %zu: it uses the weights of layer %zu, not an earlier one", k,
                      spec->weights_of);
    }
    const RsLayer *of = &net->layer[spec->weights_of - 1];
    const bool tied = spec->weights == RS_WEIGHTS_TIED;
    if ((tied ? of->inputs : of->outputs) != spec->outputs ||
        (tied ? of->outputs : of->inputs) != inputs) {
      return rs_error(error, RS_ERR_ARGUMENT,
                      "layer %zu needs weights of %zu x %zu, those of layer %zu are %zu x %zu%s", k,
                      spec->outputs, inputs, spec->weights_of, of->outputs, of->inputs,
                      tied ? " before they are transposed" : "");
    }
  }
  return check_given(spec, inputs, k, error);
}

static RsStatus check_size(const RsNet *net, const RsLayerSpec *spec, size_t k, RsError *error) {
  const size_t most = PTRDIFF_MAX / sizeof(rs_scalar) - net->parameters;
  size_t product = 0;
  if (!spec->outputs) {
    return rs_error(error, RS_ERR_ARGUMENT, "layer %zu has no outputs, it needs at least 1", k);
  }
  if (spec->outputs > RS_MOST ||
      !rs_multiply_sizes(spec->outputs, rs_net_layer_size(net, k - 1), &product) ||
      product > most || spec->outputs > most - product) {
    return rs_error(error, RS_ERR_OVERFLOW,
                    "layer %zu: %zu outputs of %zu inputs are too many to count", k, spec->outputs,
                    rs_net_layer_size(net, k - 1));
  }
  return RS_OK;
}

RsStatus rs_check_layer(const RsNet *net, const RsLayerSpec *spec, size_t k, size_t layers,
                        RsError *error) {
  RsStatus status = check_size(net, spec, k, error);
  status = status ? status : check_activation(spec, k, layers, error);
  status = status ? status : check_skip(net, spec, k, error);
  return status ? status : check_weights(net, spec, k, error);
}
