/* SPDX-License-Identifier: ISC */

/* Inputs from earlier bars: lookback and likeness. */

#include "inputs_kit.h"

/* ---- Lookback ---- */

/* The frame some bars before a frame, or -1: from the list of the bars' first frames alone. */
static long bars_ago(const size_t *starts, size_t frames, size_t n, size_t bars) {
  size_t bar = 0;
  while (starts[bar + 1] <= n) {
    ++bar;
  }
  if (bar < bars) {
    return -1;
  }
  const size_t then = starts[bar - bars] + n - starts[bar];
  return then < starts[bar - bars + 1] && n - then <= frames ? (long)then : -1;
}

/* The first frames of bars, and last one that is beyond all. */
static void list_bars(const RsRoll *roll, size_t *starts) {
  size_t count = 0;
  for (size_t n = 0; n < roll->frames; ++n) {
    RsBarPlace bar;
    assert_true(rs_roll_bar(roll, n, &bar));
    if (!bar.frame_in_bar) {
      starts[count++] = n;
    }
  }
  starts[count] = SIZE_MAX;
}

/* Expect lookback of a frame to be what stood in the song. @return Distances that are there. */
static size_t expect_lookback(const Past *past, const RsRoll *roll, const size_t *starts,
                              size_t n) {
  static const size_t bars[RS_LOOKBACKS] = {1, 2, 4, 8};
  static const float zeroes[RS_LIKENESSES];
  const RsInputs *inputs = past->inputs;
  size_t there = 0;
  for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
    const long then = bars_ago(starts, rs_inputs_frames(inputs), n, bars[k]);
    const float *like = past->x + inputs->at.likeness + k * RS_LIKENESSES;
    float wanted[VISIBLE] = {0};
    if (then >= 0) {
      rs_encode_frame(&inputs->encoding, roll, (size_t)then, 0, wanted);
    }
    assert_memory_equal(past->x + inputs->at.lookback + k * VISIBLE, wanted, sizeof wanted);
    assert_int_equal(memcmp(like, zeroes, sizeof zeroes) != 0, then >= 0);
    there += then >= 0;
  }
  return there;
}

/* @return How many frames some bars ago there are, of all frames together. */
static size_t look_back_through(const RsRoll *roll) {
  const RsInputs inputs = all_inputs();
  Past past = past_of(&inputs);
  size_t *starts = test_calloc(roll->frames + 1, sizeof *starts), there = 0;
  list_bars(roll, starts);
  for (size_t n = 0; n < roll->frames; ++n) {
    add_roll_frame(&past, roll, n, 0);
    there += expect_lookback(&past, roll, starts, n);
  }
  test_free(starts);
  past_free(&past);
  return there;
}

static void lookback_is_what_stood_some_bars_ago(void **state) {
  for (size_t i = 0; i < KNOWN_COUNT; ++i) {
    const size_t bar = i ? 12 : 16;
    RsRoll roll = random_roll(i, 20 * bar + 5);
    assert_ok(rs_roll_add_meter(&roll, 0, KNOWN[i].beats, KNOWN[i].unit));
    assert_int_equal(look_back_through(&roll), (19 + 18 + 16 + 12) * bar + 4 * 5);
    rs_roll_clear(&roll);
  }
}

static void lookback_goes_over_pickups_and_changes_of_meter(void **state) {
  RsRoll roll = random_roll(5, 600);
  assert_ok(rs_roll_add_meter(&roll, 0, 1, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 4, 4));
  assert_ok(rs_roll_add_meter(&roll, 4 + 160, 3, 4));
  assert_ok(rs_roll_add_meter(&roll, 4 + 160 + 125, 4, 4)); /* cuts a bar */
  assert_ok(rs_roll_add_meter(&roll, 450, 6, 8));
  assert_true(look_back_through(&roll) > 1000);
  rs_roll_clear(&roll);
}

/* 8 bars of 28 frames are more than are kept for meters of 16 at most. */
static void bars_that_are_too_long_are_looked_back_on_less_far(void **state) {
  RsRoll roll = random_roll(6, 28 * 12);
  assert_ok(rs_roll_add_meter(&roll, 0, 7, 4));
  assert_int_equal(look_back_through(&roll), (11 + 10 + 8) * 28);
  rs_roll_clear(&roll);
}

