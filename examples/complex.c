/* SPDX-License-Identifier: ISC */

/**
   @file complex.c A complex net learns a complex function: y = x^2 / 2 + i x on the unit disc.

       cc complex.c $(pkg-config --cflags --libs rollsmith) -lm -o complex && ./complex

   The gradient of a real cost with respect to complex weights is dJ/dRe w + i dJ/dIm w
   (doc/math.md, section C), so that descent reads as it does with real numbers.
*/

#define RS_SCALAR_COMPLEX
#include <rollsmith/loss.h>
#include <rollsmith/net.h>
#include <rollsmith/optimiser.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS = 48, HIDDEN = 6, PARAMETERS = 2 * HIDDEN + HIDDEN + 1, STEPS = 1500 };

static void samples(rs_scalar *x, rs_scalar *t) {
  for (int i = 0; i < POINTS; ++i) {
    const double radius = sqrt((i + 0.5) / POINTS), angle = 2.4 * i; /* a sunflower */
    x[i] = radius * cos(angle) + radius * sin(angle) * _Complex_I;
    t[i] = x[i] * x[i] / 2 + _Complex_I * x[i];
  }
}

static RsStatus fit(const RsNet *net, RsNetWork *work, RsOptimiser *adam, double *cost,
                    RsError *error) {
  rs_scalar x[POINTS], t[POINTS], dy[POINTS], w[PARAMETERS], g[PARAMETERS];
  RsStatus status = RS_OK;
  samples(x, t);
  rs_net_initialise(net, (RsRng){2, RS_STREAM_WEIGHTS}, 0.5, w);
  for (int step = 0; !status && step < STEPS; ++step) {
    memset(g, 0, sizeof g);
    status = rs_net_forward(net, w, POINTS, x, work, error);
    status = status ? status
                    : rs_loss(RS_LOSS_SQUARED, POINTS, 1, rs_net_output(work), t, cost, dy, error);
    status = status ? status : rs_net_backward(net, w, work, dy, g, NULL, error);
    status = status ? status : rs_optimiser_step(adam, g, w);
    if (step % 300 == 0) {
      printf("step %4d  cost %.6f\n", step, *cost);
    }
  }
  return status;
}

int main(void) {
  const RsLayerSpec layers[2] = {
      {.outputs = HIDDEN, .activation = RS_SINE, .bias = RS_BIAS_OWN},
      {.outputs = 1, .bias = RS_BIAS_OWN},
  };
  const RsOptimiserSpec rule = {RS_ADAM, 0.01, 0.9, 0.999, 1e-8};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  RsOptimiser *adam = NULL;
  RsError error = {RS_OK, ""};
  double cost = INFINITY;
  RsStatus status = rs_net_new(1, 2, layers, &net, &error);
  status = status ? status : rs_net_work_new(net, POINTS, &work, &error);
  status = status ? status : rs_optimiser_new(&rule, PARAMETERS, &adam, &error);
  status = status ? status : fit(net, work, adam, &cost, &error);
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  printf("in the end  cost %.6f\n", cost);
  rs_optimiser_free(adam);
  rs_net_work_free(work);
  rs_net_free(net);
  return status || cost > 0.01;
}
