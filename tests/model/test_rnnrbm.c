/* SPDX-License-Identifier: ISC */

/* The gradient of the whole model, in double, against differences of the exact negative
 * log-likelihood. */

#include "kit.h"

#include "base/memory.h"

#include <rollsmith/likelihood.h>
#include <rollsmith/rnnrbm.h>

#include <string.h>

enum { FRAMES = 7, STREAMS = 2, ROWS = FRAMES * STREAMS, VISIBLE = 4, HIDDEN = 3, RECURRENT = 3 };

/* What the net is given beside the frame before, shared weights, and links of a frame. */
enum { EXTRA = 3, INPUTS = VISIBLE + EXTRA, SHARED = 5, LINKS = 6 };

/* A small model and two short series of random frames; one series starts anew in the middle. */
typedef struct {
  RsRnnRbm *model;
  double *w;
  double x[ROWS * INPUTS];
  double v[ROWS * VISIBLE];
  unsigned char starts[ROWS];
  RsLinks links;
} Case;

/* Other inputs, most of them 0, and links, two of which may be the same. */
static void add_inputs(Case *c) {
  assert_ok(rs_links_init(&c->links, ROWS, LINKS));
  for (size_t row = 0; row < ROWS; ++row) {
    uint32_t words[4 * LINKS];
    rs_rng_words((RsRng){5, RS_STREAM_TEST}, row * LINKS, 4 * LINKS, words);
    for (size_t i = 0; i < EXTRA; ++i) {
      c->x[row * INPUTS + VISIBLE + i] = words[i] % 3 == 0;
    }
    c->links.count[row] = words[EXTRA] % (LINKS + 1);
    for (size_t i = 0; i < LINKS; ++i) {
      c->links.links[row * LINKS + i] =
          (RsLink){words[2 * i + 4] % SHARED, words[2 * i + 5] % (VISIBLE + HIDDEN)};
    }
  }
}

static Case case_of(const RsRnnRbmShape *shape) {
  const RsRbmKind kind = shape->rbm.kind;
  Case c = {0};
  assert_ok(rs_rnnrbm_new(shape, &c.model, NULL));
  const size_t inputs = rs_rnnrbm_inputs(c.model);
  const size_t count = rs_rnnrbm_parameters(c.model);
  c.w = rs_alloc(count, sizeof *c.w);
  rs_rng_normal((RsRng){1, RS_STREAM_TEST}, 0, count, c.w);
  for (size_t i = 0; i < count; ++i) {
    c.w[i] *= 0.5;
  }
  rs_rng_normal((RsRng){2, RS_STREAM_TEST}, 0, ROWS * VISIBLE, c.v);
  for (size_t i = 0; kind == RS_RBM_BERNOULLI && i < ROWS * VISIBLE; ++i) {
    c.v[i] = c.v[i] > 0;
  }
  for (size_t row = 0; row < ROWS; ++row) {
    c.starts[row] = row < STREAMS || row == 4 * STREAMS + 1;
    if (!c.starts[row]) {
      memcpy(c.x + row * inputs, c.v + (row - STREAMS) * VISIBLE, VISIBLE * sizeof *c.x);
    }
  }
  if (shape->direct) {
    add_inputs(&c);
  }
  return c;
}

static Case bounded_case(RsRbmKind kind, bool learned_start, bool bounded) {
  const RsRnnRbmShape shape = {.rbm = {kind, VISIBLE, HIDDEN},
                               .recurrent = RECURRENT,
                               .activation = RS_TANH,
                               .learned_start = learned_start,
                               .z_low = (double)bounded * -0.3,
                               .z_high = (double)bounded * 0.3};
  return case_of(&shape);
}

/* A case with more inputs than the frame before, direct connections and shared weights. */
static Case wide_case(RsRbmKind kind) {
  const RsRnnRbmShape shape = {.rbm = {kind, VISIBLE, HIDDEN},
                               .inputs = INPUTS,
                               .direct = true,
                               .shared = SHARED,
                               .recurrent = RECURRENT,
                               .activation = RS_TANH,
                               .learned_start = true};
  return case_of(&shape);
}

