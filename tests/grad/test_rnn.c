/* SPDX-License-Identifier: ISC */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/rnn.h>

#include <string.h>

enum { NETS = 100, MOST_FRAMES = 9, MOST_STREAMS = 3, LONG = 60 };

/* A random net fed back on itself, with series of random lengths in random streams. */
typedef struct {
  Definition definition;
  RsRnnSpec spec;
  RsRnn *rnn;
  size_t inputs, outputs, parameters, frames, streams;
  rs_scalar *w, *x, *dy, *g_expected;
  unsigned char *starts;
  Exact *exact_w;
  bool tame;
} Trial;

static uint64_t seed;

/* The state that comes out of one frame; adds to the cost. */
static long double exact_frame(Trial *t, size_t row, Exact *state) {
  const Definition *d = &t->definition;
  Exact x[2 * MOST_UNITS], y[MOST_LAYERS * MOST_UNITS];
  double nearest = 1;
  for (size_t i = 0; i < t->inputs; ++i) {
    x[i] = t->x[row * t->inputs + i];
  }
  memcpy(x + t->inputs, state, t->spec.state_size * sizeof *state);
  const size_t at = exact_forward(d, t->exact_w, x, y, &nearest);
  size_t from = t->spec.state_first;
  for (size_t k = 1; k < t->spec.state_layer; ++k) {
    from += d->spec[k - 1].outputs;
  }
  memcpy(state, y + from, t->spec.state_size * sizeof *state);
  for (size_t i = 0; i < at + t->outputs; ++i) {
    t->tame &= cabsl(y[i]) < 3;
  }
  t->tame &= nearest > 0.02;
  return exact_product(t->outputs, t->dy + row * t->outputs, y + at);
}

static long double cost(void *context) {
  Trial *t = context;
  long double sum = 0;
  for (size_t s = 0; s < t->streams; ++s) {
    Exact state[MOST_UNITS];
    for (size_t n = 0; n < t->frames; ++n) {
      const size_t row = n * t->streams + s;
      for (size_t i = 0; (!n || t->starts[row]) && i < t->spec.state_size; ++i) {
        state[i] =
            t->spec.learned_start ? t->exact_w[definition_parameters(&t->definition) + i] : 0;
      }
      sum += exact_frame(t, row, state);
    }
  }
  return sum;
}

/* Where in the net the state is, and how many inputs are left beside it. */
static bool roll_state(Trial *t, Dice *dice) {
  const Definition *d = &t->definition;
  t->spec.state_layer = 1 + roll(dice, d->layers);
  const size_t units = d->spec[t->spec.state_layer - 1].outputs;
  t->spec.state_size = 1 + roll(dice, units);
  t->spec.state_first = roll(dice, units - t->spec.state_size + 1);
  t->spec.learned_start = roll(dice, 2);
  return t->spec.state_size < d->inputs &&
         d->spec[t->spec.state_layer - 1].activation != RS_SOFTMAX;
}

#define WEIGHTS 0.4 /* their spread */

static void trial_values(Trial *t, Dice *dice) {
  const size_t rows = t->frames * t->streams;
  t->w = rs_alloc(t->parameters, sizeof *t->w);
  t->x = rs_alloc(rows * t->inputs, sizeof *t->x);
  t->dy = rs_alloc(rows * t->outputs, sizeof *t->dy);
  t->starts = rs_alloc(rows, 1);
  t->g_expected = rs_alloc(t->parameters, sizeof *t->w);
  roll_scalars(dice, t->parameters, WEIGHTS, t->w);
  roll_scalars(dice, rows * t->inputs, 0.5, t->x);
  const bool sparse = roll(dice, 3) == 0;
  for (size_t i = 0; sparse && i < rows * t->inputs; ++i) {
    t->x[i] = roll(dice, 10) ? 0 : t->x[i];
  }
  roll_scalars(dice, rows * t->outputs, 1, t->dy);
  for (size_t i = 0; i < rows; ++i) {
    t->starts[i] = !roll(dice, 6);
  }
  t->exact_w = exact_copy(t->parameters, t->w);
}

