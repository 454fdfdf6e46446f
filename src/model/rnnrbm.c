#include <rollsmith/rnnrbm.h>

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RsRnnRbm {
  RsRnnRbmShape shape;
  RsNet *net;
  RsRnn *rnn;
  size_t weights; /* values of W */
};

/* The recurrent layer, and the layer that reads the biases out. */
enum { STATE_LAYER = 1, LAYERS = 2 };

static RsStatus make_nets(RsRnnRbm *model, RsError *error) {
  const RsRnnRbmShape *shape = &model->shape;
  const RsLayerSpec layers[LAYERS] = {
      {.outputs = shape->recurrent, .activation = shape->activation, .bias = RS_BIAS_OWN},
      {.outputs = rs_rbm_biases(&shape->rbm), .activation = RS_IDENTITY, .bias = RS_BIAS_OWN},
  };
  const size_t inputs = shape->rbm.visible + shape->recurrent;
  RsStatus status = rs_net_new(inputs, LAYERS, layers, &model->net, error);
  if (!status) {
    const RsRnnSpec spec = {model->net, STATE_LAYER, 0, shape->recurrent, shape->learned_start};
    status = rs_rnn_new(&spec, &model->rnn, error);
  }
  return status;
}

RsStatus rs_rnnrbm_new(const RsRnnRbmShape *shape, RsRnnRbm **out, RsError *error) {
  size_t weights = 0;
  if (!shape->rbm.visible || !shape->rbm.hidden || !shape->recurrent) {
    return rs_error(error, RS_ERR_ARGUMENT,
                    "an RNN-RBM needs units: %zu visible, %zu hidden, %zu recurrent",
                    shape->rbm.visible, shape->rbm.hidden, shape->recurrent);
  }
  if (!rs_multiply(shape->rbm.hidden, shape->rbm.visible, &weights)) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu x %zu weights are too many to count",
                    shape->rbm.hidden, shape->rbm.visible);
  }
  RsRnnRbm *model = rs_alloc(1, sizeof *model);
  if (!model) {
    return rs_error(error, RS_ERR_MEMORY, "out of memory for a model");
  }
  model->shape = *shape;
  model->weights = weights;
  const RsStatus status = make_nets(model, error);
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

size_t rs_rnnrbm_parameters(const RsRnnRbm *model) {
  return model->weights + rs_rnn_parameters(model->rnn);
}

size_t rs_rnnrbm_weights(const RsRnnRbm *model) {
  return model->weights;
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
    return false;
  }
  return true;
}

/* Bias that gives a unit this mean, alone: the logit, equation K9; finite for any mean. */
static double bias_of_mean(RsRbmKind kind, double mean) {
  if (kind == RS_RBM_GAUSSIAN) {
    return mean;
  }
  const double p = fmin(fmax(mean, 0x1p-24), 1 - 0x1p-24);
  return log(p / (1 - p));
}

/* Fill a tensor with normal numbers of this spread. */
static void fill_normal(uint64_t seed, const RsRnnRbmTensor *tensor, double spread, rs_scalar *w) {
  for (size_t r = 0; r < tensor->rows; ++r) {
    for (size_t c = 0; c < tensor->columns; ++c) {
      const size_t at = tensor->offset + r * tensor->columns + c;
      double normal = 0;
      rs_rng_normal((RsRng){seed, RS_STREAM_WEIGHTS}, at, 1, &normal);
      w[at] = (rs_scalar)(spread * normal);
    }
  }
}

