/* SPDX-License-Identifier: ISC */

/**
   @file residual.c Twenty layers learn with skips what twenty layers do not learn without.

       cc residual.c $(pkg-config --cflags --libs rollsmith) -lm -o residual && ./residual

   Both nets have the same layers, the same first weights and the same descent; the one gets the
   skips of doc/math.md, equation N2, every second layer. Prints both curves.
*/

#define RS_SCALAR_DOUBLE
#include <rollsmith/loss.h>
#include <rollsmith/net.h>
#include <rollsmith/optimiser.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS = 20, WIDTH = 8, POINTS = 64, STEPS = 1500, EVERY = 150 };

typedef struct {
  RsNet *net;
  RsNetWork *work;
  RsOptimiser *adam;
  double *w, *g;
  double cost;
} Learner;

/* Is the point inside the ring? Not a question for a linear map. */
static void ring(double *x, double *t) {
  for (int i = 0; i < POINTS; ++i) {
    x[2 * i] = -1 + 2.0 * (i % 8) / 7;
    x[2 * i + 1] = -1 + 2.0 * (i / 8) / 7;
    const double radius = hypot(x[2 * i], x[2 * i + 1]);
    t[i] = radius > 0.4 && radius < 1;
  }
}

static RsStatus learner_new(int residual, Learner *l, RsError *error) {
  const RsOptimiserSpec rule = {RS_ADAM, 0.003, 0.9, 0.999, 1e-8};
  RsLayerSpec layers[LAYERS];
  for (int k = 0; k < LAYERS; ++k) {
    layers[k] = (RsLayerSpec){.outputs = WIDTH, .activation = RS_TANH, .bias = RS_BIAS_OWN};
  }
  layers[LAYERS - 1].outputs = 1;
  layers[LAYERS - 1].activation = RS_SIGMOID;
  RsStatus status =
      residual ? rs_net_new_residual(RS_RESIDUAL_EVERY_SECOND, 2, LAYERS, layers, &l->net, error)
               : rs_net_new(2, LAYERS, layers, &l->net, error);
  if (status) {
    return status;
  }
  const size_t n = rs_net_parameters(l->net);
  l->w = calloc(n, sizeof *l->w);
  l->g = calloc(n, sizeof *l->g);
  status = l->w && l->g ? RS_OK : RS_ERR_MEMORY;
  status = status ? status : rs_net_work_new(l->net, POINTS, &l->work, error);
  status = status ? status : rs_optimiser_new(&rule, n, &l->adam, error);
  if (!status) {
    rs_net_initialise(l->net, (RsRng){1, RS_STREAM_WEIGHTS}, 0.4, l->w);
  }
  return status;
}

static void learner_free(Learner *l) {
  rs_optimiser_free(l->adam);
  rs_net_work_free(l->work);
  rs_net_free(l->net);
  free(l->w);
  free(l->g);
}

static RsStatus step(Learner *l, const double *x, const double *t, RsError *error) {
  double dv[POINTS];
  memset(l->g, 0, rs_net_parameters(l->net) * sizeof *l->g);
  RsStatus status = rs_net_forward(l->net, l->w, POINTS, x, l->work, error);
  status = status ? status
                  : rs_loss_delta(RS_LOSS_LOGISTIC, POINTS, 1, rs_net_field(l->work), t, &l->cost,
                                  dv, error);
  l->cost /= POINTS;
  status = status ? status : rs_net_backward_delta(l->net, l->w, l->work, dv, l->g, NULL, error);
  return status ? status : rs_optimiser_step(l->adam, l->g, l->w);
}

int main(void) {
  Learner plain = {0}, residual = {0};
  RsError error = {RS_OK, ""};
  double x[2 * POINTS], t[POINTS];
  ring(x, t);
  RsStatus status = learner_new(0, &plain, &error);
  status = status ? status : learner_new(1, &residual, &error);
  printf("cost a point, %d layers of %d\n  step   plain  residual\n", LAYERS, WIDTH);
  for (int i = 0; !status && i <= STEPS; ++i) {
    status = step(&plain, x, t, &error);
    status = status ? status : step(&residual, x, t, &error);
    if (i % EVERY == 0) {
      printf("%6d  %6.4f    %6.4f\n", i, plain.cost, residual.cost);
    }
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  const int learned = residual.cost < 0.1 && plain.cost > 0.5;
  puts(learned ? "the residual net has learned, the plain one has not" : "that did not work out");
  learner_free(&plain);
  learner_free(&residual);
  return status || !learned;
}