static Case case_new(RsRbmKind kind, bool learned_start) {
  return bounded_case(kind, learned_start, false);
}

static void case_free(Case *c) {
  rs_rnnrbm_free(c->model);
  rs_links_clear(&c->links);
  free(c->w);
}

/* -log p of the two series: free energies at the data, and Z by enumeration of the hidden units. */
static double exact_cost(const Case *c, RsRnnRbmLearner *learner) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  RsRbmWork *work = NULL;
  double f[ROWS], cost = 0;
  rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(learner));
  assert_ok(rs_rnnrbm_forward(learner, c->w, FRAMES, c->x, c->starts));
  assert_ok(rs_rbm_work_new(rbm, ROWS, &work));
  const double *biases = rs_rnnrbm_biases(learner);
  rs_rbm_free_energy(rbm, c->w, ROWS, biases, c->v, work, f);
  for (size_t n = 0; n < ROWS; ++n) {
    double log_z = 0;
    assert_ok(rs_log_z_exact(rbm, c->w, biases + n * rs_rbm_biases(rbm), &log_z));
    cost += f[n] + log_z;
  }
  rs_rbm_work_free(work);
  return cost;
}

/* The mean phase of a Bernoulli machine, exactly: every v, weighed by -p(v). */
static void add_every_frame(const Case *c, const double *row, double log_z, RsRbmWork *work,
                            double *g, double *dbiases) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  for (size_t bits = 0; bits < 1 << VISIBLE; ++bits) {
    double v[VISIBLE], f = 0;
    for (size_t i = 0; i < VISIBLE; ++i) {
      v[i] = (double)(bits >> i & 1);
    }
    rs_rbm_free_energy(rbm, c->w, 1, row, v, work, &f);
    rs_rbm_gradient(rbm, c->w, 1, row, v, -exp(-f - log_z), work, g, dbiases);
  }
}

/* log of the unnormalised p(h) of a Gaussian machine, as G10 has it. */
static double log_hidden(const Case *c, const double *row, const double *h) {
  const double *b = row + VISIBLE, *z = b + HIDDEN;
  double sum = 0;
  for (size_t j = 0; j < HIDDEN; ++j) {
    sum += b[j] * h[j];
  }
  for (size_t i = 0; i < VISIBLE; ++i) {
    double q = 0;
    for (size_t j = 0; j < HIDDEN; ++j) {
      q += c->w[j * VISIBLE + i] * h[j];
    }
    sum += q * q / 2 + row[i] * exp(-z[i] / 2) * q + (log(2 * M_PI) + z[i]) / 2;
  }
  return sum;
}

/* The mean phase of a Gaussian machine, exactly: a mixture over every h, weighed by -p(h). */
static void add_every_hidden(const Case *c, const double *row, double log_z, RsRbmWork *work,
                             double *g, double *dbiases) {
  double total = 0;
  for (size_t bits = 0; bits < 1 << HIDDEN; ++bits) {
    double h[HIDDEN];
    for (size_t j = 0; j < HIDDEN; ++j) {
      h[j] = (double)(bits >> j & 1);
    }
    const double p = exp(log_hidden(c, row, h) - log_z);
    rs_rbm_gradient_of_hidden(rs_rnnrbm_rbm(c->model), c->w, 1, row, h, -p, work, g, dbiases);
    total += p;
  }
  assert_close(total, 1, 1e-12);
}

