/* SPDX-License-Identifier: ISC */

#ifndef RS_MODEL_RNNRBM_INTERNAL_H
#define RS_MODEL_RNNRBM_INTERNAL_H

/**
   @file rnnrbm_internal.h What the files of the RNN-RBM share: its parts, where they stand among
   the parameters, and what inputs add to the biases.
*/

#include <rollsmith/rnnrbm.h>

#define rs_rnnrbm_direct_at RS_FLAVOURED(rs_rnnrbm_direct_at)
#define rs_rnnrbm_shared_at RS_FLAVOURED(rs_rnnrbm_shared_at)
#define rs_rnnrbm_add_direct RS_FLAVOURED(rs_rnnrbm_add_direct)
#define rs_rnnrbm_add_links RS_FLAVOURED(rs_rnnrbm_add_links)

/** A shared weight counts so many times: it is learned from all notes, and may move faster. */
#define RS_SHARED_GAIN 4

/** An RNN-RBM. */
struct RsRnnRbm {
  RsRnnRbmShape shape;
  RsNet *net;
  RsRnn *rnn;
  size_t weights; /* values of W */
  size_t direct;  /* values of S; 0 where there are no direct connections */
};

/** Place of S in the parameter vector. */
size_t rs_rnnrbm_direct_at(const RsRnnRbm *model);

/** Place of q in the parameter vector. */
size_t rs_rnnrbm_shared_at(const RsRnnRbm *model);

/** Place of the log-variances in a row of biases. */
static inline size_t rs_rnnrbm_first_variance(const RsRbm *rbm) {
  return rbm->visible + rbm->hidden;
}

/** biases += S x, of one row. @param list  The `count` inputs that are not 0, ascending. */
void rs_rnnrbm_add_direct(const RsRnnRbm *model, const rs_scalar *w, const rs_scalar *x,
                          size_t count, const uint32_t *list, rs_scalar *biases);

/** biases += 4 L q, of one row. */
void rs_rnnrbm_add_links(const RsRnnRbm *model, const rs_scalar *w, const RsLinks *links,
                         size_t row, rs_scalar *biases);

#endif /* RS_MODEL_RNNRBM_INTERNAL_H */
