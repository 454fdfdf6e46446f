/* SPDX-License-Identifier: ISC */

/* Nets: their layers, parameters and first values, doc/math.md, equations N1 and N2. */

#include "grad/net_internal.h"
#include "grad/activation.h"
#include "base/linear_algebra.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values that a layer brings along: a given matrix, an identity, first values. */
static size_t fixed_size(const RsLayerSpec *spec, size_t inputs) {
  const size_t matrix = spec->outputs * inputs;
  const bool identity = spec->weights == RS_WEIGHTS_IDENTITY;
  const bool given =
      (spec->weights == RS_WEIGHTS_GIVEN || spec->weights == RS_WEIGHTS_FROZEN) && spec->given;
  const bool bias =
      (spec->bias == RS_BIAS_GIVEN || spec->bias == RS_BIAS_FROZEN) && spec->given_bias;
  return (identity || given ? matrix : 0) + (bias ? spec->outputs : 0);
}

/* The next tensor of the parameter vector; returns where it lies. */
static size_t add_tensor(RsNet *net, char letter, size_t k, size_t rows, size_t columns,
                         bool frozen) {
  RsNetTensor *tensor = &net->tensor[net->tensors++];
  snprintf(tensor->name, sizeof tensor->name, "%c%zu", letter, k);
  tensor->offset = net->parameters;
  tensor->rows = rows;
  tensor->columns = columns;
  tensor->layer = k;
  tensor->frozen = frozen;
  net->parameters += rows * columns;
  return tensor->offset;
}

/* Copy n values to *fixed, which moves on. */
static const rs_scalar *keep(size_t n, const rs_scalar *values, rs_scalar **fixed) {
  rs_scalar *kept = *fixed;
  memcpy(kept, values, n * sizeof *kept);
  *fixed += n;
  return kept;
}

static const rs_scalar *keep_identity(size_t n, rs_scalar **fixed) {
  rs_scalar *kept = *fixed;
  for (size_t i = 0; i < n; ++i) {
    kept[i * n + i] = 1;
  }
  *fixed += n * n;
  return kept;
}

static void take_weights(RsNet *net, const RsLayerSpec *spec, size_t k, rs_scalar **fixed) {
  RsLayer *layer = &net->layer[k - 1];
  const size_t size = layer->outputs * layer->inputs;
  layer->ld = layer->inputs;
  switch (spec->weights) {
  case RS_WEIGHTS_OWN:
  case RS_WEIGHTS_FROZEN:
    layer->owner = true;
    layer->learned = spec->weights == RS_WEIGHTS_OWN;
    layer->weights_at = add_tensor(net, 'W', k, layer->outputs, layer->inputs, !layer->learned);
    layer->first = layer->learned || !spec->given ? NULL : keep(size, spec->given, fixed);
    break;
  case RS_WEIGHTS_GIVEN:
    layer->fixed = keep(size, spec->given, fixed);
    break;
  case RS_WEIGHTS_IDENTITY:
    layer->fixed = keep_identity(layer->outputs, fixed);
    break;
  case RS_WEIGHTS_SHARED:
  case RS_WEIGHTS_TIED: {
    const RsLayer *of = &net->layer[spec->weights_of - 1];
    layer->fixed = of->fixed;
    layer->learned = of->learned;
    layer->ld = of->ld;
    layer->weights_at = of->weights_at;
    layer->transposed = of->transposed != (spec->weights == RS_WEIGHTS_TIED);
    break;
  }
  }
  layer->gradient_at = layer->weights_at;
}

static void take_bias(RsNet *net, const RsLayerSpec *spec, size_t k, rs_scalar **fixed) {
  RsLayer *layer = &net->layer[k - 1];
  layer->bias = spec->bias;
  if (spec->bias == RS_BIAS_OWN || spec->bias == RS_BIAS_FROZEN) {
    layer->bias_at = add_tensor(net, 'b', k, layer->outputs, 1, spec->bias == RS_BIAS_FROZEN);
    layer->bias_gradient_at = layer->bias_at;
  }
  if (spec->bias == RS_BIAS_GIVEN) {
    layer->fixed_bias = keep(layer->outputs, spec->given_bias, fixed);
  } else if (spec->bias == RS_BIAS_FROZEN && spec->given_bias) {
    layer->first_bias = keep(layer->outputs, spec->given_bias, fixed);
  }
}

