#include <rollsmith/rnnrbm.h>

#include "base/memory.h"
#include "base/sparse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RsRnnRbm {
  RsRnnRbmShape shape;
  RsNet *net;
  RsRnn *rnn;
  size_t weights; /* values of W */
  size_t direct;  /* values of S; 0 where there are no direct connections */
};

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
  if (!rs_multiply(shape->rbm.hidden, shape->rbm.visible, &model->weights)) {
    return rs_error(error, RS_ERR_OVERFLOW, "%zu x %zu weights are too many to count",
                    shape->rbm.hidden, shape->rbm.visible);
  }
  if (shape->direct && !rs_multiply(shape->inputs, biases, &model->direct)) {
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

/* Place of S in the parameter vector. */
static size_t direct_at(const RsRnnRbm *model) {
  return model->weights + rs_rnn_parameters(model->rnn);
}

/* Place of q in the parameter vector. */
static size_t shared_at(const RsRnnRbm *model) {
  return direct_at(model) + model->direct;
}

size_t rs_rnnrbm_parameters(const RsRnnRbm *model) {
  return shared_at(model) + model->shape.shared;
}

size_t rs_rnnrbm_weights(const RsRnnRbm *model) {
  return model->weights;
}

/* The tensors beside the RBM and the recurrent net. */
static bool extra_tensor(const RsRnnRbm *model, size_t i, RsRnnRbmTensor *tensor) {
  if (model->direct && i == 0) {
    *tensor = (RsRnnRbmTensor){"direct.weight", direct_at(model), model->shape.inputs,
                               rs_rbm_biases(&model->shape.rbm)};
    return true;
  }
  *tensor = (RsRnnRbmTensor){"shared.weight", shared_at(model), model->shape.shared, 1};
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
  rs_scalar *biases;  /* rows x biases, where they are not the net's outputs as they are; or NULL */
  const rs_scalar *x; /* inputs of the last forward */
  RsLinks links;      /* its links; borrowed, all zeroes where there are none */
  uint32_t *on;       /* inputs of a row that are not 0 */
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
    const bool own = rbm->kind == RS_RBM_GAUSSIAN || model->direct || model->shape.shared;
    const size_t bytes = rs_rbm_biases(rbm) * sizeof *learner->biases;
    learner->dbiases = rs_rnn_learner_cotangents(learner->rnn);
    learner->biases = status || !own ? NULL : rs_alloc(rows, bytes);
    learner->on = rs_alloc(model->shape.inputs, sizeof *learner->on);
    if (status || (own && !learner->biases) || !learner->on) {
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
    free(learner->on);
    free(learner);
  }
}

RsRnnLearner *rs_rnnrbm_learner_rnn(RsRnnRbmLearner *learner) {
  return learner->rnn;
}

/* biases += S x, of one row. */
static void add_direct(const RsRnnRbm *model, const rs_scalar *w, const rs_scalar *x, uint32_t *on,
                       rs_scalar *biases) {
  const size_t stride = rs_rbm_biases(&model->shape.rbm);
  const size_t count = rs_list_nonzero(model->shape.inputs, x, on);
  rs_gather_rows(count, on, x, stride, w + direct_at(model), stride, biases);
}

/* A shared weight counts so many times: it is learned from all notes, and may move faster. */
#define SHARED_GAIN 4

/* biases += 4 L q, of one row. */
static void add_links(const RsRnnRbm *model, const rs_scalar *w, const RsLinks *links, size_t row,
                      rs_scalar *biases) {
  const rs_scalar *q = w + shared_at(model);
  const RsLink *link = links->links + row * links->most;
  for (size_t i = 0; i < links->count[row]; ++i) {
    biases[link[i].bias] += SHARED_GAIN * q[link[i].weight];
  }
}

/* What the net puts out, and what the inputs add to it. */
static void make_biases(RsRnnRbmLearner *learner, const rs_scalar *w) {
  const RsRnnRbm *model = learner->model;
  const size_t stride = rs_rbm_biases(&model->shape.rbm);
  memcpy(learner->biases, rs_rnn_learner_outputs(learner->rnn),
         learner->rows * stride * sizeof *learner->biases);
  for (size_t n = 0; model->direct && n < learner->rows; ++n) {
    add_direct(model, w, learner->x + n * model->shape.inputs, learner->on,
               learner->biases + n * stride);
  }
  for (size_t n = 0; learner->links.count && n < learner->rows; ++n) {
    add_links(model, w, &learner->links, n, learner->biases + n * stride);
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
  if (!status && learner->biases) {
    make_biases(learner, w);
  }
  return status;
}

void rs_rnnrbm_set_links(RsRnnRbmLearner *learner, const RsLinks *links) {
  learner->links = links ? *links : (RsLinks){.most = 0};
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
  const bool gaussian = shape->rbm.kind == RS_RBM_GAUSSIAN;
  for (size_t n = 0; gaussian && n < learner->rows; ++n) {
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

/* The gradient of S: cotangents of the biases times inputs, equation K15. */
static void gradient_of_direct(RsRnnRbmLearner *learner, rs_scalar *g) {
  const RsRnnRbm *model = learner->model;
  const size_t inputs = model->shape.inputs, stride = rs_rbm_biases(&model->shape.rbm);
  for (size_t n = 0; n < learner->rows; ++n) {
    const rs_scalar *x = learner->x + n * inputs;
    const size_t count = rs_list_nonzero(inputs, x, learner->on);
    rs_scatter_rows(count, learner->on, x, 1, stride, learner->dbiases + n * stride,
                    g + direct_at(model), stride);
  }
}

/* The gradient of q: the cotangents of all biases that a shared weight is added to. */
static void gradient_of_links(const RsRnnRbmLearner *learner, rs_scalar *g) {
  const size_t stride = rs_rbm_biases(&learner->model->shape.rbm);
  rs_scalar *q = g + shared_at(learner->model);
  for (size_t n = 0; n < learner->rows; ++n) {
    const RsLink *link = learner->links.links + n * learner->links.most;
    for (size_t i = 0; i < learner->links.count[n]; ++i) {
      q[link[i].weight] += SHARED_GAIN * learner->dbiases[n * stride + link[i].bias];
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
    add_direct(model, step->w, x, step->on, biases);
  }
  if (!status && links) {
    add_links(model, step->w, links, 0, biases);
  }
  rs_rnnrbm_bound(model, 1, biases);
  return status;
}

void rs_rnnrbm_start(const RsRnnRbm *model, const rs_scalar *w, rs_scalar *state) {
  rs_rnn_start(model->rnn, w + model->weights, state);
}
