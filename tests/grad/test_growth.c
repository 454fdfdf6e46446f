/* SPDX-License-Identifier: ISC */

/* Block RTRL where cotangents vanish on their way back, and then grow again. */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/rnn.h>

#include <math.h>
#include <string.h>

enum { INPUTS = 2, STREAMS = 2 };

#define EQUAL (sizeof(rs_real) == sizeof(float) ? 1e-3 : 1e-10)

/*
  A unit that multiplies its state by `keep`, at rest at 0 for so many frames, where a change of a
  parameter grows, and that then saturates for two frames, through which little goes back. It may
  come to rest again after that.
*/
typedef struct {
  RsActivation activation;
  size_t layers; /* 1, or 2 with a layer of as many units before the state's */
  size_t units;  /* the others forget */
  double keep;
  size_t rest, after;
  bool learned_start;
  bool all_frames; /* have a cost, or the last one alone */
  bool rests_again;
} Kind;

static const Kind kinds[] = {
    {RS_TANH, 1, 1, 3, 58, 0, false, false, false},
    {RS_TANH, 1, 1, 3, 58, 0, true, false, false},
    {RS_TANH, 1, 1, 3, 58, 3, false, true, false},
    {RS_TANH, 1, 3, 3, 58, 1, true, false, false},
    {RS_TANH, 2, 3, 2.5, 70, 0, true, false, false},
    {RS_TANH, 1, 2, 1.05, 1000, 0, true, false, false},
    {RS_TANH, 1, 1, 1.2, 300, 2, true, true, false},
    {RS_HALF_LINEAR_TANH, 1, 1, 2, 50, 0, false, false, false},
    {RS_TANH, 1, 1, 3, 58, 12, false, false, true},
    {RS_TANH, 1, 1, 1.05, 1002, 500, true, false, true},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const size_t lengths[] = {1, 7, 64};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

typedef struct {
  RsRnn *rnn;
  size_t frames, parameters, units;
  rs_scalar *w, *x, *dy;
} Series;

/* A field at which the slope of tanh is near the square root of the rounding, times what grew. */
static double saturated(void) {
  return sizeof(rs_real) == sizeof(float) ? 6.5 : 13.4;
}

static RsRnn *recurrent(const Kind *kind) {
  RsLayerSpec layers[2] = {{.outputs = kind->units, .bias = RS_BIAS_OWN}, {.outputs = kind->units}};
  layers[0].activation = kind->layers == 1 ? kind->activation : RS_IDENTITY;
  layers[1].activation = kind->activation;
  RsNet *net = NULL;
  RsRnn *rnn = NULL;
  assert_ok(rs_net_new(INPUTS + kind->units, kind->layers, layers, &net, NULL));
  const RsRnnSpec spec = {net, kind->layers, 0, kind->units, kind->learned_start};
  assert_ok(rs_rnn_new(&spec, &rnn, NULL));
  rs_net_free(net);
  return rnn;
}

/* Unit 0 hears input 0 and itself, the others hear input 1 and, a little, themselves. */
static void set_parameters(const Kind *kind, Series *s) {
  const size_t all = INPUTS + kind->units;
  for (size_t i = 0; i < kind->units; ++i) {
    s->w[i * all + (i > 0)] = 1;
    s->w[i * all + INPUTS + i] = (rs_scalar)(i ? 0.3 : kind->keep);
    if (kind->layers == 2) {
      s->w[kind->units * (all + 1) + i * kind->units + i] = 1;
    }
  }
}

/* Stream 0 rests and saturates by input 0; stream 1 hears random numbers and never rests. */
static Series series_new(const Kind *kind, uint64_t turn) {
  Dice dice = dice_new(1, turn);
  Series s = {.rnn = recurrent(kind), .frames = kind->rest + 2 + kind->after, .units = kind->units};
  s.parameters = rs_rnn_parameters(s.rnn);
  s.w = rs_alloc(s.parameters, sizeof *s.w);
  s.x = rs_alloc(s.frames * STREAMS * INPUTS, sizeof *s.x);
  s.dy = rs_alloc(s.frames * STREAMS * s.units, sizeof *s.dy);
  set_parameters(kind, &s);
  for (size_t n = 0; n < s.frames; ++n) {
    rs_scalar *x = s.x + n * STREAMS * INPUTS;
    const bool first = n == kind->rest, second = n == kind->rest + 1;
    const bool third = n == kind->rest + 2 && kind->rests_again;
    x[0] = (rs_scalar)(first ? saturated() : second ? saturated() - kind->keep : 0);
    x[0] -= (rs_scalar)(third ? kind->keep : 0);
    roll_scalars(&dice, INPUTS, 0.1, x + INPUTS);
    x[INPUTS] += 1;
    for (size_t i = 0; i < STREAMS * s.units; ++i) {
      s.dy[n * STREAMS * s.units + i] = kind->all_frames || n + 1 == s.frames;
    }
  }
  return s;
}

static void series_free(Series *s) {
  rs_rnn_free(s->rnn);
  free(s->w);
  free(s->x);
  free(s->dy);
}

static rs_scalar *gradient(const Series *s, RsRnnEngine engine, size_t length) {
  RsRnnLearner *learner = NULL;
  rs_scalar *g = rs_alloc(s->parameters, sizeof *g);
  assert_ok(rs_rnn_learner_new(s->rnn, engine, length, STREAMS, &learner, NULL));
  for (size_t n = 0; n < s->frames; n += length) {
    const size_t frames = s->frames - n < length ? s->frames - n : length, row = n * STREAMS;
    assert_ok(rs_rnn_learner_forward(learner, s->w, frames, s->x + row * INPUTS, NULL));
    assert_ok(rs_rnn_learner_backward(learner, s->w, s->dy + row * s->units, g));
  }
  rs_rnn_learner_free(learner);
  return g;
}

/* Number by number, beside the number itself: what is lost is a gradient of another size. */
static void expect_equal(const char *what, size_t turn, const Series *s, const rs_scalar *a,
                         const rs_scalar *b) {
  assert_scalars_agree(what, turn, s->parameters, a, b, EQUAL, 1);
}

static void what_vanishes_and_grows_again_is_in_the_gradient(void **state) {
  for (size_t i = 0; i < KINDS; ++i) {
    Series s = series_new(&kinds[i], i);
    rs_scalar *through_time = gradient(&s, RS_ENGINE_BPTT, s.frames);
    rs_scalar *real_time = gradient(&s, RS_ENGINE_RTRL, 16);
    print_message("net %zu: dE/db = %g\n", i, creal(through_time[s.units * (INPUTS + s.units)]));
    expect_equal("BPTT and RTRL", i, &s, through_time, real_time);
    for (size_t k = 0; k < LENGTHS; ++k) {
      rs_scalar *block = gradient(&s, RS_ENGINE_BLOCK, lengths[k]);
      expect_equal("BPTT and block RTRL", i, &s, through_time, block);
      free(block);
    }
    free(through_time);
    free(real_time);
    series_free(&s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_vanishes_and_grows_again_is_in_the_gradient),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
