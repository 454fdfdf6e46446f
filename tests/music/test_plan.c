/* SPDX-License-Identifier: ISC */

/* Plans of songs: labels of bars, textures, and how probable each is. */

#include "frames.h"
#include "kit.h"

#include <rollsmith/plan.h>
#include <rollsmith/style.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- Songs of bars ---- */

/* Labels of a bar at a distance of 1, 2, 4 and 8 bars. */
enum { AKIN = 1, VARIED = 2, SAME = 3, NEW = 0 };
#define LABEL(lag, level) (RS_PLAN_LEVELS * (lag) + (level))
enum { BACK_1, BACK_2, BACK_4, BACK_8 };

/* Bar `kind` has a note of its own in each frame; that of an upper-case letter is another one in
   one frame of four, that of a digit in one of two. */
static RsFrame frame_of_bar(char kind, size_t at) {
  const bool upper = kind >= 'A' && kind <= 'Z', digit = kind >= '0' && kind <= '9';
  const int letter = upper ? kind - 'A' : digit ? kind - '0' : kind - 'a';
  const bool other = (upper && at % 4 == 1) || (digit && at % 2);
  return kind == '-' ? SILENCE : FRAME((other ? 100 : 30) + 2 * letter + (int)(at % 2));
}

static RsRoll song_of(const char *kinds, unsigned beats, unsigned unit) {
  const size_t bar = (size_t)rs_meter_bar_frames(beats, unit, 4);
  RsRoll roll;
  assert_ok(rs_roll_init(&roll, NULL, bar * strlen(kinds), RS_PLANE_NONE));
  assert_ok(rs_roll_add_meter(&roll, 0, beats, unit));
  roll.meter_beats = beats;
  roll.meter_unit = unit;
  for (size_t f = 0; f < roll.frames; ++f) {
    roll.on[f] = frame_of_bar(kinds[f / bar], f % bar);
  }
  return roll;
}

static void expect_labels(const RsRoll *roll, const unsigned char *wanted, size_t count) {
  static const RsPlanPrior prior; /* has no say in labels */
  RsSongPlan plan;
  assert_ok(rs_song_plan(&prior, roll, &plan));
  assert_int_equal(plan.bars, count);
  for (size_t b = 0; b < count; ++b) {
    if (plan.bar[b].label != wanted[b]) {
      fail_msg("bar %zu has label %d, not %d", b, plan.bar[b].label, wanted[b]);
    }
    assert_int_equal(rs_song_plan_at(&plan, b, RS_PLAN_QUARTERS).label, wanted[b]);
  }
  assert_int_equal(rs_song_plan_at(&plan, count, 0).label, NEW);
  rs_song_plan_clear(&plan);
}

static void expect(const char *kinds, unsigned beats, unsigned unit, const unsigned char *wanted) {
  RsRoll roll = song_of(kinds, beats, unit);
  expect_labels(&roll, wanted, strlen(kinds));
  rs_roll_clear(&roll);
}

/* ---- Labels ---- */

static void bars_return_at_each_distance_in_any_meter(void **state) {
  static const unsigned meters[][2] = {{4, 4}, {3, 4}, {6, 8}, {5, 8}, {2, 4}};
  const unsigned char one[] = {NEW, LABEL(BACK_1, SAME), NEW, LABEL(BACK_1, SAME)};
  const unsigned char two[] = {NEW, NEW, LABEL(BACK_2, SAME), LABEL(BACK_2, SAME), NEW};
  const unsigned char four[] = {NEW, NEW, NEW, NEW, LABEL(BACK_4, SAME), LABEL(BACK_4, SAME)};
  const unsigned char eight[] = {NEW, NEW, NEW, NEW, NEW, NEW, NEW, NEW, LABEL(BACK_8, SAME)};
  for (size_t i = 0; i < COUNT(meters); ++i) {
    expect("aabb", meters[i][0], meters[i][1], one);
    expect("ababc", meters[i][0], meters[i][1], two);
    expect("abcdab", meters[i][0], meters[i][1], four);
    expect("abcdefgha", meters[i][0], meters[i][1], eight);
  }
}