/* After a leap to bar 20, a bar is looked back on again when one has been heard there. */
static void nothing_before_a_leap_is_looked_back_on(void **state) {
  const RsInputs inputs = all_inputs();
  Past past = past_of(&inputs);
  RsRoll roll = random_roll(8, 400);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t n = 0; n < 70; ++n) {
    add_roll_frame(&past, &roll, n, 0);
  }
  rs_input_history_jump(past.history);
  for (size_t n = 16 * 20 + 5; n < 16 * 23; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    const bool known = n >= 16 * 21 + 5;
    float then[VISIBLE];
    rs_encode_frame(&inputs.encoding, &roll, n - 16, 0, then);
    for (size_t i = 0; i < VISIBLE; ++i) {
      assert_true(past.x[inputs.at.lookback + i] == (known ? then[i] : 0));
    }
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

static void the_frame_before_is_the_first_part(void **state) {
  const RsInputs inputs = all_inputs();
  Past past = past_of(&inputs);
  RsRoll roll = random_roll(7, 100);
  float v[VISIBLE] = {0};
  assert_ok(rs_roll_add_meter(&roll, 0, 3, 4));
  for (size_t n = 0; n < roll.frames; ++n) {
    assert_memory_equal(rs_input_history_last(past.history), v, sizeof v);
    add_roll_frame(&past, &roll, n, 0);
    assert_memory_equal(past.x, v, sizeof v);
    rs_encode_frame(&inputs.encoding, &roll, n, 0, v);
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

static void a_song_knows_nothing_of_the_last_one(void **state) {
  const RsInputs inputs = all_inputs();
  Past used = past_of(&inputs), fresh = past_of(&inputs);
  RsRoll one = random_roll(8, 300), two = random_roll(9, 200);
  float before[VISIBLE] = {0, 1};
  assert_ok(rs_roll_add_meter(&one, 0, 3, 4));
  assert_ok(rs_roll_add_meter(&two, 0, 4, 4));
  for (size_t n = 0; n < one.frames; ++n) {
    add_roll_frame(&used, &one, n, 0);
  }
  rs_input_history_start(used.history, before);
  rs_input_history_start(fresh.history, before);
  for (size_t n = 0; n < two.frames; ++n) {
    add_roll_frame(&used, &two, n, 0);
    add_roll_frame(&fresh, &two, n, 0);
    assert_memory_equal(used.x, fresh.x, inputs.size * sizeof *used.x);
    assert_true(n || !memcmp(used.x, before, sizeof before));
  }
  past_free(&used);
  past_free(&fresh);
  rs_roll_clear(&one);
  rs_roll_clear(&two);
}

/* ---- Likeness ---- */

static double jaccard(const RsFrame *a, const RsFrame *b) {
  double both = 0, either = 0;
  for (int note = 0; note < RS_NOTES; ++note) {
    both += rs_frame_has(a, note) && rs_frame_has(b, note);
    either += rs_frame_has(a, note) || rs_frame_has(b, note);
  }
  return either > 0 ? both / either : 1;
}

static int top_of(const RsFrame *frame) {
  int top = -1;
  for (int note = 0; note < RS_NOTES; ++note) {
    top = rs_frame_has(frame, note) ? note : top;
  }
  return top;
}

/* The class of a likeness, -1 where rounding may decide. */
static int class_of(double like) {
  static const double ends[] = {0.3, 0.6, 0.85};
  int class = 0;
  for (int i = 0; i < 3; ++i) {
    if (fabs(like - ends[i]) < 1e-5) {
      return -1;
    }
    class += like > ends[i];
  }
  return class;
}

/* A song of which some bars come back, changed a little. */
static RsRoll returning_roll(size_t bars) {
  RsRoll roll = random_roll(10, bars * 16), other = random_roll(11, bars * 16);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t n = 32; n < roll.frames; ++n) {
    if (n / 16 % 3) {
      const bool same = n / 16 % 3 == 1 || n % 5;
      roll.on[n] = same ? roll.on[n - 16] : other.on[n];
      roll.onset[n] = same ? roll.onset[n - 16] : other.onset[n];
    }
  }
  rs_roll_clear(&other);
  return roll;
}

static void likeness_is_a_running_mean_of_what_was_alike(void **state) {
  static const size_t bars[RS_LOOKBACKS] = {1, 2, 4, 8};
  const RsInputs inputs = all_inputs();
  Past past = past_of(&inputs);
  RsRoll roll = returning_roll(40);
  double like[RS_LOOKBACKS][2] = {{0}};
  size_t seen[2][4] = {{0}};
  for (size_t n = 0; n < roll.frames; ++n) {
    add_roll_frame(&past, &roll, n, 0);
    for (size_t k = 0; k < RS_LOOKBACKS; ++k) {
      const bool there = n >= 16 * bars[k];
      const RsFrame *now = roll.on + n, *then = now - (there ? 16 * bars[k] : 0);
      const double alike[2] = {there ? jaccard(now, then) : 0,
                               there && top_of(now) == top_of(then)};
      for (size_t kind = 0; kind < 2; ++kind) {
        const float *x = past.x + inputs.at.likeness + k * RS_LIKENESSES + 4 * kind;
        const int wanted = class_of(like[k][kind]);
        for (int i = 0; there && wanted >= 0 && i < 4; ++i) {
          assert_true(x[i] == (i == wanted));
        }
        seen[kind][wanted < 0 ? 0 : wanted] += there;
        like[k][kind] += 0.25 * (alike[kind] - like[k][kind]);
      }
    }
  }
  for (size_t i = 0; i < 8; ++i) {
    assert_true(seen[i / 4][i % 4] > 20);
  }
  past_free(&past);
  rs_roll_clear(&roll);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lookback_is_what_stood_some_bars_ago),
      cmocka_unit_test(lookback_goes_over_pickups_and_changes_of_meter),
      cmocka_unit_test(bars_that_are_too_long_are_looked_back_on_less_far),
      cmocka_unit_test(nothing_before_a_leap_is_looked_back_on),
      cmocka_unit_test(the_frame_before_is_the_first_part),
      cmocka_unit_test(a_song_knows_nothing_of_the_last_one),
      cmocka_unit_test(likeness_is_a_running_mean_of_what_was_alike),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
