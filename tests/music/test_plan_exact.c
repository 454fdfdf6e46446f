/* SPDX-License-Identifier: ISC */

/* Plans of songs: the quarter notes of a bar that return, and keys. */

#include "frames.h"
#include "kit.h"

#include <rollsmith/plan.h>

#include <math.h>
#include <string.h>

enum { QUARTER = 4, BAR = 4 * QUARTER, AKIN_1 = 1, VARIED_1 = 2, SAME_1 = 3 };

/* A song of 4/4, a letter a quarter note: a lower-case one has a note of its own, an upper-case one
   that note and another one in its last frame. */
static RsRoll song_of(const char *quarters) {
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, QUARTER * strlen(quarters), RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  for (size_t f = 0; f < roll.frames; ++f) {
    const char kind = quarters[f / QUARTER];
    const bool upper = kind >= 'A' && kind <= 'Z';
    roll.on[f] = FRAME(40 + (upper ? kind - 'A' : kind - 'a'));
    if (upper && f % QUARTER == QUARTER - 1) {
      rs_frame_set(&roll.on[f], 90);
    }
  }
  return roll;
}

static void expect_bar(const char *quarters, size_t bar, RsBarPlan wanted) {
  static const RsPlanPrior prior; /* does not matter for bars */
  RsRoll roll = song_of(quarters);
  RsSongPlan plan;
  assert_ok(rs_song_plan(&prior, &roll, &plan));
  assert_true(bar < plan.bars);
  assert_int_equal(plan.bar[bar].label, wanted.label);
  assert_int_equal(plan.bar[bar].quarters, wanted.quarters);
  assert_int_equal(plan.bar[bar].exact, wanted.exact);
  for (size_t q = 0; q < wanted.quarters; ++q) {
    const unsigned char at = wanted.exact >> q & 1 ? SAME_1 : wanted.label;
    assert_int_equal(rs_song_plan_at(&plan, bar, q).label, at);
  }
  assert_int_equal(rs_song_plan_at(&plan, bar, RS_PLAN_QUARTERS).label, wanted.label);
  rs_song_plan_clear(&plan);
  rs_roll_clear(&roll);
}

/* A frame of a quarter note is enough to make it another one; the last may be cut short. */
static void quarter_notes_that_return_are_found(void **state) {
  expect_bar("abcdabcD", 1, (RsBarPlan){VARIED_1, 4, 0x7});
  expect_bar("abcdaBCd", 1, (RsBarPlan){VARIED_1, 4, 0x9});
  expect_bar("abcdabxy", 1, (RsBarPlan){AKIN_1, 4, 0x3});
  expect_bar("abcdabcd", 1, (RsBarPlan){SAME_1, 4, 0});
  expect_bar("abcdwxyz", 1, (RsBarPlan){0, 4, 0});
  expect_bar("abcdaB", 1, (RsBarPlan){VARIED_1, 2, 0x1});
}

static void the_label_of_a_quarter_note_is_exact_or_its_bars(void **state) {
  for (unsigned char label = 1; label < RS_PLAN_LABELS; ++label) {
    const unsigned char exact = (unsigned char)((label + 2) / 3 * 3);
    assert_int_equal(rs_plan_label_at(label, 0x8001, 0), exact);
    assert_int_equal(rs_plan_label_at(label, 0x8001, 1), label);
    assert_int_equal(rs_plan_label_at(label, 0x8001, 15), exact);
    assert_int_equal(rs_plan_label_at(label, 0x8001, 16), label);
  }
  assert_int_equal(rs_plan_label_at(0, 0, 3), 0);
}

static RsPlanPrior *learned(RsRoll *rolls, size_t count) {
  static const unsigned char meter[3];
  const RsSongs songs = {rolls, count, count};
  RsPlanPrior *prior = test_calloc(1, sizeof *prior);
  assert_ok(rs_plan_learn(&songs, meter, prior));
  return prior;
}

/* Three bars of level 2: their quarter notes 1 1 1 0, 1 0 0 1 and 0 1 1 0. */
static void quarter_notes_are_counted_by_level_place_and_the_one_before(void **state) {
  RsRoll rolls[] = {song_of("abcdabcD"), song_of("abcdaBCd"), song_of("abcdAbcD")};
  RsPlanPrior *prior = learned(rolls, 3);
  const double varied[] = {2.5 / 4, 0.5, 1.5 / 2, 1.5 / 3, 0.5 / 2, 2.5 / 3, 1.5 / 2, 0.5 / 3};
  for (size_t c = 0; c < 8; ++c) {
    assert_close(prior->exact[0][c], 0.5, 1e-6);
    assert_close(prior->exact[1][c], varied[c], 1e-6);
  }
  for (size_t i = 0; i < 3; ++i) {
    rs_roll_clear(rolls + i);
  }
  test_free(prior);
}

/* The probabilities of all quarter notes of a bar add up to that of the bar without them; those
 * that all return are a bar of another level. */