void rs_rnnrbm_initialise(const RsRnnRbm *model, uint64_t seed, const rs_scalar *mean,
                          rs_scalar *w) {
  const RsRbm *rbm = &model->shape.rbm;
  memset(w, 0, rs_rnnrbm_parameters(model) * sizeof *w);
  RsRnnRbmTensor tensor;
  for (size_t i = 0; rs_rnnrbm_tensor(model, i, &tensor); ++i) {
    if (!strcmp(tensor.name, "rbm.weight") || !strcmp(tensor.name, "output.weight")) {
      fill_normal(seed, &tensor, 0.01, w);
    } else if (!strcmp(tensor.name, "rnn.weight")) {
      /* Recurrent weights of this size keep a signal's length in a layer of tanh units. */
      fill_normal(seed, &tensor, 1 / sqrt((double)model->shape.recurrent), w);
    } else if (!strcmp(tensor.name, "output.bias") && mean) {
      for (size_t v = 0; v < rbm->visible; ++v) {
        w[tensor.offset + v] = (rs_scalar)bias_of_mean(rbm->kind, (double)mean[v]);
      }
    }
  }
}

/* Rows of the readout, and their place in its bias: log-variances come last. */
static size_t first_variance(const RsRbm *rbm) {
  return rbm->visible + rbm->hidden;
}

static const rs_scalar *tensor_of(const RsRnnRbm *model, const char *name, const rs_scalar *w) {
  RsRnnRbmTensor tensor;
  size_t i = 0;
  while (rs_rnnrbm_tensor(model, i, &tensor) && strcmp(tensor.name, name)) {
    ++i;
  }
  return w + tensor.offset;
}

/* The smallest standard deviation that the bounds allow, or the given one. */
static double allowed_deviation(const RsRnnRbmShape *shape, double deviation) {
  if (!(shape->z_low < shape->z_high)) {
    return fmax(deviation, 1e-3);
  }
  return fmin(fmax(deviation, exp(0.5 * (double)shape->z_low)), exp(0.5 * (double)shape->z_high));
}

/* Hidden units that lift one visible unit: a gate, and what is added to it a standard deviation at
 * a time. */
static size_t steps_of(const RsRbm *rbm) {
  const size_t most = 3;
  const size_t room = rbm->hidden / rbm->visible;
  return room > most ? most : room ? room - 1 : 0;
}

/* Sum over the steps that may be on of C(steps, k) e^{(k^2 - steps k) / 2}: equation K14. */
static double weight_of_steps(size_t steps) {
  double sum = 0;
  double choices = 1;
  for (size_t k = 0; k <= steps; ++k) {
    sum += choices * exp(0.5 * (double)k * ((double)k - (double)steps));
    choices *= (double)(steps - k) / (double)(k + 1);
  }
  return sum;
}

/*
  One visible unit's gate and steps. log p(h) has b'h + q^2 / 2 in it (G10) with q the sum of the
  lifts that are on; the biases take that away, so that the gate is on with probability p, each step
  is off where the gate is, and where it is on any number of steps is about as probable as any
  other.
*/
static void open_gate(const RsRbm *rbm, size_t i, double p, double lift, rs_scalar *w,
                      rs_scalar *b) {
  const size_t steps = steps_of(rbm);
  const double least = lift - 0.5 * (double)steps;
  w[i * rbm->visible + i] = (rs_scalar)least;
  b[i] = (rs_scalar)(log(p / (1 - p)) - 0.5 * least * least - log(weight_of_steps(steps)));
  for (size_t k = 1; k <= steps; ++k) {
    const size_t j = k * rbm->visible + i;
    w[j * rbm->visible + i] = 1;
    b[j] = (rs_scalar)(-least - 0.5 * (double)steps);
  }
}

void rs_rnnrbm_open_gates(const RsRnnRbm *model, const RsRnnRbmUnit *units, rs_scalar *w) {
  const RsRbm *rbm = &model->shape.rbm;
  rs_scalar *a = w + (tensor_of(model, "output.bias", w) - w);
  rs_scalar *b = a + rbm->visible;
  rs_scalar *z = b + rbm->hidden;
  for (size_t i = 0; i < rbm->visible; ++i) {
    const RsRnnRbmUnit *unit = units + i;
    const double p = fmin(fmax(unit->share, 1e-4), 1 - 1e-4);
    const bool gated = i < rbm->hidden;
    /* One variance has to do for silence, which has none, and for sound. */
    const double apart = gated ? 0 : p * (1 - p) * unit->mean * unit->mean;
    const double spread = sqrt(p * unit->deviation * unit->deviation + apart);
    const double deviation = allowed_deviation(&model->shape, spread);
    z[i] = (rs_scalar)(2 * log(deviation));
    a[i] = (rs_scalar)(gated ? 0 : p * unit->mean);
    if (gated) {
      open_gate(rbm, i, p, unit->mean / deviation, w, b);
    }
  }
}