/* Three frames of four alike, one of two, and none; two silences are alike. */
static void a_bar_may_repeat_vary_or_be_akin(void **state) {
  const unsigned char levels[] = {NEW, LABEL(BACK_1, VARIED), NEW, LABEL(BACK_1, AKIN), NEW};
  const unsigned char silence[] = {NEW, LABEL(BACK_1, SAME), NEW};
  expect("aAc2d", 4, 4, levels);
  expect("--a", 4, 4, silence);
}

/* A single note of a single frame makes the difference. */
static void a_return_is_exact(void **state) {
  RsRoll roll = song_of("abab", 4, 4);
  const unsigned char wanted[] = {NEW, NEW, LABEL(BACK_2, SAME), LABEL(BACK_2, VARIED)};
  rs_frame_set(&roll.on[63], 90);
  expect_labels(&roll, wanted, 4);
  rs_roll_clear(&roll);
}

/* In bar 4 the bars 2 and 4 before are both as like; bar 3 is new in the first song. */
static void of_equal_distances_the_last_one_goes_on_or_else_the_longest(void **state) {
  const unsigned char longest[] = {NEW, NEW, LABEL(BACK_2, SAME), NEW, LABEL(BACK_4, SAME)};
  const unsigned char goes_on[] = {NEW, NEW, LABEL(BACK_2, SAME), LABEL(BACK_2, SAME),
                                   LABEL(BACK_2, SAME)};
  const unsigned char same[] = {NEW, LABEL(BACK_1, SAME), LABEL(BACK_1, SAME), LABEL(BACK_1, SAME),
                                LABEL(BACK_1, SAME)};
  expect("abaca", 4, 4, longest);
  expect("ababa", 4, 4, goes_on);
  expect("aaaaa", 3, 4, same);
}

/* A pickup of four frames, then three bars, the last of which is cut: a short bar may be like the
   beginning of a longer one, but not the other way round. */
static void short_bars_are_like_what_is_no_shorter(void **state) {
  RsRoll roll = song_of("aaaa", 4, 4);
  const unsigned char wanted[] = {NEW, NEW, LABEL(BACK_1, SAME), LABEL(BACK_1, SAME)};
  roll.frames = 4 + 16 + 16 + 8;
  rs_roll_clear_meters(&roll);
  assert_ok(rs_roll_add_meter(&roll, 0, 4, 4));
  assert_ok(rs_roll_add_meter(&roll, 4, 4, 4));
  for (size_t f = 0; f < roll.frames; ++f) {
    roll.on[f] = frame_of_bar('a', f);
  }
  expect_labels(&roll, wanted, 4);
  rs_roll_clear(&roll);
}

static void a_song_without_meters_has_no_bars(void **state) {
  RsRoll roll = song_of("aabb", 4, 4);
  rs_roll_clear_meters(&roll);
  expect_labels(&roll, NULL, 0);
  rs_roll_clear(&roll);
}

/* ---- What is learned ---- */

static size_t texture_number(RsFramePlan t) {
  const size_t number = (size_t)t.density * RS_PLAN_CLASSES + t.polyphony;
  return (number * RS_PLAN_RETURNS + t.returns) * RS_PLAN_PITCHES + t.pitches;
}

static size_t case_number(unsigned returns, size_t section, size_t bar, unsigned before) {
  return ((returns * 3 + section) * 8 + bar) * RS_PLAN_LABELS + before;
}

static RsPlanPrior *learned(const RsSongs *songs, const unsigned char *meter) {
  RsPlanPrior *prior = test_calloc(1, sizeof *prior);
  assert_ok(rs_plan_learn(songs, meter, prior));
  return prior;
}

static double total(const float *p, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; ++i) {
    assert_true(p[i] > 0);
    sum += (double)p[i];
  }
  return sum;
}

