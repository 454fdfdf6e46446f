/* SPDX-License-Identifier: ISC */

/* The RNN-RBM, doc/math.md, equations K1, K2 and G12. */

#include "model/rnnrbm_internal.h"

#include "base/memory.h"
#include "base/sparse.h"

#include <stdlib.h>

/* The recurrent layer, and the layer that reads the biases out. */
enum { STATE_LAYER = 1, LAYERS = 2 };

static RsStatus make_nets(RsRnnRbm *model, RsError *error) {
  const RsRnnRbmShape *shape = &model->shape;
  const RsLayerSpec layers[LAYERS] = {
      {.outputs = shape->recurrent, .activation = shape->activation, .bias = RS_BIAS_OWN},
      {.outputs = rs_rbm_biases(&shape->rbm), .activation = RS_IDENTITY, .bias = RS_BIAS_OWN},
  };
  const size_t inputs = shape->inputs + shape->recurrent;
  RsStatus status = rs_net_new(inputs, LAYERS, layers, &model->net, error);
  if (!status) {
    const RsRnnSpec spec = {model->net, STATE_LAYER, 0, shape->recurrent, shape->learned_start};
    status = rs_rnn_new(&spec, &model->rnn, error);
  }
  return status;
}

/* Count W and S. */
static RsStatus count_matrices(RsRnnRbm *model, RsError *error) {
  const RsRnnRbmShape *shape = &model->shape;
  const size_t biases = rs_rbm_biases(&shape->rbm);
  if (!rs_multiply_sizes(shape->rbm.hidden, shape->rbm.visible, &model->weights)) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu x %zu weights are too many to count",
                    shape->rbm.hidden, shape->rbm.visible);
  }
  if (shape->direct && !rs_multiply_sizes(shape->inputs, biases, &model->direct)) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu x %zu direct connections are too many to count",
                    shape->inputs, biases);
  }
  return RS_OK;
}

RsStatus rs_rnnrbm_new(const RsRnnRbmShape *shape, RsRnnRbm **out, RsError *error) {
  if (!shape->rbm.visible || !shape->rbm.hidden || !shape->recurrent) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "an RNN-RBM needs units: %zu visible, %zu hidden, %zu recurrent",
                    shape->rbm.visible, shape->rbm.hidden, shape->recurrent);
  }
  RsRnnRbm *model = rs_alloc(1, sizeof *model);
  if (!model) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a model");
  }
  model->shape = *shape;
  model->shape.inputs = shape->inputs ? shape->inputs : shape->rbm.visible;
  RsStatus status = count_matrices(model, error);
  status = status ? status : make_nets(model, error);
  if (status) {
    rs_rnnrbm_free(model);
    return status;
  }
  *out = model;
  return RS_OK;
}

void rs_rnnrbm_free(RsRnnRbm *model) {
  if (model) {
    rs_rnn_free(model->rnn);
    rs_net_free(model->net);
    free(model);
  }
}

const RsRnnRbmShape *rs_rnnrbm_shape(const RsRnnRbm *model) {
  return &model->shape;
}

const RsRbm *rs_rnnrbm_rbm(const RsRnnRbm *model) {
  return &model->shape.rbm;
}

const RsRnn *rs_rnnrbm_rnn(const RsRnnRbm *model) {
  return model->rnn;
}

size_t rs_rnnrbm_inputs(const RsRnnRbm *model) {
  return model->shape.inputs;
}

size_t rs_rnnrbm_direct_at(const RsRnnRbm *model) {
  return model->weights + rs_rnn_parameters(model->rnn);
}

size_t rs_rnnrbm_shared_at(const RsRnnRbm *model) {
  return rs_rnnrbm_direct_at(model) + model->direct;
}

size_t rs_rnnrbm_parameters(const RsRnnRbm *model) {
  return rs_rnnrbm_shared_at(model) + model->shape.shared;
}

size_t rs_rnnrbm_weights(const RsRnnRbm *model) {
  return model->weights;
}

/* The tensors beside the RBM and the recurrent net. */
static bool extra_tensor(const RsRnnRbm *model, size_t i, RsRnnRbmTensor *tensor) {
  if (model->direct && i == 0) {
    *tensor = (RsRnnRbmTensor){"direct.weight", rs_rnnrbm_direct_at(model), model->shape.inputs,
                               rs_rbm_biases(&model->shape.rbm)};
    return true;
  }
  *tensor = (RsRnnRbmTensor){"shared.weight", rs_rnnrbm_shared_at(model), model->shape.shared, 1};
  return model->shape.shared && i == (model->direct > 0);
}