/* Add the exact gradient of -log p of the two series, of the last forward. */
static void add_exact_mean(const Case *c, RsRnnRbmLearner *learner, double *g) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  const bool gaussian = rbm->kind == RS_RBM_GAUSSIAN;
  const size_t stride = rs_rbm_biases(rbm);
  const double *biases = rs_rnnrbm_biases(learner);
  RsRbmWork *work = NULL;
  assert_ok(rs_rbm_work_new(rbm, 1, &work));
  double *dbiases = rs_rnn_learner_cotangents(rs_rnnrbm_learner_rnn(learner));
  rs_rnnrbm_add_phase(learner, c->w, c->v, 1, g);
  for (size_t n = 0; n < ROWS; ++n) {
    double log_z = 0;
    const double *row = biases + n * stride;
    assert_ok(rs_log_z_exact(rbm, c->w, row, &log_z));
    (gaussian ? add_every_hidden : add_every_frame)(c, row, log_z, work, g, dbiases + n * stride);
  }
  assert_ok(rs_rnnrbm_backward(learner, c->w, g));
  rs_rbm_work_free(work);
}

static void check_gradient_of(Case c, RsRnnEngine engine) {
  RsRnnRbmLearner *learner = NULL;
  assert_ok(rs_rnnrbm_learner_new(c.model, engine, FRAMES, STREAMS, &learner, NULL));
  rs_rnnrbm_set_links(learner, c.links.count ? &c.links : NULL);
  const size_t count = rs_rnnrbm_parameters(c.model);
  double *g = rs_alloc(count, sizeof *g);
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  add_exact_mean(&c, learner, g);
  for (size_t i = 0; i < count; ++i) {
    const double kept = c.w[i];
    const double step = 1e-5;
    c.w[i] = kept + step;
    const double above = exact_cost(&c, learner);
    c.w[i] = kept - step;
    const double below = exact_cost(&c, learner);
    c.w[i] = kept;
    assert_close(g[i], (above - below) / (2 * step), 1e-7 * fmax(1, fabs(g[i])));
  }
  free(g);
  rs_rnnrbm_learner_free(learner);
  case_free(&c);
}

static void check_exact_gradient(RsRbmKind kind, RsRnnEngine engine, bool learned_start) {
  check_gradient_of(case_new(kind, learned_start), engine);
}

static void the_gradient_of_direct_and_shared_weights_is_exact(void **state) {
  static const RsRnnEngine engines[] = {RS_ENGINE_BPTT, RS_ENGINE_BLOCK, RS_ENGINE_RTRL};
  for (size_t i = 0; i < 3; ++i) {
    check_gradient_of(wide_case(RS_RBM_BERNOULLI), engines[i]);
    check_gradient_of(wide_case(RS_RBM_GAUSSIAN), engines[i]);
  }
}

/* Frame by frame, as in generation, there are the same biases as in a block. */
static void a_step_is_a_forward_of_one_frame(void **state) {
  for (int gaussian = 0; gaussian < 2; ++gaussian) {
    Case c = wide_case(gaussian ? RS_RBM_GAUSSIAN : RS_RBM_BERNOULLI);
    RsRnnRbmLearner *learner = NULL;
    RsRnnRbmStep *step = NULL;
    double r[RECURRENT], biases[2 * VISIBLE + HIDDEN];
    const size_t stride = rs_rbm_biases(rs_rnnrbm_rbm(c.model));
    assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
    rs_rnnrbm_set_links(learner, &c.links);
    assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
    assert_ok(rs_rnnrbm_step_new(c.model, c.w, &step));
    for (size_t row = 0; row < ROWS; row += STREAMS) {
      const RsLinks links = rs_links_from(&c.links, row);
      if (c.starts[row]) {
        rs_rnnrbm_start(c.model, c.w, r);
      }
      assert_ok(rs_rnnrbm_step(step, c.x + row * INPUTS, &links, r, biases));
      for (size_t i = 0; i < stride; ++i) {
        assert_close(biases[i], rs_rnnrbm_biases(learner)[row * stride + i], 1e-12);
      }
    }
    rs_rnnrbm_step_free(step);
    rs_rnnrbm_learner_free(learner);
    case_free(&c);
  }
}

static void the_gradient_of_a_song_is_exact(void **state) {
  check_exact_gradient(RS_RBM_BERNOULLI, RS_ENGINE_BPTT, true);
  check_exact_gradient(RS_RBM_BERNOULLI, RS_ENGINE_BPTT, false);
  check_exact_gradient(RS_RBM_BERNOULLI, RS_ENGINE_BLOCK, true);
  check_exact_gradient(RS_RBM_BERNOULLI, RS_ENGINE_RTRL, true);
}