/* One song, whose ends of classes are its own values, and which is in the last class of each. */
static void one_song_is_counted_beside_what_is_likely_of_any(void **state) {
  RsRoll roll = song_of("aaaa", 3, 4);
  const RsSongs songs = {&roll, 1, 1};
  const unsigned char meter = 2;
  RsPlanPrior *prior = learned(&songs, &meter);
  const RsFramePlan own = {.density = 5, .polyphony = 5, .returns = 4, .pitches = 3};
  const double alone = 1.5 / 4 * 1.5 / 4 * 1.5 / 4.5 * 1.5 / 3, any = (1 + alone) / 2;
  RsSongStatistics s;
  assert_ok(rs_song_statistics(&roll, &s));
  assert_close(prior->density[0], s.value[RS_SONG_NOTES_A_FRAME], 1e-6);
  assert_close(prior->polyphony[4], s.value[RS_SONG_POLYPHONY], 1e-6);
  assert_close(prior->pitches[2], s.value[RS_SONG_PITCH_ENTROPY], 1e-6);
  assert_close(prior->returns[1], 0.75, 1e-6);
  assert_close(prior->texture[2][texture_number(own)], (1 + any) / 2, 1e-6);
  assert_close(prior->texture[7][texture_number(own)], any, 1e-6);
  for (size_t m = 0; m < RS_PLAN_METERS; ++m) {
    assert_close(total(prior->texture[m], RS_PLAN_TEXTURES), 1, 1e-5);
  }
  rs_roll_clear(&roll);
  test_free(prior);
}

/* Equation P3: counts of a label and of all, mixed with a wider distribution. */
static double mixed(double label, double all, double wider) {
  return (label + 30 * wider) / (all + 30);
}

/* Labels 0, 3, 3, 3 of that song: each case is mixed with wider ones. */
static void labels_are_counted_by_case_and_by_wider_ones(void **state) {
  RsRoll roll = song_of("aaaa", 4, 4);
  const RsSongs songs = {&roll, 1, 1};
  const unsigned char meter = 0;
  RsPlanPrior *prior = learned(&songs, &meter);
  const double even = 1.0 / RS_PLAN_LABELS;
  const double new_of = (1 + 3 * even) / 7, same_of = (3 + 3 * even) / 7, other_of = 3 * even / 7;
  const double new_first = mixed(1, 2, new_of), same_after_new = mixed(1, 2, same_of),
               same_after_same = mixed(2, 2, same_of);
  const double first = mixed(1, 1, mixed(1, 2, mixed(1, 1, new_first)));
  const double second = mixed(1, 1, mixed(1, 2, mixed(1, 1, same_after_new)));
  const double again = mixed(1, 1, mixed(2, 2, mixed(1, 1, same_after_same)));
  const double never = mixed(0, 1, mixed(0, 2, mixed(0, 1, mixed(0, 2, other_of))));
  assert_close(prior->next[case_number(4, 0, 0, 0)][0], first, 1e-6);
  assert_close(prior->next[case_number(4, 0, 1, 0)][3], second, 1e-6);
  assert_close(prior->next[case_number(4, 0, 2, 3)][3], again, 1e-6);
  assert_close(prior->next[case_number(4, 0, 3, 3)][3], again, 1e-6);
  assert_close(prior->next[case_number(4, 0, 3, 3)][5], never, 1e-6);
  assert_close(prior->next[case_number(4, 1, 3, 3)][3], mixed(1, 1, same_after_same), 1e-6);
  assert_close(prior->next[case_number(4, 1, 6, 3)][3], same_after_same, 1e-6);
  assert_close(prior->next[case_number(4, 1, 6, 5)][3], same_of, 1e-6);
  assert_close(prior->next[case_number(0, 0, 6, 3)][3], even, 1e-6);
  for (size_t c = 0; c < RS_PLAN_CASES; ++c) {
    assert_close(total(prior->next[c], RS_PLAN_LABELS), 1, 1e-5);
  }
  rs_roll_clear(&roll);
  test_free(prior);
}

/* ---- Probabilities and draws ---- */

