/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_NET_INTERNAL_H
#define RS_GRAD_NET_INTERNAL_H

/**
   @file net_internal.h What a net and its workspace are made of, and passes over some layers and
   rows.
*/

#include "grad/layer.h"

#include <limits.h>

#define rs_net_share RS_FLAVOURED(rs_net_share)
#define rs_net_work_add_packed RS_FLAVOURED(rs_net_work_add_packed)
#define rs_net_work_free_packed RS_FLAVOURED(rs_net_work_free_packed)
#define rs_net_work_pack RS_FLAVOURED(rs_net_work_pack)
#define rs_net_work_packed RS_FLAVOURED(rs_net_work_packed)
#define rs_net_forward_checked RS_FLAVOURED(rs_net_forward_checked)
#define rs_forward_layer RS_FLAVOURED(rs_forward_layer)
#define rs_forward_skip_and_activate RS_FLAVOURED(rs_forward_skip_and_activate)
#define rs_backward_clear RS_FLAVOURED(rs_backward_clear)
#define rs_backward_layers RS_FLAVOURED(rs_backward_layers)
#define rs_backward_below RS_FLAVOURED(rs_backward_below)
#define rs_gradient_layers RS_FLAVOURED(rs_gradient_layers)
#define rs_conjugate RS_FLAVOURED(rs_conjugate)
#define rs_check_layer RS_FLAVOURED(rs_check_layer)
#define rs_check_parameters RS_FLAVOURED(rs_check_parameters)
#define rs_check_work RS_FLAVOURED(rs_check_work)
#define rs_add_signed RS_FLAVOURED(rs_add_signed)

/** Largest dimension that the linear algebra's int can count. */
#define RS_MOST INT_MAX

struct RsNet {
  size_t references;
  size_t inputs;
  size_t layers;
  RsLayer *layer; /* layer k is layer[k - 1] */
  size_t parameters;
  size_t tensors;
  RsNetTensor *tensor;
  bool *skip_source; /* of layers + 1: whether y(j) is added to a later layer */
  rs_scalar *fixed;  /* given matrices and first values */
};

struct RsNetWork {
  RsNet *net;
  size_t rows;   /* most of a batch */
  size_t batch;  /* of the last forward, 0 before */
  bool pulled;   /* c holds the sensitivities of a backward */
  rs_scalar **y; /* of layers + 1: outputs, y[0] the input */
  rs_scalar **v; /* local fields where they are kept, else the same as y */
  rs_scalar **c; /* cotangents of outputs, turned into those of local fields in place */
  rs_scalar *memory;
  RsPackedLayer *packed; /* layer k is packed[k - 1]; NULL where there is no room for any */
  RsLayer window;        /* what stands for layer 1 in it, if it has inputs */
};

/** Another owner of a net, to be given up by rs_net_free(). */
RsNet *rs_net_share(const RsNet *net);

/**
   Make room for packed layers.

   @param window  What is to be packed in place of layer 1, for rs_net_work_pack() alone, or NULL.
   @param pulls   Whether there will be pulls, and not fields alone.
   @return RS_OK, RS_ERR_MEMORY. rs_net_work_free() frees what there is.
*/
RsStatus rs_net_work_add_packed(RsNetWork *work, const RsLayer *window, bool pulls);
void rs_net_work_free_packed(RsNetWork *work);

/** Pack layer k, or its window, for the given passes; these take it from there until the next call.
 */
void rs_net_work_pack(RsNetWork *work, const rs_scalar *w, size_t k, bool fields, bool pulls);

/** Layer k as it is packed, NULL where it is not, or is but a window. */
RsPackedLayer *rs_net_work_packed(const RsNetWork *work, size_t k);

/** y(k) of `rows` rows from row `from` on, from y(k-1) and what the skip needs. */
void rs_forward_layer(RsNetWork *work, const rs_scalar *w, size_t k, size_t from, size_t rows);

/** rs_net_forward() of parameters that were checked to be finite. */
RsStatus rs_net_forward_checked(const RsNet *net, const rs_scalar *w, size_t batch,
                                const rs_scalar *x, RsNetWork *work, RsError *error);

/** The end of rs_forward_layer(), where v(k) without the skip already stands. */
void rs_forward_skip_and_activate(RsNetWork *work, size_t k, size_t from, size_t rows);

/** Zero the cotangents of the layers up to `last` that skips add to. First step of every backward.
 */
void rs_backward_clear(RsNetWork *work, size_t last, size_t from, size_t rows);

/**
   From the cotangents of y(last) down to layer `first`: c[last] .. c[first] become those of the
   local fields, c[first - 1] those of y(first - 1), if `below`. Sources of skips must be cleared or
   hold what is to be added to. g, if not NULL, is added the gradients of the layers; it needs
   `below`.
*/
void rs_backward_layers(RsNetWork *work, const rs_scalar *w, size_t last, size_t first, size_t from,
                        size_t rows, bool below, rs_scalar *g);

/** The same for layer k whose c[k] is the cotangent of the local field already. */
void rs_backward_below(RsNetWork *work, const rs_scalar *w, size_t k, size_t from, size_t rows,
                       bool below, rs_scalar *g);

/** g += the gradients of layers first .. last from c and y, `rows` rows from row `from` on. */
void rs_gradient_layers(const RsNetWork *work, size_t first, size_t last, size_t from, size_t rows,
                        rs_scalar *g);

/** Conjugate in place; nothing to do in a real flavour. */
void rs_conjugate(size_t n, rs_scalar *x);

/** to += from, or to -= from, by the sign of a skip. */
void rs_add_signed(RsSkip skip, size_t n, const rs_scalar *from, rs_scalar *to);

/**
   Check whether a net can have a layer.

   @param net   With the layers before it.
   @param k     Number of the layer, from 1.
   @param layers  Layers that the net is to have.
   @return RS_OK, RS_ERR_ARGUMENT, RS_ERR_OVERFLOW, RS_ERR_NONFINITE.
*/
RsStatus rs_check_layer(const RsNet *net, const RsLayerSpec *spec, size_t k, size_t layers,
                        RsError *error);

/** RS_ERR_NONFINITE, naming the tensor, where a parameter is a NaN or an infinity. */
RsStatus rs_check_parameters(const RsNet *net, const rs_scalar *w, RsError *error);

/** RS_ERR_ARGUMENT where the workspace is another net's, or has seen no forward. */
RsStatus rs_check_work(const RsNet *net, const RsNetWork *work, RsError *error);

#endif /* RS_GRAD_NET_INTERNAL_H */