static void free_values(Trial *t) {
  free(t->w);
  free(t->x);
  free(t->dy);
  free(t->starts);
  free(t->g_expected);
  free(t->exact_w);
}

static void trial_free(Trial *t) {
  rs_rnn_free(t->rnn);
  free_values(t);
}

static bool trial_try(Trial *t, Dice *dice, size_t frames) {
  memset(t, 0, sizeof *t);
  roll_definition(dice, 2 + roll(dice, MOST_UNITS), &t->definition);
  if (!roll_state(t, dice)) {
    return false;
  }
  t->inputs = t->definition.inputs - t->spec.state_size;
  t->outputs = t->definition.spec[t->definition.layers - 1].outputs;
  t->parameters = definition_parameters(&t->definition);
  t->parameters += t->spec.learned_start ? t->spec.state_size : 0;
  t->frames = frames ? frames : 1 + roll(dice, MOST_FRAMES);
  t->streams = 1 + roll(dice, MOST_STREAMS);
  trial_values(t, dice);
  t->tame = true;
  cost(t);
  return t->tame;
}

/* The next random recurrent net whose numbers are tame; of random frames if 0. */
static void trial_new(Trial *t, uint64_t turn, size_t frames) {
  RsError error = {RS_OK, ""};
  RsNet *net = NULL;
  Dice dice = dice_new(seed, turn);
  while (!trial_try(t, &dice, frames)) {
    trial_free(t);
  }
  if (rs_net_new(t->definition.inputs, t->definition.layers, t->definition.spec, &net, &error)) {
    fail_msg("%s", error.message);
  }
  t->spec.net = net;
  assert_ok(rs_rnn_new(&t->spec, &t->rnn, NULL));
  rs_net_free(net);
  t->spec.net = NULL;
  assert_int_equal(rs_rnn_parameters(t->rnn), t->parameters);
}

/* Gradient of the whole series, taken in blocks of the given length; `move` is added to w after
 * each. */
static rs_scalar *gradient(const Trial *t, RsRnnEngine engine, size_t length,
                           const rs_scalar *move) {
  RsRnnLearner *learner = NULL;
  rs_scalar *g = rs_alloc(t->parameters, sizeof *g), *w = rs_alloc(t->parameters, sizeof *w);
  memcpy(w, t->w, t->parameters * sizeof *w);
  assert_ok(rs_rnn_learner_new(t->rnn, engine, length, t->streams, &learner, NULL));
  for (size_t n = 0; n < t->frames; n += length) {
    const size_t frames = t->frames - n < length ? t->frames - n : length, row = n * t->streams;
    assert_ok(rs_rnn_learner_forward(learner, w, frames, t->x + row * t->inputs, t->starts + row));
    assert_ok(rs_rnn_learner_backward(learner, w, t->dy + row * t->outputs, g));
    for (size_t i = 0; move && i < t->parameters; ++i) {
      w[i] += move[i];
    }
  }
  rs_rnn_learner_free(learner);
  free(w);
  return g;
}

#define EQUAL (sizeof(rs_real) == sizeof(float) ? 1e-4 : 1e-12)
#define FLOOR_EQUAL (sizeof(rs_real) == sizeof(float) ? 0.1 : 1e-2)

static void differences(Trial *t) {
  bool *frozen = rs_alloc(t->parameters, sizeof *frozen);
  definition_frozen(&t->definition, frozen);
  for (size_t i = 0; i < t->parameters; ++i) {
    t->g_expected[i] = frozen[i] ? 0 : (rs_scalar)exact_difference(cost, t, t->exact_w, i);
  }
  free(frozen);
}

static const char *const names[] = {"BPTT", "block RTRL", "RTRL"};