void rs_rnnrbm_bound(const RsRnnRbm *model, size_t rows, rs_scalar *biases) {
  const RsRnnRbmShape *shape = &model->shape;
  if (shape->rbm.kind != RS_RBM_GAUSSIAN || !(shape->z_low < shape->z_high)) {
    return;
  }
  for (size_t n = 0; n < rows; ++n) {
    rs_scalar *z = biases + n * rs_rbm_biases(&shape->rbm) + first_variance(&shape->rbm);
    for (size_t i = 0; i < shape->rbm.visible; ++i) {
      z[i] = z[i] < shape->z_low ? shape->z_low : z[i] > shape->z_high ? shape->z_high : z[i];
    }
  }
}

struct RsRnnRbmLearner {
  const RsRnnRbm *model;
  RsRnnLearner *rnn;
  RsRbmWork *work;
  size_t streams;
  size_t rows;        /* of the last forward */
  rs_scalar *dbiases; /* rows x biases, the net's cotangents: what the phases leave */
  rs_scalar *biases;  /* rows x biases, bounded, for Gaussian machines; else NULL */
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
  if (!status && !rs_multiply(frames, streams, &rows)) {
    status =
        rs_error(error, RS_ERR_OVERFLOW, "%zu frames x %zu streams are too many", frames, streams);
  }
  if (!status) {
    status = rs_rbm_work_new(rbm, rows, &learner->work);
    const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
    const size_t bytes = rs_rbm_biases(rbm) * sizeof *learner->biases;
    learner->dbiases = rs_rnn_learner_cotangents(learner->rnn);
    learner->biases = status || !gaussian ? NULL : rs_alloc(rows, bytes);
    if (status || (gaussian && !learner->biases)) {
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
    free(learner->biases);
    free(learner);
  }
}

RsRnnLearner *rs_rnnrbm_learner_rnn(RsRnnRbmLearner *learner) {
  return learner->rnn;
}

RsStatus rs_rnnrbm_forward(RsRnnRbmLearner *learner, const rs_scalar *w, size_t frames,
                           const rs_scalar *x, const unsigned char *starts) {
  const RsRnnRbm *model = learner->model;
  learner->rows = frames * learner->streams;
  const size_t values = learner->rows * rs_rbm_biases(&model->shape.rbm);
  const RsStatus status =
      rs_rnn_learner_forward(learner->rnn, w + model->weights, frames, x, starts);
  learner->blank = true;
  if (!status && learner->biases) {
    memcpy(learner->biases, rs_rnn_learner_outputs(learner->rnn), values * sizeof *learner->biases);
    rs_rnnrbm_bound(model, learner->rows, learner->biases);
  }
  return status;
}

const rs_scalar *rs_rnnrbm_biases(const RsRnnRbmLearner *learner) {
  return learner->biases ? learner->biases : rs_rnn_learner_outputs(learner->rnn);
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
  for (size_t n = 0; learner->biases && n < learner->rows; ++n) {
    const rs_scalar *z = learner->biases + n * stride + first_variance(&shape->rbm);
    rs_scalar *dz = learner->dbiases + n * stride + first_variance(&shape->rbm);
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

RsStatus rs_rnnrbm_backward(RsRnnRbmLearner *learner, const rs_scalar *w, rs_scalar *g) {
  const size_t weights = learner->model->weights;
  clear_biases(learner);
  drop_outward(learner);
  return rs_rnn_learner_backward(learner->rnn, w + weights, learner->dbiases,
                                 g ? g + weights : NULL);
}