/* A distribution of six songs in two meters. */
static RsPlanPrior *some_prior(void) {
  static const char *const kinds[] = {"aabbaabb", "abababcdcdcd", "abcdefghabcdefgh",
                                      "aaaabbbb", "abcdabCD",     "aAbBcCdD----"};
  static const unsigned char meter[COUNT(kinds)] = {0, 0, 1, 1, 0, RS_PLAN_METERS - 1};
  RsRoll rolls[COUNT(kinds)];
  const RsSongs songs = {rolls, COUNT(kinds), COUNT(kinds)};
  for (size_t i = 0; i < COUNT(kinds); ++i) {
    rolls[i] = song_of(kinds[i], i % 2 ? 3 : 4, 4);
  }
  RsPlanPrior *prior = learned(&songs, meter);
  for (size_t i = 0; i < COUNT(kinds); ++i) {
    rs_roll_clear(&rolls[i]);
  }
  return prior;
}

/* All labels of three bars: in the first only a new one is possible, then distances of one bar and
   of two. */
static void the_plans_of_some_bars_add_up_to_their_texture(void **state) {
  RsPlanPrior *prior = some_prior();
  const RsFramePlan texture = {
      .density = 3, .polyphony = 1, .returns = 1, .pitches = 2, .top = 40, .bottom = 31};
  RsBarPlan bars[3] = {{.label = 0}};
  const RsSongPlan plan = {.bars = 3, .bar = bars, .texture = texture, .key = 2};
  double sum = 0;
  size_t possible = 0;
  for (size_t i = 0; i < RS_PLAN_LABELS * RS_PLAN_LABELS * RS_PLAN_LABELS; ++i) {
    bars[0].label = (unsigned char)(i % RS_PLAN_LABELS);
    bars[1].label = (unsigned char)(i / RS_PLAN_LABELS % RS_PLAN_LABELS);
    bars[2].label = (unsigned char)(i / RS_PLAN_LABELS / RS_PLAN_LABELS);
    const double p = exp(rs_plan_log_probability(prior, &plan, 1));
    sum += p;
    possible += p > 0;
  }
  assert_int_equal(possible, 1 * 4 * 7);
  const double height = (double)prior->top[1][42] * (double)prior->bottom[1][33];
  assert_close(sum / height, prior->texture[1][texture_number(texture)], 1e-6);
  test_free(prior);
}

static void a_song_without_bars_costs_nothing(void **state) {
  RsPlanPrior *prior = some_prior();
  const RsSongPlan plan = {.bars = 0};
  assert_true(rs_plan_log_probability(prior, &plan, 0) == 0);
  test_free(prior);
}

enum { DRAWS = 20000 };

/* Of draws at evenly spread numbers, each label has its share. */
static void labels_are_drawn_as_often_as_they_are_probable(void **state) {
  RsPlanPrior *prior = some_prior();
  for (size_t bar = 0; bar < 20; ++bar) {
    const RsFramePlan before = {.label = bar ? 3 * (bar % 4) : 0, .returns = bar % RS_PLAN_RETURNS};
    const float *p =
        prior->next[case_number(before.returns, bar < 16 ? bar / 8 : 2, bar % 8, before.label)];
    size_t drawn[RS_PLAN_LABELS] = {0};
    double all = 0;
    for (size_t i = 0; i < DRAWS; ++i) {
      ++drawn[rs_plan_draw_label(prior, before, bar, (i + 0.5) / DRAWS)];
    }
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t l = 0; l < RS_PLAN_LABELS; ++l) {
        const bool possible = !l || ((size_t)1 << (l - 1) / RS_PLAN_LEVELS) <= bar;
        all += !pass && possible ? (double)p[l] : 0;
        if (pass) {
          assert_close((double)drawn[l] / DRAWS, possible ? (double)p[l] / all : 0, 1.5 / DRAWS);
        }
      }
    }
  }
  test_free(prior);
}

