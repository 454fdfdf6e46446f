/* SPDX-License-Identifier: ISC */

/* Block RTRL over series that are far longer than the past blocks it keeps. */

#include "exact.h"
#include "kit.h"

#include "base/memory.h"

#include <rollsmith/rnn.h>

#include <string.h>

enum { INPUTS = 2, STATE = 4, OUTPUTS = 6, STREAMS = 3, SERIES = 600, ROWS = SERIES * STREAMS };

#define EQUAL (sizeof(rs_real) == sizeof(float) ? 1e-3 : 1e-12)
#define FLOOR 1 /* sums of 600 frames are rounded by the size of their terms */

/* Where the state is, and how much of it is left after a frame. */
typedef struct {
  RsActivation activation;
  bool hidden; /* or rows of the last layer */
  bool learned_start;
  double keep;
} Kind;

static const Kind kinds[] = {
    {RS_TANH, true, true, 1},          {RS_TANH, true, false, 0.999},
    {RS_IDENTITY, true, true, 1},      {RS_IDENTITY, false, false, 1},
    {RS_IDENTITY, false, true, 0.999}, {RS_IDENTITY, true, false, 0.9},
    {RS_TANH, false, true, 0.3},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Lengths of the blocks, in turn. */
static const size_t lengths[][4] = {{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3},
                                    {7, 7, 7, 7}, {5, 1, 7, 2}, {100, 100, 3, 100}};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

typedef struct {
  RsRnn *rnn;
  size_t parameters, outputs;
  rs_scalar *w, *x, *dy, *move;
  unsigned char *starts;
} Series;

static uint64_t seed;

/* The state's units pass their values on to the next one, so that all of it lives as long. */
static void turn_round(const Kind *kind, rs_scalar *w) {
  const size_t first = kind->hidden ? 0 : 1, all = INPUTS + STATE;
  for (size_t i = 0; i < STATE; ++i) {
    for (size_t j = 0; j < STATE; ++j) {
      w[(first + i) * all + INPUTS + j] = j == (i + 1) % STATE ? (rs_scalar)kind->keep : 0;
    }
  }
}

static RsRnn *recurrent(const Kind *kind) {
  const RsLayerSpec layers[2] = {{.outputs = kind->hidden ? STATE : OUTPUTS,
                                  .activation = kind->activation,
                                  .bias = RS_BIAS_OWN},
                                 {.outputs = OUTPUTS, .bias = RS_BIAS_OWN}};
  RsNet *net = NULL;
  RsRnn *rnn = NULL;
  assert_ok(rs_net_new(INPUTS + STATE, kind->hidden ? 2 : 1, layers, &net, NULL));
  const RsRnnSpec spec = {net, 1, kind->hidden ? 0 : 1, STATE, kind->learned_start};
  assert_ok(rs_rnn_new(&spec, &rnn, NULL));
  rs_net_free(net);
  return rnn;
}

static Series series_new(const Kind *kind, uint64_t turn) {
  Dice dice = dice_new(seed, turn);
  Series s = {.rnn = recurrent(kind)};
  s.parameters = rs_rnn_parameters(s.rnn);
  s.w = rs_alloc(s.parameters, sizeof *s.w);
  s.move = rs_alloc(s.parameters, sizeof *s.move);
  s.x = rs_alloc(ROWS * INPUTS, sizeof *s.x);
  s.dy = rs_alloc(ROWS * OUTPUTS, sizeof *s.dy);
  s.starts = rs_alloc(ROWS, 1);
  roll_scalars(&dice, s.parameters, 0.05, s.w);
  roll_scalars(&dice, s.parameters, 1e-5, s.move);
  roll_scalars(&dice, ROWS * INPUTS, 0.1, s.x);
  roll_scalars(&dice, ROWS * OUTPUTS, 1, s.dy);
  for (size_t i = 0; i < ROWS * OUTPUTS; ++i) {
    s.dy[i] += 1; /* of one sign, or else what is left of a long sum is its rounding */
  }
  turn_round(kind, s.w);
  return s;
}

static void series_free(Series *s) {
  rs_rnn_free(s->rnn);
  free(s->w);
  free(s->move);
  free(s->x);
  free(s->dy);
  free(s->starts);
}

/* Borders of every stream at places of its own; the first has none. */
static void roll_borders(Series *s, uint64_t turn) {
  Dice dice = dice_new(seed, 1000 + turn);
  memset(s->starts, 0, ROWS);
  for (size_t i = 0; i < 4; ++i) {
    s->starts[roll(&dice, SERIES) * STREAMS + 1] = 1;
    s->starts[roll(&dice, SERIES / 4) * STREAMS + 2] = 1;
  }
}

static RsRnnLearner *learner_new(const Series *s, RsRnnEngine engine, const size_t *length) {
  RsRnnLearner *learner = NULL;
  size_t most = 0;
  for (size_t i = 0; i < 4; ++i) {
    most = length[i] > most ? length[i] : most;
  }
  assert_ok(rs_rnn_learner_new(s->rnn, engine, most, STREAMS, &learner, NULL));
  return learner;
}

/* Frames from .. to - 1 in blocks; `w` moves after each where it is to. */
static void learn(const Series *s, RsRnnLearner *learner, const size_t *length, size_t from,
                  size_t to, bool moving, rs_scalar *w, rs_scalar *g) {
  for (size_t n = from, i = 0; n < to; n += length[i++ % 4]) {
    const size_t row = n * STREAMS, next = length[i % 4], frames = to - n < next ? to - n : next;
    assert_ok(rs_rnn_learner_forward(learner, w, frames, s->x + row * INPUTS, s->starts + row));
    assert_ok(rs_rnn_learner_backward(learner, w, s->dy + row * rs_rnn_outputs(s->rnn), g));
    for (size_t p = 0; moving && p < s->parameters; ++p) {
      w[p] += s->move[p];
    }
  }
}

/* The gradient of the whole; gives back how much the carry has grown. */
static size_t gradient(const Series *s, RsRnnEngine engine, const size_t *length, bool moving,
                       rs_scalar *g) {
  RsRnnLearner *learner = learner_new(s, engine, length);
  rs_scalar *w = rs_alloc(s->parameters, sizeof *w);
  const size_t size = rs_rnn_learner_carry_size(learner);
  memcpy(w, s->w, s->parameters * sizeof *w);
  memset(g, 0, s->parameters * sizeof *g);
  learn(s, learner, length, 0, SERIES, moving, w, g);
  const size_t grown = rs_rnn_learner_carry_size(learner) - size;
  rs_rnn_learner_free(learner);
  free(w);
  return grown;
}

static void compare_engines(const Series *s, const char *what, size_t turn, const size_t *length,
                            bool moving) {
  rs_scalar *g = rs_alloc(2 * s->parameters, sizeof *g);
  gradient(s, RS_ENGINE_BLOCK, length, moving, g);
  gradient(s, RS_ENGINE_RTRL, length, moving, g + s->parameters);
  assert_scalars_agree(what, turn, s->parameters, g, g + s->parameters, EQUAL, FLOOR);
  free(g);
}

static void a_memory_longer_than_the_past_blocks_loses_nothing(void **state) {
  for (size_t i = 0; i < KINDS * LENGTHS; ++i) {
    Series s = series_new(&kinds[i / LENGTHS], i);
    roll_borders(&s, i);
    compare_engines(&s, "borders", i, lengths[i % LENGTHS], false);
    series_free(&s);
  }
}

static void nor_does_one_whose_parameters_move(void **state) {
  for (size_t i = 0; i < KINDS * LENGTHS; ++i) {
    Series s = series_new(&kinds[i / LENGTHS], i);
    roll_borders(&s, i);
    compare_engines(&s, "moving", i, lengths[i % LENGTHS], true);
    series_free(&s);
  }
}

/* What was cut off as forgotten is not missed where the net comes to remember. */
static void a_net_that_forgets_and_then_remembers_loses_nothing(void **state) {
  const Kind *kind = &kinds[5];
  Series s = series_new(kind, 99);
  rs_scalar *g = rs_alloc(2 * s.parameters, sizeof *g), *w = rs_alloc(s.parameters, sizeof *w);
  for (RsRnnEngine engine = RS_ENGINE_BLOCK; engine <= RS_ENGINE_RTRL; ++engine) {
    RsRnnLearner *learner = learner_new(&s, engine, lengths[2]);
    rs_scalar *to = g + (engine == RS_ENGINE_RTRL ? s.parameters : 0);
    memcpy(w, s.w, s.parameters * sizeof *w);
    for (size_t turn = 0; turn < 2; ++turn) {
      const Kind as = {kind->activation, kind->hidden, false, turn ? 1 : 0.3};
      turn_round(&as, w);
      learn(&s, learner, lengths[2], turn * 300, turn * 300 + 300, false, w, to);
    }
    rs_rnn_learner_free(learner);
  }
  assert_scalars_agree("remembers", 0, s.parameters, g, g + s.parameters, EQUAL, FLOOR);
  free(g);
  free(w);
  series_free(&s);
}

static void dr_dw_is_kept_only_where_the_memory_is_longer_than_the_past_blocks(void **state) {
  for (size_t i = 0; i < KINDS; ++i) {
    Series s = series_new(&kinds[i], i);
    rs_scalar *g = rs_alloc(s.parameters, sizeof *g);
    const bool forgets = kinds[i].keep < 0.5;
    const bool remembers = kinds[i].activation == RS_IDENTITY; /* tanh may come to its flat ends */
    const size_t grown = gradient(&s, RS_ENGINE_BLOCK, lengths[1], false, g);
    assert_false(forgets && grown);
    assert_false(remembers && !grown);
    assert_true(gradient(&s, RS_ENGINE_BLOCK, lengths[5], false, g) == 0);
    for (size_t row = 0; row < ROWS; ++row) {
      s.starts[row] = row / STREAMS % 50 == 0;
    }
    assert_true(gradient(&s, RS_ENGINE_BLOCK, lengths[1], false, g) == 0);
    free(g);
    series_free(&s);
  }
}

/* What a learner carries, to be given to free(). */
static rs_scalar *carry_of(const RsRnnLearner *learner) {
  rs_scalar *carry = rs_alloc(rs_rnn_learner_carry_size(learner), sizeof *carry);
  rs_rnn_learner_carry_save(learner, carry);
  return carry;
}

static void assert_same_carry(const RsRnnLearner *a, const RsRnnLearner *b) {
  rs_scalar *x = carry_of(a), *y = carry_of(b);
  assert_int_equal(rs_rnn_learner_carry_size(a), rs_rnn_learner_carry_size(b));
  assert_memory_equal(x, y, rs_rnn_learner_carry_size(a) * sizeof *x);
  free(x);
  free(y);
}

/* Saved in mid-series, with dr/dw in use or not, and gone on with by another learner. */
static void a_saved_carry_of_any_size_continues_to_the_bit(void **state) {
  for (size_t i = 0; i < KINDS; ++i) {
    Series s = series_new(&kinds[i], i);
    rs_scalar *g = rs_alloc(2 * s.parameters, sizeof *g), *other = g + s.parameters;
    RsRnnLearner *first = learner_new(&s, RS_ENGINE_BLOCK, lengths[2]);
    RsRnnLearner *second = learner_new(&s, RS_ENGINE_BLOCK, lengths[2]);
    roll_borders(&s, i);
    learn(&s, first, lengths[2], 0, 300, false, s.w, NULL);
    learn(&s, second, lengths[2], 0, 150, false, s.w, NULL); /* a past of its own */
    const size_t size = rs_rnn_learner_carry_size(first);
    assert_ok(rs_rnn_learner_carry_resize(second, size));
    assert_int_equal(rs_rnn_learner_carry_size(second), size);
    rs_scalar *carry = carry_of(first);
    assert_ok(rs_rnn_learner_carry_restore(second, carry));
    free(carry);
    assert_same_carry(first, second);
    learn(&s, first, lengths[2], 300, SERIES, false, s.w, g);
    learn(&s, second, lengths[2], 300, SERIES, false, s.w, other);
    assert_memory_equal(g, other, s.parameters * sizeof *g);
    assert_same_carry(first, second);
    rs_rnn_learner_free(first);
    rs_rnn_learner_free(second);
    free(g);
    series_free(&s);
  }
}

static void a_carry_that_cannot_be_is_refused(void **state) {
  Series s = series_new(&kinds[0], 0);
  RsRnnLearner *learner = learner_new(&s, RS_ENGINE_BLOCK, lengths[2]);
  const size_t size = rs_rnn_learner_carry_size(learner), figures = STREAMS * (1 + STATE);
  assert_int_equal(rs_rnn_learner_carry_resize(learner, size + 1), RS_ERR_ARGUMENT);
  assert_int_equal(rs_rnn_learner_carry_resize(learner, 0), RS_ERR_ARGUMENT);
  assert_int_equal(rs_rnn_learner_carry_size(learner), size);
  const rs_scalar bad[] = {-1, 65, (rs_scalar)NAN, (rs_scalar)1e9};
  rs_scalar *before = carry_of(learner);
  for (size_t i = 0; i < 4 * (2 + 3 * STREAMS); ++i) {
    rs_scalar *carry = carry_of(learner);
    const bool age = i / 4 >= 2, good = age && i % 4 == 1 && (i / 4 - 2) % 3 < 2;
    carry[figures + i / 4] = bad[i % 4];
    assert_int_equal(rs_rnn_learner_carry_valid(learner, carry), good);
    assert_int_equal(rs_rnn_learner_carry_restore(learner, carry), good ? RS_OK : RS_ERR_ARGUMENT);
    free(carry);
    carry = carry_of(learner);
    assert_int_equal(memcmp(carry, before, size * sizeof *carry) != 0, good);
    assert_ok(rs_rnn_learner_carry_restore(learner, before));
    free(carry);
  }
  free(before);
  learn(&s, learner, lengths[2], 0, 64 * 3, false, s.w, NULL); /* the ring is full */
  rs_scalar *carry = carry_of(learner);
  carry[figures + 2 + 3 * STREAMS] = 4; /* frames of one of its blocks */
  assert_int_equal(rs_rnn_learner_carry_restore(learner, carry), RS_ERR_ARGUMENT);
  free(carry);
  rs_rnn_learner_free(learner);
  series_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_memory_longer_than_the_past_blocks_loses_nothing),
      cmocka_unit_test(nor_does_one_whose_parameters_move),
      cmocka_unit_test(a_net_that_forgets_and_then_remembers_loses_nothing),
      cmocka_unit_test(dr_dw_is_kept_only_where_the_memory_is_longer_than_the_past_blocks),
      cmocka_unit_test(a_saved_carry_of_any_size_continues_to_the_bit),
      cmocka_unit_test(a_carry_that_cannot_be_is_refused),
  };
  seed = test_seed();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