static void the_gradient_of_a_gaussian_song_is_exact(void **state) {
  check_exact_gradient(RS_RBM_GAUSSIAN, RS_ENGINE_BPTT, true);
  check_exact_gradient(RS_RBM_GAUSSIAN, RS_ENGINE_BPTT, false);
  check_exact_gradient(RS_RBM_GAUSSIAN, RS_ENGINE_BLOCK, true);
  check_exact_gradient(RS_RBM_GAUSSIAN, RS_ENGINE_RTRL, true);
}

/* Contrastive divergence's mean gradient over many chains, against the exact one. */
static double cd_error(bool plain, size_t k, const Case *c, const double *exact) {
  enum { REPEATS = 3000 };
  const size_t count = rs_rnnrbm_parameters(c->model);
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  RsRnnRbmLearner *learner = NULL;
  RsGibbs *gibbs = NULL;
  RsGibbsChains *chains = NULL;
  double *g = rs_alloc(count, sizeof *g);
  assert_ok(rs_rnnrbm_learner_new(c->model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_gibbs_new(rbm, plain, &gibbs));
  rs_gibbs_set_weights(gibbs, c->w);
  assert_ok(rs_gibbs_chains_new(gibbs, ROWS, &chains));
  for (size_t repeat = 0; repeat < REPEATS; ++repeat) {
    double sample[ROWS * VISIBLE];
    memcpy(sample, c->v, sizeof sample);
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(learner));
    assert_ok(rs_rnnrbm_forward(learner, c->w, FRAMES, c->x, c->starts));
    rs_gibbs_seed(chains, ROWS, (RsRng){50 + k, RS_STREAM_TEST}, repeat * ROWS);
    rs_gibbs_run(
        gibbs, chains,
        &(RsGibbsRun){ROWS, rs_rnnrbm_biases(learner), rs_rbm_biases(rbm), 1, k, sample, NULL});
    if (plain) {
      rs_rnnrbm_contrast(learner, c->w, c->v, sample, 1, g);
    } else {
      rs_rnnrbm_add_phase(learner, c->w, c->v, 1, g);
      rs_rnnrbm_add_hidden_phase(learner, c->w, rs_gibbs_hidden(chains), -1, g);
    }
    assert_ok(rs_rnnrbm_backward(learner, c->w, g));
  }
  double error = 0;
  for (size_t i = 0; i < count; ++i) {
    const double apart = g[i] / REPEATS - exact[i];
    error += apart * apart;
  }
  rs_gibbs_chains_free(chains);
  rs_gibbs_free(gibbs);
  rs_rnnrbm_learner_free(learner);
  free(g);
  return sqrt(error);
}

/* The error of contrastive divergence with 1, 5 and 40 steps, relative to the exact gradient. */
static void cd_errors(RsRbmKind kind, bool plain, double *errors) {
  static const size_t steps[] = {1, 5, 40};
  Case c = case_new(kind, true);
  const size_t count = rs_rnnrbm_parameters(c.model);
  const double factor = kind == RS_RBM_BERNOULLI ? 3 : 2; /* so that short chains do not mix */
  for (size_t i = 0; i < rs_rnnrbm_weights(c.model); ++i) {
    c.w[i] *= factor;
  }
  RsRnnRbmLearner *learner = NULL;
  double *exact = rs_alloc(count, sizeof *exact);
  assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  add_exact_mean(&c, learner, exact);
  for (size_t i = 0; i < 3; ++i) {
    errors[i] = cd_error(plain, steps[i], &c, exact) / sqrt((double)count);
  }
  rs_rnnrbm_learner_free(learner);
  free(exact);
  case_free(&c);
}

static void contrastive_divergence_approaches_the_gradient(void **state) {
  double errors[3];
  cd_errors(RS_RBM_BERNOULLI, true, errors);
  assert_true(errors[1] < 0.7 * errors[0]);
  assert_true(errors[2] < errors[1]);
  assert_true(errors[2] < 0.05);
}