/* S9: over nets of all kinds, state in any layer, several streams, borders, learned starts. */
static void every_engine_gives_central_differences(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Trial t;
    trial_new(&t, turn, 0);
    differences(&t);
    for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
      rs_scalar *g = gradient(&t, engine, t.frames, NULL);
      assert_scalars_agree(names[engine], turn, t.parameters, g, t.g_expected, DERIVATIVE_TOLERANCE,
                           DERIVATIVE_FLOOR);
      free(g);
    }
    trial_free(&t);
  }
}

static void blocks_of_any_length_give_the_gradient_of_the_whole(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Trial t;
    trial_new(&t, turn, 0);
    rs_scalar *whole = gradient(&t, RS_ENGINE_BPTT, t.frames, NULL);
    for (size_t length = 1; length <= t.frames; ++length) {
      rs_scalar *block = gradient(&t, RS_ENGINE_BLOCK, length, NULL);
      rs_scalar *real_time = gradient(&t, RS_ENGINE_RTRL, length, NULL);
      assert_scalars_agree("block RTRL and BPTT", turn, t.parameters, block, whole, EQUAL,
                           FLOOR_EQUAL);
      assert_scalars_agree("RTRL and BPTT", turn, t.parameters, real_time, whole, EQUAL,
                           FLOOR_EQUAL);
      free(block);
      free(real_time);
    }
    free(whole);
    trial_free(&t);
  }
}

static void dr_dw_is_carried_on_while_parameters_move(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Trial t;
    Dice dice = dice_new(seed, NETS + turn);
    trial_new(&t, turn, 9);
    rs_scalar *move = rs_alloc(t.parameters, sizeof *move);
    roll_scalars(&dice, t.parameters, 0.01, move);
    rs_scalar *block = gradient(&t, RS_ENGINE_BLOCK, 3, move),
              *real_time = gradient(&t, RS_ENGINE_RTRL, 3, move);
    assert_scalars_agree("online", turn, t.parameters, block, real_time, EQUAL, FLOOR_EQUAL);
    free(block);
    free(real_time);
    free(move);
    trial_free(&t);
  }
}

/* The largest gain at which a random net of complex numbers stays away from the poles of tanh. */
#define GAIN SPREAD(0.6, 0.25)

/* A tanh net of one layer; a small gain forgets fast. */
static void forgetful(Trial *t, size_t units, double gain, bool learned_start) {
  Dice dice = dice_new(seed, 7);
  RsNet *net = NULL;
  memset(t, 0, sizeof *t);
  t->definition = (Definition){2 + units,
                               2,
                               {{.outputs = units, .activation = RS_TANH, .bias = RS_BIAS_OWN},
                                {.outputs = 3, .bias = RS_BIAS_OWN}},
                               {0}};
  assert_ok(rs_net_new(2 + units, 2, t->definition.spec, &net, NULL));
  t->spec = (RsRnnSpec){net, 1, 0, units, learned_start};
  assert_ok(rs_rnn_new(&t->spec, &t->rnn, NULL));
  rs_net_free(net);
  t->inputs = 2;
  t->outputs = 3;
  t->frames = LONG;
  t->streams = 2;
  t->parameters = rs_rnn_parameters(t->rnn);
  while (!t->tame) {
    free_values(t);
    trial_values(t, &dice);
    memset(t->starts, 0, LONG * 2);
    for (size_t i = 0; i < t->parameters; ++i) {
      t->w[i] *= (rs_real)(gain / WEIGHTS);
      t->exact_w[i] = t->w[i];
    }
    t->tame = true;
    cost(t);
  }
}