static void textures_are_drawn_as_often_as_they_are_probable(void **state) {
  RsPlanPrior *prior = some_prior();
  size_t drawn[RS_PLAN_TEXTURES] = {0};
  for (size_t i = 0; i < DRAWS; ++i) {
    const RsFramePlan t = rs_plan_draw_texture(prior, 1, (i + 0.5) / DRAWS);
    assert_int_equal(t.label, 0);
    assert_int_equal(t.key, 0);
    ++drawn[texture_number(t)];
  }
  for (size_t i = 0; i < RS_PLAN_TEXTURES; ++i) {
    assert_close((double)drawn[i] / DRAWS, prior->texture[1][i], 1.5 / DRAWS);
  }
  assert_int_equal(texture_number(rs_plan_draw_texture(prior, 1, 1)), RS_PLAN_TEXTURES - 1);
  test_free(prior);
}

/* The register of a song is likely, and near ones less so; all are possible. */
static void registers_are_learned_and_drawn_by_their_probability(void **state) {
  RsRoll roll = song_of("aaaa", 4, 4); /* notes 30 and 31 in turns, 26 and 27 in its own key */
  roll.to_common = 4;
  const RsSongs songs = {&roll, 1, 1};
  const unsigned char meter = 0;
  RsPlanPrior *prior = learned(&songs, &meter);
  RsSongPlan plan;
  size_t tops[RS_NOTES] = {0}, bottoms[RS_NOTES] = {0};
  assert_ok(rs_song_plan(prior, &roll, &plan));
  assert_int_equal(plan.texture.top, 31); /* 30.5 */
  assert_int_equal(plan.texture.bottom, 31);
  for (size_t c = 0; c < RS_PLAN_CLASSES; ++c) {
    assert_close(total(prior->top[c], RS_NOTES), 1, 1e-5);
    assert_close(total(prior->bottom[c], RS_NOTES), 1, 1e-5);
    assert_close(prior->top[c][27], 3.0 / 9, 2e-5);
    assert_close(prior->top[c][29], 1.0 / 9, 2e-5);
    assert_true(prior->top[c][30] > 0 && prior->top[c][30] < 1e-6f); /* hardly ever drawn */
    assert_close(prior->bottom[c][26], 2.0 / 9, 2e-5);
  }
  for (size_t i = 0; i < DRAWS; ++i) {
    RsFramePlan t = {.polyphony = 2};
    const double place = (i + 0.5) / DRAWS;
    rs_plan_draw_register(prior, (const double[]){place, 0}, &t);
    assert_int_equal(t.bottom, 0);
    ++tops[t.top];
    rs_plan_draw_register(prior, (const double[]){1, place}, &t);
    assert_int_equal(t.top, RS_NOTES - 1);
    ++bottoms[t.bottom];
  }
  for (size_t i = 0; i < RS_NOTES; ++i) {
    assert_close((double)tops[i] / DRAWS, prior->top[2][i], 1.5 / DRAWS);
    assert_close((double)bottoms[i] / DRAWS, prior->bottom[2][i], 1.5 / DRAWS);
  }
  RsFramePlan low = {.polyphony = 2};
  rs_plan_draw_register(prior, (const double[]){0, 1}, &low);
  assert_int_equal(low.bottom, 0); /* no higher than the top */
  rs_song_plan_clear(&plan);
  rs_roll_clear(&roll);
  test_free(prior);
}

static unsigned char returns_of(const RsPlanPrior *prior, const char *kinds) {
  RsRoll roll = song_of(kinds, 4, 4);
  RsSongPlan plan;
  assert_ok(rs_song_plan(prior, &roll, &plan));
  const unsigned char class = plan.texture.returns;
  rs_song_plan_clear(&plan);
  rs_roll_clear(&roll);
  return class;
}

