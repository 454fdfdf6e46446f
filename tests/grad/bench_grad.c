/* SPDX-License-Identifier: ISC */

/**
   @file bench_grad.c The speed of the gradient core beside what it is made of, on one core.

   Each line compares with products of matrices measured in turns with it, so that a busy machine
   slows both.
*/

#include "base/linear_algebra.h"
#include "base/memory.h"

#include <rollsmith/jacobian.h>
#include <rollsmith/rnn.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef void (*Work)(void *context);

/* Best times of some pieces of work, in turns. */
static void race(size_t rounds, size_t n, const Work *work, void *context, double *best) {
  for (size_t i = 0; i < n; ++i) {
    best[i] = 1e9;
  }
  for (size_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < n; ++i) {
      const double begin = now();
      work[i](context);
      const double time = now() - begin;
      best[i] = time < best[i] ? time : best[i];
    }
  }
}

static rs_scalar *numbers(size_t n) {
  rs_scalar *x = rs_alloc(n, sizeof *x);
  double *normal = rs_alloc(n, sizeof *normal);
  if (!x || !normal) {
    abort();
  }
  rs_rng_normal((RsRng){5, RS_STREAM_TEST}, n, n, normal);
  for (size_t i = 0; i < n; ++i) {
    x[i] = (rs_scalar)(0.1 * normal[i]);
  }
  free(normal);
  return x;
}

static void must(RsStatus status, const RsError *error) {
  if (status) {
    fprintf(stderr, "%s: %s\n", rs_status_text(status), error->message);
    exit(1);
  }
}

enum { SQUARE = 1024 };

typedef struct {
  RsNet *net;
  RsNetWork *work;
  size_t batch;
  rs_scalar *w, *x, *dy, *g, *jacobian, *a, *b, *c;
} Feed;

static void square_product(void *context) {
  const Feed *f = context;
  rs_gemm(RS_PLAIN, RS_PLAIN, SQUARE, SQUARE, SQUARE, f->a, SQUARE, f->b, SQUARE, 0, f->c, SQUARE);
}

static void forward_and_backward(void *context) {
  const Feed *f = context;
  RsError error = {RS_OK, ""};
  must(rs_net_forward(f->net, f->w, f->batch, f->x, f->work, &error), &error);
  must(rs_net_backward(f->net, f->w, f->work, f->dy, f->g, NULL, &error), &error);
}

static Feed feed_new(size_t inputs, size_t layers, const size_t *sizes, size_t batch,
                     bool jacobian) {
  Feed f = {.batch = batch};
  RsLayerSpec spec[4] = {{0}};
  RsError error = {RS_OK, ""};
  for (size_t k = 0; k < layers; ++k) {
    spec[k] = (RsLayerSpec){.outputs = sizes[k], .activation = RS_TANH, .bias = RS_BIAS_OWN};
  }
  must(rs_net_new(inputs, layers, spec, &f.net, &error), &error);
  must(rs_net_work_new(f.net, batch, &f.work, &error), &error);
  const size_t parameters = rs_net_parameters(f.net), outputs = rs_net_outputs(f.net);
  f.w = numbers(parameters);
  f.x = numbers(batch * inputs);
  f.dy = numbers(batch * outputs);
  f.g = numbers(parameters);
  f.jacobian = numbers(jacobian ? outputs * parameters : 1);
  f.a = numbers((size_t)SQUARE * SQUARE);
  f.b = numbers((size_t)SQUARE * SQUARE);
  f.c = numbers((size_t)SQUARE * SQUARE);
  return f;
}

static void feed_free(Feed *f) {
  rs_net_work_free(f->work);
  rs_net_free(f->net);
  rs_scalar *all[] = {f->w, f->x, f->dy, f->g, f->jacobian, f->a, f->b, f->c};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    free(all[i]);
  }
}

/* Operations of a forward and of a backward to the parameters alone. */
static void bench_feed_forward(void) {
  const size_t sizes[3] = {512, 512, 10};
  const Work work[2] = {square_product, forward_and_backward};
  Feed f = feed_new(784, 3, sizes, 256, false);
  double best[2];
  race(25, 2, work, &f, best);
  const double weights[3] = {784.0 * 512, 512.0 * 512, 512.0 * 10};
  const double flops = 256 * (6 * (weights[0] + weights[1] + weights[2]) - 2 * weights[0]);
  const double peak = 2.0 * SQUARE * SQUARE * SQUARE / best[0];
  printf(
      "784-512-512-10, batch 256, forward and backward: %.2f ms, %.0f GFLOP/s, %.0f %% of sgemm's "
      "%.0f (wanted 60)\n",
      1e3 * best[1], 1e-9 * flops / best[1], 100 * flops / best[1] / peak, 1e-9 * peak);
  feed_free(&f);
}

static void jacobian(void *context) {
  const Feed *f = context;
  RsError error = {RS_OK, ""};
  must(rs_net_jacobian(f->net, f->w, f->x, f->work, f->jacobian, NULL, &error), &error);
}

