/* SPDX-License-Identifier: ISC */

/* Sizes of a net, and its tensors. */

#include "grad/net_internal.h"

size_t rs_net_inputs(const RsNet *net) {
  return net->inputs;
}

size_t rs_net_outputs(const RsNet *net) {
  return rs_net_layer_size(net, net->layers);
}

size_t rs_net_layers(const RsNet *net) {
  return net->layers;
}

size_t rs_net_parameters(const RsNet *net) {
  return net->parameters;
}

size_t rs_net_layer_size(const RsNet *net, size_t k) {
  return !k ? net->inputs : k <= net->layers ? net->layer[k - 1].outputs : 0;
}

size_t rs_net_tensor_count(const RsNet *net) {
  return net->tensors;
}

const RsNetTensor *rs_net_tensor(const RsNet *net, size_t i) {
  return i < net->tensors ? &net->tensor[i] : NULL;
}
