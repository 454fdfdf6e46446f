/* SPDX-License-Identifier: ISC */

/* Gradient of an RNN-RBM, doc/math.md, equations K4 to K8, K15 and G12. */

#include "model/rnnrbm_internal.h"

#include "base/memory.h"
#include "base/sparse.h"
#include "grad/learner_internal.h"

#include <stdlib.h>
#include <string.h>

struct RsRnnRbmLearner {
  const RsRnnRbm *model;
  RsRnnLearner *rnn;
  RsRbmWork *work;
  size_t streams;
  size_t rows;        /* of the last forward */
  rs_scalar *dbiases; /* rows x biases, the net's cotangents: what the phases leave */
  rs_scalar *biases;  /* rows x biases: the net's outputs, and what is added to them */
  const rs_scalar *x; /* inputs of the last forward */
  RsLinks links;      /* its links; borrowed, all zeroes where there are none */
  bool blank;         /* dbiases are still to be cleared */
  bool hold;          /* log-variances are left out */
};

RsStatus rs_rnnrbm_learner_new(const RsRnnRbm *model, RsRnnEngine engine, size_t frames,
                               size_t streams, RsRnnRbmLearner **out, RsError *error) {
  const RsRbm *rbm = &model->shape.rbm;
  size_t rows = 0;
  RsRnnRbmLearner *learner = rs_alloc(1, sizeof *learner);
  if (!learner) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a learner");
  }
  learner->model = model;
  learner->streams = streams;
  RsStatus status = rs_rnn_learner_new(model->rnn, engine, frames, streams, &learner->rnn, error);
  if (!status && !rs_multiply_sizes(frames, streams, &rows)) {
    status =
        rs_error(error, RS_ERR_OVERFLOW, "%zu frames x %zu streams are too many", frames, streams);
  }
  if (!status) {
    status = rs_rbm_work_new(rbm, rows, &learner->work);
    learner->dbiases = rs_rnn_learner_cotangents(learner->rnn);
    learner->biases = rs_learner_outputs(learner->rnn);
    if (status) {
      status = rs_error(error, RS_ERR_MEMORY, "out of memory for a block of %zu rows", rows);
    }
  }
  if (status) {
    rs_rnnrbm_learner_free(learner);
    return status;
  }
  *out = learner;
  return RS_OK;
}

void rs_rnnrbm_learner_free(RsRnnRbmLearner *learner) {
  if (learner) {
    rs_rnn_learner_free(learner->rnn);
    rs_rbm_work_free(learner->work);
    free(learner);
  }
}

RsRnnLearner *rs_rnnrbm_learner_rnn(RsRnnRbmLearner *learner) {
  return learner->rnn;
}

/* What the inputs add to the outputs of the net. */
static void add_to_biases(RsRnnRbmLearner *learner, const rs_scalar *w) {
  const RsRnnRbm *model = learner->model;
  const size_t stride = rs_rbm_biases(&model->shape.rbm);
  const RsNonzeros *on = rs_learner_nonzeros(learner->rnn);
  for (size_t n = 0; model->direct && n < learner->rows; ++n) {
    rs_rnnrbm_add_direct(model, w, learner->x + n * model->shape.inputs, rs_nonzeros_count(on, n),
                         rs_nonzeros_list(on, n), learner->biases + n * stride);
  }
  for (size_t n = 0; learner->links.count && n < learner->rows; ++n) {
    rs_rnnrbm_add_links(model, w, &learner->links, n, learner->biases + n * stride);
  }
  rs_rnnrbm_bound(model, learner->rows, learner->biases);
}

RsStatus rs_rnnrbm_forward(RsRnnRbmLearner *learner, const rs_scalar *w, size_t frames,
                           const rs_scalar *x, const unsigned char *starts) {
  const RsRnnRbm *model = learner->model;
  learner->rows = frames * learner->streams;
  learner->x = x;
  const RsStatus status =
      rs_rnn_learner_forward(learner->rnn, w + model->weights, frames, x, starts);
  learner->blank = true;
  if (!status) {
    add_to_biases(learner, w);
  }
  return status;
}

void rs_rnnrbm_set_links(RsRnnRbmLearner *learner, const RsLinks *links) {
  learner->links = links ? *links : (RsLinks){.most = 0};
}

const rs_scalar *rs_rnnrbm_biases(const RsRnnRbmLearner *learner) {
  return learner->biases;
}