static void gaussian_contrastive_divergence_approaches_the_gradient(void **state) {
  double block[3], collapsed[3];
  cd_errors(RS_RBM_GAUSSIAN, true, block);
  cd_errors(RS_RBM_GAUSSIAN, false, collapsed);
  assert_true(block[1] < 0.7 * block[0]);
  assert_true(block[2] < block[1]);
  assert_true(block[2] < 0.2 * block[1]);
  assert_true(collapsed[1] < 0.7 * collapsed[0] && collapsed[1] < 0.7 * block[1]);
  assert_true(collapsed[2] < 0.05);
}

/* ---- Log-variances ---- */

/* Sum over the rows of what arrives at z, G12 applied. */
static void wanted_at_z(const Case *c, const double *biases, bool hold, double *sum) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  const size_t stride = rs_rbm_biases(rbm), first = VISIBLE + HIDDEN;
  double *dbiases = rs_alloc(ROWS, stride * sizeof *dbiases);
  RsRbmWork *work = NULL;
  assert_ok(rs_rbm_work_new(rbm, ROWS, &work));
  rs_rbm_gradient(rbm, c->w, ROWS, biases, c->v, 1, work, NULL, dbiases);
  size_t low = 0, high = 0;
  for (size_t n = 0; n < ROWS; ++n) {
    for (size_t i = 0; i < VISIBLE; ++i) {
      const double z = biases[n * stride + first + i], d = dbiases[n * stride + first + i];
      assert_true(z >= -0.3 && z <= 0.3);
      low += z <= -0.3 && d > 0;
      high += z >= 0.3 && d < 0;
      sum[i] += hold || (z <= -0.3 && d > 0) || (z >= 0.3 && d < 0) ? 0 : d;
    }
  }
  assert_true(low > 2 && high > 2);
  rs_rbm_work_free(work);
  free(dbiases);
}

static void log_variances_stay_between_their_bounds(void **state) {
  Case c = bounded_case(RS_RBM_GAUSSIAN, true, true);
  const size_t count = rs_rnnrbm_parameters(c.model);
  for (int hold = 0; hold < 2; ++hold) {
    RsRnnRbmLearner *learner = NULL;
    RsRnnRbmTensor part = {.name = ""};
    double *g = rs_alloc(count, sizeof *g);
    double wanted[VISIBLE] = {0};
    assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
    rs_rnnrbm_hold_variances(learner, hold);
    assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
    rs_rnnrbm_add_phase(learner, c.w, c.v, 1, g);
    wanted_at_z(&c, rs_rnnrbm_biases(learner), hold, wanted);
    assert_ok(rs_rnnrbm_backward(learner, c.w, g));
    for (size_t i = 0; strcmp(part.name, "output.bias"); ++i) {
      assert_true(rs_rnnrbm_tensor(c.model, i, &part));
    }
    for (size_t i = 0; i < VISIBLE; ++i) {
      assert_close(g[part.offset + VISIBLE + HIDDEN + i], wanted[i], 1e-12);
    }
    free(g);
    rs_rnnrbm_learner_free(learner);
  }
  case_free(&c);
}