static void the_early_stop_changes_nothing_that_shows(void **state) {
  const double gains[] = {0.001, 0.02, 0.2, GAIN};
  for (size_t i = 0; i < 4; ++i) {
    Trial t;
    forgetful(&t, 4, gains[i], true);
    rs_scalar *whole = gradient(&t, RS_ENGINE_BPTT, LONG, NULL);
    rs_scalar *block = gradient(&t, RS_ENGINE_BLOCK, 20, NULL),
              *rtrl = gradient(&t, RS_ENGINE_RTRL, 20, NULL);
    assert_scalars_agree("block RTRL", i, t.parameters, block, whole, EQUAL, FLOOR_EQUAL);
    assert_scalars_agree("RTRL", i, t.parameters, rtrl, whole, EQUAL, FLOOR_EQUAL);
    free(whole);
    free(block);
    free(rtrl);
    trial_free(&t);
  }
}

/* What lies before a border shows in no gradient behind it, to the bit. */
static void nothing_passes_a_border(void **state) {
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    Trial t;
    forgetful(&t, 4, GAIN, true);
    for (size_t i = 0; i < (size_t)LONG * 2 * t.inputs; ++i) {
      t.x[i] += (rs_scalar)0.5; /* no zeros: sums of few rows round otherwise than products do */
    }
    for (size_t border = 30; border < 50; border += 7) { /* at a block's beginning and inside one */
      memset(t.starts, 0, LONG * 2);
      t.starts[border * 2] = t.starts[border * 2 + 1] = 1;
      memset(t.dy, 0, border * 2 * t.outputs * sizeof *t.dy);
      rs_scalar *before = gradient(&t, engine, 10, NULL);
      for (size_t i = 0; i < border * 2 * t.inputs; ++i) {
        t.x[i] += 1;
      }
      rs_scalar *after = gradient(&t, engine, 10, NULL);
      assert_memory_equal(before, after, t.parameters * sizeof *before);
      t.starts[border * 2] = 0;
      rs_scalar *open = gradient(&t, engine, 10, NULL);
      assert_memory_not_equal(before, open, t.parameters * sizeof *before);
      free(before);
      free(after);
      free(open);
    }
    trial_free(&t);
  }
}

/* Go on from a saved carry, in which one value is another. */
static void restore_with(RsRnnLearner *to, const RsRnnLearner *from, size_t at, rs_scalar value) {
  const size_t size = rs_rnn_learner_carry_size(from);
  rs_scalar *carry = rs_alloc(size, sizeof *carry);
  rs_rnn_learner_carry_save(from, carry);
  carry[at] = value;
  assert_ok(rs_rnn_learner_carry_restore(to, carry));
  free(carry);
}