/* What the Jacobian of a net of three layers of a hundred is made of: delta W, and delta y^T. */
static void jacobian_products(void *context) {
  const Feed *f = context;
  const size_t n = 100;
  for (size_t k = 0; k < 2; ++k) {
    rs_gemm(RS_PLAIN, RS_PLAIN, n, n, n, f->a, n, f->w, n, 0, f->c, n);
  }
  for (size_t k = 0; k < 3; ++k) {
    rs_gemm(RS_PLAIN, RS_PLAIN, n * n, n, 1, f->a, 1, f->x, n, 0, f->jacobian + k * n * n * n, n);
  }
}

static void bench_jacobian(void) {
  const size_t sizes[3] = {100, 100, 100};
  const Work work[2] = {jacobian_products, jacobian};
  Feed f = feed_new(100, 3, sizes, 100, true);
  double best[2];
  race(60, 2, work, &f, best);
  printf("Jacobian of 100-100-100-100 by its parameters: %.2f ms, %.2f times its products' %.2f ms "
         "(wanted 2)\n",
         1e3 * best[1], best[1] / best[0], 1e3 * best[0]);
  feed_free(&f);
}

enum { NOTES = 88, UNITS = 100 };

typedef struct {
  RsNet *net;
  RsRnn *rnn;
  RsRnnLearner *learner[3]; /* by engine */
  size_t frames[3];
  size_t blocks[3]; /* of one run: enough that what is done once in some blocks is seen */
  rs_scalar *w, *x, *dy, *g;
} Recur;

/* A tanh net of 88 inputs and 100 recurrent units that is all state, so that a readout hides
 * nothing. */
static Recur recur_new(double gain, size_t block) {
  const RsLayerSpec spec = {.outputs = UNITS, .activation = RS_TANH, .bias = RS_BIAS_OWN};
  Recur r = {.frames = {block, block, 4}, .blocks = {12, 12, 1}};
  RsError error = {RS_OK, ""};
  must(rs_net_new(NOTES + UNITS, 1, &spec, &r.net, &error), &error);
  const RsRnnSpec recurrent = {r.net, 1, 0, UNITS, false};
  must(rs_rnn_new(&recurrent, &r.rnn, &error), &error);
  for (RsRnnEngine e = RS_ENGINE_BPTT; e <= RS_ENGINE_RTRL; ++e) {
    must(rs_rnn_learner_new(r.rnn, e, r.frames[e], 1, &r.learner[e], &error), &error);
  }
  r.w = numbers(rs_rnn_parameters(r.rnn));
  rs_net_initialise(r.net, (RsRng){1, RS_STREAM_WEIGHTS}, (rs_real)gain, r.w);
  r.x = numbers(block * NOTES);
  r.dy = numbers(block * UNITS);
  r.g = numbers(rs_rnn_parameters(r.rnn));
  return r;
}

static void recur_free(Recur *r) {
  for (size_t e = 0; e < 3; ++e) {
    rs_rnn_learner_free(r->learner[e]);
  }
  rs_rnn_free(r->rnn);
  rs_net_free(r->net);
  free(r->w);
  free(r->x);
  free(r->dy);
  free(r->g);
}

static void run_engine(const Recur *r, RsRnnEngine e) {
  RsRnnLearner *l = r->learner[e];
  for (size_t i = 0; i < r->blocks[e]; ++i) {
    must(rs_rnn_learner_forward(l, r->w, r->frames[e], r->x, NULL), rs_rnn_learner_error(l));
    must(rs_rnn_learner_backward(l, r->w, r->dy, r->g), rs_rnn_learner_error(l));
  }
}

static void run_bptt(void *context) {
  run_engine(context, RS_ENGINE_BPTT);
}

static void run_block(void *context) {
  run_engine(context, RS_ENGINE_BLOCK);
}

static void run_rtrl(void *context) {
  run_engine(context, RS_ENGINE_RTRL);
}

/* With a gain of 1 the net remembers for long; with 0.05 ten frames are below the rounding of a
 * float. */
static void bench_recurrent(double gain, size_t block, const char *what) {
  const Work work[3] = {run_bptt, run_block, run_rtrl};
  Recur r = recur_new(gain, block);
  double best[3];
  for (size_t frames = 0; frames < 2048; frames += r.blocks[RS_ENGINE_BLOCK] * block) {
    run_block(&r); /* until the past is as long as it gets */
  }
  race(4, 3, work, &r, best);
  double each[3]; /* a frame */
  for (size_t e = 0; e < 3; ++e) {
    each[e] = best[e] / (double)(r.blocks[e] * r.frames[e]);
  }
  const double bptt = each[0], fast = each[1], slow = each[2];
  printf("%s, blocks of %zu, us a frame: RTRL %.0f, block RTRL %.1f, BPTT %.2f; block RTRL %.0f "
         "times as "
         "fast as RTRL, %.2f times the time of BPTT\n",
         what, block, 1e6 * slow, 1e6 * fast, 1e6 * bptt, slow / fast, fast / bptt);
  recur_free(&r);
}