bool rs_rnnrbm_tensor(const RsRnnRbm *model, size_t i, RsRnnRbmTensor *tensor) {
  static const char *const names[] = {"rnn.weight", "rnn.bias", "output.weight", "output.bias"};
  const size_t in_net = rs_net_tensor_count(model->net);
  if (i == 0) {
    *tensor = (RsRnnRbmTensor){"rbm.weight", 0, model->shape.rbm.hidden, model->shape.rbm.visible};
  } else if (i <= in_net) {
    const RsNetTensor *t = rs_net_tensor(model->net, i - 1);
    *tensor = (RsRnnRbmTensor){names[i - 1], model->weights + t->offset, t->rows, t->columns};
  } else if (i == in_net + 1 && model->shape.learned_start) {
    const size_t offset = model->weights + rs_net_parameters(model->net);
    *tensor = (RsRnnRbmTensor){"rnn.start", offset, model->shape.recurrent, 1};
  } else {
    return extra_tensor(model, i - in_net - 1 - model->shape.learned_start, tensor);
  }
  return true;
}

void rs_rnnrbm_bound(const RsRnnRbm *model, size_t rows, rs_scalar *biases) {
  const RsRnnRbmShape *shape = &model->shape;
  if (shape->rbm.kind != RS_RBM_GAUSSIAN || !(shape->z_low < shape->z_high)) {
    return;
  }
  for (size_t n = 0; n < rows; ++n) {
    rs_scalar *z = biases + n * rs_rbm_biases(&shape->rbm) + rs_rnnrbm_first_variance(&shape->rbm);
    for (size_t i = 0; i < shape->rbm.visible; ++i) {
      z[i] = z[i] < shape->z_low ? shape->z_low : z[i] > shape->z_high ? shape->z_high : z[i];
    }
  }
}

void rs_rnnrbm_add_direct(const RsRnnRbm *model, const rs_scalar *w, const rs_scalar *x,
                          size_t count, const uint32_t *list, rs_scalar *biases) {
  const size_t stride = rs_rbm_biases(&model->shape.rbm);
  rs_gather_rows(count, list, x, stride, w + rs_rnnrbm_direct_at(model), stride, biases);
}

void rs_rnnrbm_add_links(const RsRnnRbm *model, const rs_scalar *w, const RsLinks *links,
                         size_t row, rs_scalar *biases) {
  const rs_scalar *q = w + rs_rnnrbm_shared_at(model);
  const RsLink *link = links->links + row * links->most;
  for (size_t i = 0; i < links->count[row]; ++i) {
    biases[link[i].bias] += RS_SHARED_GAIN * q[link[i].weight];
  }
}

struct RsRnnRbmStep {
  const RsRnnRbm *model;
  const rs_scalar *w;
  RsRnnStep *rnn;
  uint32_t *on; /* inputs that are not 0 */
};

RsStatus rs_rnnrbm_step_new(const RsRnnRbm *model, const rs_scalar *w, RsRnnRbmStep **out) {
  RsRnnRbmStep *step = rs_alloc(1, sizeof *step);
  if (!step) {
    return RS_ERR_MEMORY;
  }
  step->model = model;
  step->w = w;
  step->on = rs_alloc(model->shape.inputs, sizeof *step->on);
  RsStatus status = step->on ? rs_rnn_step_new(model->rnn, &step->rnn) : RS_ERR_MEMORY;
  status = status ? status : rs_rnn_step_hold(model->rnn, w + model->weights, step->rnn);
  if (status) {
    rs_rnnrbm_step_free(step);
    return status;
  }
  *out = step;
  return RS_OK;
}

void rs_rnnrbm_step_free(RsRnnRbmStep *step) {
  if (step) {
    rs_rnn_step_free(step->rnn);
    free(step->on);
    free(step);
  }
}

RsStatus rs_rnnrbm_step(RsRnnRbmStep *step, const rs_scalar *x, const RsLinks *links,
                        rs_scalar *state, rs_scalar *biases) {
  const RsRnnRbm *model = step->model;
  const RsStatus status =
      rs_rnn_step(model->rnn, step->w + model->weights, x, state, biases, step->rnn);
  if (!status && model->direct) {
    const size_t count = rs_list_nonzero(model->shape.inputs, x, step->on);
    rs_rnnrbm_add_direct(model, step->w, x, count, step->on, biases);
  }
  if (!status && links) {
    rs_rnnrbm_add_links(model, step->w, links, 0, biases);
  }
  rs_rnnrbm_bound(model, 1, biases);
  return status;
}

void rs_rnnrbm_start(const RsRnnRbm *model, const rs_scalar *w, rs_scalar *state) {
  rs_rnn_start(model->rnn, w + model->weights, state);
}
