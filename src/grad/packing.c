/* SPDX-License-Identifier: ISC */

/* Layers in an order that products read fast; no equation of its own. */

#include "grad/net_internal.h"
#include "base/memory.h"

#include <stdlib.h>

/* What is packed of layer k: a window onto the first, or all. */
static const RsLayer *part(const RsNetWork *work, size_t k) {
  return k == 1 && work->window.inputs ? &work->window : &work->net->layer[k - 1];
}

RsStatus rs_net_work_add_packed(RsNetWork *work, const RsLayer *window, bool pulls) {
  const size_t layers = work->net->layers;
  work->packed = rs_alloc(layers, sizeof *work->packed);
  if (window) {
    work->window = *window;
  }
  RsStatus status = work->packed ? RS_OK : RS_ERR_MEMORY;
  for (size_t k = 1; !status && k <= layers; ++k) {
    status = rs_packed_layer_new(part(work, k), pulls, &work->packed[k - 1]);
  }
  return status;
}

void rs_net_work_free_packed(RsNetWork *work) {
  for (size_t k = 1; work->packed && k <= work->net->layers; ++k) {
    rs_packed_layer_free(&work->packed[k - 1]);
  }
  free(work->packed);
}

void rs_net_work_pack(RsNetWork *work, const rs_scalar *w, size_t k, bool fields, bool pulls) {
  rs_layer_pack(part(work, k), w, fields, pulls, &work->packed[k - 1]);
}

RsPackedLayer *rs_net_work_packed(const RsNetWork *work, size_t k) {
  return work->packed && (k > 1 || !work->window.inputs) ? &work->packed[k - 1] : NULL;
}
