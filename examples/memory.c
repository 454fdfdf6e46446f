/* SPDX-License-Identifier: ISC */

/**
   @file memory.c A recurrent net learns to remember for 50 steps, online, by block RTRL.

       cc memory.c $(pkg-config --cflags --libs rollsmith) -lm -o memory && ./memory

   Each series begins with a sign, +1 or -1, and goes on with noise; at its end, 50 frames later,
   the net has to say the sign. Blocks are 10 frames long and parameters move after each: what tells
   the net to keep the sign has to come across five blocks, and comes by the carried dr/dw.
   Back-propagation through single blocks would never see the frame with the sign.
*/

#include <rollsmith/loss.h>
#include <rollsmith/optimiser.h>
#include <rollsmith/rnn.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LENGTH = 50,
  BLOCK = 10,
  STREAMS = 16,
  UNITS = 4,
  SERIES = 400,
  LAST = 50,
  ROWS = BLOCK * STREAMS
};

typedef struct {
  RsNet *net;
  RsRnn *rnn;
  RsRnnLearner *learner;
  RsOptimiser *adam;
  float *w, *g;
} Model;

static RsStatus model_new(Model *m, RsError *error) {
  const RsLayerSpec layers[2] = {
      {.outputs = UNITS, .activation = RS_TANH, .bias = RS_BIAS_OWN},
      {.outputs = 1, .activation = RS_SIGMOID, .bias = RS_BIAS_OWN},
  };
  const RsOptimiserSpec rule = {RS_ADAM, 0.01f, 0.9f, 0.99f, 1e-6f};
  RsStatus status = rs_net_new(1 + UNITS, 2, layers, &m->net, error);
  const RsRnnSpec spec = {m->net, 1, 0, UNITS, false};
  status = status ? status : rs_rnn_new(&spec, &m->rnn, error);
  status = status ? status
                  : rs_rnn_learner_new(m->rnn, RS_ENGINE_BLOCK, BLOCK, STREAMS, &m->learner, error);
  if (status) {
    return status;
  }
  m->w = calloc(rs_rnn_parameters(m->rnn), sizeof *m->w);
  m->g = calloc(rs_rnn_parameters(m->rnn), sizeof *m->g);
  if (!m->w || !m->g) {
    return RS_ERR_MEMORY;
  }
  rs_net_initialise(m->net, (RsRng){1, RS_STREAM_WEIGHTS}, 0.3f, m->w);
  for (int i = 0; i < UNITS; ++i) {
    m->w[i * (1 + UNITS) + 1 + i] += 0.9f; /* units that tend to stay as they are */
  }
  return rs_optimiser_new(&rule, rs_rnn_parameters(m->rnn), &m->adam, error);
}

static void model_free(Model *m) {
  rs_optimiser_free(m->adam);
  rs_rnn_learner_free(m->learner);
  rs_rnn_free(m->rnn);
  rs_net_free(m->net);
  free(m->w);
  free(m->g);
}

/* A block of all streams: the sign in the first frame of a series, noise in all others. */
static void fill(const float *sign, uint64_t series, int block, float *x, unsigned char *starts) {
  const RsRng rng = {3, RS_STREAM_TEST};
  double noise[ROWS];
  rs_rng_normal(rng, series * (LENGTH / BLOCK) + (uint64_t)block, ROWS, noise);
  for (int row = 0; row < ROWS; ++row) {
    starts[row] = block == 0 && row < STREAMS;
    x[row] = starts[row] ? sign[row] : (float)(0.1 * noise[row]);
  }
}

/* One block: forward, the cost of the last frame of a series alone, backward, a step. */
static RsStatus learn(Model *m, const float *x, const unsigned char *starts, const float *sign,
                      int ends, int *right, RsError *error) {
  float dy[ROWS] = {0}, t[STREAMS];
  RsStatus status = rs_rnn_learner_forward(m->learner, m->w, BLOCK, x, starts);
  const float *y = rs_rnn_learner_outputs(m->learner) + ROWS - STREAMS;
  for (int s = 0; s < STREAMS; ++s) {
    t[s] = sign[s] > 0 ? 0.99f : 0.01f;
    *right += !status && ends && (y[s] > 0.5f) == (sign[s] > 0);
  }
  if (!status && ends) {
    status = rs_loss(RS_LOSS_LOGISTIC, STREAMS, 1, y, t, NULL, dy + ROWS - STREAMS, error);
  }
  memset(m->g, 0, rs_rnn_parameters(m->rnn) * sizeof *m->g);
  status = status ? status : rs_rnn_learner_backward(m->learner, m->w, dy, m->g);
  rs_clip_norm(rs_rnn_parameters(m->rnn), 5, m->g);
  return status ? status : rs_optimiser_step(m->adam, m->g, m->w);
}

int main(void) {
  Model m = {NULL, NULL, NULL, NULL, NULL, NULL};
  RsError error = {RS_OK, ""};
  int right = 0;
  RsStatus status = model_new(&m, &error);
  for (uint64_t series = 0; !status && series < SERIES; ++series) {
    float sign[STREAMS], x[ROWS];
    unsigned char starts[ROWS];
    for (uint64_t s = 0; s < STREAMS; ++s) {
      sign[s] = rs_rng_below((RsRng){2, RS_STREAM_TEST}, series * STREAMS + s, 2) ? 1.0f : -1.0f;
    }
    for (int block = 0; !status && block < LENGTH / BLOCK; ++block) {
      fill(sign, series, block, x, starts);
      status = learn(&m, x, starts, sign, block + 1 == LENGTH / BLOCK, &right, &error);
    }
    if (series % LAST == LAST - 1) {
      printf("series %4d  right %5.1f %%\n", (int)series + 1, 100.0 * right / (LAST * STREAMS));
      right = series + 1 < SERIES ? 0 : right;
    }
  }
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error.message);
  }
  model_free(&m);
  return status || right < 0.95 * LAST * STREAMS;
}