/*
  Gates as training begins with them: by enumeration of h, a unit is on as often as it should be, at
  the mean it should have, any number of steps being as probable as any other, and none without the
  gate.
*/
static void gates_open_as_often_as_they_should(void **state) {
  enum { UNITS = 2, GATED = 8 }; /* a gate and three steps a unit */
  const RsRnnRbmShape shape = {.rbm = {RS_RBM_GAUSSIAN, UNITS, GATED, 0},
                               .recurrent = 1,
                               .activation = RS_TANH,
                               .z_low = 2 * log(0.05),
                               .z_high = 0};
  const RsRnnRbmUnit units[UNITS] = {{0.1, 0.6, 0.1}, {0.4, 0.5, 0.02}};
  RsRnnRbm *model = NULL;
  RsRnnRbmTensor part = {.name = ""};
  assert_ok(rs_rnnrbm_new(&shape, &model, NULL));
  double *w = rs_alloc(rs_rnnrbm_parameters(model), sizeof *w);
  rs_rnnrbm_open_gates(model, units, w);
  for (size_t i = 0; strcmp(part.name, "output.bias"); ++i) {
    assert_true(rs_rnnrbm_tensor(model, i, &part));
  }
  const double *a = w + part.offset, *b = a + UNITS, *z = b + GATED;
  double log_z = 0, on[UNITS] = {0}, value[UNITS] = {0}, loose = 0, all[UNITS] = {0};
  assert_ok(rs_log_z_exact(&shape.rbm, w, a, &log_z));
  for (size_t h = 0; h < 1 << GATED; ++h) {
    double log_p = -log_z, q[UNITS] = {0};
    for (size_t j = 0; j < GATED; ++j) {
      log_p += h >> j & 1 ? b[j] : 0;
      for (size_t i = 0; i < UNITS; ++i) {
        q[i] += h >> j & 1 ? w[j * UNITS + i] : 0;
      }
    }
    for (size_t i = 0; i < UNITS; ++i) {
      assert_close(a[i], 0, 0);
      log_p += q[i] * q[i] / 2 + (log(2 * M_PI) + z[i]) / 2;
    }
    for (size_t i = 0; i < UNITS; ++i) {
      const bool gate = h >> i & 1, steps = h >> i & 0x54;
      on[i] += gate ? exp(log_p) : 0;
      value[i] += gate ? exp(log_p) * exp(z[i] / 2) * q[i] : 0;
      all[i] += gate && (h >> i & 0x54) == 0x54 ? exp(log_p) : 0;
      loose += !gate && steps ? exp(log_p) : 0;
    }
  }
  for (size_t i = 0; i < UNITS; ++i) {
    assert_close(on[i], units[i].share, 1e-3);
    assert_close(value[i] / on[i], units[i].mean, 1e-3);
    assert_close(all[i] / on[i], 0.25, 0.02);
  }
  assert_close(exp(z[1] / 2), 0.05, 1e-9); /* no less than the lower bound */
  assert_true(loose < 1e-3);
  rs_rnnrbm_free(model);
  free(w);
}

/* A Gaussian machine's cost with a given "sample" in place of the mean: the same chain into the
 * net. */
static double gaussian_gap(const Case *c, RsRnnRbmLearner *learner, const double *sample) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  RsRbmWork *work = NULL;
  double f[ROWS], gap = 0;
  rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(learner));
  assert_ok(rs_rnnrbm_forward(learner, c->w, FRAMES, c->x, c->starts));
  assert_ok(rs_rbm_work_new(rbm, ROWS, &work));
  rs_rbm_free_energy(rbm, c->w, ROWS, rs_rnnrbm_biases(learner), c->v, work, f);
  for (size_t n = 0; n < ROWS; ++n) {
    gap += f[n];
  }
  rs_rbm_free_energy(rbm, c->w, ROWS, rs_rnnrbm_biases(learner), sample, work, f);
  for (size_t n = 0; n < ROWS; ++n) {
    gap -= f[n];
  }
  rs_rbm_work_free(work);
  return gap;
}

static void a_gaussian_model_sends_all_three_terms_back(void **state) {
  Case c = case_new(RS_RBM_GAUSSIAN, true);
  RsRnnRbmLearner *learner = NULL;
  const size_t count = rs_rnnrbm_parameters(c.model);
  double *g = rs_alloc(count, sizeof *g);
  double sample[ROWS * VISIBLE];
  rs_rng_normal((RsRng){3, RS_STREAM_TEST}, 0, ROWS * VISIBLE, sample);
  assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  rs_rnnrbm_add_phase(learner, c.w, c.v, 1, g);
  rs_rnnrbm_add_phase(learner, c.w, sample, -1, g);
  assert_ok(rs_rnnrbm_backward(learner, c.w, g));
  for (size_t i = 0; i < count; ++i) {
    const double kept = c.w[i];
    const double step = 1e-5;
    c.w[i] = kept + step;
    const double above = gaussian_gap(&c, learner, sample);
    c.w[i] = kept - step;
    const double below = gaussian_gap(&c, learner, sample);
    c.w[i] = kept;
    assert_close(g[i], (above - below) / (2 * step), 1e-7 * fmax(1, fabs(g[i])));
  }
  free(g);
  rs_rnnrbm_learner_free(learner);
  case_free(&c);
}

