/* SPDX-License-Identifier: ISC */

/**
   @file rotation.c A complex net learns a map of the plane, z -> (2 - i) z + 3 + i, by gradient
   descent.

       cc rotation.c $(pkg-config --cflags --libs rollsmith) -lm -o rotation && ./rotation
*/

#define RS_SCALAR_COMPLEX
#include <rollsmith/grad.h>

#include <complex.h>
#include <stdio.h>

enum { EXAMPLES = 4, STEPS = 200 };

static const double complex inputs[EXAMPLES] = {1, I, -1, -I};

/* One step down the gradient of the squared error over all examples. */
static RsStatus step(const RsNet *net, RsNetWork *work, double complex *w, RsError *error) {
  double complex dy[EXAMPLES];
  double complex g[2] = {0, 0};
  RsStatus status = rs_net_forward(net, w, EXAMPLES, inputs, work, error);
  if (status) {
    return status;
  }
  for (int i = 0; i < EXAMPLES; ++i) {
    dy[i] = (rs_net_output(work)[i] - ((2 - I) * inputs[i] + 3 + I)) / EXAMPLES;
  }
  status = rs_net_backward(net, w, work, dy, g, NULL, error);
  w[0] -= 0.1 * g[0];
  w[1] -= 0.1 * g[1];
  return status;
}

static RsStatus learn(double complex *w, RsError *error) {
  const RsLayerSpec layer = {.outputs = 1, .activation = RS_IDENTITY, .bias = RS_BIAS_OWN};
  RsNet *net = NULL;
  RsNetWork *work = NULL;
  RsStatus status = rs_net_new(1, 1, &layer, &net, error);
  if (!status) {
    status = rs_net_work_new(net, EXAMPLES, &work, error);
  }
  for (int i = 0; i < STEPS && !status; ++i) {
    status = step(net, work, w, error);
  }
  rs_net_work_free(work);
  rs_net_free(net);
  return status;
}

int main(void) {
  double complex w[2] = {0, 0}; /* the weight, the bias */
  RsError error = {RS_OK, ""};
  if (learn(w, &error)) {
    fprintf(stderr, "rotation: %s\n", error.message);
    return 1;
  }
  printf("(%.2f%+.2fi) z + (%.2f%+.2fi)\n", creal(w[0]), cimag(w[0]), creal(w[1]), cimag(w[1]));
  return 0;
}