/* Layer k, after it has been checked. */
static void take_layer(RsNet *net, const RsLayerSpec *spec, size_t k, rs_scalar **fixed) {
  RsLayer *layer = &net->layer[k - 1];
  layer->inputs = rs_net_layer_size(net, k - 1);
  layer->outputs = spec->outputs;
  layer->activation = spec->activation;
  layer->parameter = spec->parameter;
  layer->skip = spec->skip;
  layer->skip_from = spec->skip_from;
  take_weights(net, spec, k, fixed);
  take_bias(net, spec, k, fixed);
  if (spec->skip) {
    net->skip_source[spec->skip_from] = true;
  }
}

static RsStatus take_layers(RsNet *net, const RsLayerSpec *spec, RsError *error) {
  rs_scalar *fixed = net->fixed;
  for (size_t k = 1; k <= net->layers; ++k) {
    const RsStatus status = rs_check_layer(net, &spec[k - 1], k, net->layers, error);
    if (status) {
      return status;
    }
    take_layer(net, &spec[k - 1], k, &fixed);
  }
  return RS_OK;
}

/* Values that all layers bring along; returns the layer, counted from 1, that makes them too
 * many. */
static size_t count_fixed(size_t inputs, size_t layers, const RsLayerSpec *spec, size_t *total) {
  const size_t most = PTRDIFF_MAX / sizeof(rs_scalar) / 2;
  *total = 0;
  for (size_t k = 0; k < layers; ++k) {
    const size_t in = k ? spec[k - 1].outputs : inputs;
    size_t product = 0;
    if (!rs_multiply_sizes(spec[k].outputs, in, &product) || product > most ||
        spec[k].outputs > most || fixed_size(&spec[k], in) > most - *total) {
      return k + 1;
    }
    *total += fixed_size(&spec[k], in);
  }
  return 0;
}

static RsStatus allocate(RsNet *net, const RsLayerSpec *spec, RsError *error) {
  size_t fixed = 0;
  const size_t k = count_fixed(net->inputs, net->layers, spec, &fixed);
  if (k) {
    return rs_error(error, RS_ERR_OVERFLOW, "layer %zu: its %zu outputs are too many to count", k,
                    spec[k - 1].outputs);
  }
  net->layer = rs_alloc(net->layers, sizeof *net->layer);
  net->tensor = rs_alloc(2 * net->layers, sizeof *net->tensor);
  net->skip_source = rs_alloc(net->layers + 1, sizeof *net->skip_source);
  net->fixed = rs_alloc(fixed, sizeof *net->fixed);
  if (!net->layer || !net->tensor || !net->skip_source || !net->fixed) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a net of %zu layers", net->layers);
  }
  return RS_OK;
}

RsStatus rs_net_new(size_t inputs, size_t layers, const RsLayerSpec *spec, RsNet **out,
                    RsError *error) {
  if (!layers || !spec) {
    return rs_error(error, RS_ERR_ARGUMENT, "a net needs at least one layer");
  }
  if (!inputs || inputs > RS_MOST) {
    return rs_error(error, inputs ? RS_ERR_OVERFLOW : RS_ERR_ARGUMENT,
                    "a net has %zu inputs, expected 1 to %d", inputs, RS_MOST);
  }
  if (layers > RS_MOST) {
    return rs_error(error, RS_ERR_OVERFLOW, "a net has %zu layers, expected 1 to %d", layers,
                    RS_MOST);
  }
  RsNet *net = rs_alloc(1, sizeof *net);
  if (!net) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a net");
  }
  net->references = 1;
  net->inputs = inputs;
  net->layers = layers;
  RsStatus status = allocate(net, spec, error);
  status = status ? status : take_layers(net, spec, error);
  if (status) {
    rs_net_free(net);
    return status;
  }
  *out = net;
  return RS_OK;
}