static void the_bias_of_a_frame_has_not_seen_it(void **state) {
  Case c = case_new(RS_RBM_BERNOULLI, true);
  RsRnnRbmLearner *learner = NULL;
  const size_t stride = rs_rbm_biases(rs_rnnrbm_rbm(c.model));
  double before[ROWS * (VISIBLE + HIDDEN)];
  assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  memcpy(before, rs_rnnrbm_biases(learner), sizeof before);
  /* Frame 2 of stream 0 changes: what comes after hears of it, frame 2 itself and all before do
   * not. */
  c.x[3 * STREAMS * VISIBLE] = 1 - c.x[3 * STREAMS * VISIBLE];
  rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(learner));
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  const double *after = rs_rnnrbm_biases(learner);
  assert_memory_equal(before, after, 3 * STREAMS * stride * sizeof *after);
  assert_memory_not_equal(before + 3 * STREAMS * stride, after + 3 * STREAMS * stride,
                          stride * sizeof *after);
  rs_rnnrbm_learner_free(learner);
  case_free(&c);
}

static void tensors_cover_every_parameter_once(void **state) {
  for (int start = 0; start < 2; ++start) {
    Case c = case_new(RS_RBM_GAUSSIAN, start);
    RsRnnRbmTensor part;
    size_t end = 0, i = 0;
    for (; rs_rnnrbm_tensor(c.model, i, &part); ++i) {
      assert_int_equal(part.offset, end);
      end += part.rows * part.columns;
    }
    assert_int_equal(i, start ? 6 : 5);
    assert_int_equal(end, rs_rnnrbm_parameters(c.model));
    case_free(&c);
  }
}

static void direct_and_shared_weights_are_the_last_tensors(void **state) {
  Case c = wide_case(RS_RBM_GAUSSIAN);
  RsRnnRbmTensor direct, shared, none;
  assert_true(rs_rnnrbm_tensor(c.model, 6, &direct));
  assert_true(rs_rnnrbm_tensor(c.model, 7, &shared));
  assert_false(rs_rnnrbm_tensor(c.model, 8, &none));
  assert_string_equal(direct.name, "direct.weight");
  assert_int_equal(direct.rows, INPUTS);
  assert_int_equal(direct.columns, 2 * VISIBLE + HIDDEN);
  assert_string_equal(shared.name, "shared.weight");
  assert_int_equal(shared.rows * shared.columns, SHARED);
  assert_int_equal(shared.offset, direct.offset + direct.rows * direct.columns);
  assert_int_equal(shared.offset + SHARED, rs_rnnrbm_parameters(c.model));
  case_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_gradient_of_a_song_is_exact),
      cmocka_unit_test(the_gradient_of_a_gaussian_song_is_exact),
      cmocka_unit_test(the_gradient_of_direct_and_shared_weights_is_exact),
      cmocka_unit_test(a_step_is_a_forward_of_one_frame),
      cmocka_unit_test(contrastive_divergence_approaches_the_gradient),
      cmocka_unit_test(gaussian_contrastive_divergence_approaches_the_gradient),
      cmocka_unit_test(log_variances_stay_between_their_bounds),
      cmocka_unit_test(gates_open_as_often_as_they_should),
      cmocka_unit_test(a_gaussian_model_sends_all_three_terms_back),
      cmocka_unit_test(the_bias_of_a_frame_has_not_seen_it),
      cmocka_unit_test(tensors_cover_every_parameter_once),
      cmocka_unit_test(direct_and_shared_weights_are_the_last_tensors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