enum { READOUT = 238, PASSES = 24 };

/* The recurrent net of an RNN-RBM, of tanh units whose state goes round by one unit a frame. */
typedef struct {
  RsNet *net;
  RsRnn *rnn;
  RsRnnLearner *learner[2]; /* BPTT, block RTRL */
  size_t frames;
  rs_scalar *w, *x, *dy, *g;
} Trainee;

/* The state shrinks to `keep` of itself a frame, the rest of the weights is small. */
static Trainee trainee_new(double keep, size_t frames, size_t streams) {
  const RsLayerSpec spec[2] = {{.outputs = UNITS, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                               {.outputs = READOUT, .bias = RS_BIAS_OWN}};
  Trainee t = {.frames = frames};
  RsError error = {RS_OK, ""};
  must(rs_net_new(NOTES + UNITS, 2, spec, &t.net, &error), &error);
  const RsRnnSpec recurrent = {t.net, 1, 0, UNITS, false};
  must(rs_rnn_new(&recurrent, &t.rnn, &error), &error);
  for (RsRnnEngine e = RS_ENGINE_BPTT; e <= RS_ENGINE_BLOCK; ++e) {
    must(rs_rnn_learner_new(t.rnn, e, frames, streams, &t.learner[e], &error), &error);
  }
  t.w = numbers(rs_rnn_parameters(t.rnn));
  rs_net_initialise(t.net, (RsRng){1, RS_STREAM_WEIGHTS}, (rs_real)1e-3, t.w);
  for (size_t i = 0; i < UNITS; ++i) {
    t.w[i * (NOTES + UNITS) + NOTES + (i + 1) % UNITS] = (rs_scalar)keep;
  }
  t.x = numbers(frames * streams * NOTES);
  t.dy = numbers(frames * streams * READOUT);
  t.g = numbers(rs_rnn_parameters(t.rnn));
  return t;
}

static void trainee_free(Trainee *t) {
  rs_rnn_learner_free(t->learner[0]);
  rs_rnn_learner_free(t->learner[1]);
  rs_rnn_free(t->rnn);
  rs_net_free(t->net);
  free(t->w);
  free(t->x);
  free(t->dy);
  free(t->g);
}

/* Enough blocks that the ring of past ones goes round: what is done now and then counts too. */
static void train(const Trainee *t, RsRnnLearner *l) {
  for (size_t i = 0; i < PASSES; ++i) {
    must(rs_rnn_learner_forward(l, t->w, t->frames, t->x, NULL), rs_rnn_learner_error(l));
    must(rs_rnn_learner_backward(l, t->w, t->dy, t->g), rs_rnn_learner_error(l));
  }
}

static void train_bptt(void *context) {
  const Trainee *t = context;
  train(t, t->learner[RS_ENGINE_BPTT]);
}

static void train_block(void *context) {
  const Trainee *t = context;
  train(t, t->learner[RS_ENGINE_BLOCK]);
}

static void bench_training(double keep, size_t frames, size_t streams, const char *what) {
  const Work work[2] = {train_bptt, train_block};
  Trainee t = trainee_new(keep, frames, streams);
  double best[2];
  train_block(&t); /* the ring fills */
  race(6, 2, work, &t, best);
  printf("88 inputs, 100 units, 238 outputs, %zu streams x %zu frames, %s, ms a block: BPTT %.2f, "
         "block RTRL %.2f, %.2f times; carry %.1f MB\n",
         streams, frames, what, 1e3 * best[0] / PASSES, 1e3 * best[1] / PASSES, best[1] / best[0],
         1e-6 * (double)sizeof *t.w * (double)rs_rnn_learner_carry_size(t.learner[1]));
  trainee_free(&t);
}

int main(void) {
  rs_blas_one_thread();
  bench_feed_forward();
  bench_jacobian();
  bench_recurrent(1, 100, "88 inputs, 100 units, long memory");
  bench_recurrent(1, 400, "88 inputs, 100 units, long memory");
  bench_recurrent(0.05, 400, "88 inputs, 100 units, forgets within 10 frames");
  bench_recurrent(0.05, 1000, "88 inputs, 100 units, forgets within 10 frames");
  puts("wanted: block RTRL 40 times as fast as RTRL, and where the net forgets at most twice BPTT");
  bench_training(0.15, 64, 16, "forgets in 10 frames");
  bench_training(0.15, 100, 1, "forgets in 10 frames");
  bench_training(0.15, 7, 16, "forgets in 10 frames");
  bench_training(0.94, 64, 16, "forgets in 300 frames");
  bench_training(0.94, 100, 1, "forgets in 300 frames");
  bench_training(0.999, 64, 2, "remembers more than is kept");
  puts("wanted: at most 1.5 times BPTT's time within 10 frames, at most 3 within 300");
  return 0;
}