/* Classes of the share end at a third and at two thirds; of equal distances the longest counts. */
static void returns_have_a_share_and_a_distance(void **state) {
  const RsPlanPrior prior = {.returns = {0.33f, 0.66f}};
  assert_int_equal(returns_of(&prior, "abcde"), 0);
  assert_int_equal(returns_of(&prior, "abcdefgg"), 0);
  assert_int_equal(returns_of(&prior, "aabbcd"), 1);
  assert_int_equal(returns_of(&prior, "abcdabcd"), 2);
  assert_int_equal(returns_of(&prior, "abcdefghabcdefgh"), 3);
  assert_int_equal(returns_of(&prior, "aaaaaa"), 4);
  assert_int_equal(returns_of(&prior, "ababababab"), 4);
  assert_int_equal(returns_of(&prior, "abcdabcdabcdabcd"), 5);
  assert_int_equal(returns_of(&prior, "abcdeeabcdeabc"), 0);
}

/* A song of 12 bars counts as three of 4. */
static void textures_are_those_of_bars(void **state) {
  RsRoll rolls[] = {song_of("abcd", 4, 4), song_of("aaaaaaaaaaaa", 4, 4)};
  const RsSongs songs = {rolls, 2, 2};
  const unsigned char meter[] = {0, 0};
  RsPlanPrior *prior = learned(&songs, meter);
  RsSongPlan plans[2];
  float p[2];
  for (size_t i = 0; i < 2; ++i) {
    assert_ok(rs_song_plan(prior, rolls + i, plans + i));
    p[i] = prior->texture[0][texture_number(plans[i].texture)];
    rs_song_plan_clear(plans + i);
  }
  /* (1/2 and 3/2, and as much again a third, which also has a share of what is likely) / 3 */
  assert_true(p[0] > 2.0 / 9 && p[0] < 2.1 / 9);
  assert_true(p[1] > 6.0 / 9 && p[1] < 6.3 / 9);
  rs_roll_clear(rolls);
  rs_roll_clear(rolls + 1);
  test_free(prior);
}

/* Two bars before, and four. */
static void of_distances_from_which_as_many_bars_return_the_longest_counts(void **state) {
  static RsPlanPrior prior;
  RsRoll roll = song_of("abacxbyz", 4, 4);
  RsSongPlan plan;
  prior.returns[0] = 0.1f;
  prior.returns[1] = 0.9f;
  assert_ok(rs_song_plan(&prior, &roll, &plan));
  assert_int_equal(plan.texture.returns, 2);
  rs_song_plan_clear(&plan);
  rs_roll_clear(&roll);
}

static void a_place_at_an_edge_is_in_the_class_behind_it(void **state) {
  static RsPlanPrior prior;
  prior.key[0] = prior.key[1] = 0.5f;
  assert_int_equal(rs_plan_draw_key(&prior, 0), RS_PLAN_KEY_LOW);
  assert_int_equal(rs_plan_draw_key(&prior, 0.4999), RS_PLAN_KEY_LOW);
  assert_int_equal(rs_plan_draw_key(&prior, 0.5), RS_PLAN_KEY_LOW + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bars_return_at_each_distance_in_any_meter),
      cmocka_unit_test(a_bar_may_repeat_vary_or_be_akin),
      cmocka_unit_test(a_return_is_exact),
      cmocka_unit_test(of_equal_distances_the_last_one_goes_on_or_else_the_longest),
      cmocka_unit_test(short_bars_are_like_what_is_no_shorter),
      cmocka_unit_test(a_song_without_meters_has_no_bars),
      cmocka_unit_test(one_song_is_counted_beside_what_is_likely_of_any),
      cmocka_unit_test(labels_are_counted_by_case_and_by_wider_ones),
      cmocka_unit_test(the_plans_of_some_bars_add_up_to_their_texture),
      cmocka_unit_test(a_song_without_bars_costs_nothing),
      cmocka_unit_test(labels_are_drawn_as_often_as_they_are_probable),
      cmocka_unit_test(textures_are_drawn_as_often_as_they_are_probable),
      cmocka_unit_test(registers_are_learned_and_drawn_by_their_probability),
      cmocka_unit_test(returns_have_a_share_and_a_distance),
      cmocka_unit_test(textures_are_those_of_bars),
      cmocka_unit_test(of_distances_from_which_as_many_bars_return_the_longest_counts),
      cmocka_unit_test(a_place_at_an_edge_is_in_the_class_behind_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