static void quarter_notes_have_probabilities_that_add_up(void **state) {
  RsPlanPrior *prior = test_calloc(1, sizeof *prior);
  double sum = 0;
  for (size_t c = 0; c < 8; ++c) {
    prior->exact[1][c] = 0.1f + 0.1f * (float)c;
  }
  for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
    prior->next[0][l] = 1.0f / RS_PLAN_LABELS;
  }
  prior->texture[0][0] = prior->top[0][0] = prior->bottom[0][0] = 1;
  prior->next[0][VARIED_1] = 1;
  for (unsigned exact = 0; exact < 32; ++exact) {
    RsBarPlan bars[] = {{.label = 0}, {VARIED_1, 5, (uint16_t)exact}};
    const RsSongPlan plan = {.bars = 2, .bar = bars};
    for (size_t l = 0; l < RS_PLAN_LABELS; ++l) { /* after the first bar */
      prior->next[RS_PLAN_LABELS][l] = l == VARIED_1;
    }
    const double p = exp(rs_plan_log_probability(prior, &plan, 0));
    assert_true(exact < 31 ? p > 0 : p == 0);
    sum += p;
  }
  assert_close(sum, 1, 1e-6);
  test_free(prior);
}

enum { DRAWS = 4096 };

/* Each of the first two quarter notes is drawn by its own number. Of a bar of two, not both return:
 * the first does in (1/4 - 3/16) / (13/16) = 1/13. */
static void quarter_notes_are_drawn_as_often_as_they_are_probable(void **state) {
  RsPlanPrior *prior = test_calloc(1, sizeof *prior);
  size_t drawn[4] = {0}, of_two[4] = {0};
  prior->exact[0][0] = 0.25f;
  prior->exact[0][2] = 0.5f;
  prior->exact[0][3] = 0.75f;
  for (size_t i = 0; i < DRAWS * 13; ++i) {
    double places[RS_PLAN_QUARTERS] = {(double)(i / 64) / 64 / 13, (double)(i % 64) / 64};
    const uint16_t exact = rs_plan_draw_exact(prior, AKIN_1, 4, places);
    assert_int_equal(exact & ~3U, 0); /* their probabilities are 0 */
    ++drawn[exact];
    ++of_two[rs_plan_draw_exact(prior, AKIN_1, 2, places)];
    assert_int_equal(rs_plan_draw_exact(prior, 0, 4, places), 0);
    assert_int_equal(rs_plan_draw_exact(prior, SAME_1, 4, places), 0);
  }
  assert_int_equal(drawn[0], 13 * DRAWS * 3 / 8);
  assert_int_equal(drawn[1], 13 * DRAWS / 16);
  assert_int_equal(drawn[2], 13 * DRAWS * 3 / 8);
  assert_int_equal(drawn[3], 13 * DRAWS * 3 / 16);
  assert_int_equal(of_two[1], DRAWS);
  assert_int_equal(of_two[0], DRAWS * 12 / 2);
  assert_int_equal(of_two[2], DRAWS * 12 / 2);
  assert_int_equal(of_two[3], 0);
  test_free(prior);
}

/* Of a bar of so many quarter notes that some are not told apart, all that are may return. */
static void all_quarter_notes_of_a_very_long_bar_may_return(void **state) {
  RsPlanPrior *prior = test_calloc(1, sizeof *prior);
  const double places[RS_PLAN_QUARTERS] = {0};
  for (size_t c = 0; c < 8; ++c) {
    prior->exact[1][c] = 0.5f;
  }
  assert_int_equal(rs_plan_draw_exact(prior, VARIED_1, RS_PLAN_QUARTERS + 1, places), 0xffff);
  assert_int_equal(rs_plan_draw_exact(prior, VARIED_1, RS_PLAN_QUARTERS - 1, places), 0x3fff);
  test_free(prior);
}

/* Songs that were moved down by two, up by five, and six down, the same key as six up. */
static void keys_are_drawn_as_often_as_songs_had_them(void **state) {
  RsRoll rolls[] = {song_of("abcd"), song_of("abce"), song_of("abcf")};
  size_t drawn[RS_PLAN_KEYS] = {0};
  rolls[0].to_common = -2;
  rolls[1].to_common = 5;
  rolls[2].to_common = -6;
  RsPlanPrior *prior = learned(rolls, 3);
  for (size_t i = 0; i < 300; ++i) {
    ++drawn[rs_plan_draw_key(prior, ((double)i + 0.5) / 300) - RS_PLAN_KEY_LOW];
  }
  assert_int_equal(drawn[2 - RS_PLAN_KEY_LOW], 100);
  assert_int_equal(drawn[-5 - RS_PLAN_KEY_LOW], 100);
  assert_int_equal(drawn[-6 - RS_PLAN_KEY_LOW], 100);
  for (size_t i = 0; i < 3; ++i) {
    rs_roll_clear(rolls + i);
  }
  test_free(prior);
}

static void a_plan_is_transposed_with_its_song(void **state) {
  const RsFramePlan plan = {.label = 3, .top = 70, .bottom = 5};
  const RsFramePlan down = rs_plan_transposed(plan, -7), up = rs_plan_transposed(plan, 60);
  assert_int_equal(down.top, 63);
  assert_int_equal(down.bottom, 0); /* the lowest note there is */
  assert_int_equal(down.key, 5);
  assert_int_equal(down.label, 3);
  assert_int_equal(up.top, RS_NOTES - 1);
  assert_int_equal(up.key, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quarter_notes_that_return_are_found),
      cmocka_unit_test(the_label_of_a_quarter_note_is_exact_or_its_bars),
      cmocka_unit_test(quarter_notes_are_counted_by_level_place_and_the_one_before),
      cmocka_unit_test(quarter_notes_have_probabilities_that_add_up),
      cmocka_unit_test(quarter_notes_are_drawn_as_often_as_they_are_probable),
      cmocka_unit_test(all_quarter_notes_of_a_very_long_bar_may_return),
      cmocka_unit_test(keys_are_drawn_as_often_as_songs_had_them),
      cmocka_unit_test(a_plan_is_transposed_with_its_song),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
