/* The gradient of the whole model, in double, against differences of the exact negative
 * log-likelihood. */

#include "kit.h"

#include "base/memory.h"

#include <rollsmith/likelihood.h>
#include <rollsmith/rnnrbm.h>

#include <string.h>

enum { FRAMES = 7, STREAMS = 2, ROWS = FRAMES * STREAMS, VISIBLE = 4, HIDDEN = 3, RECURRENT = 3 };

/* A small model and two short series of random frames; one series starts anew in the middle. */
typedef struct {
  RsRnnRbm *model;
  double *w;
  double x[ROWS * VISIBLE];
  double v[ROWS * VISIBLE];
  unsigned char starts[ROWS];
} Case;

static Case case_new(RsRbmKind kind, bool learned_start) {
  const RsRnnRbmShape shape = {{kind, VISIBLE, HIDDEN}, RECURRENT, RS_TANH, learned_start};
  Case c = {0};
  assert_ok(rs_rnnrbm_new(&shape, &c.model, NULL));
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
      memcpy(c.x + row * VISIBLE, c.v + (row - STREAMS) * VISIBLE, VISIBLE * sizeof *c.x);
    }
  }
  return c;
}

static void case_free(Case *c) {
  rs_rnnrbm_free(c->model);
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

/* The mean phase of a Bernoulli machine, exactly: every v at once in all rows, weighed by -p(v) a
 * row. */
static void add_exact_mean(const Case *c, RsRnnRbmLearner *learner, double *g) {
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  const size_t stride = rs_rbm_biases(rbm);
  const double *biases = rs_rnnrbm_biases(learner);
  RsRbmWork *work = NULL;
  assert_ok(rs_rbm_work_new(rbm, 1, &work));
  double *dbiases = rs_alloc(ROWS, stride * sizeof *dbiases);
  for (size_t n = 0; n < ROWS; ++n) {
    double log_z = 0;
    const double *row = biases + n * stride;
    assert_ok(rs_log_z_exact(rbm, c->w, row, &log_z));
    for (size_t bits = 0; bits < 1 << VISIBLE; ++bits) {
      double v[VISIBLE], f = 0;
      for (size_t i = 0; i < VISIBLE; ++i) {
        v[i] = (double)(bits >> i & 1);
      }
      rs_rbm_free_energy(rbm, c->w, 1, row, v, work, &f);
      rs_rbm_gradient(rbm, c->w, 1, row, v, -exp(-f - log_z), work, g, dbiases + n * stride);
    }
  }
  RsRnnLearner *rnn = rs_rnnrbm_learner_rnn(learner);
  rs_rbm_work_free(work);
  assert_ok(rs_rbm_work_new(rbm, ROWS, &work));
  rs_rbm_gradient(rbm, c->w, ROWS, biases, c->v, 1, work, g, dbiases);
  assert_ok(rs_rnn_learner_backward(rnn, c->w + rs_rnnrbm_weights(c->model), dbiases,
                                    g + rs_rnnrbm_weights(c->model)));
  rs_rbm_work_free(work);
  free(dbiases);
}

static void check_exact_gradient(RsRnnEngine engine, bool learned_start) {
  Case c = case_new(RS_RBM_BERNOULLI, learned_start);
  RsRnnRbmLearner *learner = NULL;
  assert_ok(rs_rnnrbm_learner_new(c.model, engine, FRAMES, STREAMS, &learner, NULL));
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

static void the_gradient_of_a_song_is_exact(void **state) {
  check_exact_gradient(RS_ENGINE_BPTT, true);
  check_exact_gradient(RS_ENGINE_BPTT, false);
  check_exact_gradient(RS_ENGINE_BLOCK, true);
  check_exact_gradient(RS_ENGINE_RTRL, true);
}

/* Contrastive divergence's mean gradient over many chains, against the exact one. */
static double cd_error(size_t k, const Case *c, const double *exact) {
  enum { REPEATS = 3000 };
  const size_t count = rs_rnnrbm_parameters(c->model);
  const RsRbm *rbm = rs_rnnrbm_rbm(c->model);
  RsRnnRbmLearner *learner = NULL;
  RsGibbs *gibbs = NULL;
  RsGibbsChains *chains = NULL;
  double *g = rs_alloc(count, sizeof *g);
  assert_ok(rs_rnnrbm_learner_new(c->model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_gibbs_new(rbm, true, &gibbs));
  rs_gibbs_set_weights(gibbs, c->w);
  assert_ok(rs_gibbs_chains_new(gibbs, ROWS, &chains));
  for (size_t repeat = 0; repeat < REPEATS; ++repeat) {
    double sample[ROWS * VISIBLE];
    memcpy(sample, c->v, sizeof sample);
    rs_rnn_learner_reset(rs_rnnrbm_learner_rnn(learner));
    assert_ok(rs_rnnrbm_forward(learner, c->w, FRAMES, c->x, c->starts));
    rs_gibbs_seed(chains, ROWS, (RsRng){50 + k, RS_STREAM_TEST}, repeat * ROWS);
    rs_gibbs_run(gibbs, chains,
                 &(RsGibbsRun){ROWS, rs_rnnrbm_biases(learner), rs_rbm_biases(rbm), 1, k, sample});
    rs_rnnrbm_add_phase(learner, c->w, c->v, 1, g);
    rs_rnnrbm_add_phase(learner, c->w, sample, -1, g);
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

static void contrastive_divergence_approaches_the_gradient(void **state) {
  Case c = case_new(RS_RBM_BERNOULLI, true);
  const size_t count = rs_rnnrbm_parameters(c.model);
  for (size_t i = 0; i < rs_rnnrbm_weights(c.model); ++i) {
    c.w[i] *= 3; /* so that short chains do not mix */
  }
  RsRnnRbmLearner *learner = NULL;
  double *exact = rs_alloc(count, sizeof *exact);
  assert_ok(rs_rnnrbm_learner_new(c.model, RS_ENGINE_BPTT, FRAMES, STREAMS, &learner, NULL));
  assert_ok(rs_rnnrbm_forward(learner, c.w, FRAMES, c.x, c.starts));
  add_exact_mean(&c, learner, exact);
  const double norm = 0.05 * sqrt((double)count);
  const double one = cd_error(1, &c, exact);
  const double five = cd_error(5, &c, exact);
  const double forty = cd_error(40, &c, exact);
  assert_true(five < 0.7 * one);
  assert_true(forty < five);
  assert_true(forty < norm);
  rs_rnnrbm_learner_free(learner);
  free(exact);
  case_free(&c);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_gradient_of_a_song_is_exact),
      cmocka_unit_test(contrastive_divergence_approaches_the_gradient),
      cmocka_unit_test(a_gaussian_model_sends_all_three_terms_back),
      cmocka_unit_test(the_bias_of_a_frame_has_not_seen_it),
      cmocka_unit_test(tensors_cover_every_parameter_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