/* Before the first phase of a block. */
static void clear_biases(RsRnnRbmLearner *learner) {
  if (learner->blank) {
    const size_t values = learner->rows * rs_rbm_biases(&learner->model->shape.rbm);
    memset(learner->dbiases, 0, values * sizeof *learner->dbiases);
    learner->blank = false;
  }
}

void rs_rnnrbm_add_hidden_phase(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *h,
                                rs_real weight, rs_scalar *g) {
  clear_biases(learner);
  rs_rbm_gradient_of_hidden(&learner->model->shape.rbm, w, learner->rows, rs_rnnrbm_biases(learner),
                            h, weight, learner->work, g, learner->dbiases);
}

void rs_rnnrbm_hold_variances(RsRnnRbmLearner *learner, bool hold) {
  learner->hold = hold;
}

/* Drop the gradients that push log-variances out of their bounds: equation G12. */
static void drop_outward(RsRnnRbmLearner *learner) {
  const RsRnnRbmShape *shape = &learner->model->shape;
  const size_t stride = rs_rbm_biases(&shape->rbm);
  const bool bounded = shape->z_low < shape->z_high;
  const bool gaussian = shape->rbm.kind == RS_RBM_GAUSSIAN;
  for (size_t n = 0; gaussian && n < learner->rows; ++n) {
    const rs_scalar *z = learner->biases + n * stride + rs_rnnrbm_first_variance(&shape->rbm);
    rs_scalar *dz = learner->dbiases + n * stride + rs_rnnrbm_first_variance(&shape->rbm);
    for (size_t i = 0; i < shape->rbm.visible; ++i) {
      const bool out =
          bounded && ((z[i] <= shape->z_low && dz[i] > 0) || (z[i] >= shape->z_high && dz[i] < 0));
      dz[i] = out || learner->hold ? 0 : dz[i];
    }
  }
}

void rs_rnnrbm_add_phase(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *v,
                         rs_real weight, rs_scalar *g) {
  clear_biases(learner);
  rs_rbm_gradient(&learner->model->shape.rbm, w, learner->rows, rs_rnnrbm_biases(learner), v,
                  weight, learner->work, g, learner->dbiases);
}

void rs_rnnrbm_contrast(RsRnnRbmLearner *learner, const rs_scalar *w, const rs_scalar *v,
                        const rs_scalar *sample, rs_real weight, rs_scalar *g) {
  rs_rbm_contrast(&learner->model->shape.rbm, w, learner->rows, rs_rnnrbm_biases(learner), v,
                  sample, weight, learner->work, g, learner->dbiases);
  learner->blank = false;
}

/* The gradient of S: cotangents of the biases times inputs, equation K15. */
static void gradient_of_direct(RsRnnRbmLearner *learner, rs_scalar *g) {
  const RsRnnRbm *model = learner->model;
  const size_t inputs = model->shape.inputs, stride = rs_rbm_biases(&model->shape.rbm);
  const RsNonzeros *on = rs_learner_nonzeros(learner->rnn);
  for (size_t n = 0; n < learner->rows; ++n) {
    rs_scatter_rows(rs_nonzeros_count(on, n), rs_nonzeros_list(on, n), learner->x + n * inputs, 1,
                    stride, learner->dbiases + n * stride, g + rs_rnnrbm_direct_at(model), stride);
  }
}

/* The gradient of q: the cotangents of all biases that a shared weight is added to. */
static void gradient_of_links(const RsRnnRbmLearner *learner, rs_scalar *g) {
  const size_t stride = rs_rbm_biases(&learner->model->shape.rbm);
  rs_scalar *q = g + rs_rnnrbm_shared_at(learner->model);
  for (size_t n = 0; n < learner->rows; ++n) {
    const RsLink *link = learner->links.links + n * learner->links.most;
    for (size_t i = 0; i < learner->links.count[n]; ++i) {
      q[link[i].weight] += RS_SHARED_GAIN * learner->dbiases[n * stride + link[i].bias];
    }
  }
}

RsStatus rs_rnnrbm_backward(RsRnnRbmLearner *learner, const rs_scalar *w, rs_scalar *g) {
  const size_t weights = learner->model->weights;
  clear_biases(learner);
  drop_outward(learner);
  if (g && learner->model->direct) {
    gradient_of_direct(learner, g);
  }
  if (g && learner->links.count) {
    gradient_of_links(learner, g);
  }
  return rs_rnn_learner_backward(learner->rnn, w + weights, learner->dbiases,
                                 g ? g + weights : NULL);
}