static void a_saved_carry_continues_to_the_bit(void **state) {
  for (RsRnnEngine engine = RS_ENGINE_BPTT; engine <= RS_ENGINE_RTRL; ++engine) {
    Trial t;
    RsRnnLearner *first = NULL, *second = NULL;
    forgetful(&t, 4, GAIN, false);
    rs_scalar *g = rs_alloc(2 * t.parameters, sizeof *g), *other = g + t.parameters;
    assert_ok(rs_rnn_learner_new(t.rnn, engine, 10, 2, &first, NULL));
    assert_ok(rs_rnn_learner_new(t.rnn, engine, 10, 2, &second, NULL));
    assert_ok(rs_rnn_learner_forward(first, t.w, 10, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(first, t.w, t.dy, NULL));
    restore_with(second, first, 0, 0); /* no series starts next in stream 0 */
    assert_ok(rs_rnn_learner_forward(first, t.w, 10, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(first, t.w, t.dy, g));
    assert_ok(rs_rnn_learner_forward(second, t.w, 10, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(second, t.w, t.dy, other));
    assert_memory_equal(g, other, t.parameters * sizeof *g);
    rs_rnn_learner_reset(first);
    memset(other, 0, t.parameters * sizeof *g);
    assert_ok(rs_rnn_learner_forward(first, t.w, 10, t.x, NULL));
    assert_ok(rs_rnn_learner_backward(first, t.w, t.dy, other));
    assert_memory_not_equal(g, other, t.parameters * sizeof *g);
    rs_rnn_learner_free(first);
    rs_rnn_learner_free(second);
    free(g);
    trial_free(&t);
  }
}

static void steps_are_the_frames_of_a_block(void **state) {
  for (uint64_t turn = 0; turn < NETS; ++turn) {
    Trial t;
    trial_new(&t, turn, 0);
    RsRnnLearner *learner = NULL;
    RsRnnStep *step = NULL;
    rs_scalar r[MOST_UNITS], y[MOST_UNITS];
    assert_ok(rs_rnn_learner_new(t.rnn, RS_ENGINE_BPTT, t.frames, t.streams, &learner, NULL));
    assert_ok(rs_rnn_step_new(t.rnn, &step));
    assert_ok(rs_rnn_learner_forward(learner, t.w, t.frames, t.x, t.starts));
    assert_ok(rs_rnn_step_hold(t.rnn, turn % 2 ? t.w : NULL, step));
    for (size_t row = 0; row < t.frames * t.streams; row += t.streams) {
      if (!row || t.starts[row]) {
        rs_rnn_start(t.rnn, t.w, r);
      }
      assert_ok(rs_rnn_step(t.rnn, t.w, t.x + row * t.inputs, r, y, step));
      assert_scalars_agree("step", turn, t.outputs, y,
                           rs_rnn_learner_outputs(learner) + row * t.outputs,
                           sizeof(rs_real) == sizeof(float) ? 1e-5 : 1e-13, 1);
    }
    rs_rnn_step_free(step);
    rs_rnn_learner_free(learner);
    trial_free(&t);
  }
}

static void a_recurrent_net_that_cannot_be_is_told(void **state) {
  const RsLayerSpec layers[2] = {{.outputs = 3}, {.outputs = 4, .activation = RS_SOFTMAX}};
  RsNet *net = NULL;
  assert_ok(rs_net_new(4, 2, layers, &net, NULL));
  const struct {
    RsRnnSpec spec;
    const char *message;
  } mistakes[] = {
      {{NULL, 1, 0, 2, false}, "a recurrent net needs a net to be made of"},
      {{net, 0, 0, 2, false}, "the state is layer 0, the net has layers 1 to 2"},
      {{net, 3, 0, 2, false}, "the state is layer 3, the net has layers 1 to 2"},
      {{net, 1, 0, 0, false}, "a state of 0 units from unit 0 on: layer 1 has 3 units"},
      {{net, 1, 0, 4, false}, "a state of 4 units from unit 0 on: layer 1 has 3 units"},
      {{net, 1, 2, 2, false}, "a state of 2 units from unit 2 on: layer 1 has 3 units"},
      {{net, 1, SIZE_MAX, 2, false},
       "a state of 2 units from unit 18446744073709551615 on: layer 1 has 3 units"},
      {{net, 2, 0, 4, false},
       "a state of 4 units and at least one input: the net takes only 4 inputs in all"},
      {{net, 2, 0, 2, false}, "the state cannot be of layer 2, a softmax"},
  };
  for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; ++i) {
    RsRnn *rnn = NULL;
    RsError error = {RS_OK, ""};
    assert_int_equal(rs_rnn_new(&mistakes[i].spec, &rnn, &error), RS_ERR_ARGUMENT);
    assert_null(rnn);
    assert_string_equal(error.message, mistakes[i].message);
  }
  rs_net_free(net);
}

static void a_learner_that_cannot_be_is_told(void **state) {
  Trial t;
  RsRnnLearner *learner = NULL;
  RsError error = {RS_OK, ""};
  forgetful(&t, 4, GAIN, true);
  assert_int_equal(rs_rnn_learner_new(t.rnn, (RsRnnEngine)9, 1, 1, &learner, &error),
                   RS_ERR_ARGUMENT);
  assert_int_equal(rs_rnn_learner_new(t.rnn, RS_ENGINE_BPTT, 0, 1, &learner, &error),
                   RS_ERR_ARGUMENT);
  assert_int_equal(rs_rnn_learner_new(t.rnn, RS_ENGINE_BPTT, 1, 0, &learner, &error),
                   RS_ERR_ARGUMENT);
  assert_string_equal(
      error.message,
      "a learner of engine 0, 1 frames, 0 streams: expected a known engine and at least 1 of each");
  assert_int_equal(rs_rnn_learner_new(t.rnn, RS_ENGINE_BPTT, SIZE_MAX, 2, &learner, &error),
                   RS_ERR_OVERFLOW);
  assert_int_equal(rs_rnn_learner_new(t.rnn, RS_ENGINE_BLOCK, (size_t)1 << 31, 1, &learner, &error),
                   RS_ERR_OVERFLOW);
  assert_string_equal(error.message, "2147483648 frames of 1 streams are too many to count");
  assert_null(learner);
  trial_free(&t);
}

static void assert_says(const RsRnnLearner *l, RsStatus status, RsStatus expected,
                        const char *message) {
  assert_int_equal(status, expected);
  assert_int_equal(rs_rnn_learner_error(l)->status, expected);
  assert_string_equal(rs_rnn_learner_error(l)->message, message);
}

static void what_is_not_finite_is_told_by_frame_and_stream(void **state) {
  const rs_scalar bad[] = {NAN, INFINITY, -INFINITY};
  Trial t;
  RsRnnLearner *l = NULL;
  forgetful(&t, 4, GAIN, true);
  rs_scalar *g = rs_alloc(t.parameters, sizeof *g), *last = t.w + t.parameters - 1;
  assert_ok(rs_rnn_learner_new(t.rnn, RS_ENGINE_BLOCK, 5, 2, &l, NULL));
  for (size_t i = 0; i < 3; ++i) {
    const rs_scalar x = t.x[7 * 2 + 1], w = t.w[3], start = *last, dy = t.dy[9 * 3];
    t.x[7 * 2 + 1] = bad[i];
    assert_says(l, rs_rnn_learner_forward(l, t.w, 5, t.x, NULL), RS_ERR_NONFINITE,
                "the input of frame 3, stream 1, holds a NaN or an infinity");
    t.x[7 * 2 + 1] = x;
    t.w[3] = bad[i];
    assert_says(l, rs_rnn_learner_forward(l, t.w, 5, t.x, NULL), RS_ERR_NONFINITE,
                "the parameters W1 of layer 1 hold a NaN or an infinity");
    t.w[3] = w;
    *last = bad[i];
    assert_says(l, rs_rnn_learner_forward(l, t.w, 5, t.x, NULL), RS_ERR_NONFINITE,
                "the learned start holds a NaN or an infinity");
    *last = start;
    assert_ok(rs_rnn_learner_forward(l, t.w, 5, t.x, NULL));
    t.dy[9 * 3] = bad[i];
    assert_says(l, rs_rnn_learner_backward(l, t.w, t.dy, g), RS_ERR_NONFINITE,
                "the cotangent of frame 4, stream 1, holds a NaN or an infinity");
    t.dy[9 * 3] = dy;
    assert_ok(rs_rnn_learner_backward(l, t.w, t.dy, g));
    restore_with(l, l, 1, bad[i]);
    assert_says(l, rs_rnn_learner_forward(l, t.w, 5, t.x, NULL), RS_ERR_NONFINITE,
                "what stream 0 carries holds a NaN or an infinity");
    rs_rnn_learner_reset(l);
  }
  rs_rnn_learner_free(l);
  free(g);
  trial_free(&t);
}

static void calls_out_of_turn_are_refused(void **state) {
  Trial t;
  RsRnnLearner *l = NULL;
  forgetful(&t, 4, GAIN, false);
  assert_ok(rs_rnn_learner_new(t.rnn, RS_ENGINE_BPTT, 5, 2, &l, NULL));
  assert_says(l, rs_rnn_learner_forward(l, t.w, 0, t.x, NULL), RS_ERR_ARGUMENT,
              "a block of 0 frames, the learner takes 1 to 5");
  assert_says(l, rs_rnn_learner_forward(l, t.w, 6, t.x, NULL), RS_ERR_ARGUMENT,
              "a block of 6 frames, the learner takes 1 to 5");
  assert_says(l, rs_rnn_learner_backward(l, t.w, t.dy, NULL), RS_ERR_ARGUMENT,
              "no forward came before: nothing to go back through");
  assert_ok(rs_rnn_learner_forward(l, t.w, 5, t.x, NULL));
  assert_ok(rs_rnn_learner_backward(l, t.w, t.dy, NULL));
  assert_says(l, rs_rnn_learner_backward(l, t.w, t.dy, NULL), RS_ERR_ARGUMENT,
              "no forward came before: nothing to go back through");
  rs_rnn_learner_free(l);
  trial_free(&t);
}

static void a_step_that_fails_leaves_the_state(void **state) {
  Trial t;
  RsRnnStep *step = NULL;
  rs_scalar r[4] = {1, 2, 3, 4}, y[3] = {5, 6, 7};
  forgetful(&t, 4, GAIN, false);
  assert_ok(rs_rnn_step_new(t.rnn, &step));
  t.x[0] = NAN;
  assert_int_equal(rs_rnn_step(t.rnn, t.w, t.x, r, y, step), RS_ERR_NONFINITE);
  assert_true(r[0] == 1 && r[3] == 4 && y[0] == 5 && y[2] == 7);
  rs_rnn_step_free(step);
  trial_free(&t);
}

static void parameters_that_are_held_are_checked_and_let_go(void **state) {
  Trial t;
  RsRnnStep *step = NULL;
  rs_scalar r[4] = {1, 2, 3, 4}, s[4] = {1, 2, 3, 4}, y[3], z[3], other[256];
  forgetful(&t, 4, GAIN, false);
  const size_t n = rs_rnn_parameters(t.rnn);
  assert_true(n <= 256);
  memcpy(other, t.w, n * sizeof *other);
  other[0] += 1;
  assert_ok(rs_rnn_step_new(t.rnn, &step));
  assert_ok(rs_rnn_step(t.rnn, other, t.x, r, y, step));
  assert_ok(rs_rnn_step_hold(t.rnn, t.w, step));
  assert_ok(rs_rnn_step(t.rnn, other, t.x, s, z, step));
  assert_memory_equal(r, s, sizeof r);
  other[0] = INFINITY;
  assert_int_equal(rs_rnn_step_hold(t.rnn, other, step), RS_ERR_NONFINITE);
  assert_int_equal(rs_rnn_step(t.rnn, other, t.x, s, z, step), RS_ERR_NONFINITE);
  rs_rnn_step_free(step);
  trial_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_engine_gives_central_differences),
      cmocka_unit_test(blocks_of_any_length_give_the_gradient_of_the_whole),
      cmocka_unit_test(dr_dw_is_carried_on_while_parameters_move),
      cmocka_unit_test(the_early_stop_changes_nothing_that_shows),
      cmocka_unit_test(nothing_passes_a_border),
      cmocka_unit_test(a_saved_carry_continues_to_the_bit),
      cmocka_unit_test(steps_are_the_frames_of_a_block),
      cmocka_unit_test(a_recurrent_net_that_cannot_be_is_told),
      cmocka_unit_test(a_learner_that_cannot_be_is_told),
      cmocka_unit_test(what_is_not_finite_is_told_by_frame_and_stream),
      cmocka_unit_test(calls_out_of_turn_are_refused),
      cmocka_unit_test(a_step_that_fails_leaves_the_state),
      cmocka_unit_test(parameters_that_are_held_are_checked_and_let_go),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