/* Add y(k-2) to the layers of a pattern; returns how many could take it. */
static size_t add_skips(RsResidual pattern, size_t inputs, size_t layers, RsLayerSpec *spec) {
  size_t count = 0;
  const size_t first = pattern == RS_RESIDUAL_EVERY_LAYER ? 2 : 3;
  for (size_t k = first; k <= layers; k += first - 1) {
    const size_t size = k > 2 ? spec[k - 3].outputs : inputs;
    if (!spec[k - 1].skip && spec[k - 1].outputs == size) {
      spec[k - 1].skip = RS_SKIP_ADD;
      spec[k - 1].skip_from = k - 2;
      ++count;
    }
  }
  return count;
}

RsStatus rs_net_new_residual(RsResidual pattern, size_t inputs, size_t layers,
                             const RsLayerSpec *spec, RsNet **out, RsError *error) {
  if (pattern != RS_RESIDUAL_EVERY_LAYER && pattern != RS_RESIDUAL_EVERY_SECOND) {
    return rs_error(error, RS_ERR_ARGUMENT, "unknown pattern of skips %u", (unsigned)pattern);
  }
  if (!layers || !spec) {
    return rs_error(error, RS_ERR_ARGUMENT, "a net needs at least one layer");
  }
  RsLayerSpec *copy = rs_alloc(layers, sizeof *copy);
  if (!copy) {
    return rs_error(error, RS_ERR_MEMORY, "no memory for a net of %zu layers", layers);
  }
  memcpy(copy, spec, layers * sizeof *copy);
  const size_t count = add_skips(pattern, inputs, layers, copy);
  const RsStatus status =
      count
          ? rs_net_new(inputs, layers, copy, out, error)
          : rs_error(
                error, RS_ERR_ARGUMENT,
                "none of the %zu layers is as large as the one two before it: no skip is possible",
                layers);
  free(copy);
  return status;
}

RsNet *rs_net_share(const RsNet *net) {
  RsNet *shared = (RsNet *)net; /* all of it is constant but the count of its owners */
  __atomic_add_fetch(&shared->references, 1, __ATOMIC_RELAXED);
  return shared;
}

void rs_net_free(RsNet *net) {
  if (net && !__atomic_sub_fetch(&net->references, 1, __ATOMIC_ACQ_REL)) {
    free(net->layer);
    free(net->tensor);
    free(net->skip_source);
    free(net->fixed);
    free(net);
  }
}

/* Normal values; `offset` makes them different for each tensor. */
static void fill_normal(RsRng rng, size_t offset, size_t n, double deviation, rs_scalar *w) {
  enum { PIECE = 64 };
  double normal[2 * PIECE];
  for (size_t from = 0; from < n; from += PIECE) {
    const size_t count = n - from < PIECE ? n - from : PIECE;
    rs_rng_normal(rng, offset + from, 2 * PIECE, normal);
    for (size_t i = 0; i < count; ++i) {
#if defined RS_SCALAR_COMPLEX
      w[from + i] = deviation * M_SQRT1_2 * (normal[2 * i] + normal[2 * i + 1] * _Complex_I);
#else
      w[from + i] = (rs_scalar)(deviation * normal[i]);
#endif
    }
  }
}

void rs_net_initialise(const RsNet *net, RsRng rng, rs_real gain, rs_scalar *w) {
  for (size_t k = 0; k < net->layers; ++k) {
    const RsLayer *layer = &net->layer[k];
    const size_t size = layer->outputs * layer->inputs;
    rs_scalar *weights = w + layer->weights_at, *bias = w + layer->bias_at;
    if (layer->first) {
      memcpy(weights, layer->first, size * sizeof *w);
    } else if (layer->owner) {
      fill_normal(rng, layer->weights_at, size, (double)gain / sqrt((double)layer->inputs),
                  weights);
    }
    if (layer->first_bias) {
      memcpy(bias, layer->first_bias, layer->outputs * sizeof *w);
    } else if (layer->bias == RS_BIAS_OWN || layer->bias == RS_BIAS_FROZEN) {
      memset(bias, 0, layer->outputs * sizeof *w);
    }
  }
}
