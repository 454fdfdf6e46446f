/* SPDX-License-Identifier: ISC */

#ifndef RS_GRAD_LAYER_H
#define RS_GRAD_LAYER_H

/**
   @file layer.h The linear part of one layer, and windows onto some of its inputs or outputs.

   An RsLayer has the offset of its matrix, so that a window (the recurrent columns of the first
   layer, the rows of a layer that make the state) is just another RsLayer.
*/

#include "base/sparse.h"

#include <rollsmith/net.h>

#include <stdint.h>

#define rs_layer_outputs RS_FLAVOURED(rs_layer_outputs)
#define rs_layer_inputs RS_FLAVOURED(rs_layer_inputs)
#define rs_layer_bias_of RS_FLAVOURED(rs_layer_bias_of)
#define rs_layer_bias RS_FLAVOURED(rs_layer_bias)
#define rs_layer_field RS_FLAVOURED(rs_layer_field)
#define rs_layer_pull RS_FLAVOURED(rs_layer_pull)
#define rs_layer_gradient RS_FLAVOURED(rs_layer_gradient)
#define rs_packed_layer_new RS_FLAVOURED(rs_packed_layer_new)
#define rs_packed_layer_free RS_FLAVOURED(rs_packed_layer_free)
#define rs_layer_pack RS_FLAVOURED(rs_layer_pack)
#define rs_layer_field_of_packed RS_FLAVOURED(rs_layer_field_of_packed)
#define rs_layer_pull_of_packed RS_FLAVOURED(rs_layer_pull_of_packed)
#define rs_layer_gradient_of_packed RS_FLAVOURED(rs_layer_gradient_of_packed)
#define rs_layer_backward RS_FLAVOURED(rs_layer_backward)
#define rs_sparse_work_new RS_FLAVOURED(rs_sparse_work_new)
#define rs_sparse_work_free RS_FLAVOURED(rs_sparse_work_free)
#define rs_layer_field_of_sparse RS_FLAVOURED(rs_layer_field_of_sparse)
#define rs_layer_gradient_of_sparse RS_FLAVOURED(rs_layer_gradient_of_sparse)

typedef struct {
  size_t inputs, outputs;
  RsActivation activation;
  rs_real parameter;
  RsSkip skip;
  size_t skip_from;
  const rs_scalar *fixed; /* a given matrix; NULL: parameters */
  bool transposed;        /* stored inputs x outputs */
  bool owner;             /* the parameters are the layer's own, not an earlier layer's */
  bool learned;           /* they have a gradient */
  size_t ld;              /* of the matrix as stored */
  size_t weights_at;      /* in the parameter vector */
  size_t gradient_at;     /* in the gradient */
  RsBias bias;
  const rs_scalar *fixed_bias; /* RS_BIAS_GIVEN */
  size_t bias_at;
  size_t bias_gradient_at;
  const rs_scalar *first, *first_bias; /* first values of frozen tensors, or NULL */
} RsLayer;

/** Window onto `count` outputs from `from` on; the skip is the caller's business. */
RsLayer rs_layer_outputs(const RsLayer *layer, size_t from, size_t count);

/** Window onto `count` inputs from `from` on. */
RsLayer rs_layer_inputs(const RsLayer *layer, size_t from, size_t count);

/** The bias, a row of outputs, or NULL where there is none. */
const rs_scalar *rs_layer_bias_of(const RsLayer *layer, const rs_scalar *w);

/** Each row of the field, rows x outputs, becomes the bias. */
void rs_layer_bias(const RsLayer *layer, const rs_scalar *w, size_t rows, rs_scalar *field);

/** field = in W^T + beta field; in is rows x inputs with leading dimension ld, field rows x
 * outputs. */
void rs_layer_field(const RsLayer *layer, const rs_scalar *w, size_t rows, const rs_scalar *in,
                    size_t ld, rs_real beta, rs_scalar *field);

/** c = delta W + beta c; delta is rows x outputs, c rows x inputs with leading dimension ld. */
void rs_layer_pull(const RsLayer *layer, const rs_scalar *w, size_t rows, const rs_scalar *delta,
                   rs_real beta, rs_scalar *c, size_t ld);

/** g += the gradient: delta^T in for the weights, the sum of delta for the bias, if they are
 * learned. */
