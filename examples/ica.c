/* SPDX-License-Identifier: ISC */

/**
   @file ica.c Takes two mixed signals apart by a cost that is a net.

       cc ica.c $(pkg-config --cflags --libs rollsmith) -lm -o ica && ./ica

   The cost is doc/math.md, equation O5: the reconstruction |W^T W x - x|^2, a net with tied
   weights, and the sparsity of the features W x, a second net that reads the same W. Their
   gradients add.
*/

#define RS_SCALAR_DOUBLE
#include <rollsmith/loss.h>
#include <rollsmith/objective.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/rng.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TIMES = 1000, STEPS = 400 };

static const double weight_of_reconstruction = 2;

/* Two signals that are mostly near zero, as sparse ones are, of variance 1. */
static void sources(double *s) {
  const RsRng rng = {4, RS_STREAM_TEST};
  for (int i = 0; i < 2 * TIMES; ++i) {
    const double u = rs_rng_uniform(rng, (uint64_t)i) - 0.5;
    s[i] = -(u < 0 ? -1 : 1) * log(1 - 2 * fabs(u) + 1e-12) / sqrt(2);
  }
}

/* A rotation: what a mixture is after its correlations have been taken out. */
static void mix(const double *s, double *x) {
  const double angle = 0.6;
  for (int i = 0; i < TIMES; ++i) {
    x[2 * i] = cos(angle) * s[2 * i] - sin(angle) * s[2 * i + 1];
    x[2 * i + 1] = sin(angle) * s[2 * i] + cos(angle) * s[2 * i + 1];
  }
}

/* Cost of one of the nets, and its gradient times a weight. */
static RsStatus add(const RsNet *net, RsNetWork *work, const double *w, const double *x,
                    double weight, double *cost, double *g, RsError *error) {
  double part = 0, dy[2 * TIMES];
  RsStatus status = rs_net_forward(net, w, TIMES, x, work, error);
  status =
      status ? status : rs_loss(RS_LOSS_SUM, TIMES, 2, rs_net_output(work), NULL, &part, dy, error);
  for (int i = 0; i < 2 * TIMES; ++i) {
    dy[i] *= weight / TIMES;
  }
  *cost += weight * part / TIMES;
  return status ? status : rs_net_backward(net, w, work, dy, g, NULL, error);
}

/* Correlation of feature j of W with the source that is most in it, 1 being that source alone. */
static double purity(const double *w, const double *s, const double *x, int j) {
  double with[2] = {0, 0}, sizes[2] = {0, 0}, size = 0;
  for (int i = 0; i < TIMES; ++i) {
    const double f = w[2 * j] * x[2 * i] + w[2 * j + 1] * x[2 * i + 1];
    for (int k = 0; k < 2; ++k) {
      with[k] += f * s[2 * i + k];
      sizes[k] += s[2 * i + k] * s[2 * i + k];
    }
    size += f * f;
  }
  return fmax(fabs(with[0]) / sqrt(sizes[0] * size), fabs(with[1]) / sqrt(sizes[1] * size));
}

int main(void) {
  static double s[2 * TIMES], x[2 * TIMES];
  const RsLayerSpec layers[2] = {
      {.outputs = 2, .activation = RS_SQUARE},
      {.outputs = 2,
       .activation = RS_SMOOTH_SQRT,
       .parameter = 0.01,
       .weights = RS_WEIGHTS_IDENTITY},
  };
  const RsOptimiserSpec rule = {RS_MOMENTUM, 0.02, 0.9, 0, 0};
  RsNet *reconstruction = NULL, *sparsity = NULL;
  RsNetWork *one = NULL, *two = NULL;
  RsOptimiser *momentum = NULL;
  RsError error = {RS_OK, ""};
  double w[4] = {1, 0, 0, 1}, g[4], cost = 0;
  sources(s);
  mix(s, x);
  printf("before: purity %.3f and %.3f\n", purity(w, s, x, 0), purity(w, s, x, 1));
  RsStatus status = rs_objective_ica(2, 2, &reconstruction, &error);
  status = status ? status : rs_net_new(2, 2, layers, &sparsity, &error);
  status = status ? status : rs_net_work_new(reconstruction, TIMES, &one, &error);
  status = status ? status : rs_net_work_new(sparsity, TIMES, &two, &error);
  status = status ? status : rs_optimiser_new(&rule, 4, &momentum, &error);
  for (int i = 0; !status && i < STEPS; ++i) {
    cost = 0;
    memset(g, 0, sizeof g);
    status = add(reconstruction, one, w, x, weight_of_reconstruction, &cost, g, &error);
    status = status ? status : add(sparsity, two, w, x, 1, &cost, g, &error);
    status = status ? status : rs_optimiser_step(momentum, g, w);
    if (i % 100 == 0) {
      printf("step %3d  cost %.4f\n", i, cost);
    }
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  const double least = fmin(purity(w, s, x, 0), purity(w, s, x, 1));
  printf("after: purity %.3f and %.3f\n", purity(w, s, x, 0), purity(w, s, x, 1));
  rs_optimiser_free(momentum);
  rs_net_work_free(one);
  rs_net_work_free(two);
  rs_net_free(reconstruction);
  rs_net_free(sparsity);
  return status || !(least > 0.98);
}