void rs_layer_gradient(const RsLayer *layer, size_t rows, const rs_scalar *delta,
                       const rs_scalar *in, size_t ld, rs_scalar *g);

/** Rows of a batch that stay in the second-level cache, with what is computed from them. */
#define RS_NEAR_ROWS 64

/** The matrix of one layer or window as base/packed.h lays it out; where it is for fields alone, as
 * base/gemm_exact.h takes it, so that these are the same on every processor. */
typedef struct {
  rs_scalar *field;   /* W', for rs_layer_field_of_packed() */
  rs_scalar *rows;    /* RS_NEAR_ROWS rows of inputs, for rs_layer_gradient_of_packed() */
  rs_scalar *pull;    /* W, for rs_layer_pull_of_packed(); NULL: for fields alone */
  uint32_t *on;       /* elements of a row that are not zero: outputs for rs_layer_backward(), or
                         inputs where it is for fields alone */
  bool fields, pulls; /* whether they hold the current weights */
} RsPackedLayer;

/** Room for it, for fields alone or for pulls too. @return RS_OK or RS_ERR_MEMORY; either way
 * rs_packed_layer_free() frees what there is. */
RsStatus rs_packed_layer_new(const RsLayer *layer, bool pulls, RsPackedLayer *packed);
void rs_packed_layer_free(RsPackedLayer *packed);

/** Pack these weights for fields and for pulls, or take neither as packed. */
void rs_layer_pack(const RsLayer *layer, const rs_scalar *w, bool fields, bool pulls,
                   RsPackedLayer *packed);

/** field = start + in W^T, where start has as many columns, and lds is 0 for one row for all. */
void rs_layer_field_of_packed(const RsLayer *layer, const RsPackedLayer *packed, size_t rows,
                              const rs_scalar *in, size_t ld, const rs_scalar *start, size_t lds,
                              rs_scalar *field);

/** c = delta W + beta c, as rs_layer_pull(), from what is packed. @param packed  May be NULL, or
 * hold nothing for pulls: then W is taken from w. */
void rs_layer_pull_of_packed(const RsLayer *layer, const RsPackedLayer *packed, const rs_scalar *w,
                             size_t rows, const rs_scalar *delta, rs_real beta, rs_scalar *c,
                             size_t ld);

/** g += the gradient as rs_layer_gradient(), with room to pack the inputs. @param packed  May be
 * NULL, or hold nothing for pulls: then that is what is called. */
void rs_layer_gradient_of_packed(const RsLayer *layer, RsPackedLayer *packed, size_t rows,
                                 const rs_scalar *delta, const rs_scalar *in, size_t ld,
                                 rs_scalar *g);

/**
   The two together, for rows that are near: c = delta W + beta c, g += the gradient.

   Cotangents of leading outputs that are mostly zero are taken as such.

   @param in  The layer's inputs, rows x inputs like c, without gaps.
*/
void rs_layer_backward(const RsLayer *layer, RsPackedLayer *packed, const rs_scalar *w, size_t rows,
                       const rs_scalar *delta, const rs_scalar *in, rs_real beta, rs_scalar *c,
                       rs_scalar *g);

/** Scratch memory of the two functions below, for one layer or window. */
typedef struct {
  rs_scalar *columns; /* inputs x padded outputs: the matrix or its gradient, transposed */
  size_t padded;
} RsSparseWork;

/** Make it. @return RS_OK or RS_ERR_MEMORY; either way rs_sparse_work_free() frees what there is.
 */
RsStatus rs_sparse_work_new(const RsLayer *layer, RsSparseWork *work);
void rs_sparse_work_free(RsSparseWork *work);

/** field = bias + in W^T, for inputs that are mostly zero. @param nonzeros  Of the rows of `in`. */
void rs_layer_field_of_sparse(const RsLayer *layer, const rs_scalar *w, size_t rows,
                              const rs_scalar *in, size_t ld, const RsNonzeros *nonzeros,
                              RsSparseWork *work, rs_scalar *field);

/** g += the gradient of the weights alone, for inputs that are mostly zero. */
void rs_layer_gradient_of_sparse(const RsLayer *layer, size_t rows, const rs_scalar *delta,
                                 const rs_scalar *in, size_t ld, const RsNonzeros *nonzeros,
                                 RsSparseWork *work, rs_scalar *g);

#endif /* RS_GRAD_LAYER_H */
